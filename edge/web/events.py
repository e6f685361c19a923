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
from typing import TYPE_CHECKING, Any, Final

from edge.core import commands as cmd
from edge.core import instant, outputs
from edge.web import payload
from edge.web.stream import Entry, Pace, Stream, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from edge.core.events import Happening
    from edge.web.ports import Daemon

PAGE_KINDS: Final = frozenset({"snapshot", "prompt", "board", "wait", "device", "queue", "heartbeat"})
"""What a stream gets that asks for nothing in particular."""

KINDS: Final = PAGE_KINDS | {"event"}
"""What a stream may ask for; `event` is everything journalled."""

_KIND_OF: Final[Mapping[type[Any], str]] = {
    cmd.PublishPrompt: "prompt",
    cmd.RepeatPrompt: "prompt",
    outputs.ShowOnBoard: "board",
    cmd.PublishWait: "wait",
    cmd.PublishDevice: "device",
    cmd.EndDevice: "device",
}


class Crowded(Exception):
    """As many streams are open as there may be."""


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
        """What every open stream knows of the queue; empty when they may know different ones."""

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
        stream = Stream(self, self.pace, frozenset(kinds), cut)
        stream.begin(self._first(stream.kinds, self._since(last)))
        self._streams.add(stream)
        self._queue = {}  # the newcomer saw the queue as it is now, which need not be what was told last
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

    def _first(self, kinds: frozenset[str], missed: list[Entry] | None) -> Iterator[bytes]:
        """What a stream begins with: a snapshot, or what was missed, the queue as it is, and a sign of life."""
        if missed is None:
            if "snapshot" in kinds:
                yield self._snapshot(kinds)
            return
        yield from (self.frame(entry) for entry in missed if entry.kind in kinds)
        if "queue" in kinds:
            yield frame("queue", payload.queue(self.daemon.view()))
        if "heartbeat" in kinds:
            yield self.heartbeat()

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
