"""What the calls have shown of the figures told before: where they were too high or low, and too narrow or wide.

Every ticket is told once, soon after its issue, and its call is the outcome. Three things follow from outcomes, each by
small steps, so that it follows a day that changes:

* the median is multiplied by a factor that depends on its own size, on what queue length alone and what the waits of
  late would say, and on class and tier (online gradient descent on the absolute error; Shalev-Shwartz, Online
  Learning, 2012, section 2.5). Where windows come and go unreported, what the waits of late say gains weight;
* the mean is multiplied by what was waited over what was told, as far as the median is corrected too;
* the interval is stretched below and above the median until a tenth of the waits lies beyond either end (adaptive
  conformal inference: Gibbs and Candes 2021), apart for short and for long waits.

People in one queue share their luck: all n ahead of a ticket are ahead of the next one too but for the first, so n such
outcomes say what one does of who is first, and the interval moves by the nth part for each. Who left before the call
has waited longer than that; it counts where it outlasted the interval, and teaches nothing else.
"""

from __future__ import annotations

from bisect import bisect_right
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import Instant, in_seconds
from edge.core.waiting.durations import Mean

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket
    from edge.core.waiting.spread import Figures

EDGES_S: Final = (30.0, 120.0, 480.0)
"""Short, middling, long and very long waits."""

STEP: Final = 0.04
PULLS_FIRST: Final = 100.0
"""An outcome moves a weight of the median by `STEP` over the root of the squared pulls, of which so many are counted as
seen before any were: the first outcomes are mostly chance.
"""

NEAR, NEAR_S = 0.1, 5.0
"""A wait off the median by less than this share of it and so many seconds pulls less; all others pull alike.

Only as many above as below then leave the median where it is; were far ones to pull more, it would follow the mean.
"""

INPUTS: Final = 4
TRUST: Final = 0.3
"""The weight of history beside the model before outcomes have shown which of them errs less."""

HISTORY_WEIGHT: Final = 20.0
"""Outcomes after which history is half believed."""

KEEP_HISTORY: Final = 1 - 1 / 100
KINDS_MOST: Final = 64
MEAN_MOST: Final = 1.15
"""A mean is raised by no more: who is called before being told is missing among the outcomes, which lean long."""

SPREAD: Final = 0.03
"""How far the outcome of who is first moves the ends of the interval; of who is nth, the nth part of it."""

MOST: Final = 1.0
"""The median is multiplied by e at the most, and by 1/e at the least."""

NARROW, WIDE = 0.3, 3.0
FIRST: Final = 1.02
"""The stretch before outcomes have shown any: more is uncertain on a first morning than the model knows of."""

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


class Told(Struct):
    """What one ticket was told at `at`, before correction, at this `place`; `plain_s` is by queue length alone."""

    at: Instant
    place: int
    p10_s: float
    p50_s: float
    p90_s: float
    mean_s: float
    plain_s: float
    kind: str = ""


class Weight(Struct):
    """One weight of the correction, and the sum of its squared pulls, which makes every further step smaller."""

    value: float = 0.0
    pulls: float = PULLS_FIRST

    def learn(self, pull: float) -> None:
        """Moves it by what one outcome asks for (AdaGrad; Duchi, Hazan and Singer 2011)."""
        self.pulls += pull * pull
        self.value = _bounded(self.value + STEP * pull / sqrt(self.pulls))


