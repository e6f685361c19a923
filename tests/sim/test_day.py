"""A simulated day: repeatable, in order, and possible: nobody is in two places at once."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core import events as ev
from edge.core import instant, wire
from edge.sim import premises
from edge.sim.day import USUAL_DATE, Day
from edge.sim.scenario import Scenario
from edge.sim.scenarios import SCENARIOS

ANY_DAY = given(scenario=st.sampled_from(sorted(SCENARIOS)).map(SCENARIOS.__getitem__), seed=st.integers(0, 10**9))
FEW = settings(max_examples=8, deadline=None)


def lines(scenario: str, seed: int, day: date = USUAL_DATE) -> bytes:
    events = Day(SCENARIOS[scenario], seed, day)
    return b"\n".join(wire.line(wire.encode(event, premises.ZONE)) for event in events)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert lines("rush", 7) == lines("rush", 7)
    assert lines("rush", 7) != lines("rush", 8)


def test_another_date_is_the_same_day_on_that_date() -> None:
    other = lines("calm", 7, date(2026, 9, 30))
    assert other.replace(b"2026-09-30", str(USUAL_DATE).encode()) == lines("calm", 7)


@ANY_DAY
@FEW
def test_every_event_is_one_of_the_contract_and_comes_in_order(scenario: Scenario, seed: int) -> None:
    events = list(Day(scenario, seed))
    assert all(earlier.at <= later.at for earlier, later in pairwise(events))
    for event in events:
        assert wire.decode(wire.encode(event, premises.ZONE)) == event


@ANY_DAY
@FEW
def test_a_window_serves_one_at_a_time_and_a_ticket_is_at_one_window(scenario: Scenario, seed: int) -> None:
    waiting: set[str] = set()
    serving: dict[str, str] = {}
    for event in Day(scenario, seed):
        match event:
            case ev.TicketIssued():
                waiting.add(event.ticket)
            case ev.TicketCalled():
                assert event.window not in serving
                serving[event.window] = event.ticket
                waiting.remove(event.ticket)
            case ev.TicketRecalled():
                assert serving[event.window] == event.ticket
            case ev.TicketServed() | ev.TicketNoShow():
                assert serving.pop(event.window) == event.ticket
            case ev.TicketTransferred():
                window = next(window for window, ticket in serving.items() if ticket == event.ticket)
                waiting.add(serving.pop(window))
            case ev.TicketCancelled():
                waiting.remove(event.ticket)
            case ev.WindowPaused() | ev.WindowClosed():
                assert event.window not in serving
    assert not waiting, "everybody who came was served, or left"
    assert not serving


@ANY_DAY
@FEW
def test_no_number_is_given_twice(scenario: Scenario, seed: int) -> None:
    issued = Counter(event.ticket for event in Day(scenario, seed) if isinstance(event, ev.TicketIssued))
    assert max(issued.values()) == 1


@ANY_DAY
@FEW
def test_a_window_calls_only_while_it_is_open_and_only_what_it_takes(scenario: Scenario, seed: int) -> None:
    takes: dict[str, tuple[str, ...]] = {}
    services: dict[str, str] = {}
    paused: set[str] = set()
    for event in Day(scenario, seed):
        match event:
            case ev.WindowOpened():
                takes[event.window] = event.services
            case ev.WindowClosed():
                del takes[event.window]
            case ev.WindowPaused():
                assert event.window in takes
                paused.add(event.window)
            case ev.WindowResumed():
                paused.remove(event.window)
            case ev.TicketIssued():
                services[event.ticket] = event.service
            case ev.TicketTransferred():
                services[event.ticket] = event.service or services[event.ticket]
            case ev.TicketCalled():
                assert event.window not in paused
                assert services[event.ticket] in takes[event.window]
    assert not takes, "at the end of the day every window is closed"


@ANY_DAY
@FEW
def test_whoever_joins_late_finds_the_hall_as_the_day_left_it(scenario: Scenario, seed: int) -> None:
    whole, joined = Day(scenario, seed), Day(scenario, seed)
    moment = joined.moment(scenario.shows_from)
    here, at_windows = _present([event for event in whole if event.at < moment])
    joined.skip(moment)
    standing = joined.standing()
    assert {event.at for event in standing} == {moment}
    assert _present(standing) == (here, at_windows)
    rest = list(joined)
    assert rest == [event for event in Day(scenario, seed) if event.at >= moment]


def _present(events: list[ev.Happening]) -> tuple[set[str], set[tuple[str, str]]]:
    waiting: set[str] = set()
    serving: set[tuple[str, str]] = set()
    for event in events:
        match event:
            case ev.TicketIssued():
                waiting.add(event.ticket)
            case ev.TicketCalled():
                waiting.discard(event.ticket)
                serving.add((event.window, event.ticket))
            case ev.TicketServed() | ev.TicketNoShow():
                serving.discard((event.window, event.ticket))
            case ev.TicketTransferred():
                serving = {one for one in serving if one[1] != event.ticket}
                waiting.add(event.ticket)
            case ev.TicketCancelled():
                waiting.discard(event.ticket)
    return waiting, serving


@pytest.mark.parametrize("machine", sorted(premises.MACHINES))
def test_machines_report_every_twenty_to_thirty_seconds(machine: str) -> None:
    said: list[instant.Instant] = [
        event.at
        for event in Day(SCENARIOS["calm"], 3)
        if isinstance(event, ev.DeviceStatus) and event.device == machine
    ]
    assert max(later - earlier for earlier, later in pairwise(said)) <= instant.seconds(30)
    assert len(said) > 1000


def test_the_lobby_is_never_without_its_manager_in_business_hours() -> None:
    day = Day(SCENARIOS["calm"], 1)
    signed = {
        (event.staff, event.action): instant.local(event.at, premises.ZONE).time()
        for event in day
        if isinstance(event, ev.StaffAction)
    }
    assert signed["lm-1", "sign_in"] < premises.OPENS
    assert signed["lm-1", "sign_out"] > premises.CLOSES
