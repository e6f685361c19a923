"""`lobbyd doctor`: checks of everything a branch hangs on, each with its remedy."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import asdict

from edge.cli import BAD_USE
from edge.config import ConfigError, load
from edge.shell import logs
from edge.shell.clock import Clock
from edge.shell.doctor import brokers, daemon, machine
from edge.shell.doctor.finding import CODES, Finding, worst
from edge.shell.doctor.look import look
from edge.web.local import NoDaemon, Silent, Untold, figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from edge.config import Loaded

HELP = (
    "Checks configuration, serial ports, brokers, clock, disk and journal, unit and pages, and looks at every device:\n"
    "a running daemon is asked; without one each device is, by questions that only read, or listened to.\n"
    "Exit codes as Nagios has them: 0 all well, 1 a warning, 2 critical or a bad configuration."
)
EXAMPLE = "lobbyd doctor -c /etc/lobbyd/branch.toml"

CONFIG: Final = Path("/etc/lobbyd/branch.toml")
LISTEN_S: Final = 5.0
LONGEST_S: Final = 3600.0
_SOCKET: Final = "lobbyd.sock"


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("-c", "--config", type=Path, default=CONFIG, metavar="CONFIG", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="prints the findings as one JSON object")
    parser.add_argument(
        "--listen",
        type=_listen,
        default=LISTEN_S,
        metavar="SECONDS",
        help="to devices that only speak by themselves (default: 5)",
    )


def run(args: argparse.Namespace) -> int:
    """Prints the findings, the gravest first within their kind; the code of the gravest."""
    logs.configure(level="critical")  # what goes wrong is a finding, not news
    try:
        loaded = load(args.config)
    except ConfigError as refused:
        _print(args, [*(_fault(fault) for fault in refused.faults), machine.clock(Clock().quality())])
        print(refused, file=sys.stderr)
        return BAD_USE
    findings = [_good(loaded), *_machine(loaded), *_daemon_or_devices(loaded, args.listen)]
    _print(args, findings)
    return CODES[worst(findings)]


def _good(loaded: Loaded) -> Finding:
    devices = sum(len(bus.devices) for bus in loaded.buses)
    return Finding("ok", "configuration", f"{loaded.path}: {devices} devices on {len(loaded.buses)} links")


def _fault(fault: str) -> Finding:
    return Finding("critical", "configuration", fault, "mend it; `lobbyd check` names every fault at once")


def _machine(loaded: Loaded) -> Iterator[Finding]:
    state = loaded.branch.state
    yield machine.clock(Clock().quality())
    yield from machine.disk(state.dir, state.outbox_mb)
    yield from machine.journal(state.dir)
    yield from machine.unit()
    yield from machine.nodes(loaded)


def _daemon_or_devices(loaded: Loaded, listen_s: float) -> Sequence[Finding]:
    """What the daemon sees, where there is one; else what is seen without it."""
    try:
        view: dict[str, Any] = figures(loaded.branch.state.dir / _SOCKET, "/api/view")
    except Untold as fault:
        return [Finding("warning", "daemon", str(fault), "without it no device is looked at: they may be its own")]
    except Silent as fault:
        return [Finding("critical", "daemon", str(fault), "systemctl restart lobbyd; its ports are still its own")]
    except NoDaemon:
        none = Finding("warning", "daemon", "not running; its devices are asked without it", "systemctl start lobbyd")
        return [none, *machine.pages(loaded.branch.web.listen), *asyncio.run(_outside(loaded, listen_s))]
    return [*daemon.sees(loaded, view)]


async def _outside(loaded: Loaded, listen_s: float) -> list[Finding]:
    """Brokers and devices, all at the same time."""
    clock = Clock()
    async with asyncio.TaskGroup() as group:
        looks = [
            group.create_task(brokers.branch(loaded, clock, listen_s)),
            group.create_task(brokers.headquarters(loaded)),
            *(group.create_task(look(bus, clock, listen_s)) for bus in loaded.buses if bus.link.medium != "mqtt"),
        ]
    return [finding for each in looks for finding in each.result()]


def _print(args: argparse.Namespace, findings: Sequence[Finding]) -> None:
    if args.json:
        print(json.dumps({"state": worst(findings), "findings": [asdict(one) for one in findings]}, ensure_ascii=False))
        return
    for finding in findings:
        print(finding)
    troubled = [finding for finding in findings if finding.level != "ok"]
    print(f"{worst(findings).upper()} - {len(findings)} checks, {len(troubled)} want a look")


def _listen(text: str) -> float:
    try:
        duration_s = float(text)
    except ValueError:
        duration_s = math.nan
    if not 0 <= duration_s <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds; accepted: 0 to {LONGEST_S:g}")
    return duration_s
