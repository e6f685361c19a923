"""What a driver is: a codec between the bytes of one connection and the events of the hall.

A driver opens nothing, waits for nothing and raises nothing on bad bytes. It is made anew for every connection, so
half a frame never survives a reconnect, and it serves every device that shares the link (a bus has one driver).
Adding one is a file in `drivers/` with three names:

* `Settings`: a pydantic model of the device's `settings` table in the configuration (unknown keys are faults);
* `MEDIUM`: the kinds of link it can live on, such as `frozenset({"serial", "tcp"})`;
* `create(devices) -> Driver`: one codec for the devices that share the link.

A driver that lives on WebSockets makes a `SocketDriver`; `PORTS`, where it has that name, are those on which its
devices are looked for when a link names none. One for what people hear makes a `SoundDriver`; its `faults` says what is
wrong with the files it is given.

Three more are there where they are of use. `ADDRESSES` is the range of those that the protocol knows; others are faults
of the configuration, and so is a device without a window where `AT_WINDOW` is true. `FRAMES` are the protocol's own
frames: `lobbyd codec` then shows and makes whole ones, those included which the daemon never sends.

`drivers/__init__.py` shows a whole one.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, cast

from msgspec import Struct

from edge.core.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from pydantic import BaseModel

    from edge.core.events import DeviceKind
    from edge.core.instant import Instant
    from edge.core.outputs import Level, Output, Say

Medium: TypeAlias = Literal["serial", "tcp", "websocket", "mqtt", "sound"]


class Device(Struct, frozen=True):
    """One configured device as its driver sees it; `settings` is the driver's own `Settings`, validated.

    `zone` is the branch's, for what a device does by the time of day.
    """

    id: str
    kind: DeviceKind
    settings: Any
    address: int | None = None
    window: str | None = None
    shows: Literal["window", "lobby"] | None = None
    zone: tzinfo = UTC


class BadFrame(Struct, frozen=True):
    """Bytes that are no frame: counted against the link, logged at a bounded rate, otherwise without effect."""

    reason: str
    data: bytes = b""


class Reply(Struct, frozen=True):
    """The answer of the device at `address` to the request under way; `ok` False asks for a retry.

    `detail` says why not. Where `flawed`, the device did as asked and `detail` says what is not in order nevertheless.
    `blank` says that it shows nothing of what it was told, as after a loss of power: it is told again.
    """

    address: int
    ok: bool
    detail: str = ""
    flawed: bool = False
    blank: bool = False


class Answer(Struct, frozen=True):
    """Bytes that a device is to have back at once: ahead of whatever waits, though never inside another frame."""

    data: bytes


Received: TypeAlias = Event | BadFrame | Reply | Answer


class Request(Struct, frozen=True):
    """Bytes for one device, and whether an answer is to be waited for before the link may carry the next.

    `deadline_s` is how long the answer may take and `tries` how often the bytes are sent in all; `gap_s` is the
    silence the bus needs after the exchange, at least as long as `gap_bytes` bytes of its line. `refresh_s` is how long
    a board is left alone once it has been painted, while others on the bus may be spoken to. `flaw` is what of a page
    people will not read on the board although it is shown, empty where they read it all; the device is degraded by it.
    `idle_s` is how long nothing must have been heard on the line before it goes out, where devices speak unasked.
    `then` are further frames of the same command, for a device that takes them one by one: each goes out behind the gap
    of the one before it, nothing of another device comes between them, and an answer is waited for behind the last.
    `alters` says of what `poll` gives that it is no question: it sets something, which a mere look leaves out.
    `channel` is the WebSocket it goes to, see `SocketDriver`.
    """

    address: int
    data: bytes
    expects: bool = False
    deadline_s: float = 0.5
    tries: int = 3
    gap_s: float = 0.0
    gap_bytes: float = 0.0
    idle_s: float = 0.0
    then: tuple[bytes, ...] = ()
    refresh_s: float = 0.0
    flaw: str = ""
    alters: bool = False
    channel: str = ""


class CannotEncode(ValueError):
    """The command is none of this driver's: the wiring in the configuration is wrong."""


class NotNow(Exception):
    """The device cannot take the command at this time; it is offered again a second later, while it is of use.

    The message says why, in words for whoever mends it: out of paper, the last ticket has not been taken.
    """


