"""A look at the configured devices over their own links: what each answers to a question that only reads.

The daemon's own connection carries the questions, with its pace and its tries; only what could change something is
kept from it: it is given no page to show, and of what the driver would poll, no request that alters anything. A device
that is asked at its due time only is asked as though that time had come.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress
from random import Random
from typing import TYPE_CHECKING, Final, TypedDict, cast

import structlog
from msgspec import Struct, field

from edge import driver as drivers
from edge.config.links import SerialLink, SoundLink, WebSocketLink
from edge.core.apply.devices import SPEAKS_REGULARLY
from edge.core.events import DeviceStatus, Tick
from edge.core.instant import SECOND
from edge.driver import Answer, BadFrame, Driver, Reply
from edge.shell.connection import Connection
from edge.shell.conversation import Conversation
from edge.shell.doctor.finding import Finding, in_halves
from edge.shell.health import Health
from edge.shell.links.opening import open_link
from edge.shell.links.sound import open_sound
from edge.shell.links.stream import LinkLost
from edge.shell.links.websocket import open_websocket
from edge.shell.logs import Bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from structlog.typing import FilteringBoundLogger

    from edge.config.links import Link
    from edge.config.load import Bus
    from edge.core.events import Happening
    from edge.core.instant import Instant
    from edge.driver import Device, Received, Request, SocketDriver, SoundDriver
    from edge.shell.clock import Clock
    from edge.shell.ports import Inbox

OPEN_WITHIN_S: Final = 5.0
ASKED_WITHIN_S: Final = 60.0
"""For all the devices of a bus; that of thirty dead ones is longer than anybody waits."""

_AHEAD: Final = 3600 * SECOND
"""No device is asked more rarely than that."""

_LINK_LOST: Final = "look at its cable and at the device's power"


class Seen(Struct):
    """What a look has seen of one link, by address: questions, answers, failures; and what else came.

    `said` is the last that each device has said by itself, `bad` why what came was no frame.
    """

    devices: Sequence[Device]
    asked: Counter[int] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    replies: dict[int, Reply] = field(default_factory=dict)
    said: dict[str, Happening] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    size: int = 0
    tries: int = 1
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, size: int, received: Sequence[Received]) -> None:
        """So many bytes came, and this is what the driver makes of them."""
        self.size += size
        for one in received:
            match one:
                case BadFrame():
                    self.bad.append(one.reason)
                case Reply():
                    self.replies[one.address] = one
                    (self.answered if one.ok else self.failed)[one.address] += 1
                case Tick() | Answer():
                    continue
                case _:
                    self.note(one)
        self.news.set()

    def note(self, event: Happening) -> None:
        """A device said something; an event that names none is of the one that the link has."""
        named = getattr(event, "device", None) or (self.devices[0].id if len(self.devices) == 1 else None)
        if named is not None:
            self.said[named] = event
        self.news.set()

    @property
    def concluded(self) -> bool:
        """Whether nothing is to be waited for: all who were asked have answered or failed, or all have spoken."""
        if self.asked:
            return all(self.answered[one] >= self.asked[one] or self.failed[one] >= self.tries for one in self.asked)
        return all(_known(self.said.get(device.id)) for device in self.devices)

    def address(self, device: Device) -> int | None:
        """Where a device was asked; None when it was not."""
        if len(self.devices) == 1:
            return next(iter(self.asked), None)
        return device.address if device.address in self.asked else None


class Asking(Driver):
    """A driver that only asks; what comes of it is noted."""

    def __init__(self, driver: Driver, seen: Seen) -> None:
        self._driver, self._seen = driver, seen

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """What the driver makes of it; what it would say to that at once is the daemon's business."""
        received = self._driver.receive(data, at, topic)
        self._seen.heard(len(data), received)
        return [one for one in received if not isinstance(one, Answer)]

    def poll(self, at: Instant) -> list[Request]:
        """The questions of the driver, at first those too that are not due yet."""
        seen = self._seen
        found = self._driver.poll(at)
        if not seen.asked:
            due = {request.address for request in found}
            found += [request for request in self._driver.poll(at + _AHEAD) if request.address not in due]
        questions = [request for request in found if not request.alters]
        if not seen.asked:
            seen.asked.update(request.address for request in questions if request.expects)
            seen.tries = max((request.tries for request in questions), default=1)
        return questions

    def asked(self, request: Request) -> None:
        """Passed on."""
        self._driver.asked(request)

    def unanswered(self, request: Request) -> str:
        """Passed on, and counted."""
        self._seen.failed[request.address] += 1
        self._seen.news.set()
        return self._driver.unanswered(request)


class Notebook:
    """An inbox that leads nowhere."""

    full = False

    def __init__(self, clock: Clock, note: Callable[[Happening], None]) -> None:
        self._clock, self._note = clock, note

    def now(self) -> Instant:
        """The instant to stamp on what has just been received."""
        return self._clock.now()

    def submit(
        self, events: Sequence[Happening], committed: Callable[[], None] | None = None, *, origin: bytes | None = None
    ) -> None:
        """Notes the events."""
        for event in events:
            self._note(event)

    def seen(self, origin: bytes) -> bool:
        """No message is known from before."""
        return False

    async def room(self) -> None:
        """There is always room."""


class _Common(TypedDict):
    inbox: Inbox
    clock: Clock
    health: Health
    log: FilteringBoundLogger
    bad: Bounded


