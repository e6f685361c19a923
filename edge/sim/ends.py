"""The other ends of the demo branch's wires: every device that the daemon opens a port or a socket for."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from edge.sim import premises
from edge.sim.broker import free_port
from edge.sim.demo import (
    BOARDS_PORT,
    CARD_PORT,
    CLIPS,
    COUNTERS_PORT,
    QUEUE_PORT,
    SENSOR_PORT,
    SIGN_PORT,
    UPS_PORT,
    Places,
)
from edge.sim.devices.boards import BoardBus
from edge.sim.devices.call_terminal_ff68 import TerminalLine, Terminals
from edge.sim.devices.dispenser import Dispenser
from edge.sim.devices.led_alpha import Signs
from edge.sim.devices.led_cpower import Cards
from edge.sim.devices.led_onbon import Boards
from edge.sim.devices.printer_escpos import Printer, PrinterPort
from edge.sim.devices.sensor_modbus import Module, ModuleBus, Modules
from edge.sim.devices.speaker import SOUNDS, Speaker, write_clips
from edge.sim.devices.ups_megatec import Ups, UpsLine
from edge.sim.devices.xfs4iot import Machine
from edge.sim.plugs import Cable, Jack, Power, Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from edge.sim.plugs import Plug

_BACK_DOOR_CLOSED: Final = [True, *[False] * 7]
_CLIMATE: Final = {1: 234, 2: 461}
"""Tenths of a degree, tenths of a percent."""

_CLIP_S: Final = 0.01
"""Nobody listens, and the branch's time is faster than the world's."""


class Ends:
    """Serial ports in `folder`, a loudspeaker beside it, and what is in the network.

    `busy` says whether one of the boards on the bus has no time for a frame just then.
    """

    def __init__(self, folder: Path, busy: Callable[[], bool] = lambda: False) -> None:
        self._folder, self._voice = folder, folder.parent / "voice"
        write_clips(self._voice / CLIPS, SOUNDS, lasts_s=_CLIP_S)
        self.speaker: Final = Speaker(self._voice)
        self.dispenser: Final = Dispenser(folder / QUEUE_PORT)
        others = {premises.CARD, premises.SIGN}
        onbon = {id: address for id, address in premises.BOARDS.items() if id not in others}
        card = {premises.CARD: premises.BOARDS[premises.CARD]}
        sign = {premises.SIGN: premises.BOARDS[premises.SIGN]}
        module = Module(premises.SENSOR, 1, contacts=list(_BACK_DOOR_CLOSED), inputs=dict(_CLIMATE))
        self.bus: Final = BoardBus(folder / BOARDS_PORT, Boards(onbon, busy=busy))
        self.card: Final = BoardBus(folder / CARD_PORT, Cards(card))
        self.sign: Final = BoardBus(folder / SIGN_PORT, Signs(sign, acknowledge=True))
        self.sensor: Final = ModuleBus(folder / SENSOR_PORT, Modules([module]))
        self.ups: Final = UpsLine(folder / UPS_PORT, Ups())
        self.machine: Final = Machine(free_port())
        self.printer: Final = PrinterPort(Printer(), free_port())
        boxes = {box: int(window) for window, box in premises.CALL_BOXES.items()}
        self.counters: Final = TerminalLine(folder / COUNTERS_PORT, Terminals(boxes))
        lines = (self.dispenser, self.bus, self.card, self.sign, self.sensor, self.ups, self.counters)
        self._ports = tuple(line.port for line in lines)

    def plugs(self) -> dict[str, Plug]:
        """The plug of every device by its id; of the bus, its boards' power, and the cable as `boards`.

        Of the call boxes it is the cable they share: nobody can ask a box, so one without power is not missed.
        """
        return {
            premises.QUEUE_MACHINE: Cable(self.dispenser.port),
            **{board: Power(self.bus, board) for board in self.bus.boards},
            BOARDS_PORT: Cable(self.bus.port),
            premises.CARD: Cable(self.card.port),
            premises.SIGN: Cable(self.sign.port),
            premises.XFS4IOT_MACHINE: Site(self.machine),
            premises.PRINTER: Site(self.printer),
            **dict.fromkeys(premises.CALL_BOXES.values(), Cable(self.counters.port)),
            premises.VOICE: Jack(self.speaker),
            premises.SENSOR: Cable(self.sensor.port),
            premises.UPS: Cable(self.ups.port),
        }

    @asynccontextmanager
    async def plugged_in(self) -> AsyncIterator[None]:
        """Everything has its plug in when the context begins, and nothing when it ends."""
        try:
            for port in self._ports:
                port.plug()
            await self.printer.plug()
            await self.machine.plug()
            yield
        finally:
            for port in self._ports:
                port.unplug()
            await self.printer.unplug()
            await self.machine.unplug()

    def places(self, broker_url: str, state_dir: Path, listen: str) -> Places:
        """Where everything is, for the demo's configuration."""
        return Places(
            pty_dir=self._folder,
            voice_dir=self._voice,
            machine=self.machine.url,
            printer=f"tcp://127.0.0.1:{self.printer.number}",
            broker_url=broker_url,
            state_dir=state_dir,
            listen=listen,
        )

    async def listened(self) -> None:
        """Returns when somebody has every port open."""
        for port in self._ports:
            await port.listened()
