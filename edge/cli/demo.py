"""`lobbyd demo`: the same daemon over a branch that does not exist, with an embedded broker and pages to look at."""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import shutil
import signal
import socket
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import tomli

from edge import resources
from edge.app import SOCKET, Daemon
from edge.cli import FAULT, INTERRUPTED, OK, UsageError
from edge.config import ConfigError, load_table
from edge.core import instant
from edge.core.commands import Command, PromptRecord, PublishPrompt
from edge.core.outputs import ShowOnBoard
from edge.shell import logs
from edge.shell.clock import Clock
from edge.shell.store import StoreFailed
from edge.sim import orders, premises
from edge.sim.branch import SimulatedBranch
from edge.sim.broker import NoBroker, embedded_broker
from edge.sim.demo import demo_config
from edge.sim.orders import Order
from edge.sim.panel import Panel
from edge.sim.plugs import NoSuchPlug
from edge.sim.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.config import Loaded
    from edge.sim.scenario import Scenario

HELP = (
    "Runs the daemon over simulated devices on real pseudo-terminals and a real broker; nothing is left behind.\n"
    "With --unplug or --plug while a demo runs at --port, that demo's devices are meant, and no other is started."
)
EXAMPLE = "lobbyd demo --scenario rush --speed 60 --port 8080"

SPEED: Final = 30.0
FASTEST: Final = 600.0
PORT_MOST: Final = 65535


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="rush", help="default: %(default)s")
    parser.add_argument(
        "--speed", type=_speed, default=SPEED, help="seconds of the branch in one of ours (default: 30)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, another day (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="of the pages (default: %(default)s; 0: any)")
    parser.add_argument("--for", dest="for_s", type=_duration, metavar="SECONDS", help="ends by itself after so long")
    parser.add_argument("--headless", action="store_true", help="tells no news, only the addresses and how it went")
    parser.add_argument(
        "--unplug",
        type=_order,
        action="append",
        default=[],
        metavar=orders.FORM,
        help="pulls a device's plug, at once or after so many seconds, for good or for so many",
    )
    parser.add_argument(
        "--plug", action="append", default=[], metavar="NAME", help="puts a plug of the running demo in again"
    )


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C, or for as long as was asked; or has a demo that runs already do something."""
    if (args.unplug or args.plug) and _told(args):
        return OK
    logs.configure(level="warning")
    _check_free(args.port)
    try:
        return asyncio.run(_demo(args))
    except asyncio.CancelledError:  # ended while it still started
        return INTERRUPTED
    except (NoBroker, StoreFailed, ConfigError) as fault:
        print(f"lobbyd demo: {fault}", file=sys.stderr)
        return FAULT


def _told(args: argparse.Namespace) -> bool:
    """Whether a demo runs whose simulator could be told; its page is at the port after that of the branch's pages."""
    try:
        for order in [*args.unplug, *(Order(name, plugged=True) for name in args.plug)]:
            print(orders.tell(_beside(args.port), order))
    except orders.Refused as fault:
        raise UsageError(str(fault)) from None
    except orders.NoSimulator:
        if args.plug:
            raise UsageError(f"--plug: no demo runs at port {args.port}; --port names that of its pages") from None
        return False
    return True


def _beside(port: int) -> int:
    return port + 1 if port else 0


def _check_free(port: int) -> None:
    """Says at once that somebody else listens there; the daemon itself would go on without its pages, and try again."""
    try:
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError as fault:
        reason = os.strerror(fault.errno or 0)
        raise UsageError(f"--port {port}: {reason}; choose another, or 0 for any that is free") from None


async def _demo(args: argparse.Namespace) -> int:
    if (main := asyncio.current_task()) is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)  # until the daemon minds it
    with tempfile.TemporaryDirectory(prefix="lobbyd-demo-") as folder:
        return await _play(args, Path(folder))


async def _play(args: argparse.Namespace, folder: Path) -> int:
    scenario, news = SCENARIOS[args.scenario], _News(told=not args.headless)
    async with embedded_broker(folder) as url:
        clock = Clock(speed=args.speed, start=_beginning(scenario))
        branch = SimulatedBranch(scenario, args.seed, clock, url, folder)
        loaded = _configuration(branch, folder, url, args.port)
        daemon = Daemon(loaded, clock, reread=lambda: loaded, sinks=[news])
        news.unheard = daemon.supervisor.stop
        if args.for_s is not None:
            asyncio.get_running_loop().call_later(args.for_s, daemon.supervisor.stop)
        panel = _panel(branch, args)
        code = await daemon.run([branch, panel, _Welcome(daemon, args, url, news, panel)])
    print(news.summary(daemon), flush=True)
    return code


