"""What one call terminal is still to show: the newest sign and nothing before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from edge.core.instant import seconds

if TYPE_CHECKING:
    from edge.core.instant import Instant
    from edge.core.outputs import ShowOnCounter


class Signs(Struct):
    """The sign of one terminal (see `ports.Outlet`); `speed` as of `Pages`."""

    speed: float = 1.0
    next: ShowOnCounter | None = None
    next_at: Instant = 0

    def add(self, command: ShowOnCounter) -> None:
        """Takes a sign in place of the one before it; the beep of a call that has not been shown yet goes with it."""
        before = self.next
        if before is not None and before.beep and before.ticket == command.ticket:
            command = replace(command, beep=True)
        self.next = command

    def skip(self) -> None:
        """There is nothing but the newest."""

    def begin(self, command: ShowOnCounter) -> None:
        """It is sent until it is shown."""

    def refused(self) -> None:
        """It is sent until it is shown."""

    def sent(self, refresh_s: float, now: Instant) -> None:
        """The terminal was written to, and wants to be left alone for so long."""
        self.next_at = now + seconds(refresh_s / self.speed)

    def done(self, command: ShowOnCounter, now: Instant) -> None:
        """The terminal shows this sign, or cannot show it at all."""
        del now
        if self.next is command:
            self.next = None
