"""What one device is still to do once: calls to say, tickets to print; in order, bounded, not longer than of use.

An errand leaves the queue with its first byte. What becomes of it then nobody can take back: it is not done a second
time where the link is lost under it or no answer comes, only where the device itself refuses it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import seconds
from edge.core.outputs import Say

if TYPE_CHECKING:
    from edge.core.instant import Instant
    from edge.core.outputs import Edge

WAITING_MOST: Final = 32
"""More behind one device can only be one that does not do them."""


class Errands(Struct):
    """The errands of one device (see `ports.Outlet`); `speed` as of `Pages`."""

    speed: float = 1.0
    next_at: Instant = 0
    _waiting: deque[tuple[Edge, Instant]] = field(default_factory=deque)
    _under_way: tuple[Edge, Instant] | None = None
    _on_the_wire: bool = False

    def add(self, command: Edge, until: Instant) -> Edge | None:
        """Takes an errand that is of use until then; returns the oldest where it had to be given up for it.

        A call that still waits and is made again is one call; where it is to another window now, that is the one that
        is said, for who hears both goes to the wrong one. What is urgent comes first.
        """
        for place, (other, _) in enumerate(self._waiting):
            if isinstance(other, Say) and isinstance(command, Say) and _same(other, command):
                self._waiting[place] = other if other.window == command.window else command, until
                return None
        urgent = isinstance(command, Say) and command.urgent
        place = sum(isinstance(other, Say) and other.urgent for other in self.waiting) if urgent else len(self._waiting)
        self._waiting.insert(place, (command, until))
        return self._waiting.popleft()[0] if len(self._waiting) > WAITING_MOST else None

    def overdue(self, now: Instant) -> list[Edge]:
        """Those that are of no use any more; they are not done."""
        late = [command for command, until in self._waiting if until <= now]
        if late:
            self._waiting = deque(one for one in self._waiting if one[1] > now)
        return late

    def broken_off(self) -> Edge | None:
        """The one that was under way when the link was lost; nobody knows how far it came."""
        errand, self._under_way = self._under_way, None
        return errand[0] if errand is not None and self._on_the_wire else None

    @property
    def waiting(self) -> list[Edge]:
        """All of them, in order."""
        return [command for command, _ in self._waiting]

    @property
    def next(self) -> Edge | None:
        """Whose turn it is."""
        return self._waiting[0][0] if self._waiting else None

    def skip(self) -> None:
        """Nothing is left out while it is of use."""

    def begin(self, command: Edge) -> None:
        """Its first byte goes out: it is out of the queue."""
        if self.next is command:
            self._under_way, self._on_the_wire = self._waiting.popleft(), True

    def sent(self, refresh_s: float, now: Instant) -> None:
        """The device wants to be left alone for so long."""
        self._on_the_wire = False
        self.next_at = now + seconds(refresh_s / self.speed)

    def done(self, command: Edge, now: Instant) -> None:
        """It is done, or cannot be done at all."""
        del now
        self.begin(command)
        self._under_way = None

    def refused(self) -> None:
        """The device has said that it does not do it: it has its turn again, unless it has been made again since."""
        refused, self._under_way = self._under_way, None
        if refused is None:
            return
        command, _ = refused
        if not any(isinstance(command, Say) and isinstance(one, Say) and _same(one, command) for one in self.waiting):
            self._waiting.appendleft(refused)


def _same(one: Say, other: Say) -> bool:
    return one.ticket == other.ticket if one.ticket else one.text == other.text
