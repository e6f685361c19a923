"""Modbus RTU sensors: dry contacts, and measured values by registers that the configuration names.

On RS-485, or through a converter that passes the bytes on over TCP. Every question reads; nothing is ever written. No
maker's register map is in here: those that could be checked are examples in `docs/devices/sensor_modbus.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers._modbus_frames import LAST_UNIT, Answer, Reader, Stray
from drivers._modbus_json import Frames
from drivers._modbus_module import Module, Settings
from edge.driver import BadFrame, Driver, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drivers._modbus_frames import Heard, Read
    from edge.core.instant import Instant
    from edge.driver import Device, FrameLayer, Medium, Received

__all__ = ["ADDRESSES", "FRAMES", "MEDIUM", "Settings", "create"]

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})
FRAMES: Final[FrameLayer] = Frames()
ADDRESSES: Final = range(1, LAST_UNIT + 1)

_GAP_BYTES: Final = 4.0
"""Silence between frames: 3.5 characters of eleven bits, which a line without parity sends as 3.85 of ten."""
_GAP_S: Final = 0.00175
"""The same above 19200 baud (MODBUS over Serial Line 1.02, 2.5.1.1)."""
_SLOWEST_BITS_PER_S: Final = 4800
_BITS_PER_BYTE: Final = 11
_AROUND: Final = 5


class ModbusSensors(Driver):
    """The modules on one line, told apart by address; one without an address has the factory's, 1."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._modules = {module.unit: module for module in map(Module, devices)}
        self._reads = {read.encode(): read for module in self._modules.values() for read in module.reads}
        self._reader = Reader(self._reads.values())
        self._read: Read | None = None

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """Contacts that have become active, statuses, and `Reply` for the question under way."""
        return [one for heard in self._reader.feed(data) for one in self._meaning(heard, at)]

    def poll(self, at: Instant) -> list[Request]:
        """Every module's contacts, and the values that are due."""
        return [self._request(module, read) for module in self._modules.values() for read in module.asked_now(at)]

    def asked(self, request: Request) -> None:
        """What is heard from here on may be the answer."""
        self._read = self._reads.get(request.data)
        if self._read is not None:
            self._reader.ask(self._read)

    def unanswered(self, request: Request) -> str:
        """What came in place of an answer; the next status of the device is news, whatever it says."""
        self._modules[request.address].news = True
        return self._reader.give_up()

    def _meaning(self, heard: Heard, at: Instant) -> Iterator[Received]:
        match heard:
            case Answer() if self._read is not None:
                yield from self._modules[self._read.unit].answered(self._read, heard, at)
            case Stray(unit=unit, why=why):
                yield BadFrame(f"address {unit} {why}")
                if unit in self._modules:
                    yield from self._modules[unit].astray(why, at)
            case BadFrame():
                yield heard

    def _request(self, module: Module, read: Read) -> Request:
        answer_s = (_AROUND + read.size) * _BITS_PER_BYTE / _SLOWEST_BITS_PER_S
        return Request(
            module.unit,
            read.encode(),
            expects=True,
            deadline_s=module.settings.deadline_s + answer_s,
            tries=module.settings.tries,
            gap_s=_GAP_S,
            gap_bytes=_GAP_BYTES,
        )


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the modules that share one line."""
    return ModbusSensors(devices)
