"""The printed ticket: what its holder is told on paper, once, at the moment it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from edge.core.instant import SECOND, Micros
from edge.core.outputs import PrintTicket
from edge.core.shown import UNSAID, Telling
from edge.core.wording import Text

if TYPE_CHECKING:
    from edge.core import events as ev
    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.policy import Policy

LASTS: Final[Micros] = 60 * SECOND
"""So long a customer stands before a printer; a ticket that comes later would be the next one's."""


def drawn(hall: Hall, policy: Policy, event: ev.TicketIssued, drawn_at: Instant) -> list[PrintTicket]:
    """A ticket that waits since this event goes to every printer of tickets; one called already needs none.

    One that was heard of late is given up where it would be printed, and told of: whoever drew it has gone.
    """
    if hall.waiting.get(event.ticket) != event.at:
        return []
    ahead = sum(ticket.service == event.service for ticket in hall.queue()) - 1
    told = Telling(hall, event.at).of_class(event.service, ahead)
    service = policy.services.get(event.service)
    return [
        PrintTicket(
            device=printer,
            ticket=event.ticket,
            service=Text(event.service, event.service) if service is None else service.name,
            branch=policy.name,
            ahead=None if told.reason == "stale" else ahead,
            wait=UNSAID if told.low_min is None else told,
            at=drawn_at,
            lasts=LASTS,
            qr=_qr(policy, event.ticket),
        )
        for printer in policy.printers
    ]


def _qr(policy: Policy, ticket: str) -> str | None:
    if policy.ticket_qr is None:
        return None
    return policy.ticket_qr.format(branch=quote(policy.branch, safe=""), ticket=quote(ticket, safe=""))
