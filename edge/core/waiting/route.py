"""One kind of ticket on its way to the windows that take it: where it starts, and what its start leaves to others."""

from __future__ import annotations

from math import exp, expm1
from typing import TYPE_CHECKING, Final, TypeAlias

from edge.core.waiting.pools import NONE, reach
from edge.core.waiting.spread import quantiles

if TYPE_CHECKING:
    from edge.core.waiting.pace import Pace
    from edge.core.waiting.pools import Pool

Figures: TypeAlias = tuple[float, float, float, float]
"""p10, p50, p90 and mean, seconds."""

DOUBT: Final = 0.0004
"""Squared relative error of a mean wait beyond chance: the model itself may be off by a fiftieth."""


LEAST_SPEED: Final = 0.1
"""Where no window is at work for a while, an error of one ticket is not counted as one of hours."""


class Route:
    """The pools that take one kind of ticket, and what such a ticket costs there.

    `lead_s` is the work that must flow before its next ticket starts, `impatience` the rate at which people leave;
    `rivals` are the kinds that compete for one of its windows, itself among them; `queued` counts its tickets so far,
    `windows` those at work for it, and the last of them to be free is so for `free_s`, infinite if none is.
    """

    __slots__ = (
        "cost_s",
        "doubt",
        "free_s",
        "impatience",
        "lead_s",
        "only",
        "pools",
        "queued",
        "rivals",
        "windows",
    )

    def __init__(self, pools: tuple[Pool, ...], cost_s: float, lead_s: float, pace: Pace) -> None:
        self.pools = pools
        self.only = pools[0] if len(pools) == 1 else None
        self.free_s = min([pool.free_s for pool in pools])
        self.cost_s = cost_s
        self.lead_s = lead_s
        self.impatience = min(pace.impatience, 0.5 / cost_s)
        self.doubt = DOUBT + pace.doubt
        self.rivals = [self]
        self.queued = 0
        self.windows = 1

    def meet(self, other: Route) -> None:
        """Makes rivals of the two if they share a window."""
        if any(pool is theirs for pool in self.pools for theirs in other.pools):
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
        """When its next ticket starts: the variance of the time of a count is that of the count over the squared rate.

        (Cox, Renewal Theory, 1962, section 3.4.) Where people leave, whether each ahead stays is chance as well; but in
        a line that is late more of them leave, so of a delay the share left fades by the rate at which they do.
        """
        mean_s = self.reach(self.lead_s)
        pool = self.only
        if pool is not None:
            speed, poured, noise, time_s = pool.speed, pool.poured, pool.noise, pool.mean_s
            variation = pool.variation
            late_s = pool.owed_by(mean_s) if pool.owed else 0.0
        else:
            below = [pool for pool in self.pools if pool.level <= mean_s]
            speed = sum([pool.speed for pool in below])
            poured = sum([pool.poured for pool in below])
            noise = sum([pool.noise for pool in below])
            full = sum([pool.full for pool in below])
            time_s = sum([pool.mean_s * pool.full for pool in below]) / full
            variation = sum([pool.variation * pool.full for pool in below]) / full
            late_s = sum([pool.owed_by(mean_s) for pool in below])
        speed = max(speed, LEAST_SPEED)
        late = late_s / time_s
        completions = (mean_s * speed - poured) / time_s + late
        least = variation * self.lead_s / time_s
        count = max(variation * completions + noise, least) + late
        if (swing := self.impatience * mean_s) > 0.0:
            count += completions * (1.0 - _faded(swing))
            count *= _faded(2.0 * swing)
        one_s = time_s / speed
        p10_s, p50_s, p90_s = quantiles(mean_s, count * one_s * one_s + self.doubt * mean_s * mean_s)
        return p10_s, p50_s, p90_s, mean_s


def _faded(rate: float) -> float:
    """The mean of exp(-x) over x from 0 to `rate`."""
    return -expm1(-rate) / rate
