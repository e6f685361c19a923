"""The outbox on its way to headquarters: in order, a bounded number at a time, settled without a gap."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct
from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.shell.ports import Message, Outbox

IN_FLIGHT: Final = 20
"""Messages sent and not yet acknowledged: as many as brokers allow by default."""

Mark: TypeAlias = tuple[int, int]
"""(boot, seq) of a message; marks are in the order of the messages."""

_MARK_MOST: Final = 2**63 - 1
"""SQLite's largest number."""


def mark_of(payload: bytes) -> Mark:
    """Headquarters' watermark, `{"boot": 7, "seq": 10231}`; ValueError where it is none."""
    item: Any = from_json(payload)
    match item:
        case {"boot": int(boot), "seq": int(seq)} if 0 <= boot <= _MARK_MOST and 0 <= seq <= _MARK_MOST:
            return boot, seq
    raise ValueError("no watermark")


class _Sent(Struct):
    """A message in flight."""

    mark: Mark
    arrived: bool = False


class Drain:
    """A cursor over the outbox, ahead of what is settled by what is in flight.

    `send(message, hist, done)` sends one and calls `done` when the broker has it; `hist`: it was in the outbox before
    the connection was up. `boot` is this run's number.
    """

    def __init__(self, outbox: Outbox, boot: int, send: Callable[[Message, bool, Callable[[], None]], None]) -> None:
        self._outbox, self._boot, self._send = outbox, boot, send
        self._flight: deque[_Sent] = deque()
        self._cursor: Mark = (0, 0)
        self._settled: Mark = (0, 0)
        self._furthest: Mark = (boot, 0)
        self._early: Mark = (0, 0)
        self._running, self._more, self._by_watermark = False, True, False
        self._old = 0

    def start(self) -> None:
        """There is a connection: begins behind what is settled."""
        self._running, self._more = True, True
        self._cursor, self._old = self._settled, self._outbox.depth
        self._pump()

    def stop(self) -> None:
        """The connection is gone, and with it what was in flight."""
        self._running = False
        self._flight.clear()

    def grown(self) -> None:
        """The outbox has more."""
        self._more = True
        self._pump()

    def watermark(self, mark: Mark) -> bool:
        """Headquarters has everything up to `mark`; from now on only that settles. False for a run not yet begun.

        A broker may retain the mark of an earlier life of the store, whose numbers come again. So a mark settles only
        what it names: a message that waits and, if it is of this run, was sent before headquarters said so.
        """
        if mark[0] > self._boot:
            return False
        self._by_watermark = True
        if mark > self._furthest:
            self._early = mark
        elif mark != self._early and self._waits(mark):
            self._settle(mark)
        return True

    def _pump(self) -> None:
        while self._running and self._more and len(self._flight) < IN_FLIGHT:
            room = IN_FLIGHT - len(self._flight)
            batch = self._outbox.after(self._cursor, room)
            self._more = len(batch) == room
            for message in batch:
                self._cursor = message.boot, message.seq
                self._furthest = max(self._furthest, self._cursor)
                sent = _Sent(self._cursor)
                self._flight.append(sent)
                self._send(message, self._old > 0, partial(self._arrived, sent))
                self._old -= 1

    def _arrived(self, sent: _Sent) -> None:
        sent.arrived = True
        flight, mark = self._flight, None
        while flight and flight[0].arrived:
            mark = flight.popleft().mark
        if mark is not None and not self._by_watermark:
            self._settle(mark)
        self._pump()

    def _waits(self, mark: Mark) -> bool:
        """Whether the outbox has a message of this very number."""
        boot, seq = mark
        return any((message.boot, message.seq) == mark for message in self._outbox.after((boot, seq - 1), 1))

    def _settle(self, mark: Mark) -> None:
        if mark > self._settled:
            self._settled = mark
            self._outbox.settle(mark)
