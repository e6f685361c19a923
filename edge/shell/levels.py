"""Retained topics as they should be: the latest of each is told, and all of them again after every reconnect.

A level that changes faster than the broker takes it, or while there is none, is told once, as it is then. One that has
ended has a last word for those who listen now, and is then taken off the broker for those who come later.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.shell.links.mqtt import Connection
    from edge.shell.logs import Bounded

MOST: Final = 64
"""Topics told at once; while they are acknowledged, what changes behind them gathers."""

LAST_WORDS_MOST: Final = 256
"""Ended levels that wait to be told; beyond it the oldest is forgotten, whoever retains it clears it by other means."""


class Levels:
    """The levels of one broker. `encode` makes the payload of whatever was put; it is called when it is told."""

    def __init__(self, encode: Callable[[Any], bytes], refused: Bounded) -> None:
        self._encode, self._refused = encode, refused
        self._now: dict[str, Any] = {}
        self._ended: dict[str, Any] = {}
        self._due: dict[str, None] = {}
        self._under_way = 0
        self._connection: Connection | None = None

    def __contains__(self, topic: str) -> bool:
        return topic in self._now

    def put(self, topic: str, level: Any) -> None:
        """This is true now; it is told by the next `tell`."""
        if self._now.get(topic) != level:
            self._now[topic] = level
            self._ended.pop(topic, None)
            self._due[topic] = None

    def end(self, topic: str, last: Any = None) -> None:
        """Nothing is true any more; `last` is the last word, None where there is none to say."""
        known = self._now.pop(topic, None) is not None
        if known or last is None:
            self._ended[topic] = last
            self._due[topic] = None
            if len(self._ended) > LAST_WORDS_MOST:
                oldest = next(iter(self._ended))
                del self._ended[oldest]
                self._due.pop(oldest, None)

    def leave(self, topic: str) -> None:
        """It stays as the broker retains it, and is told no more."""
        self._now.pop(topic, None)
        self._due.pop(topic, None)

    def connected(self, connection: Connection) -> None:
        """All of it is due again, over this connection."""
        self._connection, self._under_way = connection, 0
        self._due = dict.fromkeys((*self._now, *self._ended))
        self.tell()

    def disconnected(self) -> None:
        """What changes is kept until there is a connection."""
        self._connection = None

    def tell(self) -> None:
        """Tells what is due, as far as the broker keeps up."""
        while self._due and self._connection is not None and self._under_way < MOST:
            topic = next(iter(self._due))
            del self._due[topic]
            self._under_way += 1
            done = partial(self._told, topic)
            if topic in self._now:
                self._connection.publish(topic, self._encode(self._now[topic]), retain=True, done=done)
                continue
            last = self._ended[topic]
            if last is None:
                self._connection.publish(topic, b"", retain=True, done=done)
                continue
            self._connection.publish(topic, self._encode(last), done=done)
            self._connection.clear(topic)  # on the same wire behind the last word; what breaks between is swept later

    def _told(self, topic: str, refusal: str | None) -> None:
        self._under_way -= 1
        if refusal is not None:
            self._refused.warning("level refused by the broker", topic=topic, reason=refusal)
        if topic not in self._due:
            self._ended.pop(topic, None)
        self.tell()
