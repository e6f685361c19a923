"""One kind of ticket on its way to the windows that take it: where it starts, and what its start leaves to others."""

from __future__ import annotations

from math import ceil, exp, expm1
from typing import TYPE_CHECKING, Final

from edge.core.waiting.calls import Calls
from edge.core.waiting.flow import NONE, Flow
from edge.core.waiting.pools import reach
from edge.core.waiting.spread import quantiles

if TYPE_CHECKING:
    from edge.core.waiting.pace import Pace
    from edge.core.waiting.pools import Pool
    from edge.core.waiting.spread import Figures

DOUBT: Final = 0.0004
"""Squared relative error of a mean wait beyond chance: the model itself may be off by a fiftieth."""

LEAST_S: Final = 1.0
"""No mean wait is less: who calls at once calls within a second."""

NOBODY: Final = 0.05
"""So few who come and go first are nobody."""

LEAST_SPEED: Final = 0.1
"""Where no window is at work for a while, an error of one ticket is not counted as one of hours."""


class Route:
    """The pools that take one kind of ticket, and what such a ticket costs there.

    `lead_s` is the work that must flow before its next ticket starts, `impatience` the rate at which people leave. Of
    its `pools`, `known` are there without anything being supposed. `rivals` are the kinds that compete for a known
    window, itself among them; `queued` counts its tickets so far, `windows` those at work for it.
    """

    __slots__ = (
        "_calls",
        "_excess_s",
        "_first",
        "_flow",
        "_owed",
        "cost_s",
        "doubt",
        "impatience",
        "known",
        "lead_s",
        "only",
        "pools",
        "queued",
        "rivals",
        "windows",
    )

    def __init__(
        self, known: tuple[Pool, ...], supposed: tuple[Pool, ...], cost_s: float, lead_s: float, pace: Pace
    ) -> None:
        self.known = known
        self.pools = pools = known + supposed
        self.only = pools[0] if len(pools) == 1 else None
        self.cost_s = cost_s
        self.lead_s = lead_s
        self.impatience = min(pace.impatience, 0.5 / cost_s)
        self.doubt = DOUBT + pace.doubt
        self.rivals = [self]
        self.queued = 0
        self.windows = 1
        self._calls: Calls | None = None
        self._flow: Flow | None = None
        self._first: Figures | None = None
        self._excess_s = 0.0
        self._owed = 0

    def meet(self, other: Route) -> None:
        """Makes rivals of the two if they share a window."""
        if any(pool is theirs for pool in self.known for theirs in other.known):
            self.rivals.append(other)
            other.rivals.append(self)

    def position(self) -> int:
        """The place of its next ticket, from 1."""
        rivals = self.rivals
        return 1 + (self.queued if len(rivals) == 1 else sum([rival.queued for rival in rivals]))

    def plain_s(self) -> float:
        """When its next ticket starts by queue length alone: its place times what one takes, over the windows."""
        return self.position() * self.cost_s / self.windows

    def reach(self, amount_s: float) -> float:
        """The level of its pools once `amount_s` is poured into them."""
        pool = self.only
        if pool is None:
            return reach(self.pools, amount_s)
        if pool.speed > NONE:
            level = pool.level + amount_s / pool.speed
            if level <= pool.ceiling:
                return level
        return pool.reach(amount_s)

    def pour(self, share: float = 1.0) -> None:
        """Its next ticket starts: its cost goes into the windows, as far as its holder will not have left by then.

        It takes `share` times as long as others.
        """
        self.queued += 1
        cost_s = self.cost_s * share
        if self.impatience:
            cost_s *= exp(-self.impatience * self.reach(cost_s))
        if self.only is not None:
            self.only.pour(cost_s)
            return
        level = reach(self.pools, cost_s)
        for pool in self.pools:
            if pool.level < level:
                pool.rise(level)

    def figures(self) -> Figures:
        """When its next ticket starts: once so much has been completed, and how much has been varies.

        The quantiles are those of the number completed, each as the time by which the windows will have done as much,
        which is put right by what is known of the first of their calls: who is first starts with that.
        """
        level_s = max(self.reach(self.lead_s), LEAST_S)
        first, flow = self._course()
        variance_s2, late = self._uncertain(level_s)
        work_s = flow.by(level_s - self._excess_s)
        low, middle, high = quantiles(variance_s2 / (work_s * work_s) + self.doubt)
        found = flow.when(low * work_s), flow.when(middle * work_s), flow.when(high * work_s), level_s
        return self._bounded(found, first, self.position() + ceil(late - NOBODY))

    def _uncertain(self, level_s: float) -> tuple[float, float]:
        """The variance of the work done by then, and how many will have come meanwhile and gone first.

        The variance of the number completed is that of the services, and of who goes first. Where people leave, whether
        each ahead stays is chance as well; but in a line that is late more of them leave, so of a delay the share left
        fades by the rate at which they do.
        """
        pool = self.only
        if pool is not None:
            speed, poured, noise, time_s = pool.speed, pool.poured, pool.noise, pool.mean_s
            variation = pool.variation
            late_s = pool.owed_by(level_s) if pool.owed else 0.0
        else:
            below = [pool for pool in self.pools if pool.level <= level_s]
            speed = sum([pool.speed for pool in below])
            poured = sum([pool.poured for pool in below])
            noise = sum([pool.noise for pool in below])
            full = sum([pool.full for pool in below])
            time_s = sum([pool.mean_s * pool.full for pool in below]) / full
            variation = sum([pool.variation * pool.full for pool in below]) / full
            late_s = sum([pool.owed_by(level_s) for pool in below])
        late = late_s / time_s
        completions = (level_s * max(speed, LEAST_SPEED) - poured) / time_s + late
        least = variation * self.lead_s / time_s
        count = max(variation * completions + noise, least) + late
        if (swing := self.impatience * level_s) > 0.0:
            count += completions * (1.0 - _faded(swing))
            count *= _faded(2.0 * swing)
        return count * time_s * time_s, late

    def _course(self) -> tuple[Figures, Flow]:
        """When the first of its windows calls, and what they do for those who wait now.

        The work of those who come and go first is taken off, as far as it is known by now. Once and for all it is noted
        how much later than the first call the next ticket would start by the lead alone, with nobody ahead.
        """
        if self._first is None or self._flow is None:
            self._first = Calls([pool.calls for pool in self.pools]).figures(1, self.doubt)
            self._flow = Flow([step for pool in self.pools for step in pool.steps])
            self._excess_s = self._flow.when(self.lead_s) - self._first[3]
        if self._owed != (owed := sum([len(pool.owed) for pool in self.pools])):
            steps = [step for pool in self.pools for step in pool.steps]
            steps += [(from_s, -more) for pool in self.pools for from_s, more in pool.owed]
            self._flow, self._owed = Flow(steps), owed
        return self._first, self._flow

    def _bounded(self, figures: Figures, first: Figures, place: int) -> Figures:
        """Nobody starts before the first window calls, nor after as many known ones have called as there are places.

        The latter is looked at for as many places as there are free windows, and one: further back it says little.
        """
        p10_s, p50_s, p90_s, mean_s = map(max, figures, first)
        if self._calls is None:
            self._calls = Calls([pool.calls for pool in self.known])
        if place > self._calls.free + 1:
            return p10_s, p50_s, p90_s, mean_s
        last = self._calls.figures(place, self.doubt)
        return min(p10_s, last[0]), min(p50_s, last[1]), min(p90_s, last[2]), min(mean_s, last[3])


def _faded(rate: float) -> float:
    """The mean of exp(-x) over x from 0 to `rate`."""
    return -expm1(-rate) / rate