class Correction(Struct):
    """What the outcomes have taught. `told` holds those still waiting.

    `weights` are those of `_inputs`, `kinds` one more for each class and tier; `history` is the mean
    logarithm of what was waited for each place in the queue; `low` and `high` stretch the interval by size of wait;
    `told_s` and `waited_s` sum means and outcomes, as far as they are to be corrected.
    """

    told: dict[str, Told] = field(default_factory=dict)
    weights: list[Weight] = field(default_factory=lambda: [Weight(), Weight(), Weight(), Weight(TRUST)])
    kinds: dict[str, Weight] = field(default_factory=dict)
    history: Mean = field(default_factory=Mean)
    low: list[float] = field(default_factory=lambda: [FIRST] * (len(EDGES_S) + 1))
    high: list[float] = field(default_factory=lambda: [FIRST] * (len(EDGES_S) + 1))
    told_s: float = 0.0
    waited_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuses weights of other inputs, such as another build may have kept."""
        if len(self.weights) != INPUTS:
            raise ValueError(f"a correction has {INPUTS} weights, not {len(self.weights)}")

    def corrected(self, figures: Figures, plain_s: float, place: int, kind: str) -> Figures:
        """The figures of somebody of this class and tier (`kind_of`) at this place."""
        p10_s, p50_s, p90_s, mean_s = figures
        if p50_s <= 0.0:
            return figures
        inputs = self._inputs(p50_s, plain_s, place)
        factor = sum([weight.value * value for weight, value in zip(self.weights, inputs, strict=True)])
        if kind in self.kinds:
            factor += self.kinds[kind].value * inputs[0]
        size = bisect_right(EDGES_S, p50_s)
        middle_s = p50_s * exp(_bounded(factor))
        low_s = middle_s * (p10_s / p50_s) ** self.low[size]
        high_s = middle_s * (p90_s / p50_s) ** self.high[size]
        ratio = (self.waited_s + MEAN_WEIGHT_S) / (self.told_s + MEAN_WEIGHT_S)
        return low_s, middle_s, high_s, mean_s * (1.0 + inputs[0] * (_within(ratio, 0.5, MEAN_MOST) - 1.0))

    def _inputs(self, p50_s: float, plain_s: float, place: int) -> tuple[float, float, float, float]:
        """What the logarithm of the median is weighed by; all vanish for long waits, which chance alone moves.

        One, the size of the median, and how far queue length and history are from it.
        """
        size = log(p50_s + OFFSET_S)
        share = share_of(p50_s, place)
        history = self.history
        known = history.total + history.weight * log(place + 0.5) - history.weight * size
        return (
            share,
            share * (size - MIDDLE),
            share * (log(plain_s + OFFSET_S) - size),
            share * known / (history.weight + HISTORY_WEIGHT),
        )

    def learn(self, told: Told, waited_s: float, *, gone: bool) -> None:
        """A ticket was called after `waited_s` seconds from when it was told, or left (`gone`)."""
        figures = (told.p10_s, told.p50_s, told.p90_s, told.mean_s)
        if told.p50_s <= 0.0:
            return
        low_s, middle_s, high_s, _ = self.corrected(figures, told.plain_s, told.place, told.kind)
        if gone and waited_s <= high_s:
            return
        size = bisect_right(EDGES_S, told.p50_s)
        step = SPREAD / told.place
        self.low[size] = _within(self.low[size] * exp(step * ((waited_s < low_s) - MISSED)), NARROW, WIDE)
        self.high[size] = _within(self.high[size] * exp(step * ((waited_s > high_s) - MISSED)), NARROW, WIDE)
        if gone:
            return
        pull = _within((waited_s - middle_s) / (NEAR * middle_s + NEAR_S), -1.0, 1.0)
        inputs = self._inputs(told.p50_s, told.plain_s, told.place)
        for weight, value in zip(self.weights, inputs, strict=True):
            weight.learn(pull * value)
        self._own(told.kind).learn(pull * inputs[0])
        self.history.add(log(waited_s + OFFSET_S) - log(told.place + 0.5), KEEP_HISTORY)
        share = inputs[0]
        self.told_s = self.told_s * KEEP_MEAN + share * told.mean_s
        self.waited_s = self.waited_s * KEEP_MEAN + share * waited_s

    def _own(self, kind: str) -> Weight:
        if kind not in self.kinds and len(self.kinds) >= KINDS_MOST:
            del self.kinds[min(self.kinds, key=lambda id: self.kinds[id].pulls)]
        return self.kinds.setdefault(kind, Weight())


def kind_of(tier: str, service: str) -> str:
    """What tickets that share their errors have in common."""
    return f"{tier} {service}"


def share_of(p50_s: float, place: int) -> float:
    """How far a figure is to be corrected: the less the more people are ahead, and the longer the wait."""
    return 1.0 / (1.0 + (place / FEW) ** 2 + (p50_s / SHORT_S) ** 2)


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