def _panel(branch: SimulatedBranch, args: argparse.Namespace) -> Panel:
    panel = Panel(branch, _beside(args.port), args.unplug)
    try:
        for order in args.unplug:
            panel.check(order)
    except NoSuchPlug as fault:
        raise UsageError(f"--unplug: {fault}") from None
    return panel


def _configuration(branch: SimulatedBranch, folder: Path, broker: str, port: int) -> Loaded:
    path = resources.config_dir() / "demo.toml"
    table = tomli.loads(path.read_text(encoding="utf-8"))
    places = branch.ends.places(broker, folder / "state", f"127.0.0.1:{port}")
    return load_table(demo_config(table, places), path)


def _beginning(scenario: Scenario) -> instant.Instant:
    """Today, at the scenario's moment: the demo's clock starts there, whatever the time is here."""
    today = instant.local(Clock().now(), premises.ZONE).date()
    return instant.from_datetime(datetime.combine(today, scenario.shows_from, premises.ZONE))


def _program() -> str:
    """What to type for this program here: its name where the shell finds it, else the path from where we are."""
    beside = Path(sys.executable).with_name("lobbyd")
    if shutil.which("lobbyd") or not beside.exists():
        return "lobbyd"
    return str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside)


class _Welcome:
    """Says where to look, once there is something to see."""

    name = "welcome"

    def __init__(self, daemon: Daemon, args: argparse.Namespace, broker: str, news: _News, panel: Panel) -> None:
        self._daemon, self._args, self._broker, self._news, self._panel = daemon, args, broker, news, panel

    async def serve(self) -> None:
        """Prints the addresses once the pages are open."""
        door = self._daemon.door
        if door is not None:
            await door.opened.wait()
            await self._panel.opened.wait()
            self._news.begin(
                f"示范支行 Demo branch: scenario {self._args.scenario}, {self._args.speed:g} times as fast as life\n"
                f"  handheld      {door.address}/handheld\n"
                f"  call board    {door.address}/board\n"
                f"  headquarters  mosquitto_sub -h {self._broker.removeprefix('mqtt://').replace(':', ' -p ')}"
                f" -t 'bank/#' -v\n"
                f"  simulator     {self._panel.address}/ unplugs its devices\n"
                f"  status        {_program()} status --socket {self._daemon.loaded.branch.state.dir / SOCKET}\n"
                f"Ctrl-C ends it."
            )
        await asyncio.Event().wait()


class _News:
    """Tells on the terminal what the handheld and the boards are told, and counts it; the heading comes first."""

    def __init__(self, *, told: bool) -> None:
        self._told = told
        self._early: list[str] | None = []
        self._raised: dict[str, int] = {}
        self._calls = 0
        self.unheard: Callable[[], None] = lambda: None

    def perform(self, commands: Sequence[Command]) -> None:
        """A sink of the daemon."""
        for command in commands:
            if type(command) is PublishPrompt:
                self._prompt(command.record)
            elif isinstance(command, ShowOnBoard) and command.page.level == "call":
                self._calls += 1
                self._tell(command.at, f"{command.board:>10}  {command.page.text.zh}")

    def summary(self, daemon: Daemon) -> str:
        """How it went, in a line or two."""
        prompts = ", ".join(f"{rule} {count}" for rule, count in sorted(self._raised.items())) or "none"
        events = daemon.runtime.counts["events"]
        return f"{events} events, {self._calls} calls shown; prompts raised: {prompts}"

    def _prompt(self, record: PromptRecord) -> None:
        if record.state == "raised":
            self._raised[record.rule] = self._raised.get(record.rule, 0) + 1
        if record.state != "held":
            self._tell(record.at, f"{record.state:>12}  {record.text.zh}  ({record.text.en})")

    def begin(self, heading: str) -> None:
        """Says the heading, and after it what there was to tell before."""
        early, self._early = self._early or [], None
        for text in (heading, *early):
            self._say(text)

    def _tell(self, at: instant.Instant, text: str) -> None:
        if not self._told:
            return
        line = f"{instant.local(at, premises.ZONE):%H:%M:%S} {text}"
        if self._early is None:
            self._say(line)
        else:
            self._early.append(line)

    def _say(self, text: str) -> None:
        """Prints; where nobody can read it any longer, calls `unheard` and is silent."""
        try:
            print(text, flush=True)
        except OSError:
            self._told = False
            self.unheard()


def _order(text: str) -> Order:
    try:
        return orders.parse(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def _number(text: str, least: float, most: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text} is no {what}; accepted: {least:g} to {most:g}")
    return value


def _speed(text: str) -> float:
    return _number(text, 1, FASTEST, "speed")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > PORT_MOST:
        raise argparse.ArgumentTypeError(f"{text} is no port; accepted: 0 to {PORT_MOST}")
    return int(text)


def _duration(text: str) -> float:
    return _number(text, 1, 86_400, "number of seconds")
