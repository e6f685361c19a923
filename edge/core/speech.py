"""What is called aloud: every call and every recall, at the announcers that speak for its window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.commands import Say
from edge.core.instant import SECOND, Micros

if TYPE_CHECKING:
    from edge.core import events as ev
    from edge.core.policy import Policy

LASTS: Final[Micros] = 120 * SECOND
"""Whoever has not come by then is called again or given up; a call that late would send two people to one window."""


def call(policy: Policy, event: ev.TicketCalled | ev.TicketRecalled) -> list[Say]:
    """A call goes to the announcers of its window and to those that belong to none."""
    if not policy.announcers:
        return []
    word = policy.words.get("V01" if event.type == "ticket.called" else "V02")
    if word is None:
        return []
    text = word.fill({"t": event.ticket, "w": event.window})
    return [
        Say(device=plan.id, ticket=event.ticket, window=event.window, text=text, at=event.at, lasts=LASTS)
        for plan in policy.announcers
        if plan.window in (None, event.window)
    ]
