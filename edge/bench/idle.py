"""What the daemon costs while nothing happens, everything on, against a loop that does nothing once a second."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.bench.everything import PAGES, asked_for, everything, listening
from edge.bench.figures import Spread, ratios
from edge.bench.processes import child, cpu_s, wakeups
from edge.bench.report import Aim, Figure, Report

if TYPE_CHECKING:
    from collections.abc import Callable

ABOUT: Final = "an idle daemon, everything on, nobody in the branch"
SETTLES_S: Final = 5.0
"""After the start: boards are painted, pages loaded, the first questions asked."""

LOOP: Final = """
import asyncio
async def main():
    while True:
        await asyncio.sleep(1)
asyncio.run(main())
"""


class Sizes(Struct, frozen=True):
    """How many windows of how many seconds."""

    rounds: int
    window_s: float


FULL, QUICK = Sizes(rounds=3, window_s=20.0), Sizes(rounds=1, window_s=2.0)


class _Quiet(Struct, frozen=True):
    """One window: processor time as percent of a core, and wake-ups a second, of the daemon and of the bare loop."""

    daemon: float
    daemon_wakes: float
    loop: float
    loop_wakes: float


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """One daemon, watched for several windows."""
    with TemporaryDirectory() as folder:
        seen = asyncio.run(_watched(Path(folder), sizes, tell))
    return Report(
        "idle",
        ABOUT,
        [
            Figure("processor", Spread.of([each.daemon for each in seen]), "% of a core", Aim(0.3)),
            Figure("wake-ups", Spread.of([each.daemon_wakes for each in seen]), "a second"),
            Figure(
                "processor, to the bare loop",
                ratios([each.daemon for each in seen], [each.loop for each in seen]),
                beside={
                    "loop % of a core": Spread.of([each.loop for each in seen]).median,
                    "loop wake-ups/s": Spread.of([each.loop_wakes for each in seen]).median,
                },
            ),
        ],
    )


async def _watched(folder: Path, sizes: Sizes, tell: Callable[[str], None]) -> list[_Quiet]:
    with child([sys.executable, "-c", LOOP], folder / "loop.log", core=1) as bare:
        async with everything(folder, core=1) as running:
            for page in PAGES:
                await asked_for(running.port, page)
            async with listening(running.port):
                await asyncio.sleep(SETTLES_S)
                seen = []
                for number in range(sizes.rounds):
                    tell(f"window {number + 1} of {sizes.rounds}")
                    seen.append(await _window(running.pid, bare.pid, sizes.window_s))
                return seen


async def _window(daemon: int, loop: int, window_s: float) -> _Quiet:
    clock = asyncio.get_running_loop().time
    began, before = clock(), [cpu_s(daemon), wakeups(daemon), cpu_s(loop), wakeups(loop)]
    await asyncio.sleep(window_s)
    took_s = clock() - began
    after = [cpu_s(daemon), wakeups(daemon), cpu_s(loop), wakeups(loop)]
    rates = [(late - early) / took_s for early, late in zip(before, after, strict=True)]
    return _Quiet(100 * rates[0], rates[1], 100 * rates[2], rates[3])
