"""udev rules that give the configuration's serial ports the names it knows them by. Text; nothing is written.

A port is told from others by its adapter's serial number where no other port has the same, else by the socket it is
plugged into (ID_PATH): cheap adapters carry none. The keys are those of udev(7) and of udev's own 60-serial.rules.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.shell.serialports import SerialPort

GROUP: Final = "lobbyd"

_WHICH: Final = 'ACTION!="remove", SUBSYSTEM=="tty", '
_GIVES: Final = f'SYMLINK+="branch/{{name}}", GROUP="{GROUP}", MODE="0660", TAG+="systemd"'
_ADAPTER_ONLY: Final = ', ENV{ID_MM_DEVICE_IGNORE}="1"'

_HEAD: Final = """\
# Serial ports of the branch, by `lobbyd devices --udev`. Put this into /etc/udev/rules.d/99-lobbyd.rules, then:
#   udevadm control --reload && udevadm trigger --subsystem-match=tty
"""
_HOW: Final = """\
# {link}: nothing is known of its port. With its cable plugged in: lobbyd devices --udev {name}=/dev/ttyUSB0
"""


def rules(wanted: Mapping[str, Sequence[str]], at: Mapping[str, SerialPort], ports: Sequence[SerialPort]) -> str:
    """A rule for every name of `wanted` (with its devices), by the port `at` it; a template in a comment without one.

    `ports` are all there are, among which the one must be told from the others.
    """
    return "\n".join([_HEAD, *(_paragraph(name, devices, at.get(name), ports) for name, devices in wanted.items())])


def _paragraph(name: str, devices: Sequence[str], port: SerialPort | None, ports: Sequence[SerialPort]) -> str:
    whose = ", ".join(devices)
    if port is None:
        template = f'#{_WHICH}ENV{{ID_PATH}}=="…", {_GIVES.format(name=name)}{_ADAPTER_ONLY}\n'
        return f"# {whose}\n" + _HOW.format(link=f"/dev/branch/{name}", name=name) + template
    adapter = _ADAPTER_ONLY if port.vendor_id is not None else ""
    return f"# {whose}: {port.what}\n{_WHICH}{_tells(port, ports)}, {_GIVES.format(name=name)}{adapter}\n"


def _tells(port: SerialPort, ports: Sequence[SerialPort]) -> str:
    """The match that only this port meets."""
    serials = Counter(each.serial_number for each in ports)
    if port.serial_number and serials[port.serial_number] == 1:
        return f'ENV{{ID_SERIAL_SHORT}}=="{_literal(port.serial_number)}"'
    if port.id_path is None:
        return f'KERNEL=="{port.node.rpartition("/")[2]}"'
    paths = Counter(each.id_path for each in ports)
    which = f', ATTRS{{port_number}}=="{port.number}"' if paths[port.id_path] > 1 and port.number is not None else ""
    return f'ENV{{ID_PATH}}=="{_literal(port.id_path)}"{which}'


def _literal(value: str) -> str:
    """As udev keeps it (its `util_replace_chars`, for serial numbers), with nothing in it that would be a pattern."""
    return "".join(mark if mark.isascii() and (mark.isalnum() or mark in "#+-.:=@_/") else "_" for mark in value)
