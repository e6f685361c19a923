"""What the calls have shown of the figures told before: where they were too high or low, and too narrow or wide.

Every ticket is told once, soon after its issue, and its call is the outcome. Three things follow from outcomes, each by
small steps, so that it follows a day that changes:

* the median is multiplied by a factor that depends on its own size and on what queue length alone would say (online
  gradient descent on the absolute error; Shalev-Shwartz, Online Learning, 2012, section 2.5);
* the mean is multiplied by what was waited over what was told, as far as the median is corrected too, and only where
  that is less: who is called before being told is missing among the outcomes, which therefore lean long;
* the interval is stretched below and above the median until a tenth of the waits lies beyond either end (adaptive
  conformal inference: Gibbs and Candes 2021), apart for short and for long waits.

People in one queue share their luck: a step is smaller the further back the ticket it comes from. Who left before the
call has waited longer than that; it counts where it outlasted the interval, and teaches nothing else.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Final, TypeAlias

from edge.core.instant import Instant, in_seconds

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket

Figures: TypeAlias = tuple[float, float, float, float]
"""p10, p50, p90 and mean, seconds."""

EDGES_S: Final = (30.0, 120.0, 480.0)
"""Short, middling, long and very long waits."""

STEP: Final = 0.03
"""How far one outcome moves the factor of the median."""

SPREAD: Final = 0.08
"""How far one outcome moves the ends of the interval."""

MOST: Final = 1.0
"""The median is multiplied by e at the most, and by 1/e at the least."""

NARROW, WIDE = 0.3, 3.0
MISSED: Final = 0.1
"""The share of waits that may lie beyond either end of the interval."""

OFFSET_S: Final = 5.0
MIDDLE: Final = 4.0
"""The logarithm of a middling wait of about a minute."""

FEW: Final = 5.0
"""At this place the correction is half of what it is for the first; a later wait sums many services: it errs by chance.
"""

SHORT_S: Final = 300.0
"""And so it is at a wait of this length, whatever the place."""

MEAN_WEIGHT_S: Final = 1500.0
"""Seconds of waits that came as told, counted as seen before any were."""

KEEP_MEAN: Final = 1 - 1 / 400


@dataclass(slots=True)
class Told:
    """What one ticket was told at `at`, before correction, at this `place`; `plain_s` is by queue length alone."""

    at: Instant
    place: int
    p10_s: float
    p50_s: float
    p90_s: float
    mean_s: float
    plain_s: float


@dataclass(slots=True)
class Correction:
    """What the outcomes have taught. `told` holds those still waiting.

    `factor` weighs one, the size of the median and queue length; `low` and `high` stretch the interval by size of wait;
    `told_s` and `waited_s` sum means and outcomes, as far as they are to be corrected.
    """

    told: dict[str, Told] = field(default_factory=dict)
    factor: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    low: list[float] = field(default_factory=lambda: [1.0] * (len(EDGES_S) + 1))
    high: list[float] = field(default_factory=lambda: [1.0] * (len(EDGES_S) + 1))
    told_s: float = 0.0
    waited_s: float = 0.0

    def corrected(self, figures: Figures, plain_s: float, place: int) -> Figures:
        """The figures of somebody at this place as experience would have them."""
        p10_s, p50_s, p90_s, mean_s = figures
        if p50_s <= 0.0:
            return figures
        factor = exp(_bounded(self._weighed(p50_s, plain_s, place)))
        size = bisect_right(EDGES_S, p50_s)
        middle_s = p50_s * factor
        low_s = middle_s * (p10_s / p50_s) ** self.low[size]
        high_s = middle_s * (p90_s / p50_s) ** self.high[size]
        ratio = (self.waited_s + MEAN_WEIGHT_S) / (self.told_s + MEAN_WEIGHT_S)
        return low_s, middle_s, high_s, mean_s * (1.0 + share_of(p50_s, place) * (_within(ratio, 0.5, 1.0) - 1.0))

    def _weighed(self, p50_s: float, plain_s: float, place: int) -> float:
        return sum([weight * value for weight, value in zip(self.factor, inputs(p50_s, plain_s, place), strict=True)])

    def learn(self, told: Told, waited_s: float, *, gone: bool) -> None:
        """A ticket was called after `waited_s` seconds from when it was told, or left (`gone`)."""
        figures = (told.p10_s, told.p50_s, told.p90_s, told.mean_s)
        if told.p50_s <= 0.0:
            return
        low_s, middle_s, high_s, _ = self.corrected(figures, told.plain_s, told.place)
        if gone and waited_s <= high_s:
            return
        size = bisect_right(EDGES_S, told.p50_s)
        step = SPREAD / sqrt(told.place)
        self.low[size] = _within(self.low[size] * exp(step * ((waited_s < low_s) - MISSED)), NARROW, WIDE)
        self.high[size] = _within(self.high[size] * exp(step * ((waited_s > high_s) - MISSED)), NARROW, WIDE)
        if gone:
            return
        pull = _within((waited_s - middle_s) / (0.5 * middle_s + 20.0), -1.0, 1.0) * STEP / told.place
        pulls = inputs(told.p50_s, told.plain_s, told.place)
        self.factor = [_bounded(weight + pull * value) for weight, value in zip(self.factor, pulls, strict=True)]
        share = pulls[0]
        self.told_s = self.told_s * KEEP_MEAN + share * told.mean_s
        self.waited_s = self.waited_s * KEEP_MEAN + share * waited_s


def share_of(p50_s: float, place: int) -> float:
    """How far a figure is to be corrected: the less the more people are ahead, and the longer the wait."""
    return 1.0 / (1.0 + (place / FEW) ** 2 + (p50_s / SHORT_S) ** 2)


def inputs(p50_s: float, plain_s: float, place: int) -> tuple[float, float, float]:
    """What the factor of the median is weighed by; all vanish for long waits, which chance alone moves."""
    size = log(p50_s + OFFSET_S)
    share = share_of(p50_s, place)
    return share, share * (size - MIDDLE), share * (log(plain_s + OFFSET_S) - size)


def outcome(hall: Hall, ticket: Ticket, at: Instant, *, gone: bool) -> None:
    """`ticket` is called, or has left; what it was told is compared with that."""
    correction = hall.learnt.correction
    told = correction.told.pop(ticket.id, None)
    if told is not None and ticket.waiting_since <= told.at <= at and ticket.state == "waiting":
        correction.learn(told, in_seconds(at - told.at), gone=gone)


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


def _bounded(value: float) -> float:
    return min(max(value, -MOST), MOST)
