"""`lobbyd devices`: the serial ports of this machine, who of the configuration uses which, and udev rules for them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from edge.cli import OK, UsageError
from edge.config.links import SerialLink
from edge.shell import udev
from edge.shell.serialports import OURS, present

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from edge.shell.serialports import SerialPort

HELP = (
    "Lists the serial ports there are, by names that last, with what is plugged in, and which configured device uses\n"
    "which. --udev prints rules that give each port of the configuration below /dev/branch its name; NAME=PORT says\n"
    "which port is meant where no rule has named it yet."
)
EXAMPLE = "lobbyd devices --udev queue0=/dev/ttyUSB0 board0=/dev/ttyUSB1"

CONFIG: Final = Path("/etc/lobbyd/branch.toml")
_BRANCH: Final = f"/dev/{OURS}/"


class Use(Struct, frozen=True):
    """A port of the configuration: its path, and the devices on it with how the line is set."""

    path: str
    devices: tuple[str, ...]
    line: str


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("-c", "--config", type=Path, metavar="CONFIG", help=f"default: {CONFIG}, where there is one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="prints them as one JSON object")
    form.add_argument("--udev", nargs="*", metavar="NAME=PORT", help="prints udev rules instead")


def run(args: argparse.Namespace) -> int:
    """Prints the list, or the rules."""
    uses, ports = _uses(args.config), present()
    if args.udev is not None:
        print(_rules(uses, ports, args.udev), end="")
    elif args.json:
        print(json.dumps(_item(uses, ports), ensure_ascii=False))
    else:
        print("\n".join(_lines(uses, ports)))
    return OK


def _uses(path: Path | None) -> list[Use]:
    if path is None and not CONFIG.exists():
        return []
    from edge.config import ConfigError, load  # noqa: PLC0415 (rules and texts are only read for a configuration)

    try:
        loaded = load(path or CONFIG)
    except ConfigError as fault:
        raise UsageError("; ".join(fault.faults)) from None
    return [
        Use(link.path, tuple(one.id for one in bus.devices), f"{bus.driver}, {link.baud} baud")
        for bus in loaded.buses
        if isinstance(link := bus.link, SerialLink)
    ]


def _using(port: SerialPort, uses: Sequence[Use]) -> list[Use]:
    return [use for use in uses if os.path.realpath(use.path) == os.path.realpath(port.node)]


def _elsewhere(uses: Sequence[Use], ports: Sequence[SerialPort]) -> list[Use]:
    """What the configuration names and is none of the ports listed."""
    listed = {os.path.realpath(port.node) for port in ports}
    return [use for use in uses if os.path.realpath(use.path) not in listed]


def _lines(uses: Sequence[Use], ports: Sequence[SerialPort]) -> Iterator[str]:
    for port in ports:
        yield f"{port.node}: {port.what}"
        yield from (f"  named    {name}" for name in port.names)
        users = _using(port, uses)
        yield from (f"  used by  {', '.join(use.devices)} ({use.line})" for use in users)
        if not users:
            yield "  unused"
    for use in _elsewhere(uses, ports):
        there = Path(use.path).exists()
        yield f"{use.path}: {'no serial port of the machine' if there else 'is not there; is it plugged in?'}"
        yield f"  used by  {', '.join(use.devices)} ({use.line})"
        if not there and use.path.startswith(_BRANCH):
            name = use.path.removeprefix(_BRANCH)
            yield f"  its name comes from udev: lobbyd devices --udev {name}=PORT"
    if not ports and not uses:
        yield "no serial port is plugged in, and no configuration names one"


def _item(uses: Sequence[Use], ports: Sequence[SerialPort]) -> dict[str, Any]:
    listed = [
        {**asdict(port), "id_path": port.id_path, "devices": [id for use in _using(port, uses) for id in use.devices]}
        for port in ports
    ]
    others = [
        {"path": use.path, "there": Path(use.path).exists(), "devices": list(use.devices)}
        for use in _elsewhere(uses, ports)
    ]
    return {"ports": listed, "elsewhere": others}


def _rules(uses: Sequence[Use], ports: Sequence[SerialPort], given: Sequence[str]) -> str:
    wanted = {use.path.removeprefix(_BRANCH): use.devices for use in uses if use.path.startswith(_BRANCH)}
    if not wanted:
        raise UsageError(f"--udev: no configured device is on a port below {_BRANCH}; -c names the configuration")
    by_node = {os.path.realpath(port.node): port for port in ports}
    at = {name: by_node[node] for name in wanted if (node := os.path.realpath(_BRANCH + name)) in by_node}
    for text in given:
        name, port = _meant(text, wanted, by_node)
        at[name] = port
    return udev.rules(wanted, at, ports)


def _meant(text: str, wanted: Mapping[str, object], by_node: Mapping[str, SerialPort]) -> tuple[str, SerialPort]:
    name, equals, path = text.partition("=")
    if not equals or name not in wanted:
        raise UsageError(f"--udev {text}: accepted: NAME=PORT with a NAME of {', '.join(wanted)}")
    port = by_node.get(os.path.realpath(path))
    if port is None:
        there = ", ".join(one.node for one in by_node.values()) or "none"
        raise UsageError(f"--udev {text}: {path} is no serial port; there are: {there}")
    return name, port
