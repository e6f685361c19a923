"""One link's owner: opens it, keeps one connection after another alive on it, and says how its devices are."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Final, TypedDict, cast

import structlog
from msgspec import Struct
from msgspec.structs import replace

from edge import driver as drivers
from edge.config.links import SerialLink, SoundLink, WebSocketLink
from edge.core.events import DeviceEvent
from edge.core.instant import SECOND, in_seconds
from edge.core.outputs import PrintTicket, ShowOnCounter
from edge.shell import backoff
from edge.shell.announcing import Announcing
from edge.shell.connection import Connection
from edge.shell.conversation import Conversation
from edge.shell.errands import Errands
from edge.shell.health import Health
from edge.shell.links.opening import open_link
from edge.shell.links.sound import Mute, open_sound
from edge.shell.links.websocket import open_websocket
from edge.shell.logs import Bounded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from random import Random

    from structlog.typing import FilteringBoundLogger

    from edge.config.load import Bus
    from edge.core.instant import Instant
    from edge.core.outputs import Edge, Level
    from edge.driver import SocketDriver, SoundDriver
    from edge.shell.clock import Clock
    from edge.shell.ports import Inbox

OPEN_WITHIN_S: Final = 5.0
HEALTHY_AFTER: Final = 30 * SECOND
"""A link that stayed up this long, or brought bytes, starts again with the shortest delay when it is lost."""

log = structlog.get_logger("link")


class Report(Struct, frozen=True):
    """One link as `status` shows it; `reason` is why it is not open, `devices` what it says of each.

    `not_done` counts what a device was to do once and has not done in time.
    """

    name: str
    open: bool
    since: Instant
    reason: str
    opened: int
    bad_frames: int
    not_done: int
    devices: Mapping[str, str]


class _Common(TypedDict):
    """What every kind of connection is given."""

    inbox: Inbox
    clock: Clock
    health: Health
    log: FilteringBoundLogger
    bad: Bounded


class Session:
    """The service of one serial, TCP, WebSocket or sound link and of the devices that share it.

    `clock` paces the link in real seconds, also in the demo; events carry the inbox's time, and how long a page stands
    is counted in it (`speed`: how much faster it passes). `unheard` names the devices whose last known state is unknown
    (by default all): the link speaks for them as soon as it may.
    """

    def __init__(
        self,
        bus: Bus,
        inbox: Inbox,
        *,
        clock: Clock,
        rng: Random,
        speed: float = 1.0,
        unheard: Collection[str] | None = None,
    ) -> None:
        ids = [device.id for device in bus.devices]
        self.name: Final = f"{bus.link.medium}:{bus.link.place}"
        self.devices: Final = frozenset(ids)
        self._bus, self._inbox, self._clock, self._rng, self._speed = bus, inbox, clock, rng, speed
        self._log = log.bind(link=bus.link.place)
        self._health = Health(bus.devices, unheard=ids if unheard is None else unheard)
        self._bad = Bounded(self._log, clock)
        self._desired: dict[str, Level] = {}
        self._errands: dict[str, Errands] = {}
        self._not_done = Bounded(self._log, clock)
        self._connection: Connection | Conversation | Announcing | None = None
        self._reason, self._since, self._opened, self._told = "not opened yet", clock.now(), 0, ""

    async def serve(self) -> None:
        """Opens the link, again and again, until cancelled; raises only what is a fault of the program."""
        delays = self._delays()
        while True:
            try:
                await self._connect()
            except Exception as fault:
                self._broken_off()
                self._lost(fault)
                _still_wanted()
                if not backoff.retryable(fault):
                    raise
                if self._was_healthy():
                    delays = self._delays()
            finally:
                self._connection = None
            await self._clock.sleep(next(delays))

    def show(self, command: Level) -> None:
        """Notes what a device should show from now on; only `serve` touches the link. Others' are passed by."""
        if command.device not in self.devices:
            return
        self._desired[command.device] = _again(command)
        if self._connection is not None:
            self._connection.show(command)

    def do(self, command: Edge) -> None:
        """Notes what a device of ours should do once; what cannot be done in time is counted and told."""
        left = round((command.at + command.lasts - self._inbox.now()) / self._speed)
        if left <= 0:
            self._give_up(command, "it came too late")
            return
        id, until = command.device, self._clock.now() + left
        errands = self._errands.setdefault(id, Errands(self._speed))
        lost = errands.add(command, until)
        if lost is not None:
            self._give_up(lost, "too many wait")
        self._clock.call_at(until, partial(self._look_over, errands))
        if isinstance(self._connection, Connection | Announcing):
            self._connection.do(id)

    def report(self) -> Report:
        """How the link is, for `status`."""
        return Report(
            name=self.name,
            open=not self._reason,
            since=self._since,
            reason=self._reason,
            opened=self._opened,
            bad_frames=self._bad.count,
            not_done=self._not_done.count,
            devices=self._health.report(),
        )

    async def _connect(self) -> None:
        """One connection, from open to lost."""
        async with AsyncExitStack() as stack:
            async with self._clock.timeout(OPEN_WITHIN_S):
                self._connection = await self._open(stack)
            self._opened += 1
            self._reason, self._since = "", self._clock.now()
            await self._connection.run()

    async def _open(self, stack: AsyncExitStack) -> Connection | Conversation | Announcing:
        module, link, devices = drivers.load(self._bus.driver), self._bus.link, self._bus.devices
        common = _Common(inbox=self._inbox, clock=self._clock, health=self._health, log=self._log, bad=self._bad)
        if isinstance(link, WebSocketLink):
            opening = open_websocket(link, getattr(module, "PORTS", ()))
            sockets, own = await stack.enter_async_context(opening)
            talker = cast("SocketDriver", module.create(devices))
            return Conversation(sockets, own, talker, rng=self._rng, **common)
        if isinstance(link, SoundLink):
            speech = cast("SoundDriver", module.create(devices))
            speaker = await open_sound(link, speech, self._clock)
            return Announcing(speaker, speech, devices[0].id, self._errands, **common)
        pipe, driver = await stack.enter_async_context(open_link(link)), module.create(devices)
        return Connection(
            pipe, driver, devices, desired=self._desired, errands=self._errands, speed=self._speed, **common
        )

    def _look_over(self, errands: Errands) -> None:
        """Gives up what is of no use any more."""
        for command in errands.overdue(self._clock.now()):
            self._give_up(command, f"not within {in_seconds(command.lasts):.0f} s")

    def _broken_off(self) -> None:
        """The link is lost; what was under way may have been done, and is not done again."""
        for errands in self._errands.values():
            command = errands.broken_off()
            if command is not None:
                self._give_up(command, "the link was lost under it")

    def _give_up(self, command: Edge, reason: str) -> None:
        """Counts and tells what a device was to do and has not done."""
        what = f"{'print' if isinstance(command, PrintTicket) else 'call'} of {command.ticket}: {reason}"
        self._not_done.warning("not done", device=command.device, what=what)
        told = DeviceEvent(at=self._inbox.now(), device=command.device, event="not_done", detail=what)
        self._inbox.submit([told])

    def _lost(self, fault: BaseException) -> None:
        """Tells hall and log, each once an outage; a link that flaps too fast to settle is one outage."""
        reason = self._sentence(fault)
        if self._connection is not None and self._connection.settled:
            self._told = ""
        if reason != self._told:
            self._told = reason
            self._log.warning("link lost", reason=reason)
        if not self._reason:
            self._since = self._clock.now()
        self._reason = reason
        at = self._inbox.now()
        told = self._health.down(reason, at) if isinstance(fault, Mute) else self._health.lost(at)
        if told:
            self._inbox.submit(told)

    def _sentence(self, fault: BaseException) -> str:
        while isinstance(fault, BaseExceptionGroup):
            fault = fault.exceptions[0]
        if isinstance(fault, TimeoutError):
            return f"{self._bus.link.place}: does not answer within {OPEN_WITHIN_S:.0f} s; is the device on?"
        return str(fault) or type(fault).__name__

    def _was_healthy(self) -> bool:
        last = self._connection
        return last is not None and (last.heard or self._clock.now() - last.opened_at >= HEALTHY_AFTER)

    def _delays(self) -> Iterator[float]:
        return backoff.local() if isinstance(self._bus.link, SerialLink) else backoff.full_jitter(self._rng)


def _again(command: Level) -> Level:
    """The command as it is repeated to a device that has come back: what is heard of it was heard, or came too late."""
    if isinstance(command, ShowOnCounter):
        return replace(command, beep=False)
    return replace(command, page=replace(command.page, aloud=False))


def _still_wanted() -> None:
    """Raises the cancellation that may have been lost: CancelledError.

    A TaskGroup of Python 3.11 forgets one that comes together with a child's failure (python/cpython#116720); the
    session would then go on, and whoever cancelled it would wait in vain.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