async def look(bus: Bus, clock: Clock, listen_s: float) -> list[Finding]:
    """What is seen of the devices of one link that is nobody else's now; those that only speak are listened to."""
    seen, lost = Seen(bus.devices), ""
    try:
        if isinstance(bus.link, SoundLink):
            return [await _played(bus, bus.link, clock)]
        await _converse(bus, clock, seen, listen_s)
    except* LinkLost as faults:
        lost = str(_first(faults))
    except* TimeoutError:
        lost = f"{bus.link.place}: does not answer within {OPEN_WITHIN_S:.0f} s; is the device on?"
    if lost:
        return [in_halves("critical", f"device {one.id}", lost, _LINK_LOST) for one in bus.devices]
    return [verdict(device, bus.link, bus.driver, seen, listen_s) for device in bus.devices]


def _first(fault: BaseException) -> BaseException:
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return fault


async def _played(bus: Bus, link: SoundLink, clock: Clock) -> Finding:
    """A loudspeaker is given a tenth of a second of silence, which is also how a daemon opens it."""
    speech = cast("SoundDriver", drivers.load(bus.driver).create(bus.devices))
    await open_sound(link, speech, clock)
    about, flaw = f"device {bus.devices[0].id}", speech.flaw()
    return Finding("warning", about, f"plays: {flaw}", _page(bus.driver)) if flaw else Finding("ok", about, "plays")


async def _converse(bus: Bus, clock: Clock, seen: Seen, listen_s: float) -> None:
    log = structlog.get_logger("doctor")
    common = _Common(
        inbox=Notebook(clock, seen.note if isinstance(bus.link, WebSocketLink) else _passed_by),
        clock=clock,
        health=Health(bus.devices, unheard=()),
        log=log,
        bad=Bounded(log, clock),
    )
    module, link = drivers.load(bus.driver), bus.link
    async with AsyncExitStack() as stack:
        connection: Connection | Conversation
        async with clock.timeout(OPEN_WITHIN_S):
            if isinstance(link, WebSocketLink):
                opening = open_websocket(link, getattr(module, "PORTS", ()))
                sockets, own = await stack.enter_async_context(opening)
                talker = cast("SocketDriver", module.create(bus.devices))
                connection = Conversation(sockets, own, talker, rng=Random(), **common)
            else:
                pipe = await stack.enter_async_context(open_link(link))
                asking = Asking(module.create(bus.devices), seen)
                connection = Connection(pipe, asking, bus.devices, desired={}, **common)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(connection.run())
            await _until_concluded(seen, clock, listen_s)
            if seen.asked:
                await _until_concluded(seen, clock, ASKED_WITHIN_S)
            running.cancel()


def _passed_by(event: Happening) -> None:
    """Beside what the driver says there are only the link's own conclusions; here they are drawn by `verdict`."""


async def _until_concluded(seen: Seen, clock: Clock, within_s: float) -> None:
    with suppress(TimeoutError):
        async with clock.timeout(within_s):
            while not seen.concluded:
                seen.news.clear()
                await seen.news.wait()


def verdict(device: Device, link: Link, driver: str, seen: Seen, listened_s: float) -> Finding:
    """What was seen of one device, with its remedy."""
    about, address, said = f"device {device.id}", seen.address(device), seen.said.get(device.id)
    reply = seen.replies.get(address) if address is not None else None
    if reply is not None and reply.ok:
        return _answers(about, driver, reply, said)
    if said is not None:
        return speaks(about, driver, said)
    if reply is not None:
        return Finding("warning", about, f"answers, and refuses: {reply.detail}", _page(driver))
    if seen.size and not seen.answered:
        what = f"{len(seen.bad)} bad frames ({seen.bad[0]})" if seen.bad else f"{seen.size} bytes and no frame"
        return Finding("critical", about, f"garbage: {what}", _garbled(link, driver))
    if address is not None:
        return Finding("critical", about, f"silent: {seen.failed[address]} questions unanswered", _silent(link, device))
    if device.kind == "board":
        return Finding("ok", about, "its link is open; this protocol has no question: look whether it shows its page")
    return Finding(
        "warning" if device.kind in SPEAKS_REGULARLY else "ok",
        about,
        f"its link is open; nothing was heard in {listened_s:g} s",
        "let something happen at it, such as a ticket, and look again; --listen gives it longer",
    )


def _answers(about: str, driver: str, reply: Reply, said: Happening | None) -> Finding:
    if isinstance(said, DeviceStatus) and _known(said):
        return speaks(about, driver, said, "answers")
    flaw = reply.detail if reply.flawed else ""
    seen = f"answers: {reply.detail}" if reply.detail else "answers"
    return Finding("warning", about, seen, _page(driver)) if flaw else Finding("ok", about, seen)


def speaks(about: str, driver: str, said: Happening, how: str = "speaks") -> Finding:
    """A device said this; one that says it is not well has a page that says what that means."""
    if not isinstance(said, DeviceStatus):
        return Finding("ok", about, f"{how}: {said.type}")
    seen = f"{how}: " + ", ".join(filter(None, (said.state, said.detail)))
    return Finding("ok", about, seen) if said.state == "ok" else Finding("warning", about, seen, _page(driver))


def _known(event: Happening | None) -> bool:
    return event is not None and not (isinstance(event, DeviceStatus) and event.state == "unknown")


def _page(driver: str) -> str:
    return f"the page of {driver} in docs/devices says what that means"


def _garbled(link: Link, driver: str) -> str:
    if isinstance(link, SerialLink):
        line = f"{link.baud} baud, {link.bits}{link.parity}{link.stop:g}"
        return f"is the device set to {line}, and wired as its page in docs/devices says?"
    return f"is that a device for {driver} at {link.place}?"


def _silent(link: Link, device: Device) -> str:
    where = "" if device.address is None else f", and its address {device.address}"
    if isinstance(link, SerialLink):
        return f"is it on, wired as its page in docs/devices says, set to {link.baud} baud{where}?"
    return f"is it on{where}?"
