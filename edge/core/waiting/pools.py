"""Windows as vessels and the time for service as water: who can start when, for any eligibility.

A window ready in r seconds whose times have mean m and squared variation c2 has by time t completed, on average,
(t - r) / m + h of them, with h = (1 + c2) / 2 (Cox, Renewal Theory, 1962, section 4.2). Written as (t - a) / m with
a = r - m h, the windows are vessels whose floor is a: the next ticket starts when h completions have flowed into the
windows that take it (h and not 1, because a count is met with an overshoot; one window alone gives r exactly, and
exponential ones the mean of the first end), and then its own cost is poured into them. Order, eligibility, residual
times and late windows come out of the same levels, and one more window never makes anybody later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Vessel: TypeAlias = tuple[float, float, float]
"""(floor in seconds, speed = 1 / pace, variance of the completions beyond c2 for each)."""


class Pool:
    """Windows that take the same tickets: one `level`, and those whose floor is higher still `above`, highest first.

    `speed` sums that of the windows below the level, `poured` their floor times speed, `noise` their variance;
    `mean_s` is what a service among them takes.
    """

    __slots__ = ("above", "level", "mean_s", "noise", "poured", "speed")

    def __init__(self, vessels: Iterable[Vessel], mean_s: float) -> None:
        self.above = sorted(vessels, reverse=True)
        self.mean_s = mean_s
        self.level = self.above[-1][0]
        self.speed = self.poured = self.noise = 0.0
        self.rise(self.level)

    def rise(self, level: float) -> None:
        """Raises the level, past the floors of windows on the way."""
        above = self.above
        while above and above[-1][0] <= level:
            floor, speed, noise = above.pop()
            self.speed += speed
            self.poured += floor * speed
            self.noise += noise
        self.level = level

    def reach(self, amount_s: float) -> float:
        """The level once `amount_s` (seconds of work at an ordinary window) is poured in."""
        level, speed = self.level, self.speed
        for floor, more, _ in reversed(self.above):
            if level + amount_s / speed <= floor:
                break
            amount_s -= (floor - level) * speed
            level, speed = floor, speed + more
        return level + amount_s / speed


def reach(pools: tuple[Pool, ...], amount_s: float) -> float:
    """The common level of several pools once `amount_s` is poured into them together, the lowest first."""
    if len(pools) == 1:
        return pools[0].reach(amount_s)
    steps = [(pool.level, pool.speed) for pool in pools]
    for pool in pools:
        if pool.above:
            steps += [(floor, speed) for floor, speed, _ in pool.above]
    steps.sort()
    level, speed = steps[0][0], 0.0
    for floor, more in steps:
        if speed and (floor - level) * speed >= amount_s:
            break
        amount_s -= (floor - level) * speed
        level, speed = floor, speed + more
    return level + amount_s / speed


@dataclass(slots=True)
class Route:
    """The pools that take one kind of ticket, what such a ticket costs there, and who else competes for them.

    `lead_s` is the work that must flow before the next ticket starts; `queued` counts those of its kind seen so far.
    """

    pools: tuple[Pool, ...]
    cost_s: float
    lead_s: float
    rivals: list[Route]
    queued: int = 0

    def position(self) -> int:
        """The place of the next ticket of this kind, from 1."""
        return 1 + sum(rival.queued for rival in self.rivals)

    def competes(self, other: Route) -> bool:
        """Whether the two share a window."""
        return any(pool is theirs for pool in self.pools for theirs in other.pools)
