"""Windows as vessels and time at them as water: who can start when, whoever may serve whom.

A window ready in r seconds on average, whose times have mean m and squared variation c2, has by time t completed
(t - r) / m + h tickets on average, with h = (1 + c2) / 2 (Cox, Renewal Theory, 1962, section 4.2). The next ticket
starts when h completions have flowed into the windows that take it, the lowest level first; then its own cost is
poured in. It is h and not 1 because a count is met with an overshoot: one window alone gives r, and several the mean
of the earliest of their ends, if these are exponential. Order, eligibility, residual times and windows that come later
are all in the levels. No level is higher for one more window, so one more window makes nobody later, as long as nobody
gives up: whoever stays for its sake is then ahead of others, at windows they share.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

from edge.core.waiting.calls import Calls
from edge.core.waiting.flow import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge.core.waiting.calls import Law

Vessel: TypeAlias = tuple[float, float, float]
"""From this second on: more (or less) speed, in seconds at an ordinary window per second, and more variance of the
number completed than c2 for each."""


Rate: TypeAlias = tuple[float, float]
"""From this second on, so many seconds of work per second."""

MOST_OWED: Final = 0.9
"""Those who come later and go first take at most so much of what the windows can do."""

LEAST_STEP_S: Final = 0.5
"""A law is not followed more closely than this."""

AT_ONCE_S: Final = 1.0
"""The first completion of a window that arrives at a known instant flows within so short a time."""


class Pool:
    """Windows that take the same tickets: one `level`, the `speed` at it, and the steps still `above`, highest first.

    `mean_s` is what a ticket costs among them, `half` its h, `variation` (c2) how uncertain it usually is, `full` their
    speed once most are there, `ceiling` the next step. Of the steps below, `poured` sums floor times speed and `noise`
    the variance; `owed` is the work of those who come later and go first, which has been taken off the speed. `steps`
    are all there were, lowest first. `calls` says when the windows call next.
    """

    __slots__ = (
        "above",
        "calls",
        "ceiling",
        "full",
        "half",
        "level",
        "mean_s",
        "noise",
        "owed",
        "poured",
        "speed",
        "steps",
        "variation",
    )

    def __init__(self, vessels: Iterable[Vessel], mean_s: float, half: float, variation: float) -> None:
        self.above = sorted(_together(vessels), reverse=True)
        self.mean_s = mean_s
        self.half = half
        self.variation = variation
        self.calls = Calls()
        last = sum([speed for _, speed, _ in self.above])
        if last <= NONE:  # all are to go while people may still wait: the last ones stay
            self.above = [step for step in self.above if step[1] > 0.0]
            last = sum([speed for _, speed, _ in self.above])
        self.full = last
        self.steps = [(floor, speed) for floor, speed, _ in reversed(self.above)]
        self.owed: list[Rate] = []
        self.speed = self.poured = self.noise = 0.0
        self.ceiling = self.above[-1][0]
        self.rise(self.ceiling)

    def rise(self, level: float) -> None:
        """Raises the level, over the steps on the way."""
        self.level = level
        if level < self.ceiling:
            return
        above = self.above
        while above and above[-1][0] <= level:
            floor, speed, noise = above.pop()
            self.speed += speed
            self.poured += floor * speed
            self.noise += noise
        self.ceiling = above[-1][0] if above else inf

    def pour(self, amount_s: float) -> None:
        """Raises the level by `amount_s`, seconds of work at an ordinary window."""
        while amount_s > (room_s := (self.ceiling - self.level) * self.speed if self.speed > NONE else 0.0):
            amount_s -= room_s
            if not self.above:
                return
            self.rise(self.ceiling)
        if self.speed > NONE:
            self.level += amount_s / self.speed

    def owe(self, rates: list[Rate]) -> None:
        """From now on so much work comes in at these rates, and goes before whatever is poured hereafter."""
        most = MOST_OWED * self.full
        rates = [(from_s, max(min(rate, most - self._owes(from_s)), 0.0)) for from_s, rate in rates]
        came_s = arrived(rates, self.level)
        before = 0.0
        for from_s, rate in rates:
            more, before = rate - before, rate
            if more == 0.0:
                continue
            self.owed.append((from_s, more))
            if from_s > self.level:
                self.above.append((from_s, -more, 0.0))
            else:
                self.speed -= more
                self.poured -= self.level * more
        self.above.sort(reverse=True)
        self.ceiling = self.above[-1][0] if self.above else inf
        self.pour(came_s)

    def _owes(self, level: float) -> float:
        """The rate at which such work comes in at that level."""
        return sum([more for from_s, more in self.owed if from_s <= level])

    def owed_by(self, level: float) -> float:
        """The work that will have come in by then and gone first."""
        return sum([(level - from_s) * more for from_s, more in self.owed if from_s < level])

    def reach(self, amount_s: float) -> float:
        """The level that pouring so much would give."""
        return _filled(self.level, self.speed, [(floor, more) for floor, more, _ in reversed(self.above)], amount_s)


def reach(pools: tuple[Pool, ...], amount_s: float) -> float:
    """The common level of several pools once `amount_s` is poured into them together, the lowest first."""
    steps = [(pool.level, pool.speed) for pool in pools]
    for pool in pools:
        if pool.above:
            steps += [(floor, speed) for floor, speed, _ in pool.above]
    steps.sort()
    return _filled(steps[0][0], 0.0, steps, amount_s)


def _filled(level: float, speed: float, steps: list[tuple[float, float]], amount_s: float) -> float:
    """The level after `amount_s`, from a level with this speed and the steps above it, lowest first."""
    for floor, more in steps:
        if speed > NONE:
            room_s = (floor - level) * speed
            if room_s >= amount_s:
                break
            amount_s -= room_s
        level, speed = floor, speed + more
    return level + amount_s / max(speed, NONE)


def arrived(rates: list[Rate], level: float) -> float:
    """The work that has come in by then."""
    total = 0.0
    for (from_s, rate), (until_s, _) in zip(rates, [*rates[1:], (inf, 0.0)], strict=True):
        if from_s >= level:
            break
        total += rate * (min(until_s, level) - from_s)
    return total


def _together(vessels: Iterable[Vessel]) -> Iterator[Vessel]:
    """What begins at the same instant as one step: windows that call by laws share most of theirs."""
    found: dict[float, tuple[float, float]] = {}
    for floor, speed, noise in vessels:
        before = found.get(floor)
        found[floor] = (speed, noise) if before is None else (before[0] + speed, before[1] + noise)
    for floor, (speed, noise) in found.items():
        yield floor, speed, noise


def overshoot(variation: float) -> float:
    """The completions h that are met by overshoot, for times of this squared variation."""
    return (1.0 + variation) / 2.0


def vessel(ready_s: float, own_s: float, mean_s: float, half: float, noise: float) -> list[Vessel]:
    """A window as steps: ready in `ready_s` on average, `own_s` for a ticket that costs `mean_s` at an ordinary one.

    Where the line's floor is in the past, the first h completions fill evenly until `ready_s` instead.
    """
    speed = mean_s / own_s
    floor = ready_s - half * own_s
    if floor >= 0.0:
        return [(floor, speed, noise)]
    first = half * mean_s / ready_s
    return [(0.0, first, 0.0), (ready_s, speed - first, noise)]


def calling(law: Law, own_s: float, mean_s: float, half: float, variation: float) -> list[Vessel]:
    """A window that will call by a law: the first h completions flow as it says.

    What has called goes on at the window's own pace. By t, a window that calls at T < t has completed h + (t - T) / m;
    the variance of that number is what the law adds to c2 for each, less c2 for the first h, which are no service.
    """
    steps: list[Vessel] = []
    at_s = share = speed = noise = 0.0
    sum_t = sum_t2 = 0.0  # of T / m, over those who have called
    for step_s, called in law:
        until_s = max(step_s, at_s + LEAST_STEP_S)
        more, middle = called - share, 0.5 * (at_s + until_s) / own_s
        now = mean_s * (half * more / (until_s - at_s) + 0.5 * (share + called) / own_s)
        sum_t += more * middle
        sum_t2 += more * middle * middle
        whole = half + until_s / own_s
        number = whole * called - sum_t
        uncertain = whole * (number - sum_t) + sum_t2 - number * number - variation * half * called
        steps.append((at_s, now - speed, uncertain - noise))
        at_s, share, speed, noise = until_s, called, now, uncertain
    steps.append((at_s, mean_s / own_s - speed, 0.0))
    return steps


def arriving(from_s: float, until_s: float, own_s: float, mean_s: float, half: float, noise: float) -> list[Vessel]:
    """A window that comes at a known instant, as steps: its first h completions flow then and not before."""
    if until_s <= from_s:
        return []
    speed, first = mean_s / own_s, half * mean_s / AT_ONCE_S
    return until([(from_s - AT_ONCE_S, first, 0.0), (from_s, speed - first, noise)], until_s)


def until(steps: list[Vessel], until_s: float) -> list[Vessel]:
    """The steps of a window that goes at `until_s`; none where it does nothing before."""
    if until_s == inf:
        return steps
    kept = [step for step in steps if step[0] < until_s]
    if all(speed <= NONE for _, speed, _ in kept):
        return []
    return [*kept, (until_s, -sum([speed for _, speed, _ in kept]), 0.0)]
