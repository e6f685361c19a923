"""What one board is still to show, page after page: the core says what and when, the wire says when it can be.

The core gives every call its least time on the board; a wire that was busy when the call began would take what it was
late from that time, or skip the call. So a call that has reached the board stays for its least time there, and those
behind it wait. Everything else is a level: the newest takes the place of the one before it. An emergency waits for
nothing but the board itself.

A board that has been given up or was away has missed what it has missed: it goes on with what is true now.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from edge.core.instant import seconds

if TYPE_CHECKING:
    from edge.core.instant import Instant
    from edge.core.outputs import Page, ShowOnBoard

WAITING_MOST: Final = 8
"""Calls come no faster than a board can show them; so many behind can only be a wire that does not keep up."""


class Pages(Struct):
    """The pages of one board (see `ports.Outlet`).

    `speed` is how many of the branch's seconds pass in one of the link's (the demo's).
    """

    speed: float = 1.0
    _waiting: deque[ShowOnBoard] = field(default_factory=deque)
    _call_until: Instant = 0
    _fresh_until: Instant = 0

    def add(self, command: ShowOnBoard) -> ShowOnBoard | None:
        """Takes a page; returns the call that had to be given up for it, where there is one."""
        waiting, lost = self._waiting, None
        if command.page.level == "emergency":
            waiting.clear()
        elif waiting and waiting[-1].page.level != "call":
            waiting.pop()
        if not waiting or _read(waiting[-1]) != _read(command):
            waiting.append(command)
        elif command.page.aloud:
            waiting[-1] = command
        if len(waiting) > WAITING_MOST:
            lost = waiting.popleft()
        return lost

    def skip(self) -> None:
        """Forgets all but the newest: the board does not do as it is told, and nobody reads the others any more."""
        self._call_until = 0
        while len(self._waiting) > 1:
            self._waiting.popleft()

    @property
    def next(self) -> ShowOnBoard | None:
        """The page whose turn it is; None when the board shows what it should."""
        return self._waiting[0] if self._waiting else None

    @property
    def next_at(self) -> Instant:
        """When its turn comes."""
        over_it = bool(self._waiting) and self._waiting[0].page.level == "emergency"
        return self._fresh_until if over_it else max(self._fresh_until, self._call_until)

    def sent(self, refresh_s: float, now: Instant) -> None:
        """The board was written to, whatever it made of it, and wants to be left alone for so long."""
        self._fresh_until = now + seconds(refresh_s / self.speed)

    def begin(self, command: ShowOnBoard) -> None:
        """It is sent until it is shown."""

    def refused(self) -> None:
        """It is sent until it is shown."""

    def done(self, command: ShowOnBoard, now: Instant) -> None:
        """The board shows this page, or cannot show it at all."""
        if self._waiting and self._waiting[0] is command:
            self._waiting.popleft()
        self._call_until = now + round(command.least / self.speed)


def _read(command: ShowOnBoard) -> Page:
    """The page as it is read, whether or not it is to be heard as well."""
    return replace(command.page, aloud=True)
