"""Who will come later and go first: arrivals of the higher tiers, learnt by time of day.

A day is a ladder of quarters of an hour. What came in each on earlier days is a forgetting mean; today's own rate says
how far this day is like them, and stands alone on the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, Final, TypeAlias

from edge.core.instant import Instant, in_seconds, local

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket
    from edge.core.policy import Policy

SLOT_S: Final = 900.0
SLOTS: Final = 96
AHEAD: Final = 16
"""Slots looked ahead; the last holds on."""

KINDS_MOST: Final = 32
KEEP_DAY: Final = 1 - 1 / 30
"""What a new day leaves of the weight of the days before: about six weeks are remembered."""

FADES_S: Final = 300.0
"""A rate of just now becomes that of an ordinary quarter of an hour so soon."""

LIKE: Final = 10.0
"""Arrivals it takes for today to say as much of its own scale as earlier days do."""

TODAY_DAYS: Final = 0.5
"""Today's own rate is worth so many days."""

Rates: TypeAlias = list[tuple[float, float]]
"""From this second on, so many arrivals per second; the first is from now."""


@dataclass(slots=True)
class Arrivals:
    """One class and tier: arrivals of `today` by slot, and of earlier days, `usual`, per day."""

    service: str
    tier: str
    today: dict[int, int] = field(default_factory=dict)
    usual: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Later:
    """All that is known of who comes later: by class and tier; `days` before today, as remembered.

    Today began at `began`; the last arrival was at `until`.
    """

    kinds: dict[str, Arrivals] = field(default_factory=dict)
    days: float = 0.0
    began: Instant = 0
    until: Instant = 0

    def roll(self, began: Instant) -> None:
        """A new day: today becomes one of the days before."""
        if self.until:
            for kind in self.kinds.values():
                before = {slot: mean * self.days * KEEP_DAY for slot, mean in kind.usual.items()}
                sums = {slot: before.get(slot, 0.0) + kind.today.get(slot, 0) for slot in {*before, *kind.today}}
                kind.usual = {slot: total / (self.days * KEEP_DAY + 1.0) for slot, total in sorted(sums.items())}
                kind.today = {}
            self.days = self.days * KEEP_DAY + 1.0
        self.began = began

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
    if later.began != hall.day_began or at < later.until:
        later.roll(hall.day_began)
    later.until = at
    if ticket.tier != "ordinary":
        later.add(ticket.service, ticket.tier, int(_of_day_s(policy, at) // SLOT_S))


def expected(kind: Arrivals, later: Later, policy: Policy, at: Instant) -> Rates:
    """The arrivals to come of one class and tier."""
    now_s = _of_day_s(policy, at)
    slot = int(now_s // SLOT_S)
    into_s = now_s - slot * SLOT_S
    open_s = max(in_seconds(at - later.began), 1.0)
    recent = kind.today.get(slot, 0) / SLOT_S
    ordinary = _ordinary(kind, slot, open_s)
    scale = _scale(kind, slot, into_s)
    known = later.days / (later.days + TODAY_DAYS)
    rates = []
    for ahead in range(AHEAD):
        from_s = max(ahead * SLOT_S - into_s, 0.0)
        as_today = ordinary + (recent - ordinary) * exp(-from_s / FADES_S)
        as_usual = scale * kind.usual.get((slot + ahead) % SLOTS, 0.0) / SLOT_S
        rates.append((from_s, known * as_usual + (1.0 - known) * as_today))
    return rates


def _ordinary(kind: Arrivals, slot: int, open_s: float) -> float:
    """Arrivals per second in an ordinary quarter of an hour of today: the median, which no rush moves."""
    whole = min(int(open_s // SLOT_S), SLOTS)
    counts = sorted(kind.today.get(slot - back, 0) for back in range(1, whole + 1))
    return counts[whole // 2] / SLOT_S if counts else 0.0


def _scale(kind: Arrivals, slot: int, into_s: float) -> float:
    """How many times as many come today as on other days."""
    usual = sum(mean for s, mean in kind.usual.items() if s < slot) + kind.usual.get(slot, 0.0) * into_s / SLOT_S
    return (sum(kind.today.values()) + LIKE) / (usual + LIKE)


def _of_day_s(policy: Policy, at: Instant) -> float:
    now = local(at, policy.calendar.zone)
    return now.hour * 3600.0 + now.minute * 60.0 + now.second
