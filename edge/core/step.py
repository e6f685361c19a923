"""The one function: an event and the hall in, commands out.

`step` changes the hall in place and touches nothing else. The order inside is always the same: the picture first, then
the boards (a call must not wait), then the rules; forecasts have their own instants (see `outlook`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from edge.core import events as ev
from edge.core import outlook, score, triage
from edge.core.agenda import Wake
from edge.core.apply import day, devices, staff, tickets, windows
from edge.core.aspects import CALLED, ENDED, EVERYTHING, NOTHING, OUTLOOK, QUEUE, WINDOWS, Aspects
from edge.core.telling import boards, counters, lateness, signage, slips, speech
from edge.core.triage import scope

if TYPE_CHECKING:
    from edge.core.commands import Command
    from edge.core.hall import Hall
    from edge.core.policy import Policy

_MOVES_WAITS: Final = QUEUE | WINDOWS | CALLED | ENDED
"""What a forecast is made anew for."""


def step(hall: Hall, event: ev.Event | Wake, policy: Policy) -> list[Command]:
    """What the event means for the hall, and what is to be done about it, in order.

    `event.at` must not be earlier than that of the event before (`engine.Engine` sees to it).
    """
    hall.now = event.at
    out: list[Command] = []
    if isinstance(event, Wake):
        changed = _woken(hall, policy, event, out)
    elif not isinstance(event, ev.Tick):
        new_day = day.begins(hall, policy, event.at, ticket=isinstance(event, ev.TicketIssued))
        if new_day:
            _begin_day(hall, policy, out)
        changed = _happened(hall, policy, event, out)
        if new_day:
            changed = EVERYTHING  # what goes on overnight is told anew, though nothing has moved it
    else:
        changed = NOTHING
    if changed & _MOVES_WAITS:
        outlook.ask(hall)
        if policy.terminals:
            out += counters.moved(hall, policy)
    if changed:
        out += triage.review(hall, policy, changed, hall.now, scope.of(hall, event))
    return out


def _happened(hall: Hall, policy: Policy, event: ev.Happening, out: list[Command]) -> Aspects:
    match event:
        case ev.TicketIssued():
            changed, drawn_at = tickets.issued(hall, policy, event, out), lateness.happened_at(hall, event)
            if changed and policy.printers:
                out += slips.drawn(hall, policy, event, drawn_at)
            return changed
        case ev.TicketCalled():
            changed = tickets.called(hall, policy, event, out)
            out += _called_out(hall, policy, event)
            return changed
        case ev.TicketServed() | ev.TicketNoShow():
            return tickets.ended(hall, policy, event, out)
        case ev.DeviceStatus():
            return devices.reported(hall, policy, event, out)
        case ev.DeviceEvent():
            return _at_device(hall, policy, event, out)
        case ev.StaffAction():
            changed = staff.acted(hall, event, out)
            out += triage.act(hall, policy, event, hall.now)
            return changed
        case ev.TicketRecalled():
            changed = tickets.recalled(hall, policy, event, out)
            out += _called_out(hall, policy, event)
            return changed
        case ev.TicketTransferred():
            return tickets.transferred(hall, policy, event, out)
        case ev.TicketCancelled():
            return tickets.cancelled(hall, policy, event, out)
        case ev.WindowOpened():
            return windows.opened(hall, policy, event)
        case ev.WindowPaused():
            return windows.paused(hall, policy, event, out)
        case ev.WindowResumed():
            return windows.resumed(hall, policy, event)
        case ev.WindowClosed():
            return windows.closed(hall, policy, event)
        case ev.TicketRated():
            return tickets.rated(hall, event, out)
        case _:
            assert_never(event)


def _called_out(hall: Hall, policy: Policy, event: ev.TicketCalled | ev.TicketRecalled) -> list[Command]:
    """What is shown and said of a call."""
    made_at = lateness.happened_at(hall, event)
    return [*signage.call(hall, policy, event, made_at), *speech.call(hall, policy, event, made_at)]


def _at_device(hall: Hall, policy: Policy, event: ev.DeviceEvent, out: list[Command]) -> Aspects:
    changed = devices.happened(hall, policy, event, out)
    if event.event == "cash_not_dispensed":
        out += signage.no_cash(hall, policy)
    elif event.event == speech.UNSAID:
        out += signage.unsaid(hall, policy, event)
    elif event.event in counters.ASKS:
        out += counters.asked(policy, event)
    return changed


def _woken(hall: Hall, policy: Policy, wake: Wake, out: list[Command]) -> Aspects:
    """Asks the room that wanted to be woken to look again; a pointless wake changes nothing."""
    match wake.room:
        case outlook.KEY:
            out += outlook.look(hall, policy)
            return OUTLOOK
        case "board":
            out += boards.look(hall, policy, wake.object)
        case counters.KEY:
            out += counters.look(hall, policy)
        case "device":
            return devices.silent(hall, policy, wake.object, out)
        case signage.KEY_SCAM:
            out += signage.scam_over(hall, policy)
        case score.KEY:
            out += score.tell(hall)
        case day.KEY:
            _begin_day(hall, policy, out)
            return EVERYTHING
        case room:
            out += triage.wake(hall, policy, wake.object, room, hall.now)
    return NOTHING


def _begin_day(hall: Hall, policy: Policy, out: list[Command]) -> None:
    out += triage.new_day(hall, policy, hall.now)
    out += score.close(hall)
    out += devices.forget(hall, policy, hall.day_began)
    day.begin(hall, policy, hall.now)
    out += signage.opening(hall, policy)
