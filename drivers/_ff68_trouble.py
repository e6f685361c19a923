"""What is wrong with a line of FF 68 boxes, as far as it can be heard."""

from __future__ import annotations

from collections import deque
from typing import Final

from msgspec import Struct, field

from edge.core.instant import SECOND, Instant, Micros

LASTS: Final[Micros] = 60 * SECOND
MANY: Final = 3
"""So many broken frames within `LASTS` are no chance collision of two tellers any more."""

_STRANGERS_MOST: Final = 8


class Trouble(Struct):
    """When frames were broken, and who is on the line that should not be."""

    _broken: deque[Instant] = field(default_factory=lambda: deque(maxlen=MANY))
    _strangers: dict[int, Instant] = field(default_factory=dict)

    def broke(self, at: Instant) -> None:
        """A frame, or a stretch of noise, that no sum covers."""
        self._broken.append(at)

    def stranger(self, address: int, at: Instant) -> None:
        """A sound frame of an address that is none of ours."""
        if address in self._strangers or len(self._strangers) < _STRANGERS_MOST:
            self._strangers[address] = at

    def wrong(self, at: Instant) -> str:
        """In words that stay the same while the same is wrong; empty when nothing is."""
        self._strangers = {address: seen for address, seen in self._strangers.items() if at - seen < LASTS}
        if self._strangers:
            return f"a box at address {min(self._strangers)} is on the line and is none of ours"
        if len(self._broken) == MANY and at - self._broken[0] < LASTS:
            return "broken frames on the line: two boxes at one address, or a bad cable?"
        return ""
