"""One open page: what it has still to be told, in order, and what becomes of it when it does not listen."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from edge.core import wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from edge.core import commands as cmd
    from edge.core.events import Happening


class Pace(Struct, frozen=True):
    """Measures of the hub.

    `heartbeat_s` is under half of the 25 s after which a page takes its link for dead; `settle_s` gathers changes of
    the queue; `ring` entries (about 1 KB each at the most) cover minutes of a busy branch; a stream that is `backlog`
    entries behind is cut off and comes back by its last id.
    """

    heartbeat_s: float = 10.0
    settle_s: float = 0.25
    ring: int = 1024
    backlog: int = 256
    streams: int = 64


class Entry(Struct):
    """One numbered thing to tell; its frame is made when the first stream wants it."""

    seq: int
    kind: str
    content: cmd.Command | Happening
    frame: bytes | None = None


def frame(kind: str, data: Mapping[str, Any], id: str | None = None) -> bytes:
    """One event in the form of the stream; `data` becomes one line of JSON."""
    head = f"id: {id}\n" if id is not None else ""
    return f"{head}event: {kind}\ndata: ".encode() + wire.line(data) + b"\n\n"


class Teller(Protocol):
    """Who has something to tell."""

    def frame(self, entry: Entry) -> bytes:
        """The entry as bytes."""

    def heartbeat(self) -> bytes:
        """A sign of life."""

    def leave(self, stream: Stream) -> None:
        """The stream has ended."""


class Stream:
    """One open page that wants these `kinds`; `cut` is called if it must be dropped."""

    def __init__(self, teller: Teller, pace: Pace, kinds: frozenset[str], cut: Callable[[], None]) -> None:
        self.kinds = kinds
        self._teller = teller
        self._pace = pace
        self._cut = cut
        self._first = b""
        self._pending: deque[Entry] = deque()
        self._level: bytes | None = None
        self._ready = asyncio.Event()
        self._ended = False

    def begin(self, frames: Iterable[bytes]) -> None:
        """What is told before anything else."""
        self._first = b"".join(frames)

    def offer(self, entry: Entry) -> None:
        """One more thing to tell; a stream that is too far behind is cut off."""
        if entry.kind not in self.kinds or self._ended:
            return
        if len(self._pending) >= self._pace.backlog:
            self.end()
            self._cut()
            return
        self._pending.append(entry)
        self._ready.set()

    def level(self, told: bytes) -> None:
        """The present state of the queue; replaces one that has not been sent yet."""
        self._level = told
        self._ready.set()

    def end(self) -> None:
        """Ends the stream; what is pending is dropped, the page asks for it again."""
        self._ended = True
        self._teller.leave(self)
        self._ready.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What to write, until the stream is ended; a heartbeat at the latest every `heartbeat_s`."""
        clock, pause_s = asyncio.get_running_loop().time, self._pace.heartbeat_s
        yield b"retry: 2000\n\n" + self._first
        self._first = b""
        beat = clock() + pause_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(beat):
                    await self._ready.wait()
            if self._ended:
                return
            chunk = self._take()
            if clock() >= beat:
                chunk += self._teller.heartbeat() if "heartbeat" in self.kinds else b":\n\n"
                beat = clock() + pause_s
            if chunk:
                yield chunk

    def _take(self) -> bytes:
        self._ready.clear()
        told = [self._teller.frame(entry) for entry in self._pending]
        self._pending.clear()
        if self._level is not None:
            told.append(self._level)
            self._level = None
        return b"".join(told)
