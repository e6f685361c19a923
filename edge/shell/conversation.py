"""One machine that speaks over several WebSockets: the link's own, and those the driver asks for once it knows them.

The link's own stands for the machine: when it is lost, all are, and the session opens them anew with a fresh driver.
The others come and go by themselves, each with delays of its own, and the driver is told.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge.core.events import Tick
from edge.core.instant import SECOND
from edge.driver import Answer, BadFrame, Reply
from edge.shell import backoff
from edge.shell.links.stream import LinkLost
from edge.shell.logs import Bounded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from structlog.typing import FilteringBoundLogger

    from edge.core.events import Happening
    from edge.core.instant import Instant
    from edge.core.outputs import Level
    from edge.driver import Received, SocketDriver
    from edge.shell.clock import Clock
    from edge.shell.health import Health
    from edge.shell.links.websocket import Socket, Sockets
    from edge.shell.ports import Inbox

OPEN_WITHIN_S: Final = 5.0
WRITE_WITHIN_S: Final = 10.0
ASK_EVERY: Final = 1 * SECOND
SETTLED_AFTER: Final = 1 * SECOND
HEALTHY_AFTER: Final = 30 * SECOND
"""A channel that stood this long starts again with the shortest delay."""

OWN: Final = ""
"""The link's own channel."""


@dataclass(slots=True)
class Conversation:
    """From open to lost; `run` ends by raising LinkLost."""

    sockets: Sockets
    own: Socket
    driver: SocketDriver
    inbox: Inbox
    clock: Clock
    health: Health
    log: FilteringBoundLogger
    bad: Bounded
    rng: Random
    heard: bool = False
    settled: bool = False
    opened_at: Instant = 0
    _open: dict[str, Socket] = field(default_factory=dict)
    _kept: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _lost: Bounded = field(init=False)

    def __post_init__(self) -> None:
        self.opened_at = self.clock.now()
        self._lost = Bounded(self.log, self.clock)

    async def run(self) -> None:
        """Listens and asks until the link's own socket is lost."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hold(OWN, self.own), name="own channel")
            await self._speak(group)  # in the group's own body, see Connection.run

    def show(self, command: Level) -> None:
        """Nothing that shows anything lives on a WebSocket."""

    # ---- in ----

    async def _hold(self, channel: str, socket: Socket) -> None:
        """Listens on one open socket until it is lost."""
        self._open[channel] = socket
        self.driver.opened(channel, self.inbox.now())
        self._news.set()
        try:
            while True:
                if self.inbox.full:
                    await self.inbox.room()
                data = await socket.receive()
                self.heard = True
                at = self.inbox.now()
                self._take(self.driver.receive(data, at, channel), at)
                self._news.set()
        finally:
            del self._open[channel]

    async def _keep(self, channel: str) -> None:
        """Opens a channel, again and again, until it is not wanted any more."""
        delays = backoff.full_jitter(self.rng)
        while True:
            before = self.clock.now()
            try:
                await self._once(channel)
            except (LinkLost, TimeoutError) as fault:
                reason = str(fault) or f"{channel}: does not answer within {OPEN_WITHIN_S:.0f} s"
                self._lost.warning("service lost", reason=reason)
            at = self.inbox.now()
            self._take(self.driver.closed(channel, at), at)
            self._news.set()
            if self.clock.now() - before >= HEALTHY_AFTER:
                delays = backoff.full_jitter(self.rng)
            await self.clock.sleep(next(delays))

    async def _once(self, channel: str) -> None:
        async with AsyncExitStack() as stack:
            async with self.clock.timeout(OPEN_WITHIN_S):
                socket = await stack.enter_async_context(self.sockets.beside(channel))
            await self._hold(channel, socket)

    def _take(self, received: Sequence[Received], at: Instant) -> None:
        events: list[Happening] = []
        for item in received:
            match item:
                case BadFrame():
                    self.bad.warning("bad message", reason=item.reason)
                case Reply() | Answer() | Tick():
                    continue
                case _:
                    events.append(item)
        told = [*self.health.heard(events, at), *events]
        if told:
            self.inbox.submit(told)

    # ---- out ----

    async def _speak(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._news.clear()
            self._tend(group)
            at = self.inbox.now()
            self._take(self.driver.overdue(at), at)
            for request in self.driver.poll(at):
                await self._send(request.channel, request.data)
            if not self.settled and self.clock.now() >= self.opened_at + SETTLED_AFTER:
                self.settled = True
                self.log.info("link open")
            await self._idle()

    def _tend(self, group: asyncio.TaskGroup) -> None:
        """Opens the channels that are newly wanted, and lets go of those that are not wanted any more."""
        wanted = dict.fromkeys(self.driver.channels())
        for channel in [channel for channel in self._kept if channel not in wanted]:
            self._kept.pop(channel).cancel()
        for channel in wanted:
            if channel not in self._kept:
                self._kept[channel] = group.create_task(self._keep(channel), name=f"channel {channel}")

    async def _send(self, channel: str, data: bytes) -> None:
        """Sends a question; a channel that takes none is closed, and its listener finds out."""
        socket = self._open.get(channel)
        if socket is None:
            return
        try:
            async with self.clock.timeout(WRITE_WITHIN_S):
                await socket.send(data)
        except (LinkLost, TimeoutError):
            await socket.close()

    async def _idle(self) -> None:
        """Waits for news, a second at most."""
        timer = self.clock.call_at(self.clock.now() + ASK_EVERY, self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()
