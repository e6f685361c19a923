"""The plan of the day: when each window is to be at work, in seconds from now, by its hours or those it has kept.

A plan is believed until the window itself says otherwise: one that calls after its hours stays, one that opens before
them has begun them. Who is at work when the branch closes stays until everybody has been served.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

from edge.core.instant import in_seconds, local

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import time

    from edge.core.hall import Hall, Window
    from edge.core.instant import Instant
    from edge.core.policy import Policy

Span: TypeAlias = tuple[float, float]
"""From and until, seconds from now; until is infinite for who stays until everybody has been served."""

EVENING_S: Final = 3600.0
"""Whose learnt hours end no more than so long before the last is there until everybody has been served."""

EARLY_S: Final = 1800.0
"""A window opened so shortly before its hours has begun them."""


class Roster:
    """The hours of the windows as of one instant, planned or else learnt; a window without any is in no plan."""

    __slots__ = ("_close_s", "_hours", "_learnt", "_now_s", "_spans", "classes")

    def __init__(self, hall: Hall, policy: Policy, at: Instant) -> None:
        now = local(at, policy.calendar.zone)
        self._now_s = now.hour * 3600.0 + now.minute * 60.0 + now.second + now.microsecond / 1e6
        close = policy.calendar.close
        self._close_s = inf if close is None else of_day_s(close)
        self._spans: dict[str, list[Span]] = {}
        self._hours: dict[str, list[Span]] = {}
        self._learnt: set[str] = set()
        self.classes: dict[str, tuple[str, ...]] = {}
        """The classes of each window that has hours."""
        for plan in policy.windows.values():
            if plan.hours:
                self._hours[plan.id] = [(of_day_s(start), of_day_s(end)) for start, end in plan.hours]
                self.classes[plan.id] = plan.services
        self._learn(hall, now.toordinal())

    def _learn(self, hall: Hall, day: int) -> None:
        """The hours learnt of windows that have none in the plan, and are known today or from earlier days."""
        learnt = hall.learnt
        for id, hours in learnt.hours.of_day(day).items():
            if id in self._hours:
                continue
            window, known = hall.windows.get(id), learnt.windows.get(id)
            if window is not None and window.services:
                self._hours[id], self.classes[id] = hours, window.services
            elif known is not None:
                self._hours[id], self.classes[id] = hours, tuple(sorted(known.cells))
            self._learnt.add(id)

    def spans(self, window: str) -> list[Span]:
        """What is left of the window's hours today; the first may have begun. Empty without any."""
        found = self._spans.get(window)
        if found is None:
            found = self._spans[window] = self._left(window)
        return found

    def _left(self, window: str) -> list[Span]:
        hours = self._hours.get(window)
        if hours is None:
            return []
        last_s = self._last_s(self.classes[window]) - (EVENING_S if window in self._learnt else 0.0)
        spans = []
        for start_s, end_s in hours:
            stays = end_s >= last_s
            if end_s > self._now_s or stays:
                spans.append((start_s - self._now_s, inf if stays else end_s - self._now_s))
        return spans

    def _last_s(self, services: Iterable[str]) -> float:
        """When the branch closes, or when the last window that shares a class is to go, if that is earlier."""
        wanted = frozenset(services)
        ends = [
            end_s for id, hours in self._hours.items() if not wanted.isdisjoint(self.classes[id]) for _, end_s in hours
        ]
        return min(max(ends, default=inf), self._close_s)

    def of(self, window: Window, at: Instant) -> tuple[float, list[Span]]:
        """Until when a window that is open now is to call, and its hours after that."""
        spans = self.spans(window.id)
        if not spans and self._has_hours(window.id):
            return (inf if self._called_after_hours(window, at) else 0.0), []
        if not spans:
            return inf, []
        from_s, until_s = spans[0]
        if from_s <= 0.0 or (window.ticket is None and from_s <= EARLY_S and not self._has_ended(window.id)):
            return until_s, spans[1:]
        return (from_s if self._called_after_hours(window, at) else 0.0), spans

    def _has_hours(self, window: str) -> bool:
        return window in self._hours

    def _has_ended(self, window: str) -> bool:
        """Whether some of the window's hours are over."""
        return any(end_s <= self._now_s for _, end_s in self._hours[window])

    def _called_after_hours(self, window: Window, at: Instant) -> bool:
        """Whether the window has called, or was opened, since the last of its hours that are over."""
        ended = [end_s for _, end_s in self._hours[window.id] if end_s <= self._now_s]
        if not ended:
            return True
        since_s = in_seconds(at - max(window.since, window.changed_at))
        return self._now_s - since_s > max(ended)


def of_day_s(clock: time) -> float:
    """Seconds since midnight."""
    return clock.hour * 3600.0 + clock.minute * 60.0 + clock.second + clock.microsecond / 1e6
