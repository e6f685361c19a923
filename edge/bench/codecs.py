"""Every driver's decoder alone: how many good frames a second, and what bytes cost that are none.

Good frames are those of the driver's captures. They are set against as many random bytes, and against themselves with
one byte of each changed, which is what a line with noise brings. A decoder to which garbage is dearer than good frames
would be the slower the worse its line is.
"""

from __future__ import annotations

import gc
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from edge.bench.captures import Turn, captures, feed
from edge.bench.figures import Spread, ratios
from edge.bench.report import Aim, Figure, Report, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.bench.captures import Capture

ABOUT: Final = "every driver's decoder: good frames, random bytes, and frames with one byte changed"
AIM: Final = Aim(1.0)
SEED: Final = 1

_Frames = list[tuple[Turn, ...]]


class Sizes(Struct, frozen=True):
    """How many rounds of how many frames."""

    rounds: int
    frames: int


FULL, QUICK = Sizes(rounds=7, frames=4000), Sizes(rounds=2, frames=200)


class Cost(Struct, frozen=True):
    """What one driver took, round by round: seconds a byte of each kind, and of good frames seconds a frame."""

    driver: str
    frame: list[float]
    good: list[float]
    random: list[float]
    broken: list[float]


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Feeds each driver that has captures; `Missing` where there are none, as in an installed wheel."""
    by_driver: dict[str, list[Capture]] = {}
    for capture in captures():
        by_driver.setdefault(capture.driver, []).append(capture)
    costs = []
    for name, own in by_driver.items():
        tell(name)
        costs.append(_cost(name, own, sizes))
    return Report(
        name="codecs",
        about=ABOUT,
        figures=[figure for cost in costs for figure in _figures(cost)],
        tables=[_table(costs)],
        facts=[f"{len(costs)} drivers; bytes come a frame at a time, and what they cost to log is not in it."],
    )


def _cost(name: str, own: Sequence[Capture], sizes: Sizes) -> Cost:
    dice = Random(f"{SEED}/{name}")
    cost = Cost(name, [], [], [], [])
    for _ in range(sizes.rounds):
        taken = {"good": 0.0, "random": 0.0, "broken": 0.0}
        count = size = 0
        for capture in own:
            frames = _repeated(capture.frames(), sizes.frames // len(own))
            count += len(frames)
            size += sum(len(turn.data) for turn in _flat(frames) if not turn.asked)
            taken["good"] += _fed(capture, frames)
            taken["random"] += _fed(capture, [_random(frame, dice) for frame in frames])
            taken["broken"] += _fed(capture, [_broken(frame, dice) for frame in frames])
        cost.frame.append(taken["good"] / count)
        cost.good.append(taken["good"] / size)
        cost.random.append(taken["random"] / size)
        cost.broken.append(taken["broken"] / size)
    return cost


def _fed(capture: Capture, frames: _Frames) -> float:
    """Seconds for a fresh driver to read them."""
    driver, turns = capture.fresh(), list(_flat(frames))
    gc.collect()
    began = perf_counter()
    for turn in turns:
        feed(driver, turn)
    return perf_counter() - began


def _repeated(frames: _Frames, count: int) -> _Frames:
    return [frames[number % len(frames)] for number in range(count)] if frames else []


def _flat(frames: _Frames) -> Iterator[Turn]:
    for frame in frames:
        yield from frame


def _random(frame: tuple[Turn, ...], dice: Random) -> tuple[Turn, ...]:
    return (*frame[:-1], replace(frame[-1], data=dice.randbytes(len(frame[-1].data))))


def _broken(frame: tuple[Turn, ...], dice: Random) -> tuple[Turn, ...]:
    data = bytearray(frame[-1].data)
    data[dice.randrange(len(data))] ^= dice.randint(1, 255)
    return (*frame[:-1], replace(frame[-1], data=bytes(data)))


def _figures(cost: Cost) -> Iterator[Figure]:
    yield Figure(f"{cost.driver}: random bytes, to good frames", ratios(cost.random, cost.good), aim=AIM)
    yield Figure(f"{cost.driver}: broken frames, to good frames", ratios(cost.broken, cost.good), aim=AIM)


def _table(costs: Sequence[Cost]) -> Table:
    rows: list[tuple[str | float, ...]] = []
    for cost in sorted(costs, key=lambda cost: Spread.of(cost.frame).median):
        kinds = (1e6 * Spread.of(each).median for each in (cost.good, cost.random, cost.broken))
        rows.append((cost.driver, 1 / Spread.of(cost.frame).median, *kinds))
    return Table(
        "decoders, medians",
        ("driver", "good frames/s", "µs/byte, good", "µs/byte, random", "µs/byte, broken"),
        rows,
    )
