"""Event to acknowledged commit and published prompt, through mosquitto at QoS 1, against a bare echo.

Broker and load run on one core, what is measured on another. Every round measures all subjects, one after the other,
and a figure is the ratio inside a round. Latencies are pooled over all rounds: a 99th percentile wants thousands.

The bare echo is the client library as its manual drives it on a loop (`bare.py`). The same echo over the daemon's own
adapter (`echo.py`) stands beside it, so that one sees what the adapter gives and what the daemon takes.
"""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.bench import bare, echo
from edge.bench.broker import mosquitto
from edge.bench.figures import Spread, quantile, ratios
from edge.bench.load import open_load
from edge.bench.processes import pinned
from edge.bench.report import Aim, Figure, Report, Table
from edge.bench.subjects import PROMPTS, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.bench.load import Load, Sustained
    from edge.bench.subjects import Echo, Prompting

ABOUT: Final = "event to acknowledged commit and published prompt, through mosquitto at QoS 1, against a bare echo"
OUTSTANDING: Final = (100, 20)
RATE: Final = 100.0
REFERENCE: Final = "bare echo"
LANES: Final = 20
"""ATMs that report in turn while the load is paced: as many as a large branch has."""

SWEPT_AFTER_S: Final = 6.5
"""The daemon hears its own prompts for its first five seconds, to sweep those of an earlier life off the broker."""

TOWARDS: Final = "towards 1.6 and 1.8 for processor and p99"


class Sizes(Struct, frozen=True):
    """Rounds; answers to wait for at full load, in warming up, and paced; all of each subject in each round."""

    rounds: int
    answers: int
    warm: int
    paced: int


FULL, QUICK = Sizes(rounds=10, answers=4000, warm=1000, paced=500), Sizes(rounds=2, answers=300, warm=100, paced=100)


class _Taken(Struct):
    """What was measured, by subject: at full load by how many were outstanding, and every paced latency in µs."""

    sustained: dict[int, dict[str, list[Sustained]]] = field(
        default_factory=lambda: {n: defaultdict(list) for n in OUTSTANDING}
    )
    latencies: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    lost: int = 0


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Runs broker, load and subjects; the daemon's journal is on the file system of the working directory."""
    with TemporaryDirectory(dir=".", prefix=".lobbyd-bench-") as name, pinned(0):
        folder = Path(name).resolve()
        with mosquitto(folder / "broker", core=0) as port, subjects(folder, port, max(OUTSTANDING)) as measured:
            taken = asyncio.run(_measured(port, measured, sizes, tell))
    return Report("hotpath", ABOUT, [*_figures(taken)], [_rates(taken), _delays(taken)], [_nothing_lost(taken)])


async def _measured(
    port: int, measured: Sequence[Echo | Prompting], sizes: Sizes, tell: Callable[[str], None]
) -> _Taken:
    load = await open_load(port, [f"{echo.OUT}+", f"{bare.OUT}+", f"{PROMPTS}+"])
    taken = _Taken()
    tell("warming up")
    await asyncio.sleep(SWEPT_AFTER_S)
    for subject in measured:
        await load.sustained(subject, max(OUTSTANDING), sizes.warm // subject.burst)
    gc.collect()
    gc.freeze()
    for number in range(sizes.rounds):
        tell(f"round {number + 1} of {sizes.rounds}")
        turn = [*measured[number % len(measured) :], *measured[: number % len(measured)]]
        for outstanding in OUTSTANDING:
            await _full(load, turn, outstanding, sizes.answers, taken)
        await _paced(load, turn, sizes.paced, taken)
    gc.unfreeze()
    if load.client is not None:
        load.client.close()
    return taken


async def _full(load: Load, turn: Sequence[Echo | Prompting], outstanding: int, answers: int, taken: _Taken) -> None:
    for subject in turn:
        found = await load.sustained(subject, outstanding, answers // subject.burst)
        taken.sustained[outstanding][subject.name].append(found)
        taken.sent += answers // subject.burst * subject.burst
        taken.lost += found.lost


async def _paced(load: Load, turn: Sequence[Echo | Prompting], answers: int, taken: _Taken) -> None:
    """What is only journalled has no answer whose delay could be measured."""
    for subject in turn:
        if subject.burst == 1:
            found = await load.paced(subject, LANES, RATE, answers)
            taken.latencies[subject.name].append([1e6 * each for each in found.latencies_s])
            taken.sent += answers
            taken.lost += found.lost


def _figures(taken: _Taken) -> Iterator[Figure]:
    for outstanding, by_name in taken.sustained.items():
        daemon, against = by_name["daemon"], by_name[REFERENCE]
        yield Figure(
            f"throughput, {outstanding} outstanding",
            ratios([each.rate for each in daemon], [each.rate for each in against]),
            aim=Aim(0.6, at_most=False),
            beside=_beside(daemon, against, "rate", "/s"),
        )
        yield Figure(
            f"processor per event, {outstanding} outstanding",
            ratios([each.cpu_us for each in daemon], [each.cpu_us for each in against]),
            aim=Aim(2.0),
            beside=_beside(daemon, against, "cpu_us", " µs"),
        )
    ours, theirs = taken.latencies["daemon"], taken.latencies[REFERENCE]
    for share, aim in ((0.5, None), (0.95, None), (0.99, Aim(2.1))):
        pooled = quantile(_pooled(ours), share) / quantile(_pooled(theirs), share)
        within = ratios([quantile(each, share) for each in ours], [quantile(each, share) for each in theirs])
        yield Figure(
            f"p{100 * share:.0f} at {RATE:.0f}/s, {len(_pooled(ours))} samples",
            Spread(pooled, within.low, within.high, within.rounds),
            aim=aim,
            beside={"daemon µs": quantile(_pooled(ours), share), "echo µs": quantile(_pooled(theirs), share)},
        )


def _beside(daemon: Sequence[Sustained], against: Sequence[Sustained], what: str, unit: str) -> dict[str, float]:
    return {
        f"daemon{unit}": Spread.of([getattr(each, what) for each in daemon]).median,
        f"echo{unit}": Spread.of([getattr(each, what) for each in against]).median,
    }


def _rates(taken: _Taken) -> Table:
    rows = []
    for outstanding, by_name in taken.sustained.items():
        against = by_name[REFERENCE]
        for name, found in by_name.items():
            rate = ratios([each.rate for each in found], [each.rate for each in against]).median
            cpu = ratios([each.cpu_us for each in found], [each.cpu_us for each in against]).median
            absolute = [Spread.of([getattr(each, what) for each in found]).median for what in ("rate", "cpu_us")]
            rows.append((f"{name}, {outstanding} outstanding", absolute[0], rate, absolute[1], cpu))
    heads = ("subject", "messages/s", "× bare echo", "processor µs", "× bare echo")
    return Table("every subject at full load (one in ten of journal only raises a prompt)", heads, rows)


def _delays(taken: _Taken) -> Table:
    rows: list[tuple[str | float, ...]] = []
    for name, rounds in taken.latencies.items():
        pooled = _pooled(rounds)
        rows.append((name, len(pooled), *(quantile(pooled, share) for share in (0.5, 0.95, 0.99, 0.999)), max(pooled)))
    return Table(
        f"µs from message to answer at {RATE:.0f}/s", ("subject", "samples", "p50", "p95", "p99", "p99.9", "most"), rows
    )


def _pooled(rounds: Sequence[Sequence[float]]) -> list[float]:
    return [each for latencies in rounds for each in latencies]


def _nothing_lost(taken: _Taken) -> str:
    return f"{taken.sent} messages sent, {taken.lost} without an answer."
