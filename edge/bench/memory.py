"""Resident memory of the daemon with everything on, against an interpreter that sleeps."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.bench.everything import PAGES, asked_for, everything, listening
from edge.bench.figures import Spread, ratios
from edge.bench.processes import child, resident_mib
from edge.bench.report import Aim, Figure, Report

if TYPE_CHECKING:
    from collections.abc import Callable

ABOUT: Final = "resident memory with everything on: a day recovered, brokers, serial lines, pages, a stream"
SETTLES_S: Final = 2.0
"""After the pages have been read: what was needed for answering them is given back by then."""

SLEEP: Final = "import signal; signal.pause()"


class Sizes(Struct, frozen=True):
    """How many daemons, one after the other."""

    rounds: int


FULL, QUICK = Sizes(rounds=3), Sizes(rounds=1)


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Starts it, reads every page once, lets a page listen, and looks."""
    before, after, bare = [], [], []
    for number in range(sizes.rounds):
        tell(f"daemon {number + 1} of {sizes.rounds}")
        with (
            TemporaryDirectory() as folder,
            child([sys.executable, "-c", SLEEP], Path(folder) / "sleep.log") as sleeper,
        ):
            started, full = asyncio.run(_measured(Path(folder)))
            before.append(started)
            after.append(full)
            bare.append(resident_mib(sleeper.pid))
    return Report(
        "memory",
        ABOUT,
        [
            Figure("resident, everything on", Spread.of(after), "MiB", Aim(64)),
            Figure("before the pages", Spread.of(before), "MiB"),
            Figure(
                "to a sleeping interpreter", ratios(after, bare), beside={"interpreter MiB": Spread.of(bare).median}
            ),
        ],
    )


async def _measured(folder: Path) -> tuple[float, float]:
    async with everything(folder, core=1) as running:
        started = resident_mib(running.pid)
        for page in PAGES:
            await asked_for(running.port, page)
        async with listening(running.port):
            await asyncio.sleep(SETTLES_S)
            return started, resident_mib(running.pid)
