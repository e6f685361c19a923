"""Plugs: what of the simulated branch can be pulled out by its name, and put in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from edge.sim.devices.speaker import BUSY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.sim.devices.agent import Agent
    from edge.sim.devices.atm import Network
    from edge.sim.devices.boards import BoardBus
    from edge.sim.devices.printer_escpos import PrinterPort
    from edge.sim.devices.pty import Port
    from edge.sim.devices.speaker import Speaker
    from edge.sim.devices.xfs4iot import Machine


class NoSuchPlug(LookupError):
    """Nothing of the branch has that name; the message says what there is."""


class Plug(Protocol):
    """One plug; pulling out what is out, and putting in what is in, changes nothing."""

    @property
    def plugged(self) -> bool:
        """Whether it is in."""

    async def pull(self) -> None:
        """Takes it out: nobody is told goodbye."""

    async def put(self) -> None:
        """Puts it in again."""


class Plugs:
    """The plugs of the branch by their names: those of its devices, and `boards`, the cable that several share."""

    def __init__(self, plugs: Mapping[str, Plug]) -> None:
        self._plugs = plugs

    def __iter__(self) -> Iterator[tuple[str, bool]]:
        """Every name, and whether its plug is in."""
        return ((name, plug.plugged) for name, plug in self._plugs.items())

    def __getitem__(self, name: str) -> Plug:
        """The plug of that name; NoSuchPlug says which there are."""
        if name not in self._plugs:
            raise NoSuchPlug(f"nothing here is called {name!a:.80}; there are: {', '.join(self._plugs)}")
        return self._plugs[name]


class Cable(Struct, frozen=True):
    """A serial cable, or that of whatever speaks MQTT."""

    end: Port | Agent

    @property
    def plugged(self) -> bool:
        """Whether it is in."""
        return self.end.plugged

    async def pull(self) -> None:
        """Takes it out."""
        self.end.unplug()

    async def put(self) -> None:
        """Puts it in again."""
        self.end.plug()


class Power(Struct, frozen=True):
    """The power of one board on a line that it shares with others."""

    line: BoardBus
    board: str

    @property
    def plugged(self) -> bool:
        """Whether it has power."""
        return self.line.boards[self.board].powered

    async def pull(self) -> None:
        """Switches it off: it goes dark and forgets what it showed."""
        self.line.lose_power(self.board)

    async def put(self) -> None:
        """Switches it on, blank."""
        self.line.regain_power(self.board)


class Reports(Struct, frozen=True):
    """What one machine says to the agent it shares with others."""

    network: Network
    machine: str

    @property
    def plugged(self) -> bool:
        """Whether it is heard."""
        return self.network.has(self.machine)

    async def pull(self) -> None:
        """It is not heard any more."""
        self.network.leave(self.machine)

    async def put(self) -> None:
        """It is heard again."""
        self.network.join(self.machine)


class Site(Struct, frozen=True):
    """Its own cable of something in the network."""

    machine: Machine | PrinterPort

    @property
    def plugged(self) -> bool:
        """Whether it is on the network."""
        return self.machine.plugged

    async def pull(self) -> None:
        """Takes it off."""
        await self.machine.unplug()

    async def put(self) -> None:
        """Puts it on again."""
        await self.machine.plug()


class Jack(Struct, frozen=True):
    """That of a loudspeaker, which is missed when something is to be said."""

    speaker: Speaker

    @property
    def plugged(self) -> bool:
        """Whether the player can play."""
        return not self.speaker.troubled

    async def pull(self) -> None:
        """The player finds no device it could have."""
        self.speaker.trouble(BUSY)

    async def put(self) -> None:
        """It finds it again."""
        self.speaker.trouble()
