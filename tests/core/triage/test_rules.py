"""Reading a rule file: what is good becomes a rule; of what is not every fault is one sentence with file and key."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from edge.core.instant import seconds
from edge.core.triage.rules import parse
from tests.core.triage.branch import FILES

Table = dict[str, Any]


def triage(change: Callable[[Table], object] = lambda _: None) -> Table:
    table = copy.deepcopy(FILES["secondary-triage.toml"])
    change(table)
    return table


def faults(change: Callable[[Table], object], **overrides: Any) -> list[str]:
    rule, found = parse(triage(change), "x.toml", overrides)
    assert (rule is None) == bool(found)
    return found


def test_a_good_file_becomes_a_rule() -> None:
    rule, found = parse(triage(), "x.toml", {})

    assert found == []
    assert rule is not None
    assert (rule.id, rule.enabled, rule.every, rule.names_tickets) == ("secondary-triage", True, False, True)
    assert rule.ladder == (("lobby_manager",), ("branch_head",), ("any_staff",), ("headquarters",))
    assert (rule.realert, rule.escalate, rule.cooldown) == (seconds(120), seconds(300), seconds(600))
    assert [arm.fact.name for arm in rule.arms] == ["longest_wait_s", "waiting"]


def test_the_configuration_tunes_any_key() -> None:
    rule, found = parse(triage(), "x.toml", {"wait_s": 480.5, "waiting": 12, "match": "all", "cooldown_s": 0})

    assert found == []
    assert rule is not None
    assert [getattr(arm, "level", None) for arm in rule.arms] == [480.5, 12]
    assert (rule.every, rule.cooldown) == (True, 0)


def test_a_rule_switched_off_is_read_all_the_same() -> None:
    rule, found = parse(triage(), "x.toml", {"enabled": False})

    assert (found, rule is not None and rule.enabled) == ([], False)


def without(key: str) -> Callable[[Table], object]:
    return lambda table: table.pop(key)


def setting(**values: Any) -> Callable[[Table], object]:
    return lambda table: table.update(values)


def in_arm(**values: Any) -> Callable[[Table], object]:
    return lambda table: table["when"][0].update(values)


def in_text(**values: Any) -> Callable[[Table], object]:
    return lambda table: table["when"][0]["text"].update(values)


def in_example(**values: Any) -> Callable[[Table], object]:
    return lambda table: table["example"][0].update(values)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without("id"), "x.toml: id is missing; accepted: text"),
        (without("example"), "x.toml: example is missing; a rule without an example does not load"),
        (without("when"), "x.toml: when is missing; accepted: at least one threshold, [[when]]"),
        (without("to"), "x.toml: to is None; accepted: a list of lobby_manager"),
        (without("source"), "x.toml: source is missing"),
        (setting(prio="high"), "x.toml: prio is unknown; accepted: about, because"),
        (setting(priority="loud"), "x.toml: priority is 'loud'; accepted: one of urgent, high, normal, silent"),
        (setting(to=["cook"]), "x.toml: to is 'cook'; accepted: a list of lobby_manager"),
        (setting(to=["guard", "guard"]), "x.toml: to is ['guard', 'guard']; accepted: "),
        (setting(escalates="branch_head"), "x.toml: escalates is 'branch_head'; accepted: a list of"),
        (setting(unless=["bad-mood"]), "x.toml: unless is 'bad-mood'; accepted: a list of nobody-else-waits"),
        (setting(unless=["gain-too-small"]), "x.toml: keys.min_gain_s is missing; the guard gain-too-small needs it"),
        (setting(zone="roof"), "x.toml: zone is 'roof'; accepted: one of door"),
        (setting(names_tickets="yes"), "x.toml: names_tickets is 'yes'; accepted: true or false"),
        (setting(when="waiting"), "x.toml: when is 'waiting'; accepted: a list of tables, [[when]]"),
        (setting(when=["waiting"]), "x.toml: when[1] is 'waiting'; accepted: a table"),
        (setting(keys={"wait_s": True}), "x.toml: keys.wait_s is True; accepted: a number, 0 or more"),
        (setting(keys={"match": "some"}), "x.toml: keys.match is 'some'; accepted: any or all"),
        (in_arm(fact="mood"), "x.toml: when[1].fact is 'mood'; accepted: one of waiting, longest_wait_s"),
        (in_arm(fact="board_state"), "x.toml: when[1].fact is 'board_state'; accepted: one of waiting"),
        (in_arm(fact="waiting"), "x.toml: when[2].fact is 'waiting'; accepted: each fact once"),
        (in_arm(at_least="patience_s"), "x.toml: when[1].at_least is 'patience_s'; accepted: a number, 0 or more, or"),
        (in_arm(at_least=-1), "x.toml: when[1].at_least is -1; accepted: a number, 0 or more"),
        (in_arm(reset=601), "x.toml: when[1].reset is 601; accepted: a level at most that of its trigger, 600"),
        (in_arm(reset_ratio=1.1), "x.toml: when[1].reset_ratio is 1.1; accepted: a level at most that"),
        (in_arm(at_most=3), "x.toml: when[1].at_most is 3; accepted: a level at least that of its trigger, 600"),
        (in_arm(above=3), "x.toml: when[1].above is unknown; accepted: at_least, at_most, fact, hold"),
        (in_text(zh="字" * 41), "x.toml: when[1].text.zh: is 41 characters long; accepted: at most 40"),
        (in_text(zh="{waiting}" * 11), "x.toml: when[1].text.zh: is 44 characters long; accepted: at most 40"),
        (in_text(zh="{name}"), "x.toml: when[1].text.zh: '{name}' is no placeholder for a hall; accepted: done_at"),
        (in_text(en="{device}"), "x.toml: when[1].text.en: '{device}' is no placeholder for a hall"),
        (in_text(en="{waiting:>9}"), "x.toml: when[1].text.en: '{waiting:…}' is no placeholder"),
        (in_text(en="{waiting"), "x.toml: when[1].text.en: "),
        (in_text(zh="人手不够，请等"), "x.toml: when[1].text.zh: says '人手不够', which no prompt may say"),
        (in_text(en=""), "x.toml: when[1].text.en is ''; accepted: text"),
        (in_text(fr="…"), "x.toml: when[1].text.fr is unknown"),
        (in_example(outcome="fired"), "x.toml: example[1].outcome is 'fired'; accepted: one of raised, held"),
        (in_example(facts={"waiting": 3}), "x.toml: example[1].facts.longest_wait_s is None; accepted: a number of s"),
        (in_example(held_by="fate"), "x.toml: example[1].held_by is 'fate'; accepted: one of nobody-else-waits"),
        (in_example(text="P99"), "x.toml: example[1].text is 'P99'; accepted: one of P07, P08"),
    ],
)
def test_each_fault_says_where_and_what_is_accepted(change: Callable[[Table], object], says: str) -> None:
    found = faults(change)

    assert any(fault.startswith(says) for fault in found), found


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"wait_seconds": 3}, "[rules.secondary-triage] wait_seconds is unknown; accepted: cooldown_s, enabled, match"),
        ({"wait_s": "long"}, "[rules.secondary-triage] wait_s is 'long'; accepted: a number, 0 or more"),
        ({"waiting": 12.5}, "[rules.secondary-triage] waiting is 12.5; accepted: a whole number, 0 or more"),
        ({"match": "most"}, "[rules.secondary-triage] match is 'most'; accepted: any or all"),
        ({"enabled": "no"}, "[rules.secondary-triage] enabled is 'no'; accepted: true or false"),
        ({"wait_s": float("inf")}, "[rules.secondary-triage] wait_s is inf; accepted: a number, 0 or more"),
        ({"reset_wait_s": 900}, "x.toml: when[1].reset is 'reset_wait_s = 900'; accepted: a level at most"),
    ],
)
def test_a_fault_of_the_configuration_names_its_table_and_key(overrides: Table, says: str) -> None:
    found = faults(lambda _: None, **overrides)

    assert len(found) == 1
    assert found[0].startswith(says)


def test_all_faults_are_found_at_once() -> None:
    def spoil(table: Table) -> None:
        table["zone"] = "roof"
        table["when"][0]["text"]["zh"] = "字" * 50
        table["when"][1]["reset"] = 99
        table["example"][2]["outcome"] = "nothing"

    assert len(faults(spoil, wait_s="long")) == 5


def test_a_rule_about_prompts_goes_where_they_have_come_to_and_nowhere_else() -> None:
    takeover = FILES["takeover.toml"]
    rule, _ = parse(takeover, "x.toml", {})
    assert rule is not None
    assert rule.ladder == (("next_role",), ("any_staff",), ("headquarters",))
    assert rule.escalate is None, "it goes on with the prompt it is about"

    for about, to in (("prompt", "branch_head"), ("hall", "next_role")):
        table = takeover if about == "prompt" else triage()
        rule, found = parse({**table, "to": [to]}, "x.toml", {})
        assert rule is None
        assert found[0].startswith(f"x.toml: to is '{to}'; accepted: a list of ")


@pytest.mark.parametrize("role", ["lobby_guide", "any_staff"])
def test_what_sells_names_nobody_who_may_not_sell(role: str) -> None:
    rule, found = parse({**FILES["referral.toml"], "escalates": [role]}, "x.toml", {})

    assert rule is None
    assert found == [
        f"x.toml: escalates is '{role}'; accepted: roles that may sell: a lobby guide gets no sales prompt"
    ]
