"""A UPS on a serial line: answers Q1, I and F as the protocol's paper says, and sends back what it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.sim.devices.pty import Port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_END: Final = b"\r"
_MOST: Final = 64
_MAINS_V: Final = 220.4


class Ups(Struct):
    """An on-line UPS: what it is connected to, what it carries, and its cells' voltage."""

    mains: bool = True
    battery_low: bool = False
    failed: bool = False
    load_percent: int = 34
    cell_v: float = 2.27
    silent: bool = False
    asked: int = 0
    _rest: bytes = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to the lines that `data` completes, in order."""
        *lines, rest = (self._rest + data).split(_END)
        self._rest = rest[-_MOST:]
        for line in lines:
            self.asked += 1
            if not self.silent:
                yield self._answer(line) + _END

    def _answer(self, line: bytes) -> bytes:
        match line:
            case b"Q1":
                bits = f"{not self.mains:d}{self.battery_low:d}0{self.failed:d}0000"
                volts = _MAINS_V if self.mains else 0.0
                frequency = 50.0 if self.mains else 0.0
                figures = (
                    f"{volts:05.1f} {volts:05.1f} 220.0 {self.load_percent:03d} {frequency:04.1f} {self.cell_v:.2f}"
                )
                return f"({figures} 25.0 {bits}".encode("ascii")
            case b"I":
                return f"#{'SIMULATED':15} {'C3K':10} {'1.0':10}".encode("ascii")
            case b"F":
                return b"#220.0 014 96.00 50.0"
            case _:
                return line


class UpsLine:
    """The UPS at the end of a cable."""

    def __init__(self, path: Path, ups: Ups) -> None:
        self.ups = ups
        self.port = Port(path, self._received)

    def _received(self, data: bytes) -> None:
        for answer in self.ups.receive(data):
            self.port.write(answer)
