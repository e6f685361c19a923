"""What each call, end of service and departure teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from edge.core.instant import in_seconds
from edge.core.waiting.learnt import (
    CLASSES_MOST,
    KEEP_CLASS,
    LONGEST_S,
    WINDOWS_MOST,
    Idle,
    Learnt,
    Turnout,
    make_room,
    observe,
)
from edge.core.waiting.pace import Pace

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket, Window
    from edge.core.instant import Instant
    from edge.core.policy import Policy

Outcome: TypeAlias = Literal["served", "no_show", "moved"]


def service_ended(hall: Hall, policy: Policy, ticket: Ticket, window: Window, at: Instant, *, outcome: Outcome) -> None:
    """The service of `ticket` at `window` ends, which began at `window.since`; call it before the window is freed."""
    learnt = hall.learnt
    duration_s = in_seconds(at - window.since)
    service = ticket.service
    if not service or not 0.0 <= duration_s <= LONGEST_S:
        return
    expected_s = Pace(learnt, policy, {}).cost(service).time_s * learnt.pace.get(window.id, 1.0)
    learnt.ratio.add(duration_s / expected_s, KEEP_CLASS)
    learnt.ratio_squared.add((duration_s / expected_s) ** 2, KEEP_CLASS)
    _turned_out(learnt, service, None if outcome == "served" else duration_s)
    if outcome == "served":
        observe(learnt, service, window.id, duration_s)
        if learnt.day != hall.day:
            learnt.day, learnt.sample = hall.day, {}
        make_room(learnt.sample, CLASSES_MOST, service)
        learnt.sample[service] = learnt.sample.get(service, 0) + 1


def _turned_out(learnt: Learnt, service: str, brief_s: float | None) -> None:
    if service not in learnt.turnout:
        make_room(learnt.turnout, CLASSES_MOST)
        learnt.turnout[service] = Turnout()
    turnout = learnt.turnout[service]
    turnout.called = turnout.called * KEEP_CLASS + 1.0
    turnout.brief *= KEEP_CLASS
    turnout.brief_s *= KEEP_CLASS
    if brief_s is not None:
        turnout.brief += 1.0
        turnout.brief_s += brief_s


def called(hall: Hall, policy: Policy, ticket: Ticket, window: Window, at: Instant) -> None:
    """`window`, which serves nobody now, calls `ticket`; call it while both still say what they were."""
    del policy  # this engine learns calls without it
    learnt = hall.learnt
    _waited(learnt, ticket, at, left=0.0)
    if window.state == "open" and window.ticket is None and window.changed_at < at:
        oldest = min((t.waiting_since for t in hall.queue() if takes(window, t)), default=at)
        _idled(learnt, window, min(oldest, ticket.waiting_since), at)
    learnt.idle.pop(window.id, None)
    for other in hall.windows.values():
        if other.ticket is None and other.state == "open" and other is not window and takes(other, ticket):
            _passed_over(learnt, other, ticket.waiting_since, at)


def _idled(learnt: Learnt, window: Window, oldest: Instant, at: Instant) -> None:
    """The time a window took to call while somebody waited: its turnaround or an absence."""
    free_since = max(window.free_since, window.changed_at)
    if oldest <= free_since or oldest < at:
        missed_s = _passed_over(learnt, window, oldest, at)
        learnt.gaps.end(missed_s, KEEP_CLASS)


def _passed_over(learnt: Learnt, window: Window, oldest: Instant, at: Instant) -> float:
    """The window has let somebody wait who came at `oldest`; returns for how long it has done so since it was free."""
    idle = learnt.idle.get(window.id)
    free_since = max(window.free_since, window.changed_at)
    if idle is None or idle.until < free_since:
        idle = Idle(0.0, free_since)
    since = max(oldest, idle.until)
    if since < at:
        make_room(learnt.idle, WINDOWS_MOST, window.id)
        learnt.idle[window.id] = idle
        before_s = idle.missed_s
        idle.missed_s = min(before_s + in_seconds(at - since), LONGEST_S)
        idle.until = at
        learnt.gaps.expose(before_s, idle.missed_s)
    return idle.missed_s


def left(hall: Hall, policy: Policy, ticket: Ticket, at: Instant) -> None:
    """`ticket` left before its call; call it while it still waits."""
    del policy  # as above
    _waited(hall.learnt, ticket, at, left=1.0)


def _waited(learnt: Learnt, ticket: Ticket, at: Instant, *, left: float) -> None:
    if ticket.issued_at is None or ticket.state != "waiting":
        return
    leaving = learnt.leaving
    leaving.left = leaving.left * KEEP_CLASS + left
    leaving.waited_s = leaving.waited_s * KEEP_CLASS + min(in_seconds(at - ticket.waiting_since), LONGEST_S)


def takes(window: Window, ticket: Ticket) -> bool:
    """Whether the window serves the ticket: the one it is for after a transfer, else any that lists its class."""
    if ticket.for_window is not None:
        return ticket.for_window == window.id
    return ticket.service in window.services
