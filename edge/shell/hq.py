"""Headquarters: birth and will, retained figures, and every message of the outbox, in order, until acknowledged.

The outbox is the only queue (see `drain.py`): after a reconnect headquarters may get a message twice, with the same
`id`; it never misses one, and never gets two in the wrong order. Where headquarters says itself how far it has come
(topic `ack`, best retained), only that settles: a message is then kept until its reader has it, not only its broker.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from edge import __version__
from edge.core import messages, topics, wire
from edge.core.commands import EndDevice, EndWait, PublishDevice, PublishWait
from edge.core.privacy import is_name, without_numbers
from edge.core.report import PublishFigures
from edge.shell.drain import Drain, mark_of
from edge.shell.levels import Levels
from edge.shell.links.mqtt import Settings, Will
from edge.shell.logs import Bounded
from edge.shell.requests import answer
from edge.shell.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.config import Loaded
    from edge.core.commands import Command
    from edge.shell.clock import Clock
    from edge.shell.links.mqtt import Connection
    from edge.shell.links.paho import Incoming
    from edge.shell.ports import Message, Outbox

HEALTH_EVERY_S: Final = 60.0
WATERMARK_WITHIN_S: Final = 0.25
"""A retained watermark comes at once with the subscription, if there is one; events start behind it."""

SWEEP_S: Final = 5.0
"""How long we listen for what an earlier life, or another configuration, left retained."""

SWEEPS_MOST: Final = 3
"""Some brokers hang up on whoever asks for a topic that is not theirs to hear; such a one is not asked for ever."""

DATES_MOST: Final = 8
"""Days whose figures are kept for a reconnect; each message of older ones is in the outbox as well."""

log = structlog.get_logger("hq")


class Headquarters:
    """The one connection to `[hq]`: a service, and a sink of the levels retained there.

    Before `serve` it must have been told, by `perform`, everything that is true at the start: devices and waits that
    headquarters retains of us and that it does not know by then are cleared. `boot` is this run's number; `health`
    gives the figures of the `health` topic and of the answer to `status`.
    `clock` paces it in real seconds.
    """

    name: Final = "hq"

    def __init__(
        self, loaded: Loaded, outbox: Outbox, clock: Clock, *, boot: int, health: Callable[[], Mapping[str, Any]]
    ) -> None:
        branch = loaded.branch
        if branch.hq is None:
            raise ValueError("the configuration has no [hq]")
        self._clock, self._zone, self._health = clock, loaded.policy.calendar.zone, health
        self._is_ours = partial(is_name, policy=loaded.policy)
        self._topics = names = topics.UpwardTopics(branch.branch.org, branch.branch.id)
        self._birth = messages.status("online", boot, __version__, loaded.hash)
        self._end = wire.line(messages.status("offline", boot, __version__, loaded.hash))
        client_id = f"lobbyd-{branch.branch.org}-{branch.branch.id}"
        will = Will(names.status, self._end)
        self._standing = Standing(Settings(section="hq", table=branch.hq, client_id=client_id, will=will), clock)
        self._bad = Bounded(log, clock)
        self._levels = Levels(self._encode, Bounded(log, clock))
        self._drain = Drain(outbox, boot, self._send)
        self._connection: Connection | None = None
        self._dates: list[str] = []
        self._sweeps = SWEEPS_MOST

    @property
    def reason(self) -> str:
        """Why there is no connection, as a sentence; empty while there is one."""
        return self._standing.reason

    async def serve(self) -> None:
        """Stays connected until cancelled; what goes wrong is said once and tried again."""
        await self._standing.serve(self)

    def perform(self, commands: Sequence[Command]) -> None:
        """Takes note of the levels; and, as it is called after each commit, looks whether the outbox has grown."""
        for command in commands:
            match command:
                case PublishWait(service=service):
                    self._levels.put(self._topics.wait(service), command)
                case EndWait(service):
                    self._levels.end(self._topics.wait(service))
                case PublishDevice(device=device):
                    self._levels.put(self._topics.device(device), command)
                case EndDevice(device):
                    self._levels.end(self._topics.device(device))
                case PublishFigures(date=date):
                    self._report(date, command)
        self.wake()
        self._levels.tell()

    def wake(self) -> None:
        """The outbox has grown."""
        self._drain.grown()

    # ---- the connection (see `standing.Party`) ----

    def opening(self) -> None:
        """Nothing has to be made ready."""

    async def attend(self, connection: Connection) -> None:
        """Says that the branch is there, then everything else; on the way out, that it is not."""
        self._connection = connection
        subscribed = asyncio.Event()
        try:
            connection.publish(self._topics.status, wire.line(self._birth), retain=True)
            connection.subscribe([self._topics.commands, self._topics.ack], partial(self._subscribed, subscribed))
            self._levels.connected(connection)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell_health(connection), name="health")
                await subscribed.wait()
                group.create_task(self._sweep(connection), name="sweep")
                await self._clock.sleep(WATERMARK_WITHIN_S)
                self._drain.start()
        finally:
            self._drain.stop()
            connection.publish(self._topics.status, self._end, retain=True)

    def lost(self) -> None:
        """Levels wait for the next connection."""
        self._connection = None
        self._levels.disconnected()

    def received(self, message: Incoming) -> None:
        """A request, or headquarters' watermark; whatever else may come is acknowledged and forgotten."""
        name = self._topics.command_of(message.topic)
        if name is not None and not message.retain:
            self._answer(name, message)
        elif message.topic == self._topics.ack:
            self._watermark(message.payload)
        elif message.retain and message.payload and message.topic not in self._levels:
            self._clear(message.topic)
        message.ack()

    async def _sweep(self, connection: Connection) -> None:
        """Has the broker show what it retains of us, once; what is not ours any more is cleared as it comes."""
        if self._sweeps:
            self._sweeps -= 1
            connection.subscribe(self._topics.levels, self._unseen)
            await self._clock.sleep(SWEEP_S)
            for pattern in self._topics.levels:
                connection.unsubscribe(pattern)
            self._sweeps = 0

    def _unseen(self, refused: Sequence[str]) -> None:
        if refused:
            log.info("the broker does not show us what it retains: a device taken out of the configuration stays there")

    def _clear(self, topic: str) -> None:
        """Takes off what tells of a device or a class that is no more."""
        if any(topics.matches(pattern, topic) for pattern in self._topics.levels):
            self._levels.end(topic)
            self._levels.tell()

    async def _tell_health(self, connection: Connection) -> None:
        while True:
            connection.publish(self._topics.health, wire.line(self._figures()), retain=True)
            await self._clock.sleep(HEALTH_EVERY_S)

    def _figures(self) -> dict[str, Any]:
        return {**without_numbers({**self._health()}, self._is_ours), "boot": self._birth["boot"]}

    def _subscribed(self, subscribed: asyncio.Event, refused: Sequence[str]) -> None:
        for pattern in refused:
            log.error("the broker does not let us hear this topic; check its access list", filter=pattern)
        subscribed.set()

    def _send(self, message: Message, hist: bool, done: Callable[[], None]) -> None:  # noqa: FBT001 (a callback)
        if self._connection is not None:
            sealed = messages.envelope(message, hist=hist, zone=self._zone)
            self._connection.publish(self._topics.event(message.kind), sealed, done=partial(self._sent, done))

    def _sent(self, done: Callable[[], None], refusal: str | None) -> None:
        if refusal is None:
            done()
        elif self._connection is not None:
            self._connection.lose(f"does not take our events: {refusal}")

    def _report(self, date: str, figures: PublishFigures) -> None:
        """The latest days' figures are told again after a reconnect; older ones stay as the broker has them."""
        self._levels.put(self._topics.report(date), figures)
        self._dates = [*(known for known in self._dates if known != date), date]
        for old in self._dates[:-DATES_MOST]:
            self._levels.leave(self._topics.report(old))
        del self._dates[:-DATES_MOST]

    def _encode(self, level: PublishWait | PublishDevice | PublishFigures) -> bytes:
        match level:
            case PublishWait():
                return wire.line(messages.wait(level, self._zone))
            case PublishDevice():
                return wire.line(without_numbers(messages.device(level, self._zone), self._is_ours))
            case PublishFigures():
                return wire.line(messages.figures(level, self._zone))

    def _answer(self, name: str, message: Incoming) -> None:
        said = answer(name, message.payload, {"ping": dict, "status": lambda: {**self._birth, **self._figures()}})
        topic, correlation = message.answer_to or ("", None)
        if not topics.is_name(topic):
            topic = self._topics.answer(name)
        if self._connection is not None:
            self._connection.publish(topic, wire.line(said), answers=correlation)

    def _watermark(self, payload: bytes) -> None:
        try:
            mark = mark_of(payload)
        except ValueError:
            self._bad.warning("watermark refused: accepted is {boot: number, seq: number}", bytes=len(payload))
        else:
            if not self._drain.watermark(mark):
                self._bad.warning("watermark ignored: it is of a run to come; was the disk replaced?", watermark=mark)
