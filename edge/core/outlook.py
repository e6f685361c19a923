"""When forecasts are made: not with every event but soon after, so that nothing a call needs waits for one.

An event that moves the queue asks for a forecast `SETTLE` later and no sooner than `LEAST` after the last; while
people wait one is made every `AGAIN` in any case, because a wait grows with time alone. All of it is counted in the
events' own time, so a replay forecasts at the same instants as the daemon did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import signage, waiting
from edge.core.commands import Command, PublishWait
from edge.core.instant import SECOND, in_seconds

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.instant import Micros
    from edge.core.policy import Policy

SETTLE: Final[Micros] = SECOND // 4
LEAST: Final[Micros] = 5 * SECOND
"""Nobody sees a wait move within so short a time: boards show steps of minutes, rules hold for a minute."""

AGAIN: Final[Micros] = 30 * SECOND
KEY: Final = "outlook"


def ask(hall: Hall) -> None:
    """Something moved the queue: a forecast is due soon, unless one is due already."""
    due = max(hall.now + SETTLE, hall.outlook.at + LEAST)
    pending = hall.agenda.due.get(KEY)
    if pending is None or pending > due:
        hall.agenda.put(KEY, due)


def look(hall: Hall, policy: Policy) -> list[Command]:
    """Forecasts what is ahead anew, tells the boards, and publishes what changed."""
    before, hall.outlook = hall.outlook, waiting.look(hall, policy, hall.now)
    if hall.waiting:
        hall.agenda.put(KEY, hall.now + AGAIN)
    out = signage.waits(hall, policy)
    out += [w for w in waits(hall) if w.waiting or before.next.get(w.service) != hall.outlook.next[w.service]]
    return out


def waits(hall: Hall) -> list[PublishWait]:
    """What is published of each class, as the last forecast has it."""
    counts, oldest = _queues(hall)
    return [
        PublishWait(
            service=service,
            at=hall.outlook.at,
            waiting=counts.get(service, 0),
            longest_wait_s=round(in_seconds(hall.now - oldest.get(service, hall.now)), 1),
            wait_p10=wait.p10_s,
            wait_p50=wait.p50_s,
            wait_p90=wait.p90_s,
            windows=wait.windows,
            sample=wait.sample,
            confidence=wait.confidence,
        )
        for service, wait in hall.outlook.next.items()
    ]


def _queues(hall: Hall) -> tuple[dict[str, int], dict[str, int]]:
    """How many wait for each class, and since when the first of them does."""
    counts: dict[str, int] = {}
    oldest: dict[str, int] = {}
    for ticket in hall.queue():
        counts[ticket.service] = counts.get(ticket.service, 0) + 1
        oldest.setdefault(ticket.service, ticket.waiting_since)
    return counts, oldest
