"""When the first of several windows calls, or as many of them as there are places, from the law of each one's call.

Nobody has called by t with the product of the chances that each has not; the mean of the earliest is the integral of
that. What the windows have in common, a doubt about their speed, is a gamma variable that all their rates are
multiplied by (a frailty: Vaupel, Manton and Stallard 1979): nobody has called then with (1 + d R)^(-1/d), where R is
minus the logarithm of the product and d the squared relative doubt. That fewer than k have called is a sum of such
products (Poisson-binomial), and is treated alike.
"""

from __future__ import annotations

from bisect import bisect_right
from math import exp, expm1, inf, log, prod
from typing import TYPE_CHECKING, Final, TypeAlias

from edge.core.waiting.durations import EDGES_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge.core.waiting.spread import Figures

Law: TypeAlias = "Sequence[tuple[float, float]]"
"""(seconds from now, probability that the window has called by then), at each of `STEPS_S`; in the end it is 1."""

STEPS_S: Final = EDGES_S[1:18:2]
"""Where laws of the next call are told, in seconds from now: 4 s, 8 s, 16 s … 1024 s."""

SLOWEST: Final = 1e-12
"""Calls per second of windows of which no call can be foreseen."""


ALL_STAY: Final = [1.0] * len(STEPS_S)
"""Where nobody calls by a law."""


class Calls:
    """Windows, each added by what is known of its next call; `free` of them have been left free.

    `stays` are, for each that calls by a law, the chances that it has not by each of `STEPS_S`; the others do at
    `sure_s`.
    """

    __slots__ = ("free", "stays", "sure_s")

    def __init__(self, parts: Iterable[Calls] = ()) -> None:
        self.stays: list[list[float]] = []
        self.sure_s: list[float] = []
        self.free = 0
        for part in parts:
            self.stays += part.stays
            self.sure_s += part.sure_s
            self.free += part.free

    def by_law(self, law: Law, until_s: float) -> None:
        """A window that calls by a law, if it does so within `until_s`."""
        stays = [1.0 - done for _, done in law[: len(STEPS_S)]]
        if until_s < STEPS_S[-1]:
            last = bisect_right(STEPS_S, until_s)
            stays[last:] = [min(stays[:last], default=1.0)] * (len(stays) - last)
        self.stays.append(stays)

    def by_mean(self, mean_s: float, until_s: float) -> None:
        """A window that calls at any moment, after `mean_s` on average, if it does so within `until_s`."""
        self.stays.append([exp(-min(step_s, until_s) / mean_s) for step_s in STEPS_S])

    def by_plan(self, at_s: float) -> None:
        """A window that calls in `at_s` seconds."""
        self.sure_s.append(at_s)

    def figures(self, place: int, doubt: float) -> Figures:
        """When so many of them have called; `doubt` is the squared relative error of their common speed, above 0."""
        wanted = [(0.9**-doubt - 1.0) / doubt, (0.5**-doubt - 1.0) / doubt, (0.1**-doubt - 1.0) / doubt]
        found: list[float] = []
        sure_s = sorted(self.sure_s)[place - 1] if len(self.sure_s) >= place else inf
        at_s = before = mean_s = 0.0
        risks = [-log(max(fewer, SLOWEST)) for fewer in self._fewer(place)]
        for step_s, risk in zip((*STEPS_S, inf), (*risks, inf), strict=True):
            seen, over_s = (risk - before, step_s - at_s) if step_s < inf else (before, at_s)  # then as on the whole
            rate = max(seen / over_s, SLOWEST)
            while len(found) < len(wanted) and wanted[len(found)] <= risk:
                found.append(at_s + (wanted[len(found)] - before) / rate)
            if at_s < sure_s:
                mean_s += exp(-before) * -expm1(-rate * (min(step_s, sure_s) - at_s)) / rate
            at_s, before = step_s, risk
        p10_s, p50_s, p90_s = [min(each, sure_s) for each in found]
        return p10_s, p50_s, p90_s, mean_s

    def _fewer(self, place: int) -> list[float]:
        """The chance that fewer than `place` have called by each of `STEPS_S`, of those that call by a law."""
        if place == 1:
            return [prod(stays) for stays in zip(*self.stays, strict=True)] or ALL_STAY
        found = []
        for k in range(len(STEPS_S)):
            exactly = [1.0] + [0.0] * (place - 1)
            for stays in self.stays:
                share = 1.0 - stays[k]
                for n in range(place - 1, 0, -1):
                    exactly[n] += share * (exactly[n - 1] - exactly[n])
                exactly[0] -= share * exactly[0]
            found.append(sum(exactly))
        return found
