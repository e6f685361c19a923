"""Which objects a step is about, so that rules about tickets, windows and devices look at those and at no others."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from edge.core import events as ev
from edge.core.agenda import Wake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.hall import Hall
    from edge.core.triage.desk import ObjectKind
    from edge.core.triage.rule import Rule

Scope: TypeAlias = "Mapping[ObjectKind, tuple[str, ...]]"
"""Ids by kind; the hall itself is always concerned. None stands for everything."""

NOTHING_BUT_THE_HALL: Final[Scope] = MappingProxyType({})


def of(hall: Hall, event: ev.Event | Wake) -> Scope | None:
    """What the event was about, after the hall has taken it in; None for a wake that concerns everything."""
    match event:
        case ev.TicketIssued():
            return _drawn(hall, event.ticket)
        case ev.TicketCancelled():
            return {"ticket": (event.ticket,)}
        case ev.TicketCalled() | ev.TicketRecalled() | ev.TicketServed() | ev.TicketNoShow() | ev.TicketRated():
            return _at_window(hall, event.ticket, event.window)
        case ev.TicketTransferred():
            return _at_window(hall, event.ticket, event.window)
        case ev.WindowOpened() | ev.WindowPaused() | ev.WindowResumed() | ev.WindowClosed():
            return {"window": (event.window,)}
        case ev.DeviceStatus() | ev.DeviceEvent():
            return {"device": (event.device,)}
        case ev.StaffAction():
            return {"ticket": (event.target,), "window": (event.target,), "device": (event.target,)}
        case ev.Tick():
            return NOTHING_BUT_THE_HALL
        case Wake(room="device"):
            return {"device": (event.object,)}
        case Wake(room="day"):
            return None
        case Wake():
            return NOTHING_BUT_THE_HALL
        case _:
            assert_never(event)


def objects(hall: Hall, rule: Rule) -> Iterable[str]:
    """The objects a rule is about, in the order the hall knows them; tickets while they matter or are remembered."""
    match rule.about:
        case "hall":
            return ("hall",)
        case "device":
            return tuple(hall.devices)
        case "window":
            return tuple(hall.windows)
        case "service":
            return tuple(hall.services)
        case "prompt":
            return tuple(hall.desk.prompts)
        case "ticket":
            served = (window.ticket for window in hall.windows.values() if window.ticket is not None)
            watched = (id for id, w in hall.desk.watches.get(rule.id, {}).items() if w.met and id in hall.tickets)
            return tuple(dict.fromkeys((*hall.waiting, *served, *watched)))
        case _:
            assert_never(rule.about)


def exists(hall: Hall, kind: ObjectKind, id: str) -> bool:
    """Whether the hall knows such an object."""
    match kind:
        case "hall":
            return id == "hall"
        case "device":
            return id in hall.devices
        case "window":
            return id in hall.windows
        case "service":
            return id in hall.services
        case "ticket":
            return id in hall.tickets
        case "prompt":
            return id in hall.desk.prompts
        case _:
            assert_never(kind)


def _drawn(hall: Hall, ticket_id: str) -> Scope:
    """The ticket, with the window that served its number from the day before until now."""
    now = hall.now
    return {
        "ticket": (ticket_id,),
        "window": tuple([id for id, w in hall.windows.items() if w.free_since == now and w.served == ticket_id]),
    }


def _at_window(hall: Hall, ticket_id: str, window_id: str | None) -> Scope:
    """The ticket and the window, with the ticket that the window served before and the window that served the ticket.

    A call may end the one service and release the other.
    """
    ticket = hall.tickets.get(ticket_id)
    window = hall.windows.get(window_id) if window_id is not None else None
    before = None if window is None or window.free_since != hall.now else window.served
    tickets = (ticket_id,) if before in (None, ticket_id) else (ticket_id, before)
    left = None if ticket is None else ticket.served_by
    windows = tuple(dict.fromkeys(id for id in (window_id, left) if id is not None))
    return {"ticket": tickets, "window": windows}
