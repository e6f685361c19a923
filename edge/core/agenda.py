"""When the core wants to be woken: one pending instant per key, the earliest first.

Waiting is data here, so that a snapshot holds it and a replay fires it at the same instants as the daemon did. A key
is `room:object`, such as `prompt:secondary-triage.hall.3`; the room says which part of the core is asked to look
again. A wake only asks it to look: one that has become pointless changes nothing.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import ClassVar, Final

from msgspec import Struct, field

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)

DEADLINES: Final = "prompt:"
"""Keys of this room come last at an instant: what is the case then is judged before anybody is told that nothing has
been done about it."""


class Wake(Struct, frozen=True):
    """The instant a key asked for has come; never journalled, because the agenda says it again."""

    type: ClassVar[str] = "wake"
    at: Instant
    key: str

    @property
    def room(self) -> str:
        """The part of the core that asked."""
        return self.key.partition(":")[0]

    @property
    def object(self) -> str:
        """What it asked about; empty when the room has one wake only."""
        return self.key.partition(":")[2]


class Agenda(Struct, dict=True):
    """Pending wakes; `due` is the truth, `heap` an index with stale entries that are dropped when they surface.

    The index is no field: it is neither compared nor kept.
    """

    due: dict[str, Instant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Indexes what is due already."""
        self.reindex()

    def put(self, key: str, at: Instant) -> None:
        """Wakes `key` at `at` and at no other time."""
        if self.due.get(key) != at:
            self.due[key] = at
            heappush(self.heap, _place(at, key))

    def drop(self, key: str) -> None:
        """Wakes `key` no more."""
        self.due.pop(key, None)

    def next(self) -> Instant | None:
        """The earliest pending instant."""
        heap, due = self.heap, self.due
        while heap and due.get(heap[0][2]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def pop(self, until: Instant) -> Wake | None:
        """Takes the earliest wake due at or before `until`; ties in the order of their keys, deadlines last."""
        at = self.next()
        if at is None or at > until:
            return None
        key = heappop(self.heap)[2]
        del self.due[key]
        return Wake(at, key)

    def reindex(self) -> None:
        """Builds the index anew from `due`."""
        self.heap: list[tuple[Instant, bool, str]] = [_place(at, key) for key, at in self.due.items()]
        heapify(self.heap)


def _place(at: Instant, key: str) -> tuple[Instant, bool, str]:
    return at, key.startswith(DEADLINES), key
