"""The engine: from the hall as it stands to the wait of every ticket and of the next person of every class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.waiting.line import Change, Line, Start
from edge.core.waiting.outlook import Confidence, NextWait, Outlook, Wait
from edge.core.waiting.spread import quantiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.policy import Policy

KNOWN_AFTER: Final = 5
"""Services of a class on the day before its figures count as good."""

UNSERVED: Final = "no configured window takes this class"
NOBODY: Final[Mapping[str, int]] = {}


def forecast(hall: Hall, policy: Policy, at: Instant) -> Outlook:
    """The wait of every waiting ticket and of the next person of every known class."""
    return _outlook(Line(hall, policy, at))


def wait_of(hall: Hall, policy: Policy, ticket_id: str, at: Instant) -> Wait | None:
    """The wait of one waiting ticket, as `forecast` would say; None when it does not wait or nobody may serve it."""
    if ticket_id not in hall.waiting:
        return None
    starts = Line(hall, policy, at).starts(until=ticket_id)
    return _wait(starts[-1]) if starts and starts[-1].ticket == ticket_id else None


def what_if(
    hall: Hall,
    policy: Policy,
    at: Instant,
    *,
    open_windows: tuple[str, ...] = (),
    extra_windows: int = 0,
    leave: Mapping[str, int] = NOBODY,
) -> Outlook:
    """The forecast if these windows opened now, so many general ones came, and so many tickets of a class left.

    Those who leave are spread evenly over the class's queue, because nobody knows yet who would.
    """
    return _outlook(Line(hall, policy, at, Change(open_windows, extra_windows, leave)))


def _outlook(line: Line) -> Outlook:
    outlook = Outlook(at=line.at)
    for start in line.starts():
        outlook.tickets[start.ticket] = _wait(start)
    for service in line.classes():
        outlook.next[service] = _next(line, service)
    return outlook


def _wait(start: Start) -> Wait:
    p10_s, p50_s, p90_s = quantiles(start.mean_s, start.variance_s2)
    return Wait(start.position, p10_s, p50_s, p90_s, start.mean_s)


def _next(line: Line, service: str) -> NextWait:
    learnt = line.hall.learnt
    sample = learnt.sample.get(service, 0) if learnt.day == line.hall.day else 0
    start = line.next(service)
    if start is None:
        return NextWait(None, None, None, None, 0, sample, "low", UNSERVED)
    p10_s, p50_s, p90_s = quantiles(start.mean_s, start.variance_s2)
    confidence: Confidence = "good" if sample >= KNOWN_AFTER else "low"
    return NextWait(p10_s, p50_s, p90_s, start.mean_s, line.at_work(service), sample, confidence)