class Driver(ABC):
    """One codec for one connection; every method is pure but for the bytes it has buffered."""

    @abstractmethod
    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """What `data` completes, in order. Never raises, whatever the bytes; buffers are bounded.

        On a byte stream `data` is any chunk and `topic` is empty; on MQTT it is one whole payload and its topic, on
        WebSockets one whole message and its channel.
        """

    def wanted(self, command: Level) -> None:
        """What a device of ours should show, said when the connection begins; it is told to in its turn."""
        del command

    def encode(self, command: Output) -> Request:
        """The bytes that make a device do as it is told; CannotEncode when none of ours takes such a command.

        A `Level` may be encoded any number of times. An `Edge` is encoded when its turn has come; its bytes go out
        once, so `Request.tries` says nothing of them, and NotNow keeps it for later.
        """
        raise CannotEncode(f"this driver takes no {command.NOUN}")

    def poll(self, at: Instant) -> list[Request]:
        """What must be asked of the devices now; called once a second while the link is idle."""
        del at
        return []

    def asked(self, request: Request) -> None:
        """A request goes out now: what comes from here on may be its answer."""
        del request

    def unanswered(self, request: Request) -> str:
        """A request that expects an answer had none in time: what came instead, in words; empty when nothing did."""
        del request
        return ""

    def overdue(self, at: Instant) -> list[Received]:
        """What follows from time alone, and from what has not come; called once a second where a driver has it."""
        del at
        return []


class SocketDriver(Driver):
    """A codec for a device that speaks over WebSockets: the link's own, which is channel "", and any it names later.

    The driver keeps the account of its questions itself, for many are under way at once on many channels: the link
    sends what `poll` gives and waits for nothing. `poll` and `overdue` are called once a second, and after everything
    that comes in.
    """

    @abstractmethod
    def channels(self) -> Sequence[str]:
        """The addresses to be held open beside the link's own, as the device has given them."""

    @abstractmethod
    def opened(self, channel: str, at: Instant) -> None:
        """A channel is open; the questions for it may follow."""

    @abstractmethod
    def closed(self, channel: str, at: Instant) -> list[Received]:
        """A channel is lost while the link's own stands: what follows from it. It will be opened again."""


class Synthesis(Struct, frozen=True):
    """A text for the speech synthesizer, one of its voices, and how fast in words a minute; it answers with a WAV."""

    voice: str
    text: str
    speed: int


class Sound(Struct, frozen=True):
    """What is played: a whole WAV file, and how long it takes to hear it."""

    wav: bytes
    lasts_s: float


class SoundDriver(Driver):
    """A codec for what people hear: a call becomes one WAV, of recorded clips or of what a synthesizer makes.

    `clips` is the folder whose files it wants, empty for none, `synthesizer` the program, empty for none, and `pause_s`
    the silence behind every call.
    """

    def __init__(self, *, clips: str, synthesizer: str, pause_s: float) -> None:
        self.clips: Final = clips
        self.synthesizer: Final = synthesizer
        self.pause_s: Final = pause_s

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """What is heard says nothing itself."""
        del at, topic
        return [BadFrame("a loudspeaker has nothing to say", data)] if data else []

    @abstractmethod
    def equip(self, clips: Mapping[str, bytes], *, fault: str = "", synthesizes: bool) -> None:
        """Takes the folder's files, or `fault`, why there are none, and whether there is a synthesizer.

        CannotEncode says why it can say nothing at all. May take a while: it is called beside the loop.
        """

    @abstractmethod
    def silence(self) -> Sound:
        """Nothing, in the form its calls have: to try the device by."""

    @abstractmethod
    def flaw(self) -> str:
        """What is not in order although it speaks; empty where all is well."""

    @abstractmethod
    def synthesis(self, call: Say) -> tuple[Synthesis, ...]:
        """What has to be synthesized before a call can be played; CannotEncode when it cannot be said."""

    @abstractmethod
    def sound(self, call: Say, made: Sequence[bytes], *, once: bool = False) -> Sound:
        """A call to be played, from what has been made of `synthesis`, in order; `once` leaves out repetitions.

        CannotEncode when what has been made is of no use.
        """

    @abstractmethod
    def lasts_s(self, call: Say, *, once: bool = False) -> float:
        """About how long a call will take; CannotEncode when it cannot be said."""


class DriverModule(Protocol):
    """What a file in `drivers/` offers."""

    MEDIUM: frozenset[Medium]
    Settings: type[BaseModel]

    def create(self, devices: Sequence[Device]) -> Driver:
        """A codec for the devices that share one link, all of this driver."""


class FrameLayer(Protocol):
    """`FRAMES`, where a driver has it: its frames as JSON objects in which no value follows from the others."""

    def decode(self, chunks: Sequence[bytes]) -> list[dict[str, Any]]:
        """The frames in the chunks, in order; a stretch that is none is `{"bad_frame": reason}`."""

    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The bytes of one frame; ValueError is one sentence that says what is wrong with `item`."""


class UnknownDriver(LookupError):
    """No file in `drivers/` has that name."""


def names() -> list[str]:
    """The drivers there are, in alphabetical order."""
    import drivers  # noqa: PLC0415 (only the loader reaches the drivers, and only by name)

    return sorted(info.name for info in pkgutil.iter_modules(drivers.__path__) if not info.name.startswith("_"))


@cache
def load(name: str) -> DriverModule:
    """The driver of that name; UnknownDriver names those there are."""
    if name not in names():
        raise UnknownDriver(f"no driver {name!r}; there are: {', '.join(names())}")
    return cast("DriverModule", importlib.import_module(f"drivers.{name}"))
