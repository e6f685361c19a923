"""Tickets through their day: issued, called, recalled, served, absent, transferred, gone.

The order in which events arrive is not always the order in which things happened. What is defined here:

* a ticket called but never issued is taken on with an unknown class (that of its window when the window has only one);
* an issue that comes after the call only fills in what the call did not know;
* a ticket issued twice in one business day is one ticket;
* a number that was served over midnight, or still is, and is issued again is a new ticket;
* an end (`served`, `no_show`) of a ticket that is not at that window is late and changes nothing;
* a call ends whatever else that window was serving, and frees the window that served this ticket before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core import calling, footfall, score, waiting
from edge.core import events as ev
from edge.core.apply import windows
from edge.core.aspects import ARRIVALS, CALLED, ENDED, NOTHING, QUEUE, TICKETS, WINDOWS, Aspects
from edge.core.commands import Command, Ignore
from edge.core.hall import Ticket
from edge.core.instant import in_seconds, seconds

if TYPE_CHECKING:
    from edge.core.hall import Hall, Window
    from edge.core.policy import Policy

UNKNOWN_CLASS = ""
"""The class of a ticket that was called before anybody said what it is for."""


def issued(hall: Hall, policy: Policy, event: ev.TicketIssued, out: list[Command]) -> Aspects:
    """A new ticket waits; one that was called already only learns its class."""
    hall.services[event.service] = hall.services.get(event.service, 0) + 1
    known = hall.tickets.get(event.ticket)
    changed = QUEUE | ARRIVALS
    if known is not None and known.waiting_since < hall.day_began and known.state != "waiting":
        if known.state == "serving":
            _end(hall, policy, known, event.at, "moved")
            changed |= ENDED
        known, changed = None, changed | TICKETS
    if known is not None and known.issued_at is not None:
        out.append(Ignore(event.type, event.ticket, "issued twice in one business day"))
        return NOTHING
    if known is not None:
        _fill(known, event)
        footfall.came(hall, policy, event.service, event.at)
        return QUEUE | ARRIVALS | TICKETS
    ticket = hall.tickets[event.ticket] = Ticket(
        id=event.ticket,
        service=event.service,
        tier=event.tier,
        needs=event.needs,
        amount_band=event.amount_band,
        issued_at=event.at,
        waiting_since=event.at,
        told_until=_told_until(hall, event),
    )
    hall.waiting[event.ticket] = event.at
    waiting.issued(hall, policy, ticket, event.at)
    footfall.came(hall, policy, event.service, event.at)
    return changed


def called(hall: Hall, policy: Policy, event: ev.TicketCalled | ev.TicketRecalled, out: list[Command]) -> Aspects:
    """A window takes a ticket; whatever it served before ends now."""
    del out
    window = windows.of(hall, policy, event.window)
    ticket = hall.tickets.get(event.ticket) or _unheard(hall, event.ticket, window)
    if ticket.state == "serving" and ticket.window == window.id:
        return CALLED
    changed = QUEUE | CALLED
    if window.ticket is not None:
        _end(hall, policy, hall.tickets[window.ticket], event.at, "served")
        changed |= ENDED
    if ticket.state == "serving" and ticket.window is not None:
        _release(hall, policy, ticket, event.at, "moved")
        changed |= ENDED
    hall.waiting.pop(ticket.id, None)
    waiting.called(hall, policy, ticket, window, event.at)
    score.called(hall, policy, ticket, event.at)
    calling.called(hall, policy, ticket, window)
    ticket.state, ticket.window, ticket.for_window = "serving", window.id, None
    ticket.called_at = event.at if ticket.called_at is None else ticket.called_at
    if window.state != "open":
        window.state, window.changed_at, window.reason = "open", event.at, None
        changed |= WINDOWS
    if ticket.service and ticket.service not in window.services:
        window.services = (*window.services, ticket.service)  # it has just shown that it takes this class
    window.ticket, window.since = ticket.id, event.at
    ticket.returned, ticket.absent_at = False, None
    return changed


def recalled(hall: Hall, policy: Policy, event: ev.TicketRecalled, out: list[Command]) -> Aspects:
    """The same ticket again: ends no service; of one that waits, at a window that is free, its call has been lost."""
    ticket, window = hall.tickets.get(event.ticket), hall.windows.get(event.window)
    if ticket is not None and ticket.state != "waiting":
        return NOTHING
    if window is not None and window.ticket is not None:
        reason = f"called again at window {window.id}, which serves {window.ticket}"
        out.append(Ignore(event.type, event.ticket, reason))
        return NOTHING
    return called(hall, policy, event, out)


def ended(hall: Hall, policy: Policy, event: ev.TicketServed | ev.TicketNoShow, out: list[Command]) -> Aspects:
    """A service ends, if it is the one under way at that window."""
    ticket = hall.tickets.get(event.ticket)
    if ticket is None or ticket.state != "serving" or ticket.window != event.window:
        out.append(Ignore(event.type, event.ticket, f"not being served at window {event.window}"))
        return NOTHING
    if isinstance(event, ev.TicketNoShow):
        _end(hall, policy, ticket, event.at, "no_show")
        calling.did_not_come(hall, ticket, event.at)
        return ENDED | TICKETS
    _end(hall, policy, ticket, event.at, "served")
    if event.rating is None:
        return ENDED
    ticket.rating, ticket.rated_at = event.rating, event.at
    return ENDED | TICKETS


def rated(hall: Hall, event: ev.TicketRated, out: list[Command]) -> Aspects:
    """A rating that came after the service."""
    ticket = hall.tickets.get(event.ticket)
    if ticket is None:
        out.append(Ignore(event.type, event.ticket, "a rating of a ticket nobody drew"))
        return NOTHING
    ticket.rating, ticket.rated_at = event.rating, event.at
    ticket.served_by = ticket.served_by or event.window
    return TICKETS


def transferred(hall: Hall, policy: Policy, event: ev.TicketTransferred, out: list[Command]) -> Aspects:
    """A ticket waits again from now on, for another class or for one window."""
    ticket = hall.tickets.get(event.ticket)
    if ticket is None or ticket.state == "left" or (event.service is None and event.window is None):
        out.append(Ignore(event.type, event.ticket, "no such ticket to transfer" if ticket is None else "nowhere to"))
        return NOTHING
    if ticket.state == "serving":
        _release(hall, policy, ticket, event.at, "moved")
    if event.service is not None and event.service != ticket.service:
        ticket.service, ticket.amount_band = event.service, None
    ticket.for_window, ticket.told_until = event.window, None  # what was told was the wait for the first call
    ticket.returned, ticket.absent_at = event.window is not None and event.window == ticket.served_by, None
    ticket.state, ticket.window, ticket.waiting_since = "waiting", None, event.at
    score.gone(hall, ticket.id)
    hall.waiting.pop(ticket.id, None)
    hall.waiting[ticket.id] = event.at
    hall.services.setdefault(ticket.service, 0)
    return QUEUE | ENDED | TICKETS


def cancelled(hall: Hall, policy: Policy, event: ev.TicketCancelled, out: list[Command]) -> Aspects:
    """A waiting ticket leaves; one that was called already has been answered by the call."""
    ticket = hall.tickets.get(event.ticket)
    if ticket is None or ticket.state != "waiting":
        out.append(Ignore(event.type, event.ticket, "not waiting"))
        return NOTHING
    waiting.left(hall, policy, ticket, event.at)
    score.gone(hall, ticket.id)
    ticket.state = "left"
    del hall.waiting[ticket.id]
    return QUEUE | TICKETS


def _told_until(hall: Hall, event: ev.TicketIssued) -> int | None:
    """When its holder expects the call at the latest: the p90 that was told for the class; None where none was."""
    told = hall.outlook.next.get(event.service) if hall.outlook.at >= hall.day_began else None
    return None if told is None or told.p90_s is None else event.at + seconds(told.p90_s)


def _unheard(hall: Hall, id: str, window: Window) -> Ticket:
    service = window.services[0] if len(window.services) == 1 else UNKNOWN_CLASS
    ticket = hall.tickets[id] = Ticket(id=id, service=service, waiting_since=hall.now)
    return ticket


def _fill(ticket: Ticket, event: ev.TicketIssued) -> None:
    ticket.service, ticket.tier, ticket.needs = event.service, event.tier, event.needs
    ticket.amount_band, ticket.issued_at = event.amount_band, event.at


def _end(hall: Hall, policy: Policy, ticket: Ticket, at: int, outcome: waiting.Outcome) -> None:
    _release(hall, policy, ticket, at, outcome)
    ticket.state = "ended"


def _release(hall: Hall, policy: Policy, ticket: Ticket, at: int, outcome: waiting.Outcome) -> None:
    """Frees the window that serves the ticket and lets the estimator learn from it."""
    window = hall.windows[ticket.window or ""]
    waiting.service_ended(hall, policy, ticket, window, at, outcome=outcome)
    if outcome == "served":
        score.served(hall, ticket.service, in_seconds(at - window.since))
    window.ticket, window.free_since, window.served = None, at, ticket.id
    ticket.served_by = window.id
