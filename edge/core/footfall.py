"""Who came when: the arrivals of the last two hours, and what is usual for a half hour of a weekday.

What is usual outlives the day (`Usual`, kept with what else was learnt); the rest is of one business day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import SECOND, Instant, Micros, local

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.policy import Policy

KEPT: Final[Micros] = 7200 * SECOND
KEPT_AT_MOST: Final = 4096
SLOT_S: Final = 1800
SLOTS_A_DAY: Final = 86400 // SLOT_S
SLOTS: Final = 7 * SLOTS_A_DAY
KEEP: Final = 0.8
"""What a new week leaves of the weight of the old ones: about five are remembered."""

KNOWN_FROM: Final = 1.8
"""Weight from which a slot counts as known: seen twice (1 + 0.8)."""

DAY_SO_FAR: Final[Micros] = 1800 * SECOND
"""A day tells what is usual for it when its first customer came so long ago (contract, `surge`)."""

LEAST_EXPECTED: Final = 1.0
"""Fewer expected arrivals than one are one: of nothing there is no ratio."""


class Usual(Struct):
    """Mean arrivals of each half hour of the week, Monday first: `total` over `weight`, both forgetting."""

    weight: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    total: list[float] = field(default_factory=lambda: [0.0] * SLOTS)

    def __post_init__(self) -> None:
        """Refuses slots of another length, such as an older build may have kept."""
        if not len(self.weight) == len(self.total) == SLOTS:
            raise ValueError(f"a week has {SLOTS} slots, not {len(self.weight)}")

    def learn(self, slot: int, count: int) -> None:
        """So many came in this slot of a week."""
        self.weight[slot] = self.weight[slot] * KEEP + 1.0
        self.total[slot] = self.total[slot] * KEEP + count

    def expected(self, slot: int) -> float | None:
        """How many come in this slot as a rule; None until it has been seen twice."""
        return self.total[slot] / self.weight[slot] if self.weight[slot] >= KNOWN_FROM else None


class Footfall(Struct):
    """The business day: (instant, class) of the `recent` arrivals, `drawn` of the whole day, `in_slot` of this `slot`.

    `began` is when the first came: the hours before it, in which the branch is closed, are no part of what is usual.
    `slot` counts half hours of the day, -1 before the first arrival.
    """

    began: Instant | None = None
    recent: list[tuple[Instant, str]] = field(default_factory=list)
    drawn: int = 0
    slot: int = -1
    in_slot: int = 0

    def since(self, at: Instant) -> int:
        """How many of the recent came after `at`."""
        return len(self.recent) - bisect_right(self.recent, at, key=itemgetter(0))

    def classes_since(self, at: Instant) -> Counter[str]:
        """The same by class."""
        first = bisect_right(self.recent, at, key=itemgetter(0))
        return Counter([service for _, service in self.recent[first:]])

    def between(self, first: Instant, last: Instant) -> int:
        """How many of the recent came from `first` to `last`, both included."""
        return bisect_right(self.recent, last, key=itemgetter(0)) - bisect_right(
            self.recent, first - 1, key=itemgetter(0)
        )

    def oldest_after(self, at: Instant) -> Instant | None:
        """When the first of those came who came after `at`."""
        return self.nth_after(at, 0)

    def nth_after(self, at: Instant, count: int) -> Instant | None:
        """When the one came before whom so many came after `at`."""
        place = bisect_right(self.recent, at, key=itemgetter(0)) + count
        return self.recent[place][0] if place < len(self.recent) else None


def came(hall: Hall, policy: Policy, service: str, at: Instant) -> None:
    """Somebody took a ticket."""
    footfall = hall.footfall
    moment = local(at, policy.calendar.zone)
    slot = (moment.hour * 3600 + moment.minute * 60) // SLOT_S
    if slot > footfall.slot:
        _learn(hall, until=slot)
        footfall.slot, footfall.in_slot = slot, 0
    footfall.began = footfall.began or at
    footfall.in_slot += 1
    footfall.drawn += 1
    footfall.recent.append((at, service))
    if footfall.recent[0][0] <= at - KEPT or len(footfall.recent) > KEPT_AT_MOST:
        first = max(bisect_right(footfall.recent, at - KEPT, key=itemgetter(0)), len(footfall.recent) - KEPT_AT_MOST)
        del footfall.recent[:first]


def day_ends(hall: Hall) -> None:
    """The business day is over, and its last slot with it; call it while `hall.day` is still that day."""
    _learn(hall, until=hall.footfall.slot + 1)
    hall.footfall = Footfall()


def expected(hall: Hall, policy: Policy, at: Instant, window: Micros) -> float | None:
    """Arrivals to expect in the `window` that ends at `at`: by what is usual, else by the day before the window.

    None while neither is known.
    """
    usual = _usually(hall, policy, at, window)
    if usual is None:
        began = hall.footfall.began or hall.day_began
        before = at - window - began
        if at - began < DAY_SO_FAR or before <= 0:
            return None
        usual = (hall.footfall.drawn - hall.footfall.since(at - window)) * window / before
    return max(usual, LEAST_EXPECTED)


def _usually(hall: Hall, policy: Policy, at: Instant, window: Micros) -> float | None:
    """Each half hour the window touches, as far as the window covers it; None when one of them is not known."""
    moment = local(at, policy.calendar.zone)
    until_s = moment.hour * 3600 + moment.minute * 60 + moment.second
    from_s = max(until_s - window // SECOND, 0)
    first = _weekday(hall) * SLOTS_A_DAY
    total = 0.0
    for slot in range(from_s // SLOT_S, until_s // SLOT_S + 1):
        mean = hall.learnt.usual.expected(first + slot)
        covered_s = min(until_s, (slot + 1) * SLOT_S) - max(from_s, slot * SLOT_S)
        if mean is None and covered_s:
            return None
        total += (mean or 0.0) * covered_s / SLOT_S
    return total


def _learn(hall: Hall, until: int) -> None:
    """The slot counted so far is over, and so are those up to `until` in which nobody came."""
    footfall = hall.footfall
    if footfall.slot < 0:
        return
    first = _weekday(hall) * SLOTS_A_DAY
    hall.learnt.usual.learn(first + footfall.slot, footfall.in_slot)
    for slot in range(footfall.slot + 1, until):
        hall.learnt.usual.learn(first + slot, 0)


def _weekday(hall: Hall) -> int:
    """0 is Monday; a proleptic ordinal of 1 was one."""
    return (hall.day + 6) % 7
