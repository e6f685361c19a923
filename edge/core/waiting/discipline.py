"""Who goes first, as the calls show it: every tier has a lead, so many seconds that it counts as having waited longer.

Queue machines and telephone exchanges run tiers in two ways: strictly, so that a gold ticket goes before every ordinary
one, or by a lead, so that it goes before those who have waited no more than so much longer (delay-dependent priority;
Kleinrock 1964). No lead is plain order of arrival. A call that had the choice between two tiers is a contest, which the
higher wins or loses by the seconds that the lower has waited longer; the lead that explains most contests is taken, and
tiers are strict until some contest was lost.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import Micros, in_seconds, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.hall import Ticket
    from edge.core.instant import Instant

RANKS: Final = {"private": 0, "gold": 1, "silver": 2, "ordinary": 3}
"""Calling order of the tiers; within one, whoever waits longest. Needs do not change the order."""

LADDER_S: Final[tuple[float, ...]] = (0.0, *(round(2.0 ** (k / 4), 3) for k in range(12, 53)))
"""Leads that are told apart: none, and 8 s to 8192 s in steps of a fifth.

In whole milliseconds, so that a lead, which is in whole microseconds, is on its own step and not below it.
"""

STRICT_S: Final = 1e6
"""A lead nobody ever waits longer than."""

STRICT_WEIGHT: Final = 4.0
"""Contests of strict tiers, counted as seen before any were."""

KEEP: Final = 1 - 1 / 400
"""What a new contest of two tiers leaves of the weight of the old ones."""


class Contests(Struct):
    """Of two tiers, by the seconds the lower had waited longer (from edge k on): `won` by the higher, and `lost`."""

    won: list[float] = field(default_factory=lambda: [0.0] * len(LADDER_S))
    lost: list[float] = field(default_factory=lambda: [0.0] * len(LADDER_S))

    def __post_init__(self) -> None:
        """Refuses counts on another ladder, such as another build may have kept."""
        if not len(self.won) == len(self.lost) == len(LADDER_S):
            raise ValueError(f"contests are counted on {len(LADDER_S)} edges, not {len(self.won)}")

    def add(self, longer_s: float, *, won: bool) -> None:
        """One contest more."""
        place = bisect_right(LADDER_S, longer_s) - 1
        self.won = [count * KEEP for count in self.won]
        self.lost = [count * KEEP for count in self.lost]
        (self.won if won else self.lost)[place] += 1.0

    def unexplained(self) -> list[float]:
        """The contests that each lead of the ladder, and after these a strict one, does not explain."""
        wrong = STRICT_WEIGHT + sum(self.won)
        found = []
        for won, lost in zip(self.won, self.lost, strict=True):
            found.append(wrong)
            wrong += lost - won
        return [*found, wrong - STRICT_WEIGHT]


class Discipline(Struct):
    """The contests of every two tiers, "gold ordinary", and the `leads` they have shown; strict where there is none."""

    contests: dict[str, Contests] = field(default_factory=dict)
    leads: dict[str, Micros] = field(default_factory=dict)

    def lead(self, tier: str) -> Micros:
        """By how much a tier counts as having waited longer than the ordinary one."""
        known = self.leads.get(tier)
        return _strict(tier) if known is None else known

    def since(self, ticket: Ticket) -> Instant:
        """Since when a ticket counts as waiting: the earlier goes first."""
        return ticket.waiting_since if ticket.tier == "ordinary" else ticket.waiting_since - self.lead(ticket.tier)

    def called(self, ticket: Ticket, others: Iterable[Ticket]) -> None:
        """`ticket` is called, and not `others`, the longest waiting of each other tier that the window could call."""
        doubted = False
        for other in others:
            won = RANKS[ticket.tier] < RANKS[other.tier]
            higher, lower = (ticket, other) if won else (other, ticket)
            longer = higher.waiting_since - lower.waiting_since
            if longer <= 0:
                continue
            self.contests.setdefault(f"{higher.tier} {lower.tier}", Contests()).add(in_seconds(longer), won=won)
            doubted |= won != (self.lead(higher.tier) - self.lead(lower.tier) > longer)
        if doubted:  # what was expected changes nothing
            self._judge()

    def _judge(self) -> None:
        """Gives every tier, the lowest first, the lead that explains most of its contests with lower ones."""
        self.leads = {}
        lower = ["ordinary"]
        for tier in ("silver", "gold", "private"):
            known = [(self.lead(below), self.contests.get(f"{tier} {below}")) for below in lower]
            costs = [(lead, contests.unexplained()) for lead, contests in known if contests is not None]
            lower.append(tier)
            if not costs:
                continue
            candidates = sorted({lead + seconds(edge_s) for lead, _ in costs for edge_s in LADDER_S})
            best = min(sum(_at(wrong, one - lead) for lead, wrong in costs) for one in [*candidates, _strict(tier)])
            likely = [one for one in candidates if sum(_at(wrong, one - lead) for lead, wrong in costs) == best]
            if likely and sum(wrong[-1] for _, wrong in costs) > best:
                self.leads[tier] = max(likely)
        for tier, above in (("gold", "private"), ("silver", "gold")):
            if above in self.leads:
                self.leads[tier] = min(self.lead(tier), self.leads[above])


def _strict(tier: str) -> Micros:
    return (RANKS["ordinary"] - RANKS[tier]) * seconds(STRICT_S)


def _at(wrong: list[float], lead: Micros) -> float:
    """The contests that a lead does not explain."""
    if lead < 0:
        return wrong[0] + wrong[-1]
    return wrong[bisect_right(LADDER_S, in_seconds(lead)) - 1] if lead < seconds(STRICT_S) else wrong[-1]
