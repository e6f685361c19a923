"""Which machines count as lost together, and which of them stands for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from edge.core.instant import seconds
from edge.core.policy import DevicePlan
from edge.core.triage.facts import FACTS
from edge.core.triage.lost_facts import lost_with
from edge.core.triage.moment import Moment
from tests.core.triage.branch import play, policy, records, states

if TYPE_CHECKING:
    from tests.play import Play


def scene(*lost: tuple[str, str]) -> Play:
    """A branch whose ATMs are lost at these times (clock, id), having worked before."""
    machines = {id: DevicePlan(id, "atm", stale=seconds(1_000_000)) for _, id in lost}
    found = play(replace(policy("device-unknown"), devices=machines), device=None)
    for _, id in lost:
        found.device("9:00", id, kind="atm")
    for clock, id in lost:
        found.device(clock, id, "unknown", kind="atm")
    return found


def groups(found: Play, *ids: str) -> list[tuple[str, ...]]:
    moment = Moment(found.hall, found.engine.policy, found.hall.now)
    return [lost_with(moment, id) for id in ids]


def readings(found: Play, id: str) -> tuple[float | str, ...]:
    moment = Moment(found.hall, found.engine.policy, found.hall.now)
    return tuple(FACTS[name].value(moment, id) for name in ("lost_together", "lost_with_another"))


@pytest.mark.parametrize(("clock", "together"), [("9:03", True), ("9:03:00.000001", False)])
def test_together_is_within_two_minutes_of_the_one_before(clock: str, *, together: bool) -> None:
    found = scene(("9:01", "atm-1"), (clock, "atm-2"))

    assert groups(found, "atm-1") == [("atm-1", "atm-2") if together else ("atm-1",)]
    assert readings(found, "atm-2") == ((0, "yes") if together else (1, "no"))


def test_a_chain_is_one_group_and_its_first_stands_for_all() -> None:
    found = scene(("9:01", "c"), ("9:02:30", "a"), ("9:04", "b"), ("9:07", "d"))

    assert groups(found, "a", "b", "c", "d") == [("c", "a", "b")] * 3 + [("d",)]
    assert [readings(found, id) for id in "abcd"] == [(0, "yes"), (0, "yes"), (3, "no"), (1, "no")]


def test_the_first_that_is_heard_of_again_hands_over_to_the_next() -> None:
    found = scene(("9:01", "a"), ("9:02", "b"), ("9:03", "c"))
    found.device("9:04", "a", kind="atm")

    assert groups(found, "a", "b") == [(), ("b", "c")]
    assert [readings(found, id) for id in "abc"] == [(0, "no"), (2, "no"), (0, "yes")]


def test_what_had_said_that_it_was_down_and_what_is_no_machine_are_not_among_them() -> None:
    found = scene(("9:01", "a"))
    found.device("9:01:01", "b", "down", kind="atm")
    found.device("9:01:02", "b", "unknown", kind="atm")
    found.device("9:01:03", "ups-1", "unknown", kind="ups")

    assert groups(found, "a", "b", "ups-1") == [("a",), (), ()]


def test_a_machine_of_which_only_events_are_heard_is_lost_with_nobody_until_it_falls_silent() -> None:
    machines = {id: DevicePlan(id, "atm", stale=seconds(60)) for id in ("a", "b")}
    found = play(replace(policy("device-unknown"), devices=machines), device=None)
    for id in machines:
        assert records(found.trouble("9:00", id, "transaction")) == []
    assert groups(found, "a", "b") == [(), ()]

    assert states(found.until("9:02")) == [("device-unknown.a.1", "raised"), ("device-unknown.b.1", "held")]
    assert groups(found, "a", "b") == [("a", "b")] * 2
