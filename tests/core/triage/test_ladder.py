"""Whom a prompt goes to: ladders end where somebody always is, absent roles are passed over, a guide sells nothing."""

import pytest

from edge.core.hall import Hall
from edge.core.triage.ladder import is_last, people, rung
from edge.core.triage.rule import Rule
from tests.core.triage.branch import crowd, delivered, play, policy, records, with_staff

TRIAGE = delivered("secondary-triage")[0]
LOST = delivered("dispenser-lost")[0]


def test_every_ladder_ends_at_headquarters() -> None:
    assert all(rule.ladder[-1] == ("headquarters",) for rule in delivered())
    assert all("any_staff" in sum(rule.ladder, ()) for rule in delivered() if not rule.sells)


def test_what_sells_reaches_no_lobby_guide_on_any_rung_not_even_among_any_staff() -> None:
    selling = [rule for rule in delivered() if rule.sells]

    assert {rule.id for rule in selling} == {"education-idle", "education-peak", "micro-salon", "referral"}
    for rule in selling:
        assert not {"lobby_guide", "any_staff"} & {role for rung in rule.ladder for role in rung}


@pytest.mark.parametrize("rule", delivered(), ids=lambda rule: rule.id)
def test_a_lobby_guide_stands_in_for_an_absent_lobby_manager_but_sells_nothing(rule: Rule) -> None:
    """On every rung of every rule, however far it goes up."""
    alone = with_staff(policy(), lobby_guide=("lg-1",), branch_head=("bh-1",))
    both = with_staff(policy(), lobby_guide=("lg-1",), lobby_manager=("lm-1",), branch_head=("bh-1",))
    if rule.about == "prompt":
        return  # goes where the prompt it is about has come to

    for level, roles in enumerate(rule.ladder):
        _, found = rung(Hall(), alone, rule, level)
        if rule.sells:
            assert not {"lobby_guide", "any_staff"} & set(found)
        elif "lobby_manager" in roles:
            assert "lobby_guide" in found
        if "lobby_guide" not in {role for rung in rule.ladder for role in rung}:
            assert "lobby_guide" not in rung(Hall(), both, rule, level)[1]


def test_a_role_nobody_carries_is_passed_over() -> None:
    nobody = with_staff(policy(), teller=("t-1",))

    assert rung(Hall(), nobody, TRIAGE, 0) == (2, ("any_staff",))
    assert rung(Hall(), nobody, TRIAGE, 3) == (3, ("headquarters",))


def test_whoever_has_signed_in_carries_the_role() -> None:
    nobody = with_staff(policy())
    signed_in = Hall(signed_in={"x-1": "branch_head"})

    assert rung(signed_in, nobody, TRIAGE, 0) == (1, ("branch_head",))
    assert rung(signed_in, nobody, LOST, 0) == (1, ("branch_head",))


def test_who_has_signed_in_as_something_else_or_out_carries_the_configured_role_no_more() -> None:
    scene = play(with_staff(policy("device-down"), lobby_manager=("lm-1", "lm-2"), branch_head=("bh-1",)))
    hall, branch = scene.hall, scene.engine.policy
    scene.act("9:01", "sign_in", "lm-1", role="teller")
    assert people(hall, branch, "lobby_manager") == ("lm-2",)
    scene.act("9:02", "sign_out", "lm-2", "lm-2")
    assert people(hall, branch, "lobby_manager") == ("lobby_manager",)
    assert rung(hall, branch, TRIAGE, 0) == (1, ("branch_head",))
    scene.act("9:03", "sign_in", "lm-2", "lm-2")
    assert people(hall, branch, "lobby_manager") == ("lm-2",)

    scene.act("9:04", "sign_out", "lm-2", "lm-2")
    scene.act("9:05", "sign_out", "lm-1")
    scene.act("9:06", "sign_out", "bh-1", "bh-1")
    assert rung(hall, branch, TRIAGE, 0) == (3, ("headquarters",))
    scene.date = "2026-03-03"
    scene.issue("9:00", "A1")
    assert rung(hall, branch, TRIAGE, 0) == (0, ("lobby_manager",)), "a new day, and nobody has said anything"


def test_where_nothing_is_known_of_staff_nobody_is_passed_over() -> None:
    assert rung(Hall(), with_staff(policy()), TRIAGE, 0) == (0, ("lobby_manager",))


def test_the_last_rung_is_the_last() -> None:
    assert [is_last(TRIAGE, level) for level in range(4)] == [False, False, False, True]


def test_any_staff_named_by_a_rule_are_not_asked_twice() -> None:
    (gap,) = delivered("coverage-gap")

    assert gap.ladder == (("any_staff",), ("branch_head",), ("headquarters",))
    (surge,) = delivered("surge")
    assert surge.ladder == (("branch_head", "any_staff"), ("headquarters",)), "nor where they are named beside others"


def test_a_lobby_guide_who_stands_in_is_told_and_counted_as_one_person() -> None:
    scene = play(with_staff(policy("secondary-triage"), branch_head=("bh-1",)))
    scene.act("9:00:30", "sign_in", "lg-1", "lg-1", role="lobby_guide")
    (record,) = records(crowd(scene, "9:01", 15))
    assert record.to == ("lobby_guide",)
    assert scene.hall.desk.told.keys() == {"lg-1"}

    assert [r.to for r in records(scene.until("9:11"))] == [("branch_head",), ("any_staff",)]


def test_a_lobby_manager_who_comes_takes_the_guides_place() -> None:
    scene = play(with_staff(policy("device-down"), branch_head=("bh-1",)))
    scene.act("9:00:30", "sign_in", "lg-1", "lg-1", role="lobby_guide")
    scene.act("9:00:40", "sign_in", "lm-1", "lm-1", role="lobby_manager")
    (record,) = records(scene.device("9:01", "recycler-1", "down"))

    assert record.to == ("lobby_manager",)
