"""Thresholds as a file writes them: figures by key or by number, resets by level or by share."""

from math import inf
from typing import Any

from edge.core.triage.clauses import level_of, read_arms
from edge.core.triage.conditions import Among, AtLeast
from edge.core.triage.table import Table

KEYS = {"target_s": 900, "clear_ratio": 0.8, "match": "any"}


def arm(**clause: Any) -> AtLeast | Among:
    faults: list[str] = []
    (found,) = read_arms([Table(clause, "f: ", faults)], "hall", KEYS)
    assert faults == []
    return found


def test_a_figure_is_a_number_or_the_name_of_a_key() -> None:
    faults: list[str] = []

    assert [level_of(Table({"a": v}, "f: ", faults), "a", KEYS) for v in (3, "target_s")] == [3, 900]
    assert faults == []
    assert level_of(Table({"a": "match"}, "f: ", faults), "a", KEYS) == 0
    assert faults == ["f: a is 'match'; accepted: a number, 0 or more, or one of the keys clear_ratio, match, target_s"]


def test_without_a_reset_an_arm_is_over_as_soon_as_it_is_not_met() -> None:
    found = arm(fact="waiting", at_least=15)

    assert isinstance(found, AtLeast)
    assert (found.level, found.reset) == (15, 15)


def test_with_a_share_an_arm_is_over_already_at_it() -> None:
    found = arm(fact="next_wait_s", at_least="target_s", reset_ratio="clear_ratio", hold=60)

    assert isinstance(found, AtLeast)
    assert found.reset > 720.0
    assert found.reset < 720.0001
    assert found.hold == 60_000_000


def test_words_that_begin_and_words_that_end() -> None:
    found = arm(fact="triage_held_by", among=["no-usable-device"], until=["none"])

    assert isinstance(found, Among)
    assert (found.words, found.until) == (frozenset({"no-usable-device"}), frozenset({"none"}))


def test_a_word_cannot_begin_and_end() -> None:
    faults: list[str] = []
    read_arms([Table({"fact": "triage_held_by", "among": ["none"], "until": ["none"]}, "f: ", faults)], "hall", KEYS)

    assert faults == ["f: until is ['none']; accepted: words that are not among the trigger's"]


def test_an_arm_may_have_a_most_and_is_over_above_it() -> None:
    found = arm(fact="waiting", at_least=8, at_most=20)

    assert isinstance(found, AtLeast)
    assert (found.level, found.most) == (8, 20)
    assert arm(fact="waiting", at_least=8).most == inf  # type: ignore[union-attr]  # of a number


def test_a_fact_is_asked_with_the_keys_it_takes() -> None:
    faults: list[str] = []
    clause = {"fact": "arrivals", "at_least": 10}
    (found,) = read_arms([Table(clause, "f: ", faults)], "hall", {"window_s": 120})

    assert (found.fact.bound_to, found.fact.signal) == ((120,), "arrivals@120")
    assert read_arms([Table(clause, "f: ", faults)], "hall", {}) == ()
    assert faults == ["f: fact is 'arrivals'; accepted: a fact whose keys the rule has; this one takes window_s"]
