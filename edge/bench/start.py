"""From nothing to ready: the daemon's READY=1 on a real socket, against an interpreter that does nothing.

What it starts with is a morning's work: a snapshot and a tail of events behind it, sixty people waiting, machines on
the branch's broker and a board on a serial line. No broker runs: readiness does not wait for links, it opens them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
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
from edge.core.instant import SECOND
from edge.shell.recovery import recover
from edge.shell.runtime import SNAPSHOT_EVERY
from edge.shell.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ABOUT: Final = "a start until READY=1, against `python -c pass`"
WAITING: Final = 60
BEFORE, AFTER = 1500, SNAPSHOT_EVERY // 2
"""Events the snapshot covers, and events behind it: as many as there are on average when power fails."""

IMPORTS: Final = "import gc; gc.disable(); import edge.cli.run, edge.app, drivers.atm_mqtt, drivers.led_onbon_bx"
"""All that is imported until then; what the pages need is imported later, beside the loop."""

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
        _ready(config, folder, environ)
        passed, ready, imported = [], [], []
        for number in range(sizes.rounds):
            tell(f"round {number + 1} of {sizes.rounds}")
            passed.append(_ran("pass", environ))
            ready.append(_ready(config, folder, environ))
            imported.append(_ran(IMPORTS, environ))
        table = _table(_importtime(environ))
    return Report(
        "start",
        ABOUT,
        [
            Figure("ready", ratios(ready, passed), aim=Aim(25), beside={"ms": 1000 * Spread.of(ready).median}),
            Figure("its imports alone", ratios(imported, passed), beside={"ms": 1000 * Spread.of(imported).median}),
            Figure("python -c pass", Spread.of([1000 * each for each in passed]), "ms"),
        ],
        [table],
    )


def prepared(folder: Path) -> Path:
    """A configuration whose state is that of a branch in the middle of its morning."""
    tables = branch.table(
        folder / "state",
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
    store = Store.open(loaded.branch.state.dir, branch.ID)
    began = time.time_ns() // 1000 - 4 * 3600 * SECOND
    events = day.steady(began, WAITING, BEFORE + AFTER)
    remember(store, events[:BEFORE])
    store.keep_snapshot(snapshot.dump(recover(store, loaded.policy).engine.hall))
    remember(store, events[BEFORE:])
    store.close()
    return config


def _ran(program: str, environ: Mapping[str, str]) -> float:
    """Seconds of an interpreter that runs this and ends."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, **environ})
    return time.perf_counter() - began


def _ready(config: Path, folder: Path, environ: Mapping[str, str]) -> float:
    log = folder / "daemon.log"
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
