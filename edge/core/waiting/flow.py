"""What windows do in all, as time goes on, and when so much of it is done."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

NONE: Final = 1e-9
"""A speed so low is no speed: what is left by rounding."""

LEAST_SPEED: Final = 0.01
"""In the end something goes on, whatever is planned."""


class Flow:
    """Work done over time, from steps: from this second on so much more (or less) speed, seconds of work per second."""

    __slots__ = ("_done", "_from_s", "_speeds")

    def __init__(self, steps: Iterable[tuple[float, float]]) -> None:
        self._from_s: list[float] = []
        self._done: list[float] = []
        self._speeds: list[float] = []
        at_s = done = speed = 0.0
        going = NONE
        for from_s, more in sorted(steps):
            done += going * (from_s - at_s)
            speed += more
            going = max(NONE, speed)
            at_s = from_s
            self._from_s.append(at_s)
            self._done.append(done)
            self._speeds.append(going)
        self._speeds[-1] = max(speed, LEAST_SPEED)

    def by(self, at_s: float) -> float:
        """The work done by then, seconds."""
        k = max(bisect_right(self._from_s, at_s) - 1, 0)
        return max(self._done[k] + self._speeds[k] * (at_s - self._from_s[k]), NONE)

    def when(self, work_s: float) -> float:
        """When so much is done, not before now."""
        k = max(bisect_right(self._done, work_s) - 1, 0)
        return max(self._from_s[k] + (work_s - self._done[k]) / self._speeds[k], 0.0)
