"""The branch's own broker: devices and handhelds speak to us there, prompts and boards are told there.

A message is acknowledged once what follows from it is on disk; one that means nothing, at once. The broker delivers
again what it was not acknowledged, marked as a duplicate; such a message is known by its digest and is one event.
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import structlog
from msgspec import Struct
from pydantic_core import from_json

from edge.config.links import MqttLink
from edge.core import events as ev
from edge.core import messages, topics, wire
from edge.core.commands import AskQueue, EndWait, PromptRecord, PublishPrompt, PublishWait
from edge.core.instant import SECOND
from edge.core.outputs import ShowOnBoard
from edge.shell.levels import Levels
from edge.shell.links.mqtt import Settings
from edge.shell.logs import Bounded
from edge.shell.routes import Routes
from edge.shell.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from edge.config import Loaded
    from edge.core.commands import Command
    from edge.core.instant import Instant
    from edge.shell.clock import Clock
    from edge.shell.links.mqtt import Connection
    from edge.shell.links.paho import Incoming
    from edge.shell.ports import Inbox

SESSION_S: Final = 7 * 86400
"""How long the broker keeps for us what devices say while we are away."""

SETTLED_AFTER_S: Final = 1.0
"""A broker that has stood this long is back."""

SWEEP_S: Final = 5.0
"""How long we listen for what an earlier life, or another configuration, left retained."""

ASKED_WITHIN: Final = 10 * SECOND
"""A teller who has waited longer for the next customer has pressed again, or seen to it otherwise."""

OPEN: Final = frozenset({"raised", "acknowledged", "shelved", "escalated"})
"""A prompt in one of these states is retained; a held one is nobody's business yet."""

log = structlog.get_logger("broker")


