"""Server-sent events: what was committed, told to every open page in order, again after a reconnect, never twice.

An entry's id is `epoch:seq`: the run of the daemon, and the entry's number within it. A page that comes back names the
last id it saw and gets what it missed from a bounded ring; when that reaches no longer back so far, or the page
remembers another run, it gets one `snapshot` instead. `queue` is a level and carries no id: only its latest state
matters. `heartbeat` is an event and not a comment, because a page must be able to see that a silent link is dead.
(Format: WHATWG HTML, section 9.2, server-sent events.)
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from edge.core import commands as cmd
from edge.core import instant, wire
from edge.web import payload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from edge.core.events import Happening
    from edge.web.ports import Daemon

PAGE_KINDS: Final = frozenset({"snapshot", "prompt", "board", "wait", "device", "queue", "heartbeat"})
"""What a stream gets that asks for nothing in particular."""

KINDS: Final = PAGE_KINDS | {"event"}
"""What a stream may ask for; `event` is everything journalled."""

_KIND_OF: Final[Mapping[type[Any], str]] = {
    cmd.PublishPrompt: "prompt",
    cmd.ShowOnBoard: "board",
    cmd.PublishWait: "wait",
    cmd.PublishDevice: "device",
}


class Crowded(Exception):
    """As many streams are open as there may be."""


@dataclass(frozen=True, slots=True)
class Pace:
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


@dataclass(slots=True)
class Entry:
    """One numbered thing to tell; its frame is made when the first stream wants it."""

    seq: int
    kind: str
    content: cmd.Command | Happening
    frame: bytes | None = None


def frame(kind: str, data: Mapping[str, Any], id: str | None = None) -> bytes:
    """One event in the form of the stream; `data` becomes one line of JSON."""
    head = f"id: {id}\n" if id is not None else ""
    return f"{head}event: {kind}\ndata: ".encode() + wire.line(data) + b"\n\n"


class Hub:
    """Numbers what it is told and hands it to the open streams; keeps the last of it for those that come back."""

    def __init__(self, daemon: Daemon, pace: Pace | None = None) -> None:
        self.daemon = daemon
        self.pace = pace if pace is not None else Pace()
        self._seq = 0
        self._ring: deque[Entry] = deque(maxlen=self.pace.ring)
        self._streams: set[Stream] = set()
        self._settling: asyncio.TimerHandle | None = None
        self._queue: Mapping[str, Any] = {}

    @property
    def streams(self) -> int:
        """How many pages listen."""
        return len(self._streams)

    def perform(self, commands: Sequence[cmd.Command]) -> None:
        """Tells what concerns pages."""
        for command in commands:
            kind = _KIND_OF.get(type(command))
            if kind is not None:
                self._tell(kind, command)
        self._stir()

    def happened(self, events: Sequence[Happening]) -> None:
        """Tells journalled events to those who follow them."""
        for event in events:
            self._tell("event", event)
        self._stir()

    def join(self, kinds: Iterable[str], last: str | None, cut: Callable[[], None]) -> Stream:
        """A new stream that begins behind the id `last`; `cut` is called if it must be dropped. Crowded if too many."""
        if len(self._streams) >= self.pace.streams:
            raise Crowded
        stream = Stream(self, frozenset(kinds), cut)
        missed = self._since(last)
        if missed is None:
            stream.begin([self._snapshot(stream.kinds)] if "snapshot" in stream.kinds else [])
        else:
            queue = [frame("queue", payload.queue(self.daemon.view()))] if "queue" in stream.kinds else []
            stream.begin([self.frame(entry) for entry in missed if entry.kind in stream.kinds] + queue)
        self._streams.add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """The stream has ended."""
        self._streams.discard(stream)

    def frame(self, entry: Entry) -> bytes:
        """The entry as bytes."""
        if entry.frame is None:
            data = payload.of(entry.content, self.daemon.zone)
            entry.frame = frame(entry.kind, data, f"{self.daemon.epoch}:{entry.seq}")
        return entry.frame

    def heartbeat(self) -> bytes:
        """A sign of life: the branch's time, and the id of the last entry told."""
        at = instant.text(self.daemon.now(), self.daemon.zone)
        return frame("heartbeat", {"at": at}, f"{self.daemon.epoch}:{self._seq}")

    def _snapshot(self, kinds: frozenset[str]) -> bytes:
        return frame("snapshot", payload.snapshot(self.daemon.view(), kinds), f"{self.daemon.epoch}:{self._seq}")

    def _since(self, last: str | None) -> list[Entry] | None:
        """The entries behind an id; None when they cannot be told."""
        epoch, _, number = (last or "").rpartition(":")
        if epoch != self.daemon.epoch or not (number.isascii() and number.isdecimal() and len(number) < 20):  # noqa: PLR2004 (more digits than any count)
            return None
        seq = int(number)
        oldest = self._ring[0].seq if self._ring else self._seq + 1
        if not oldest - 1 <= seq <= self._seq:
            return None
        return [entry for entry in self._ring if entry.seq > seq]

    def _tell(self, kind: str, content: cmd.Command | Happening) -> None:
        self._seq += 1
        entry = Entry(self._seq, kind, content)
        self._ring.append(entry)
        for stream in tuple(self._streams):
            stream.offer(entry)

    def _stir(self) -> None:
        """The queue may have changed: it is told once, soon, however much more happens until then."""
        if self._settling is None and self._streams:
            self._settling = asyncio.get_running_loop().call_later(self.pace.settle_s, self._settled)

    def _settled(self) -> None:
        self._settling = None
        listeners = [stream for stream in self._streams if "queue" in stream.kinds]
        if not listeners:
            return
        queue = payload.queue(self.daemon.view())
        if {**queue, "at": ""} == {**self._queue, "at": ""}:
            return
        self._queue = queue
        told = frame("queue", queue)
        for stream in listeners:
            stream.level(told)


class Stream:
    """One open page: what it has still to be told, in order."""

    def __init__(self, hub: Hub, kinds: frozenset[str], cut: Callable[[], None]) -> None:
        self.kinds = kinds
        self._hub = hub
        self._cut = cut
        self._first: list[bytes] = []
        self._pending: deque[Entry] = deque()
        self._level: bytes | None = None
        self._ready = asyncio.Event()
        self._ended = False

    def begin(self, frames: list[bytes]) -> None:
        """What is told before anything else."""
        self._first = frames

    def offer(self, entry: Entry) -> None:
        """One more thing to tell; a stream that is too far behind is cut off."""
        if entry.kind not in self.kinds or self._ended:
            return
        if len(self._pending) >= self._hub.pace.backlog:
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
        self._hub.leave(self)
        self._ready.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What to write, until the stream is ended; a heartbeat at the latest every `heartbeat_s`."""
        clock, pause_s = asyncio.get_running_loop().time, self._hub.pace.heartbeat_s
        yield b"retry: 2000\n\n" + b"".join(self._first)
        self._first = []
        beat = clock() + pause_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(beat):
                    await self._ready.wait()
            if self._ended:
                return
            chunk = self._take()
            if clock() >= beat:
                chunk += self._hub.heartbeat() if "heartbeat" in self.kinds else b":\n\n"
                beat = clock() + pause_s
            if chunk:
                yield chunk

    def _take(self) -> bytes:
        self._ready.clear()
        told = [self._hub.frame(entry) for entry in self._pending]
        self._pending.clear()
        if self._level is not None:
            told.append(self._level)
            self._level = None
        return b"".join(told)
