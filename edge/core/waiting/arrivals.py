"""Who will come later and go first: arrivals of the higher tiers, learnt by time of day.

A day is a ladder of quarters of an hour. What came in each on earlier days is a forgetting mean; today's own rate says
how far this day is like them, and stands alone on the first.
"""

from __future__ import annotations

from math import exp, inf
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import Instant, local, seconds

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket
    from edge.core.policy import Policy

SLOT_S: Final = 900.0
SLOTS: Final = 96
AHEAD: Final = 16
"""Slots looked ahead; the last holds on."""

AHEAD_FIRST: Final = 4
"""As many where only today is known, whose rate has faded by then."""

KINDS_MOST: Final = 32
KEEP_DAY: Final = 1 - 1 / 30
"""What a new day leaves of the weight of the days before: about six weeks are remembered."""

FADES_S: Final = 300.0
"""A rate of just now becomes that of an ordinary quarter of an hour so soon."""

LIKE: Final = 10.0
"""Arrivals it takes for today to say as much of its own scale as earlier days do."""

TODAY_DAYS: Final = 0.5
"""Today's own rate is worth so many days."""


class Arrivals(Struct):
    """One class and tier: arrivals of `today` by slot, and of earlier days, `usual`, per day.

    `ordinary` is how many come in an ordinary slot of today: the median, which no rush moves.
    """

    service: str
    tier: str
    today: dict[int, int] = field(default_factory=dict)
    usual: dict[int, float] = field(default_factory=dict)
    ordinary: float = 0.0


class Later(Struct):
    """All that is known of who comes later: by class and tier; `days` before today, as remembered.

    Today began at `began`, in the slot `first`; the last arrival was at `until`, in `slot`,
    which ends at `turns_at`.
    """

    kinds: dict[str, Arrivals] = field(default_factory=dict)
    days: float = 0.0
    began: Instant = 0
    until: Instant = 0
    first: int = 0
    slot: int = 0
    turns_at: Instant = 0

    def roll(self, began: Instant, slot: int) -> None:
        """A new day, which begins in this slot: today becomes one of the days before."""
        if self.until:
            for kind in self.kinds.values():
                before = {slot: mean * self.days * KEEP_DAY for slot, mean in kind.usual.items()}
                sums = {slot: before.get(slot, 0.0) + kind.today.get(slot, 0) for slot in {*before, *kind.today}}
                kind.usual = {slot: total / (self.days * KEEP_DAY + 1.0) for slot, total in sorted(sums.items())}
                kind.today, kind.ordinary = {}, 0.0
            self.days = self.days * KEEP_DAY + 1.0
        self.began, self.first, self.slot = began, slot, slot

    def turn(self, slot: int) -> None:
        """A slot begins."""
        self.slot = slot
        for kind in self.kinds.values():
            counts = sorted(kind.today.get(past, 0) for past in range(self.first, slot))
            kind.ordinary = counts[len(counts) // 2] if counts else 0.0

    def add(self, service: str, tier: str, slot: int) -> None:
        """One more of a class and tier."""
        id = f"{tier} {service}"
        kind = self.kinds.get(id)
        if kind is None:
            if len(self.kinds) >= KINDS_MOST:
                del self.kinds[min(self.kinds, key=lambda k: sum(self.kinds[k].usual.values()))]
            kind = self.kinds[id] = Arrivals(service, tier)
        kind.today[slot] = kind.today.get(slot, 0) + 1


def issued(hall: Hall, policy: Policy, ticket: Ticket, at: Instant) -> None:
    """`ticket` has been drawn."""
    later = hall.learnt.later
    if later.began != hall.day_began or at < later.until or at >= later.turns_at:
        _turn(hall, policy, at)
    later.until = at
    if ticket.tier != "ordinary":
        later.add(ticket.service, ticket.tier, later.slot)


def _turn(hall: Hall, policy: Policy, at: Instant) -> None:
    """A slot begins, or a day."""
    later = hall.learnt.later
    now_s = _of_day_s(policy, at)
    slot = int(now_s // SLOT_S)
    if later.began != hall.day_began or at < later.until:
        later.roll(hall.day_began, slot)
    if slot != later.slot:
        later.turn(slot)
    later.turns_at = at + seconds((slot + 1) * SLOT_S - now_s)


class Coming:
    """Rates of arrival on one grid: it starts now, and then where the quarters of an hour begin; the last holds on."""

    __slots__ = ("_into_s", "_known", "_slot", "_starts_s")

    def __init__(self, later: Later, policy: Policy, at: Instant) -> None:
        now_s = _of_day_s(policy, at)
        self._slot = int(now_s // SLOT_S)
        self._into_s = now_s - self._slot * SLOT_S
        self._known = later.days / (later.days + TODAY_DAYS)
        ahead = AHEAD if later.days > 0.0 else AHEAD_FIRST
        self._starts_s = [max(k * SLOT_S - self._into_s, 0.0) for k in range(ahead)]

    def rates(self, kind: Arrivals, from_s: float, until_s: float) -> list[tuple[float, float]]:
        """From when on so many of one class and tier come per second, between these seconds from now; then none."""
        found = [(from_s, 0.0)]
        for start_s, rate in zip(self._starts_s, self._rates(kind), strict=True):
            if start_s <= from_s:
                found[0] = (from_s, rate)
            elif start_s < until_s:
                found.append((start_s, rate))
        return found if until_s == inf else [*found, (until_s, 0.0)]

    def _rates(self, kind: Arrivals) -> list[float]:
        recent = kind.today.get(self._slot, 0) / SLOT_S
        ordinary = kind.ordinary / SLOT_S
        today = 1.0 - self._known
        fading = recent - ordinary
        as_today = [today * (ordinary + (fading * exp(-from_s / FADES_S))) for from_s in self._starts_s]
        if not kind.usual:
            return as_today
        scale = self._known * _scale(kind, self._slot, self._into_s) / SLOT_S
        usual, slot = kind.usual, self._slot
        return [rate + scale * usual.get((slot + k) % SLOTS, 0.0) for k, rate in enumerate(as_today)]


def _scale(kind: Arrivals, slot: int, into_s: float) -> float:
    """How many times as many come today as on other days."""
    usual = sum(mean for s, mean in kind.usual.items() if s < slot) + kind.usual.get(slot, 0.0) * into_s / SLOT_S
    return (sum(kind.today.values()) + LIKE) / (usual + LIKE)


def _of_day_s(policy: Policy, at: Instant) -> float:
    now = local(at, policy.calendar.zone)
    return now.hour * 3600.0 + now.minute * 60.0 + now.second
