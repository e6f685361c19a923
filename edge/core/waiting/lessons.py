"""What each call, end of service and departure teaches."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from edge.core.instant import in_seconds
from edge.core.waiting.correction import outcome as outcome_of
from edge.core.waiting.learnt import KEEP, LONGEST_S, PASSED_MOST, AtWindow, Learnt, observe
from edge.core.waiting.pace import FORGOTTEN, Pace
from edge.core.waiting.turnaround import ended, exposed

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket, Window
    from edge.core.instant import Instant
    from edge.core.policy import Policy

MANY: Final = 2
"""A window of one class has no choice."""

SEEN_MOST: Final = 40
"""So many of the longest waiting are looked at for who else could have been called."""

Outcome: TypeAlias = Literal["served", "no_show", "moved"]


def service_ended(hall: Hall, policy: Policy, ticket: Ticket, window: Window, at: Instant, *, outcome: Outcome) -> None:
    """The service of `ticket` at `window` ends, which began at `window.since`; call it before the window is freed."""
    learnt, service = hall.learnt, ticket.service
    duration_s = in_seconds(at - window.since)
    if not service or not 0.0 <= duration_s <= LONGEST_S:
        return
    own = learnt.windows[window.id].pace if window.id in learnt.windows else 1.0
    pace = Pace(learnt, policy, {})
    ratio = duration_s / (own * pace.share(service, ticket.tier) * pace.cost(service).time_s)
    learnt.ratio.add(ratio, KEEP)
    learnt.ratio_squared.add(ratio * ratio, KEEP)
    known = learnt.of_class(service)
    bounded = min(ratio, FORGOTTEN)  # one in a hundred is longer, and would decide alone how much all others vary
    known.ratio.add(ratio, KEEP)
    known.ratio_squared.add(ratio * ratio, KEEP)
    known.bounded.add(bounded, KEEP)
    known.bounded_squared.add(bounded * bounded, KEEP)
    brief = outcome != "served"
    known.called = known.called * KEEP + 1.0
    known.brief = known.brief * KEEP + brief
    known.brief_s = known.brief_s * KEEP + brief * duration_s
    if outcome == "served":
        observe(learnt, service, window.id, duration_s, ticket.tier)
        _count(learnt, hall.day, service)


def _count(learnt: Learnt, day: int, service: str) -> None:
    """One more of the class today."""
    if learnt.day != day:
        learnt.day = day
        for known in learnt.classes.values():
            known.today = 0
    learnt.of_class(service).today += 1


def called(hall: Hall, policy: Policy, ticket: Ticket, window: Window, at: Instant) -> None:
    """`window`, which serves nobody now, calls `ticket`; call it while both still say what they were."""
    del policy  # this engine learns calls without it
    learnt = hall.learnt
    outcome_of(hall, ticket, at, gone=False)
    _waited(learnt, ticket, at, left=0.0)
    if window.state == "open" and window.ticket is None and window.changed_at < at:
        known = learnt.windows.get(window.id)
        oldest = next((t.waiting_since for t in hall.queue() if takes(window, t, known)), at)
        _idled(learnt, window, min(oldest, ticket.waiting_since), at)
    _contested(hall, learnt, ticket, window)
    _chosen(hall, learnt, ticket, window)
    if window.id in learnt.windows:
        learnt.windows[window.id].missed_s, learnt.windows[window.id].until = 0.0, 0
    for other in hall.windows.values():
        if other.ticket is not None or other.state != "open" or other is window:
            continue
        if takes(other, ticket, learnt.windows.get(other.id)):
            _passed_over(learnt, other, ticket.waiting_since, at)


def _contested(hall: Hall, learnt: Learnt, ticket: Ticket, window: Window) -> None:
    """The window calls this tier and not another that it could call."""
    if ticket.for_window is not None or not ticket.service:
        return
    known = learnt.windows.get(window.id)
    others: dict[str, Ticket] = {ticket.tier: ticket}
    for other in islice(hall.queue(), SEEN_MOST):
        if other.tier not in others and other.for_window is None and takes(window, other, known):
            others[other.tier] = other
    if len(others) > 1:
        del others[ticket.tier]
        learnt.discipline.called(ticket, others.values())


def _chosen(hall: Hall, learnt: Learnt, ticket: Ticket, window: Window) -> None:
    """The window takes this class, and passes over those who go first by their tiers and the time they have waited."""
    if len(window.services) < MANY or not ticket.service:
        return
    passed = learnt.at_window(window.id).passed
    passed.pop(ticket.service, None)
    oldest = hall.longest_since()
    if oldest is None or oldest >= ticket.waiting_since:
        return
    since = learnt.discipline.since
    over = set()
    for other in hall.queue():
        if other.waiting_since >= ticket.waiting_since:
            break
        if since(other) < since(ticket) and other.for_window is None:
            over.add(other.service)
    for service in window.services:
        if service in over and service != ticket.service:
            passed[service] = min(passed.get(service, 0) + 1, PASSED_MOST)


def _idled(learnt: Learnt, window: Window, oldest: Instant, at: Instant) -> None:
    """The time a window took to call while somebody waited: its turnaround or an absence."""
    free_since = max(window.free_since, window.changed_at)
    if oldest <= free_since or oldest < at:
        missed_s = _passed_over(learnt, window, oldest, at)
        ended(learnt, max(in_seconds(at - free_since), 0.0), missed_s, KEEP)


def _passed_over(learnt: Learnt, window: Window, oldest: Instant, at: Instant) -> float:
    """The window has let somebody wait who came at `oldest`; returns for how long it has done so since it was free."""
    known = learnt.at_window(window.id)
    free_since = max(window.free_since, window.changed_at)
    if known.until < free_since:
        known.missed_s, known.until = 0.0, free_since
    since = max(oldest, known.until)
    if since < at:
        more_s = min(in_seconds(at - since), LONGEST_S)
        exposed(learnt, in_seconds(since - free_since), known.missed_s, more_s)
        known.missed_s = min(known.missed_s + more_s, LONGEST_S)
        known.until = at
    return known.missed_s


def left(hall: Hall, policy: Policy, ticket: Ticket, at: Instant) -> None:
    """`ticket` left before its call; call it while it still waits."""
    del policy  # as above
    outcome_of(hall, ticket, at, gone=True)
    _waited(hall.learnt, ticket, at, left=1.0)


def _waited(learnt: Learnt, ticket: Ticket, at: Instant, *, left: float) -> None:
    if ticket.issued_at is None or ticket.state != "waiting":
        return
    leaving = learnt.leaving
    leaving.left = leaving.left * KEEP + left
    leaving.waited_s = leaving.waited_s * KEEP + min(in_seconds(at - ticket.waiting_since), LONGEST_S)


def takes(window: Window, ticket: Ticket, known: AtWindow | None = None) -> bool:
    """Whether the window serves the ticket: the one it is for after a transfer, else any that takes its class."""
    if ticket.for_window is not None:
        return ticket.for_window == window.id
    return ticket.service in window.services and (known is None or known.serves(ticket.service))
