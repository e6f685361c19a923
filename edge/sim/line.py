"""Who waits, and whom a window takes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.core.instant import Instant, seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from edge.core.events import AmountBand, Need, Tier

HEAD_START_S: Final[Mapping[Tier, float]] = {"ordinary": 0, "silver": 180, "gold": 600, "private": 1200}
"""How much earlier a tier is taken to have come: it overtakes, and nobody is overtaken for ever."""


class Person(Struct, kw_only=True, eq=False):
    """Somebody with a ticket. `place` orders the line; `gone` has left without a word; `dawdles` misses the first call.

    `effort` stretches the usual service time of the class; `for_window` is set by a transfer to one window; `writes`
    waits, but puts a form right and does not come when called.
    """

    ticket: str
    service: str
    came_at: Instant
    tier: Tier = "ordinary"
    needs: tuple[Need, ...] = ()
    amount_band: AmountBand | None = None
    appointment: str | None = None
    patience_s: float = 3600.0
    effort: float = 1.0
    dawdles: bool = False
    gone: bool = False
    for_window: str | None = None
    writes: bool = False

    @property
    def place(self) -> Instant:
        """The instant from which this person is taken to have waited."""
        return self.came_at - seconds(HEAD_START_S[self.tier])


class Line:
    """The people who wait, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: dict[str, Person] = {}

    def __contains__(self, ticket: object) -> bool:
        return ticket in self._waiting

    def __iter__(self) -> Iterator[Person]:
        return iter(self._waiting.values())

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, person: Person) -> None:
        """The person waits, now or again."""
        self._waiting[person.ticket] = person

    def leave(self, ticket: str) -> Person | None:
        """The person waits no more; None when they did not."""
        return self._waiting.pop(ticket, None)

    def take(self, window: str, services: Collection[str]) -> Person | None:
        """Whom the window serves next: of those it may take, the one with the earliest place."""
        here = (person for person in self if not person.writes)
        able = [p for p in here if p.for_window == window or (p.for_window is None and p.service in services)]
        if not able:
            return None
        return self.leave(min(able, key=lambda person: (person.place, person.ticket)).ticket)
