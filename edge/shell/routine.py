"""A routine that goes on in place: a generator that yields until when it waits, resumed by whoever has news for it.

A task would go on a turn of the loop later than its news, with a future and a timer made anew for every wait. Between
the answer on a line and the next question nothing is to be waited for, so nothing should be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from edge.core.instant import seconds

if TYPE_CHECKING:
    from edge.core.instant import Instant
    from edge.shell.clock import Clock

T = TypeVar("T")

EARLY: Final = seconds(0.02)
"""A timer that is early by less is left as it is: where one wait follows the other, that saves making most of them."""

Steps: TypeAlias = Generator["Instant | None", None, T]
"""Yields until when it waits, None when only for news. It may be resumed for nothing, so it looks what is the case."""


class Routine:
    """Runs steps from one wait to the next; they begin with the first `go_on` or `soon`.

    `ended` is done when the steps are, and carries what they raise.
    """

    def __init__(self, steps: Steps[None], clock: Clock) -> None:
        self._steps, self._clock = steps, clock
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._until: Instant = 0
        self._timer: asyncio.TimerHandle | None = None
        self._called: asyncio.Handle | None = None

    def go_on(self) -> None:
        """There is news: goes on at once, to its next wait. Not for the routine itself."""
        if self.ended.done():
            return
        try:
            until = next(self._steps)
        except StopIteration:
            self.ended.set_result(None)
        except Exception as fault:  # noqa: BLE001 (it rises where `ended` is awaited)
            self.ended.set_exception(fault)
        else:
            self._wait(until)

    def soon(self) -> None:
        """There is news, and perhaps more in a moment: goes on in the loop's next turn."""
        if self._called is None:
            self._called = self._loop.call_soon(self._called_on)

    def close(self) -> None:
        """Ends it where it waits."""
        self._wait(None)
        if self._called is not None:
            self._called.cancel()
        self.ended.cancel()
        self._steps.close()

    def _wait(self, until: Instant | None) -> None:
        if self._timer is not None:
            if until is not None and self._until <= until < self._until + EARLY:
                return
            self._timer.cancel()
            self._timer = None
        if until is not None:
            self._until, self._timer = until, self._clock.call_at(until, self._due)

    def _due(self) -> None:
        self._timer = None
        self.go_on()

    def _called_on(self) -> None:
        self._called = None
        self.go_on()
