"""When a free window will call: by how long it has been free, and how long it has let people wait since.

Between two calls lies a turnaround of seconds, or an absence. Which one it is shows in the time since the last service,
and not in how long anybody has waited: who has been free for five minutes when somebody comes, and does not call within
seconds, has left the place. So calls are counted by the time since the window was free, in seconds of people waiting,
and apart for the first of these seconds.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Final

from edge.core.waiting.calls import STEPS_S
from edge.core.waiting.durations import EDGES_S, step_of

if TYPE_CHECKING:
    from edge.core.waiting.calls import Law
    from edge.core.waiting.learnt import Learnt

AT_ONCE_S: Final = EDGES_S[4]
"""A window that is there calls within so many seconds after somebody has come."""

FIRST_GAP_S: Final = 5.0
GAP_WEIGHT: Final = 1.0
"""Calls counted as seen before any were: as late as of windows free for less long, or as people have waited already."""

TURNAROUND_S: Final = EDGES_S[13]
"""A turnaround is counted up to so long: what lasts longer is an absence, and is treated as one."""


def exposed(learnt: Learnt, free_s: float, missed_s: float, more_s: float) -> None:
    """A window free for `free_s`, which has let people wait for `missed_s` of them, does so for `more_s` more."""
    fresh_s = min(max(AT_ONCE_S - missed_s, 0.0), more_s)
    if fresh_s > 0.0:
        learnt.at_once.expose(free_s, free_s + fresh_s)
    if more_s > fresh_s:
        learnt.gaps.expose(free_s + fresh_s, free_s + more_s)


def ended(learnt: Learnt, free_s: float, missed_s: float, keep: float) -> None:
    """It calls."""
    (learnt.at_once if missed_s < AT_ONCE_S else learnt.gaps).end(free_s, keep)


class Turnaround:
    """When free windows call, as learnt by now; of a time for which little was seen, what is seen of shorter ones."""

    __slots__ = ("_at_once_s", "_gaps_s", "learnt")

    def __init__(self, learnt: Learnt) -> None:
        self.learnt = learnt
        self._at_once_s = learnt.at_once.seconds_per_end(FIRST_GAP_S, GAP_WEIGHT)
        self._gaps_s = learnt.gaps.seconds_per_end(FIRST_GAP_S + AT_ONCE_S, GAP_WEIGHT, step_of(AT_ONCE_S))

    def call_law(self, free_s: float, missed_s: float) -> Law:
        """When a free window will call while people wait."""
        found = []
        stays, at_s, rate = 1.0, 0.0, 0.0
        for until_s in STEPS_S:
            rate = self._rate(free_s + at_s, free_s + until_s, missed_s + at_s)
            stays *= exp(-rate * (until_s - at_s))
            at_s = until_s
            found.append((at_s, 1.0 - stays))
        return [*found, (at_s + 1.0 / rate, 1.0)]

    def mean_s(self) -> float:
        """Mean seconds between a service and the next call while people wait."""
        stays, at_s, sum_s = 1.0, 0.0, 0.0
        for until_s in STEPS_S:
            if until_s > TURNAROUND_S:
                break
            rate = self._rate(at_s, until_s, at_s)
            left = stays * exp(-rate * (until_s - at_s))
            sum_s += (stays - left) / rate
            stays, at_s = left, until_s
        return sum_s

    def _rate(self, from_s: float, until_s: float, missed_s: float) -> float:
        """Calls per second of a window free from so long to so long, which has let people wait for so long."""
        step = step_of(from_s)
        if missed_s < AT_ONCE_S:
            return self.learnt.at_once.ends_per_s(from_s, until_s, self._at_once_s[step], GAP_WEIGHT)
        return self.learnt.gaps.ends_per_s(from_s, until_s, max(self._gaps_s[step], missed_s), GAP_WEIGHT)
