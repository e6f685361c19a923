"""What staff do on a handheld happens in the simulated branch."""

from datetime import time
from typing import Any

from edge.core import events as ev
from edge.core import instant
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS


def acted(day: Day, at: instant.Instant, action: ev.Action, target: str, **detail: Any) -> None:
    day.react(ev.StaffAction(at=at, staff="lm-1", role="lobby_manager", action=action, target=target, detail=detail))


def at_the_rush() -> Day:
    """A rush of which the hall has filled: shortly before ten."""
    day = Day(SCENARIOS["rush"], 1)
    day.skip(day.moment(SCENARIOS["rush"].shows_from) + instant.seconds(1200))
    return day


def waiting(day: Day) -> list[ev.TicketIssued]:
    here = day.standing()
    called = {event.ticket for event in here if isinstance(event, ev.TicketCalled)}
    return [event for event in here if isinstance(event, ev.TicketIssued) and event.ticket not in called]


def test_a_customer_who_accepts_gives_the_ticket_back_and_uses_a_machine() -> None:
    day = at_the_rush()
    last = [ticket for ticket in waiting(day) if ticket.service == "cash"][-1]
    acted(day, last.at, "customer_accepted", last.ticket)
    rest = list(day)
    gone = [event for event in rest if isinstance(event, ev.TicketCancelled) and event.ticket == last.ticket]
    assert [event.reason for event in gone] == ["self_service"]
    assert instant.seconds(10) <= gone[0].at - last.at <= instant.seconds(30)
    assert not [event for event in rest if isinstance(event, ev.TicketCalled) and event.ticket == last.ticket]


def test_everybody_else_is_the_same_person_as_without_the_reaction() -> None:
    day, untouched = at_the_rush(), at_the_rush()
    acted(day, waiting(day)[0].at, "customer_accepted", waiting(day)[-1].ticket)
    assert [e for e in day if isinstance(e, ev.TicketIssued)] == [
        e for e in untouched if isinstance(e, ev.TicketIssued)
    ]


def test_a_window_in_reserve_opens_when_the_prompt_for_one_is_done() -> None:
    day = at_the_rush()
    moment = day.standing()[0].at
    for _ in range(2):  # the same news comes by two roads
        acted(day, moment, "done", "add-window.hall.1")
    opened = [e for e in day if isinstance(e, ev.WindowOpened) and e.at <= moment + instant.seconds(120)]
    assert [event.window for event in opened] == ["4"]


def test_every_window_in_reserve_opens_at_once_for_a_crowd_at_opening() -> None:
    day = Day(SCENARIOS["pension-day"], 1)
    day.skip(day.moment(SCENARIOS["pension-day"].shows_from))
    moment = day.standing()[0].at
    acted(day, moment, "done", "opening-crowd.hall.1")
    opened = [e for e in day if isinstance(e, ev.WindowOpened) and e.window == "3"]
    assert opened[0].at <= moment + instant.seconds(90)
    assert len([e for e in opened if e.at < day.moment(time(11))]) == 1, "who has come already does not come again"


def test_a_paused_window_comes_back_when_somebody_asks() -> None:
    day = Day(SCENARIOS["lunch-gap"], 1)
    day.skip(day.moment(SCENARIOS["lunch-gap"].shows_from))
    moment = day.standing()[0].at
    acted(day, moment, "done", "paused-windows.hall.1")
    back = [e for e in day if isinstance(e, ev.WindowResumed)]
    assert back[0].at <= moment + instant.seconds(90)


def test_of_several_paused_windows_the_one_that_was_named_comes_back() -> None:
    day = Day(SCENARIOS["lunch-gap"], 1)
    day.skip(day.moment(time(11, 50)))
    moment = day.standing()[0].at
    assert {event.window for event in day.standing() if isinstance(event, ev.WindowPaused)} >= {"2", "4", "6"}
    acted(day, moment, "done", "add-window.hall.1", window="6")
    back = [e for e in day if isinstance(e, ev.WindowResumed)]
    assert (back[0].window, back[0].at <= moment + instant.seconds(90)) == ("6", True)


def test_a_machine_that_was_checked_is_itself_again() -> None:
    day = Day(SCENARIOS["atm-down"], 1)
    day.skip(day.moment(SCENARIOS["atm-down"].shows_from) + instant.seconds(900))
    moment = day.standing()[0].at
    acted(day, moment, "device_checked", "recycler-1", result="ok")
    status = next(e for e in day if isinstance(e, ev.DeviceStatus) and e.device == "recycler-1")
    assert (status.state, status.parts["dispenser"]) == ("ok", "ok")


def test_actions_without_a_counterpart_change_nothing() -> None:
    day, untouched = at_the_rush(), at_the_rush()
    moment = day.standing()[0].at
    acted(day, moment, "acknowledge", "secondary-triage.hall.1")
    acted(day, moment, "customer_accepted", "Z999")
    acted(day, moment, "device_checked", "no-such-machine", result="ok")
    assert list(day) == list(untouched)
