"""The serial ports of this machine: which there are, the names that lead to them, and what tells one from another."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OURS: Final = "branch"
"""The folder of /dev in which our udev rules put their links."""

_LASTING: Final = (OURS, "serial/by-id", "serial/by-path")
"""Folders of names that stay the same whatever number the kernel gives the port, ours first."""

_BY_PATH: Final = re.compile(r"/serial/by-path/(?P<path>.+?)(?:-port(?P<port>\d+))?$")
"""As udev's 60-serial.rules makes them: $env{ID_PATH}, and behind it the adapter's own number of the port."""


class SerialPort(Struct, frozen=True):
    """One port: its node, the lasting names of it, and of a USB adapter what it says of itself, as far as it does.

    `id_path` is the socket it is plugged into, as udev has it, `number` which of several ports of one adapter it is.
    """

    node: str
    names: tuple[str, ...] = ()
    vendor_id: int | None = None
    product_id: int | None = None
    maker: str | None = None
    product: str | None = None
    serial_number: str | None = None

    @property
    def id_path(self) -> str | None:
        """ID_PATH of its socket; None where udev has made no such name."""
        found = self._by_path()
        return found["path"] if found is not None else None

    @property
    def number(self) -> int | None:
        """Which port of its adapter."""
        found = self._by_path()
        return int(found["port"]) if found is not None and found["port"] is not None else None

    @property
    def what(self) -> str:
        """Maker, model and serial number in words; of a built-in port, that it is one."""
        if self.vendor_id is None or self.product_id is None:
            return "built in"
        words = [f"{self.vendor_id:04x}:{self.product_id:04x}", self.maker, self.product]
        if self.serial_number:
            words.append(f"serial number {self.serial_number}")
        return "".join(mark if mark.isprintable() else "?" for mark in " ".join(filter(None, words)))

    def _by_path(self) -> re.Match[str] | None:
        return next((found for name in self.names if (found := _BY_PATH.search(name))), None)


def present(dev: Path = Path("/dev")) -> list[SerialPort]:
    """Every serial port there is, by pyserial's reading of sysfs, in the order of their nodes."""
    from serial.tools.list_ports import comports  # noqa: PLC0415 (pyserial, only where ports are looked for)

    return described(comports(), links(dev))


def described(found: Iterable[Any], names: Mapping[str, Sequence[str]]) -> list[SerialPort]:
    """Ports from pyserial's `ListPortInfo` and the names that lead to each node."""
    ports = [
        SerialPort(
            node=info.device,
            names=tuple(names.get(os.path.realpath(info.device), ())),
            vendor_id=info.vid,
            product_id=info.pid,
            maker=info.manufacturer,
            product=info.product,
            serial_number=info.serial_number,
        )
        for info in found
    ]
    return sorted(ports, key=lambda port: _natural(port.node))


def links(dev: Path) -> Mapping[str, Sequence[str]]:
    """The lasting names below `dev` by the node they lead to, ours first; names that lead nowhere are left out."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for folder in _LASTING:
        for name in sorted((dev / folder).glob("*")):
            if name.exists():
                names[os.path.realpath(name)].append(str(name))
    return names


def _natural(node: str) -> tuple[str, int]:
    """ttyUSB2 before ttyUSB10."""
    stem = node.rstrip("0123456789")
    return stem, int(node[len(stem) :] or 0)
