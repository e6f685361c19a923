"""The few shapes by which the parts of the shell know each other; none of them imports another's file for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.commands import Command
    from edge.core.events import Happening
    from edge.core.instant import Instant
    from edge.core.outputs import Edge, Level


class Service(Protocol):
    """Something the supervisor keeps alive."""

    @property
    def name(self) -> str:
        """What it is called in `status` and in the log; one of a kind."""

    async def serve(self) -> None:
        """Runs until cancelled; cleans up on entry; returning or raising asks for a restart."""


class Inbox(Protocol):
    """Where events enter the one loop."""

    def now(self) -> Instant:
        """The instant to stamp on what has just been received; never earlier than one given before."""

    def submit(
        self, events: Sequence[Happening], committed: Callable[[], None] | None = None, *, origin: bytes | None = None
    ) -> None:
        """Takes events for the next turn of the loop; `committed` is called once they are on disk.

        `origin` is the digest of the message they came in; see `seen`.
        """

    def seen(self, origin: bytes) -> bool:
        """Whether a message of this digest was committed a short while ago (a redelivery is one event)."""

    @property
    def full(self) -> bool:
        """Whether a link should stop reading for now."""

    async def room(self) -> None:
        """Returns when the inbox is no longer full."""


class Sink(Protocol):
    """Something that acts on commands after the commit."""

    def perform(self, commands: Sequence[Command]) -> None:
        """Takes note of what concerns it; never waits and never raises."""


class Performer(Protocol):
    """A service that shows and does what devices of the branch are told to; never waits and never raises."""

    @property
    def devices(self) -> frozenset[str]:
        """Those it speaks for."""

    def show(self, command: Level) -> None:
        """A device should show this from now on."""

    def do(self, command: Edge) -> None:
        """A device should do this once."""


class Outlet(Protocol):
    """What one device is still to be told. Commands are of its own kind; times are the link's clock's."""

    @property
    def next(self) -> Any:
        """The command whose turn it is; None when there is nothing to tell."""

    @property
    def next_at(self) -> Instant:
        """When its turn comes."""

    def begin(self, command: Any) -> None:
        """Its first byte goes out now."""

    def sent(self, refresh_s: float, now: Instant) -> None:
        """The device was written to, whatever it made of it, and wants to be left alone for so long."""

    def done(self, command: Any, now: Instant) -> None:
        """The device has done as it was told, or cannot at all."""

    def refused(self) -> None:
        """The device does not do as it was told; it may be told again."""

    def skip(self) -> None:
        """The device has been given up for now, or has lost what it showed."""


class Outbox(Protocol):
    """What headquarters has not acknowledged yet, in order, on disk."""

    def after(self, mark: tuple[int, int], limit: int) -> Sequence[Message]:
        """The messages behind (boot, seq), the oldest first."""

    def settle(self, mark: tuple[int, int]) -> None:
        """Everything up to and with (boot, seq) has been acknowledged; forgotten with the next commit."""

    @property
    def depth(self) -> int:
        """How many messages wait."""


class Message(Protocol):
    """One message for headquarters; `data` is JSON text, `at` an instant, `clk` the clock's quality at commit."""

    boot: int
    seq: int
    id: str
    at: Instant
    clk: str
    kind: str
    data: str
