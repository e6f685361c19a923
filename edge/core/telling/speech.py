"""What is called aloud: every call and every recall, at the announcers that speak for its window.

A board with a voice stands in for an announcer that cannot speak. Which of the two it is is decided when the call is
made, so that nobody hears it twice; a call for which the announcer then has no words goes to the board after all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.instant import SECOND, Micros
from edge.core.outputs import Say

if TYPE_CHECKING:
    from edge.core import events as ev
    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.policy import DevicePlan, Policy

LASTS: Final[Micros] = 120 * SECOND
"""Whoever has not come by then is called again or given up; a call that late would send two people to one window."""

UNSAID: Final = "unsaid"
"""Event of an announcer that works and has no words for one call: `detail` is its ticket."""


def call(hall: Hall, policy: Policy, event: ev.TicketCalled | ev.TicketRecalled, made_at: Instant) -> list[Say]:
    """A call goes to the announcers of its window and to those of no window, unless a board stands in for them.

    One that was heard of late is of use no longer for that: it is given up where it would be said, and told of.
    """
    if not policy.announcers:
        return []
    word = policy.words.get("V01" if event.type == "ticket.called" else "V02")
    if word is None:
        return []
    text = word.fill({"t": event.ticket, "w": event.window})
    return [
        Say(device=plan.id, ticket=event.ticket, window=event.window, text=text, at=made_at, lasts=LASTS)
        for plan in _of(policy, event.window)
        if not _stands_in(hall, plan)
    ]


def silent_boards(hall: Hall, policy: Policy, window: str) -> frozenset[str]:
    """The boards that could speak a call of a window, and do not because their announcer does."""
    return frozenset(
        plan.board for plan in _of(policy, window) if plan.board is not None and not _stands_in(hall, plan)
    )


def passed_on(hall: Hall, policy: Policy, event: ev.DeviceEvent) -> tuple[str, str] | None:
    """The board that is to speak a call its announcer has no words for, and the window, while the ticket is there."""
    plan, ticket = policy.devices.get(event.device), hall.tickets.get(event.detail)
    if plan is None or plan.board is None or not _works(hall, plan.board):
        return None
    if ticket is None or ticket.window is None or ticket.state != "serving":
        return None
    return plan.board, ticket.window


def _of(policy: Policy, window: str) -> list[DevicePlan]:
    return [plan for plan in policy.announcers if plan.window in (None, window)]


def _stands_in(hall: Hall, plan: DevicePlan) -> bool:
    """Whether an announcer cannot speak and its board can."""
    return plan.board is not None and not _works(hall, plan.id) and _works(hall, plan.board)


def _works(hall: Hall, id: str) -> bool:
    device = hall.devices.get(id)
    return device is not None and device.state in ("ok", "degraded")
