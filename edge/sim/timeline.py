"""One virtual time in which processes take turns; what they emit comes out in order.

A process is a generator: it yields the instant at which it wants to go on, and ends by returning. One that waits for
something else than time yields the latest instant it would wait for, and `wake` brings it back earlier.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator

    from edge.core.events import Happening
    from edge.core.instant import Instant

Process: TypeAlias = "Generator[Instant, None, None]"


class Timeline:
    """Processes in the order of their instants; those of one instant go in the order in which they were put there."""

    def __init__(self, now: Instant) -> None:
        self.now = now
        self._turns: list[tuple[Instant, int, Process]] = []
        self._turn_of: dict[Process, int] = {}
        self._count = 0
        self._emitted: list[Happening] = []

    def start(self, process: Process, at: Instant | None = None) -> None:
        """Lets the process take its first turn at `at`, at once where none is given."""
        self._put(process, self.now if at is None else at)

    def wake(self, process: Process, at: Instant) -> None:
        """Lets a waiting process go on at `at` instead of later; one that has ended stays so."""
        if process in self._turn_of:
            self._put(process, at)

    def emit(self, event: Happening) -> None:
        """Says that something has happened now."""
        self._emitted.append(event)

    @property
    def due(self) -> Instant | None:
        """When the next process goes on; None when all have ended."""
        while self._turns and self._turn_of.get(self._turns[0][2]) != self._turns[0][1]:
            heapq.heappop(self._turns)  # it was woken earlier, or has been given another turn
        return self._turns[0][0] if self._turns else None

    def turn(self) -> list[Happening]:
        """Lets the next process have its turn and gives what it emitted; IndexError when all have ended."""
        due = self.due
        _, _, process = heapq.heappop(self._turns)
        self.now = due if due is not None else self.now
        del self._turn_of[process]
        again = next(process, None)
        if again is not None:
            self._put(process, again)
        emitted, self._emitted = self._emitted, []
        return emitted

    def _put(self, process: Process, at: Instant) -> None:
        self._count += 1
        self._turn_of[process] = self._count
        heapq.heappush(self._turns, (max(at, self.now), self._count, process))
