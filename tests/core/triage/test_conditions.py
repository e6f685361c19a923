"""Arms: met at the level itself, over below the reset, held for as long as they say."""

from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.hall import Hall
from edge.core.instant import in_seconds
from edge.core.policy import Policy
from edge.core.triage.conditions import (
    Among,
    AtLeast,
    firing,
    held_at,
    keep_time,
    lasts,
    met,
    readings,
    worse,
    worse_at,
)
from edge.core.triage.facts import FACTS
from edge.core.triage.moment import Moment, Number, Word
from edge.core.triage.rule import Rule
from tests.core.triage.branch import delivered


def number(name: str) -> Number:
    fact = FACTS[name]
    assert isinstance(fact, Number)
    return fact


def word(name: str) -> Word:
    fact = FACTS[name]
    assert isinstance(fact, Word)
    return fact


def waiting(count: int, at: int = 0, since: int = 0) -> Moment:
    return Moment(Hall(waiting={f"A{n}": since for n in range(count)}), Policy(), at)


def rule(id: str) -> Rule:
    return delivered(id)[0]


def test_a_level_is_met_at_the_value_itself_and_over_below_the_reset() -> None:
    arm = AtLeast(fact=number("waiting"), level=15, reset=10)

    assert [arm.met(waiting(n), "hall") for n in (14, 15, 16)] == [False, True, True]
    assert [arm.lasts(waiting(n), "hall") for n in (9, 10, 15)] == [False, True, True]


def test_a_word_lasts_until_one_that_ends_it() -> None:
    fact = word("triage_held_by")
    moment = waiting(1)
    arm = Among(fact=fact, words=frozenset({"no-usable-device"}), until=frozenset({"none"}))
    plain = Among(fact=fact, words=frozenset({"none"}))

    assert (arm.met(moment, "hall"), arm.lasts(moment, "hall")) == (False, False)
    assert (plain.met(moment, "hall"), plain.lasts(moment, "hall")) == (True, True)


def test_of_any_arms_one_is_enough() -> None:
    triage = rule("secondary-triage")

    assert met(triage, waiting(15), "hall", None)
    assert met(triage, waiting(2, at=600_000_000), "hall", None)
    assert not met(triage, waiting(14, at=599_999_999), "hall", None)
    assert [arm.fact.name for arm in firing(triage, waiting(15), "hall", None)] == ["waiting"]


def test_it_lasts_while_any_arm_does() -> None:
    triage = rule("secondary-triage")

    assert lasts(triage, waiting(10), "hall")
    assert lasts(triage, waiting(2, at=420_000_000), "hall")
    assert not lasts(triage, waiting(9, at=419_999_999), "hall")


def test_what_must_hold_counts_from_when_it_was_first_met() -> None:
    add = rule("add-window")
    moment = Moment(Hall(), Policy(), 0)
    keep_time(add, moment, "hall")
    watch = moment.desk.attend("add-window", "hall")
    assert watch.since == {}

    watch.since["next_wait_s"] = 5
    assert held_at(add, moment, watch) == 60_000_005
    keep_time(add, moment, "hall")
    assert watch.since == {}


def test_worse_is_one_more_person_or_a_fifth_more_wait() -> None:
    triage = rule("secondary-triage")
    before = readings(triage, waiting(15, at=500_000_000), "hall")

    assert before == {"longest_wait_s": 500.0, "waiting": 15}
    assert not worse(triage, waiting(15, at=599_999_999), "hall", before)
    assert worse(triage, waiting(16, at=0), "hall", before)
    assert worse(triage, waiting(2, at=600_000_000), "hall", before)
    assert worse_at(triage, waiting(2, since=1_000_000), "hall", before) == 601_000_000
    assert worse_at(triage, waiting(2), "hall", {"longest_wait_s": 600.0}) == 720_000_000


@example(700_000_002)
@given(st.integers(1, 10**11))
def test_when_it_is_to_have_become_worse_it_has(fired_after: int) -> None:
    triage = rule("secondary-triage")
    before = {"longest_wait_s": in_seconds(fired_after)}
    due = worse_at(triage, waiting(2), "hall", before)

    assert due is not None
    assert worse(triage, waiting(2, at=due), "hall", before)
    assert not worse(triage, waiting(2, at=due - 1), "hall", before)
