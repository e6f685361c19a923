"""From nothing to ready: the daemon's READY=1 on a real socket, against an interpreter that does nothing.

What it starts with is what a power cut leaves of a morning's work, the same in every round: a snapshot and a tail of
events behind it, sixty people waiting, machines on the branch's broker and a board on a serial line. No broker runs:
readiness does not wait for links, it opens them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from bisect import bisect_left
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge import snapshot
from edge.bench import branch, day
from edge.bench.figures import Spread, ratios
from edge.bench.processes import DAEMON, Readiness, as_installed, child, free_port, pinned
from edge.bench.recovery import remember
from edge.bench.report import Aim, Figure, Report, Table
from edge.config import load
from edge.core.instant import seconds
from edge.shell.recovery import recover
from edge.shell.store import Store
from edge.shell.upkeep import KEEP_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ABOUT: Final = "a start until READY=1, against `python -c pass`"
WAITING: Final = 60
EVENTS: Final = 1750
"""Of the morning."""

BEHIND: Final = seconds(KEEP_S) // 2
"""So long ago the last snapshot was taken, on average, when power fails."""

IMPORTS: Final = "import gc; gc.disable(); import edge.cli.run, edge.app, drivers.atm_mqtt, drivers.led_onbon_bx"
"""All that is imported until then; what the pages need is imported later, beside the loop."""

STATE, LEFT = "state", "left"
"""Where the daemon remembers, and what is put there before each start."""

LOG: Final = "daemon.log"
_RECOVERED: Final = re.compile(r"\brecovered events=(\d+)")

SHOWN: Final = 16
_IMPORT: Final = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \| (\s*)(\S+)$", re.MULTILINE)
"""A line of `-X importtime`: microseconds of itself, with what it imports, depth, name."""


class Sizes(Struct, frozen=True):
    """How many rounds."""

    rounds: int


FULL, QUICK = Sizes(rounds=15), Sizes(rounds=2)


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Starts the one and the other in turn."""
    with TemporaryDirectory() as name, pinned(1):
        folder = Path(name)
        config, environ = prepared(folder), as_installed()
        tell("compiling")
        _power_cut(folder)
        _ready(config, folder, environ)
        passed, ready, imported = [], [], []
        for number in range(sizes.rounds):
            tell(f"round {number + 1} of {sizes.rounds}")
            passed.append(_ran("pass", environ))
            _power_cut(folder)
            ready.append(_ready(config, folder, environ))
            imported.append(_ran(IMPORTS, environ))
        table = _table(_importtime(environ))
        replayed = _replayed(folder)
    return Report(
        "start",
        ABOUT,
        [
            Figure(
                "ready",
                ratios(ready, passed),
                aim=Aim(25),
                beside={"ms": 1000 * Spread.of(ready).median, "events replayed": replayed},
            ),
            Figure("its imports alone", ratios(imported, passed), beside={"ms": 1000 * Spread.of(imported).median}),
            Figure("python -c pass", Spread.of([1000 * each for each in passed]), "ms"),
        ],
        [table],
    )


def prepared(folder: Path) -> Path:
    """A configuration whose state is that of a branch in the middle of its morning; `_power_cut` brings it about."""
    tables = branch.table(
        folder / STATE,
        broker={"url": f"mqtt://127.0.0.1:{free_port()}"},
        devices={
            **branch.machines(10),
            "board-lobby": {
                "kind": "board",
                "driver": "led_onbon_bx",
                "link": f"serial://{folder}/none",
                "shows": "lobby",
            },
        },
    )
    config = branch.written(folder / "branch.toml", tables)
    loaded = load(config)
    store = Store.open(folder / LEFT, branch.ID)
    now = time.time_ns() // 1000
    events = day.steady(now - (day.steady(0, WAITING, EVENTS)[-1].at), WAITING, EVENTS)
    behind = bisect_left(events, now - BEHIND, key=lambda event: event.at)
    remember(store, events[:behind])
    store.keep_snapshot(snapshot.dump(recover(store, loaded.policy).engine.hall))
    remember(store, events[behind:])
    store.close()
    return config


def _power_cut(folder: Path) -> None:
    """The state is again what it was."""
    shutil.rmtree(folder / STATE, ignore_errors=True)
    shutil.copytree(folder / LEFT, folder / STATE)


def _ran(program: str, environ: Mapping[str, str]) -> float:
    """Seconds of an interpreter that runs this and ends."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, **environ})
    return time.perf_counter() - began


def _replayed(folder: Path) -> int:
    """How many events every start has replayed, at least."""
    return min(int(number) for number in _RECOVERED.findall((folder / LOG).read_text(encoding="utf-8")))


def _ready(config: Path, folder: Path, environ: Mapping[str, str]) -> float:
    log = folder / LOG
    with Readiness(folder / "ready") as ready:
        began = time.perf_counter()
        with child([*DAEMON, config], log, environ={**environ, **ready.environ}) as process:
            return ready.wait(process, log) - began


def _importtime(environ: Mapping[str, str]) -> str:
    """What the interpreter says of its imports."""
    command = [sys.executable, "-X", "importtime", "-c", IMPORTS]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environ})
    return ran.stderr


def _table(importtime: str) -> Table:
    """Milliseconds that each package's own modules take, without what they import in turn."""
    own_us: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for own, _, _, name in _IMPORT.findall(importtime):
        package = _package(name)
        own_us[package] += int(own)
        modules[package] += 1
    total = sum(own_us.values())
    rows = [(name, modules[name], us / 1000, 100 * us / total) for name, us in own_us.most_common(SHOWN)]
    title = f"what importing takes (-X importtime, {total / 1000:.0f} ms in all, slowed by the measuring)"
    return Table(title, ("package", "modules", "own ms", "%"), rows)


def _package(name: str) -> str:
    """The top of a module's name; of our own, the room."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "edge" else parts[0]
