"""When forecasts are made: not with every event but soon after, so that nothing a call needs waits for one.

An event that moves the queue asks for a forecast `SETTLE` later and no sooner than `LEAST` after the last; while
people wait one is made every `AGAIN` in any case, because a wait grows with time alone. All of it is counted in the
events' own time, so a replay forecasts at the same instants as the daemon did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import score, shown, waiting
from edge.core.commands import Command, EndWait, PublishWait
from edge.core.instant import SECOND, in_seconds
from edge.core.telling import signage

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.instant import Micros
    from edge.core.policy import Policy
    from edge.core.waiting import Outlook

SETTLE: Final[Micros] = SECOND // 4
LEAST: Final[Micros] = 5 * SECOND
"""Nobody sees a wait move within so short a time: boards show steps of minutes, rules hold for a minute."""

AGAIN: Final[Micros] = 30 * SECOND
"""While people wait."""

EACH: Final[Micros] = 60 * SECOND
"""The waits of single tickets take longer to work out and are shown in steps of minutes; so often is enough."""

IDLE: Final[Micros] = 150 * SECOND
"""While nobody waits and a window is open: what the next person is told must not be older than `shown.GOOD_FOR`."""

KEY: Final = "outlook"


def ask(hall: Hall) -> None:
    """Something moved the queue: a forecast is due soon, unless one is due already."""
    due = max(hall.now + SETTLE, hall.outlook.at + LEAST)
    pending = hall.agenda.due.get(KEY)
    if pending is None or pending > due:
        hall.agenda.put(KEY, due)


def look(hall: Hall, policy: Policy) -> list[Command]:
    """Forecasts what is ahead anew, tells the boards, and publishes what changed."""
    before, fresh = hall.outlook, score.fresh(hall, hall.outlook.at)
    hall.outlook = _forecast(hall, policy, tickets=any(score.spoken_for(ticket, before) is None for ticket in fresh))
    score.note(hall, policy, fresh, before)
    if hall.waiting:
        hall.agenda.put(KEY, hall.now + AGAIN)
    elif any(window.state != "closed" for window in hall.windows.values()):
        hall.agenda.put(KEY, hall.now + IDLE)
    shown.renew(hall)
    ended = [EndWait(service) for service in before.next if service not in hall.outlook.next]
    return [*signage.waits(hall, policy), *waits(hall), *ended]


def _forecast(hall: Hall, policy: Policy, *, tickets: bool) -> Outlook:
    """What is ahead of newcomers; the waits of all tickets as well when asked for or due, else those there are."""
    before, showing, now = hall.outlook, hall.showing, hall.now
    if hall.waiting and (tickets or now - showing.tickets_at >= EACH):
        showing.tickets_at = now
        return waiting.look(hall, policy, now, tickets=True)
    found = waiting.look(hall, policy, now)
    found.tickets = before.tickets
    return found


def waits(hall: Hall) -> list[PublishWait]:
    """What is published of each class, as the last forecast has it."""
    counts, oldest = _queues(hall)
    telling = shown.Telling(hall, hall.now)
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
            shown=telling.of_class(service, counts.get(service, 0)),
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
