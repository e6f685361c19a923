"""Processes take turns in the order of their instants."""

from edge.core import events as ev
from edge.core.instant import Instant
from edge.sim.timeline import Process, Timeline


def speaker(time: Timeline, name: str, *pauses: Instant) -> Process:
    for until in pauses:
        time.emit(ev.TicketCancelled(at=time.now, ticket=name))
        yield until
    time.emit(ev.TicketCancelled(at=time.now, ticket=name))


def heard(time: Timeline) -> list[tuple[Instant, str]]:
    said = []
    while time.due is not None:
        said += [(event.at, event.ticket) for event in time.turn() if isinstance(event, ev.TicketCancelled)]
    return said


def test_turns_are_in_order_and_at_one_instant_in_the_order_of_asking() -> None:
    time = Timeline(0)
    time.start(speaker(time, "a", 10, 30))
    time.start(speaker(time, "b", 10, 20))
    assert heard(time) == [(0, "a"), (0, "b"), (10, "a"), (10, "b"), (20, "b"), (30, "a")]


def test_a_sleeper_is_woken_earlier_and_only_once() -> None:
    time = Timeline(0)
    sleeper = speaker(time, "a", 100)
    time.start(sleeper)
    assert time.due == 0
    time.turn()
    time.wake(sleeper, 40)
    assert time.due == 40
    assert heard(time) == [(40, "a")]


def test_what_has_ended_cannot_be_woken() -> None:
    time = Timeline(0)
    process = speaker(time, "a")
    time.start(process)
    assert heard(time) == [(0, "a")]
    time.wake(process, 50)
    assert time.due is None


def test_nobody_can_ask_for_the_past() -> None:
    time = Timeline(100)
    time.start(speaker(time, "a", 50))
    assert heard(time) == [(100, "a"), (100, "a")]