class BranchBroker:
    """The one connection to `[broker]`: a service, and a sink of what is retained there.

    Before `serve` it must have been told, by `perform`, everything that is true at the start: prompts, boards and waits
    on the broker that it does not know by then are cleared. `clock` paces it in real seconds; `unheard` are the devices
    whose last known state is unknown (by default all).
    """

    name: Final = "broker"

    def __init__(self, loaded: Loaded, inbox: Inbox, clock: Clock, *, unheard: Collection[str] | None = None) -> None:
        branch = loaded.branch
        if branch.broker is None:
            raise ValueError("the configuration has no [broker]")
        self._inbox, self._clock, self._zone = inbox, clock, loaded.policy.calendar.zone
        self._topics = topics.BranchTopics(branch.branch.id)
        self._retained = tuple(pattern.removesuffix("+") for pattern in self._topics.levels)
        buses = [bus for bus in loaded.buses if isinstance(bus.link, MqttLink)]
        self._bad, self._failed = Bounded(log, clock), Bounded(log, clock)
        self._routes = Routes(buses, self._bad, self._failed, unheard)
        self._unasked = Bounded(log, clock)
        self._levels = Levels(self._encode, Bounded(log, clock))
        self._standing = Standing(
            Settings(
                section="broker",
                table=branch.broker,
                client_id=f"lobbyd-{branch.branch.id}",
                session_expiry_s=SESSION_S,
            ),
            clock,
        )
        self._awaited: dict[bytes, _Receipt] = {}
        self._crowded = asyncio.Event()
        self._connection: Connection | None = None

    @property
    def reason(self) -> str:
        """Why there is no connection, as a sentence; empty while there is one."""
        return self._standing.reason

    @property
    def bad_frames(self) -> int:
        """How many messages meant nothing to their driver, or were too much for it."""
        return self._bad.count + self._failed.count

    async def serve(self) -> None:
        """Stays connected until cancelled; what goes wrong is said once and tried again."""
        await self._standing.serve(self)

    # ---- out ----

    def perform(self, commands: Sequence[Command]) -> None:
        """Takes note of what is to be retained on the broker."""
        levels, names = self._levels, self._topics
        for command in commands:
            match command:
                case PublishPrompt(record) if record.state in OPEN:
                    levels.put(names.prompt(record.prompt), record)
                case PublishPrompt(record):
                    levels.end(names.prompt(record.prompt), record)
                case ShowOnBoard(board):
                    levels.put(names.board(board), command)
                case PublishWait(service=service):
                    levels.put(names.wait(service), command)
                case EndWait(service):
                    levels.end(names.wait(service))
                case AskQueue():
                    self._ask(command)
        levels.tell()
        if self._connection is not None:
            self._connection.push()

    def _encode(self, level: PromptRecord | ShowOnBoard | PublishWait) -> bytes:
        match level:
            case PromptRecord():
                return wire.line(messages.prompt(level, self._zone))
            case ShowOnBoard():
                return wire.line(messages.board(level, self._zone))
            case PublishWait():
                return wire.line(messages.wait(level, self._zone))

    def _ask(self, asked: AskQueue) -> None:
        """Passes on what a teller wants now; late it is lost, and the teller sees that nobody is called."""
        if self._connection is None or self._inbox.now() - asked.at > ASKED_WITHIN:
            self._unasked.warning("a teller's request came too late", window=asked.window, what=asked.what)
            return
        message = wire.line(messages.request(asked, self._zone))
        self._connection.publish(self._topics.request(asked.window), message)

    # ---- the connection (see `standing.Party`) ----

    def opening(self) -> None:
        """Drivers are made anew: nothing of an earlier connection survives in them."""
        self._routes.renew()

    async def attend(self, connection: Connection) -> None:
        """Subscribes, tells all levels, sweeps, and stops reading while the inbox is full."""
        self._connection = connection
        filters = topics.least((self._topics.actions, *self._routes.filters))
        connection.subscribe(filters, self._refused)
        connection.subscribe(self._topics.levels, self._refused)
        self._levels.connected(connection)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._stand(connection), name="stand")
            group.create_task(self._make_room(connection), name="room")

    def lost(self) -> None:
        """The devices behind the broker are out of sight."""
        self._connection = None
        self._levels.disconnected()
        told = self._routes.lost(self._inbox.now())
        if told:
            self._inbox.submit(told)

    async def _stand(self, connection: Connection) -> None:
        await self._clock.sleep(SETTLED_AFTER_S)
        told = self._routes.stands(self._inbox.now())
        if told:
            self._inbox.submit(told)
        await self._clock.sleep(SWEEP_S - SETTLED_AFTER_S)
        for pattern in self._topics.levels:
            connection.unsubscribe(pattern)

    async def _make_room(self, connection: Connection) -> None:
        while True:
            await self._crowded.wait()
            self._crowded.clear()
            await self._inbox.room()
            connection.resume()

    def _refused(self, filters: Sequence[str]) -> None:
        for pattern in filters:
            log.error("the broker does not let us hear this topic; check its access list", filter=pattern)

    # ---- in ----

    def received(self, message: Incoming) -> None:
        """A message of a device, of a handheld, or one of our own levels that is still retained."""
        if message.topic.startswith(self._retained):
            self._sweep(message)
            return
        digest = blake2b(b"%b\0%b" % (message.topic.encode(), message.payload), digest_size=16).digest()
        if message.dup and self._known(digest, message):
            return
        at = self._inbox.now()
        events = self._routes.take(message.topic, message.payload, at)
        staff = self._topics.staff_of(message.topic)
        if staff is not None:
            events += self._action(message.payload, staff, at)
        if not events:
            message.ack()
            return
        receipt = self._awaited[digest] = _Receipt(self._awaited, digest, [message])
        self._inbox.submit(events, receipt.committed, origin=digest)
        if self._inbox.full and self._connection is not None:
            self._connection.pause()
            self._crowded.set()

    def _known(self, digest: bytes, message: Incoming) -> bool:
        """Whether a redelivered message is one event already, or is about to be."""
        receipt = self._awaited.get(digest)
        if receipt is not None:
            receipt.messages.append(message)
            return True
        if self._inbox.seen(digest):
            self._inbox.submit((), message.ack)  # behind it, if it is still on its way to the disk
            return True
        return False

    def _sweep(self, message: Incoming) -> None:
        if message.retain and message.payload and message.topic not in self._levels:
            self._levels.end(message.topic)
            self._levels.tell()
        message.ack()

    def _action(self, payload: bytes, staff: str, at: Instant) -> list[ev.Happening]:
        try:
            return [action(payload, staff, at)]
        except wire.WireError as fault:
            self._bad.warning("staff action refused", reason=str(fault), bytes=len(payload))
            return []


class _Receipt(Struct):
    """What to acknowledge once its events are on disk: a message, and the redeliveries that came meanwhile."""

    awaited: dict[bytes, _Receipt]
    digest: bytes
    messages: list[Incoming]

    def committed(self) -> None:
        if self.awaited.get(self.digest) is self:
            del self.awaited[self.digest]
        for message in self.messages:
            message.ack()


def action(payload: bytes, staff: str, at: Instant) -> ev.StaffAction:
    """What a member of staff did, as a message on that member's topic says; WireError when it says it wrongly.

    The topic says who it was. Fields the contract does not name are dropped here.
    """
    try:
        item: Any = from_json(payload, allow_inf_nan=False)
    except ValueError as fault:
        raise wire.WireError(f"not JSON: {fault}") from None
    if not isinstance(item, dict):
        raise wire.WireError("a staff action is a JSON object")
    for name, expected in (("staff", staff), ("type", ev.StaffAction.type)):
        if item.get(name, expected) != expected:
            raise wire.WireError(f"'{name}' is {item[name]!r}; by its topic it is {expected!r}")
    known, _ = wire.field_names(ev.StaffAction.type)
    values = {name: value for name, value in item.items() if name in known}
    if isinstance(item.get("at"), str):
        values["device_at"] = item["at"]
    made = wire.make(ev.StaffAction.type, at, {**values, "staff": staff})
    assert isinstance(made, ev.StaffAction)  # noqa: S101 (what `make` was asked for)
    return made
