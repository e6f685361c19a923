"""A rule as data: priorities have their deadlines, ladders end where somebody always is."""

from typing import get_args

from edge.core.commands import Priority
from edge.core.hall import Hall
from edge.core.triage.ladder import is_last, rung
from edge.core.triage.rule import DEADLINES
from tests.core.triage.branch import delivered, policy, with_staff

TRIAGE = delivered("secondary-triage")[0]
LOST = delivered("dispenser-lost")[0]


def test_every_priority_has_its_deadlines() -> None:
    assert set(DEADLINES) == set(get_args(Priority))
    assert DEADLINES["urgent"] == (20, 60)


def test_every_ladder_ends_at_headquarters() -> None:
    assert all(rule.ladder[-1] == ("headquarters",) for rule in delivered())
    assert all(("any_staff",) in rule.ladder for rule in delivered())


def test_a_role_nobody_carries_is_passed_over() -> None:
    nobody = with_staff(policy(), teller=("t-1",))

    assert rung(Hall(), nobody, TRIAGE, 0) == (2, ("any_staff",))
    assert rung(Hall(), nobody, TRIAGE, 3) == (3, ("headquarters",))


def test_whoever_has_signed_in_carries_the_role() -> None:
    nobody = with_staff(policy())
    signed_in = Hall(signed_in={"x-1": "branch_head"})

    assert rung(signed_in, nobody, TRIAGE, 0) == (1, ("branch_head",))
    assert rung(signed_in, nobody, LOST, 0) == (1, ("branch_head",))


def test_where_nothing_is_known_of_staff_nobody_is_passed_over() -> None:
    assert rung(Hall(), with_staff(policy()), TRIAGE, 0) == (0, ("lobby_manager",))


def test_the_last_rung_is_the_last() -> None:
    assert [is_last(TRIAGE, level) for level in range(4)] == [False, False, False, True]


def test_any_staff_named_by_a_rule_are_not_asked_twice() -> None:
    (gap,) = delivered("coverage-gap")

    assert gap.ladder == (("any_staff",), ("branch_head",), ("headquarters",))
