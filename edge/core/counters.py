"""What each call terminal shows at its counter: the ticket at the window, and how many wait for that window.

A call is shown at once. How many wait changes with every ticket of every window's classes, on thirty terminals of one
slow bus: so it is counted for all of them together, `SETTLE` after something has moved and no sooner than `LEAST`
after the last count. A terminal is told only what differs from what it shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge.core.commands import ShowOnCounter
from edge.core.instant import SECOND, Instant, Micros

if TYPE_CHECKING:
    from collections.abc import Collection

    from edge.core.hall import Hall
    from edge.core.policy import Policy

SETTLE: Final[Micros] = 1 * SECOND
LEAST: Final[Micros] = 5 * SECOND
"""Thirty frames of fifteen bytes take half a second of a line of 9600 baud; a tenth of it may go to this."""

KEY: Final = "counter"


@dataclass(slots=True)
class Sign:
    """What one terminal shows."""

    ticket: str | None
    waiting: int


@dataclass(slots=True)
class Counters:
    """The signs by terminal, and when it was last counted who waits."""

    signs: dict[str, Sign] = field(default_factory=dict)
    counted_at: Instant = 0


def moved(hall: Hall, policy: Policy) -> list[ShowOnCounter]:
    """The queue or a window has changed: another ticket is shown at once, with a beep, another number soon."""
    if KEY not in hall.agenda.due:
        hall.agenda.put(KEY, max(hall.now + SETTLE, hall.counters.counted_at + LEAST))
    shown: list[ShowOnCounter] = []
    for window, terminals in policy.terminals.items():
        ticket = _ticket(hall, window)
        for id in terminals:
            sign = hall.counters.signs.get(id)
            if sign is None or sign.ticket != ticket:
                shown += _show(hall, id, ticket, _waiting(hall, policy, window), beep=ticket is not None)
    return shown


def look(hall: Hall, policy: Policy) -> list[ShowOnCounter]:
    """Counts anew for every window who waits, and tells the terminals for which that is news."""
    hall.counters.counted_at = hall.now
    return [
        show
        for window, terminals in policy.terminals.items()
        for id in terminals
        for show in _show(hall, id, _ticket(hall, window), _waiting(hall, policy, window))
    ]


def keep(hall: Hall, known: Collection[str]) -> None:
    """Forgets the terminals that are not known any more."""
    for id in hall.counters.signs.keys() - known:
        del hall.counters.signs[id]


def paint(hall: Hall) -> list[ShowOnCounter]:
    """What every terminal should show now: for a restart and for terminals that come back."""
    return [ShowOnCounter(id, sign.ticket, sign.waiting, hall.now) for id, sign in hall.counters.signs.items()]


def _show(hall: Hall, id: str, ticket: str | None, waiting: int, *, beep: bool = False) -> list[ShowOnCounter]:
    sign = Sign(ticket, waiting)
    if hall.counters.signs.get(id) == sign:
        return []
    hall.counters.signs[id] = sign
    return [ShowOnCounter(id, ticket, waiting, hall.now, beep)]


def _ticket(hall: Hall, id: str) -> str | None:
    window = hall.windows.get(id)
    return None if window is None else window.ticket


def _waiting(hall: Hall, policy: Policy, id: str) -> int:
    """How many this window may call: those sent to it, and those of its classes that are not sent to another."""
    window = hall.windows.get(id)
    plan = policy.windows.get(id)
    services = window.services if window is not None else plan.services if plan is not None else ()
    return sum(
        ticket.for_window == id if ticket.for_window is not None else ticket.service in services
        for ticket in hall.queue()
    )
