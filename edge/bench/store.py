"""One turn of the loop made durable: the store's commit against the least that durability can cost.

The least is one write of the same bytes to a file, with its size settled beforehand, and fdatasync(2). A turn holds so
many events and a message for headquarters for each, and headquarters acknowledges all of the turn before.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.bench import day
from edge.bench.figures import Spread, quantile, ratios
from edge.bench.report import Figure, Report
from edge.core import wire
from edge.core.instant import parse
from edge.shell.store import Store, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.core import events as ev

ABOUT: Final = "one turn committed, against write and fdatasync of the same bytes"
BEGIN: Final = parse("2026-03-02T09:00:00+08:00")
GROUPS: Final = (1, 10, 100)
"""Events of one turn: a quiet branch, a busy moment, a flood."""

ROOM: Final = 64 * 1024 * 1024
"""Bytes of the file that is written to; it is begun anew when they are used up."""


class Sizes(Struct, frozen=True):
    """How many rounds of how many turns for each group."""

    rounds: int
    turns: int


FULL, QUICK = Sizes(rounds=7, turns=200), Sizes(rounds=2, turns=20)


class _Timed(Struct):
    """Seconds of every turn in a round, of the store and of the file."""

    store_s: list[float]
    file_s: list[float]


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Commits and writes in turn; the folder is on the file system of the working directory."""
    figures: list[Figure] = []
    with TemporaryDirectory(dir=".", prefix=".lobbyd-bench-") as folder, _file(Path(folder)) as write:
        store = Store.open(Path(folder), "bench")
        for group in GROUPS:
            turn = turn_of(day.steady(BEGIN, 60, group))
            rounds = []
            for number in range(sizes.rounds):
                tell(f"{group} events a turn, round {number + 1} of {sizes.rounds}")
                rounds.append(_round(store, turn, write, sizes.turns))
            figures += _figures(group, rounds)
        store.close()
    return Report("store", ABOUT, figures)


def turn_of(events: Sequence[ev.Happening]) -> Turn:
    """The turn that commits these events, with a message for headquarters for each."""
    turn = Turn(fired=events[-1].at)
    for event in events:
        body = wire.line(wire.publish(event, UTC))
        turn.events.append((event.at, body, None))
        turn.messages.append((event.at, event.type, body.decode()))
    return turn


def _round(store: Store, turn: Turn, write: Callable[[bytes], None], turns: int) -> _Timed:
    timed = _Timed([], [])
    body = b"".join(line for _, line, _ in turn.events) * 2  # the journal and the outbox
    for _ in range(turns):
        began = perf_counter()
        messages = store.commit(turn)
        between = perf_counter()
        write(body)
        timed.file_s.append(perf_counter() - between)
        timed.store_s.append(between - began)
        store.settle((messages[-1].boot, messages[-1].seq))
    return timed


@contextmanager
def _file(folder: Path) -> Iterator[Callable[[bytes], None]]:
    """What writes bytes durably behind one another."""
    file = os.open(folder / "plain", os.O_RDWR | os.O_CREAT, 0o600)
    os.posix_fallocate(file, 0, ROOM)
    os.fsync(file)
    at = 0

    def write(body: bytes) -> None:
        nonlocal at
        at = at if at + len(body) < ROOM else 0
        at += os.pwrite(file, body, at)
        os.fdatasync(file)

    try:
        yield write
    finally:
        os.close(file)


def _figures(group: int, rounds: list[_Timed]) -> Iterator[Figure]:
    store_s, file_s = [sum(each.store_s) for each in rounds], [sum(each.file_s) for each in rounds]
    turns = len(rounds[0].store_s)
    events = f"{group} event{'s' * (group > 1)} a turn"
    yield Figure(
        f"{events}, time",
        ratios(store_s, file_s),
        beside={
            "commits/s": turns / Spread.of(store_s).median,
            "events/s": group * turns / Spread.of(store_s).median,
            "file µs": Spread.of(file_s).median / turns * 1e6,
        },
    )
    ours = [1e6 * each for timed in rounds for each in timed.store_s]
    theirs = [1e6 * each for timed in rounds for each in timed.file_s]
    yield Figure(
        f"{events}, p99 of one",
        ratios([quantile(each.store_s, 0.99) for each in rounds], [quantile(each.file_s, 0.99) for each in rounds]),
        beside={"p50 µs": quantile(ours, 0.5), "p99 µs": quantile(ours, 0.99), "file p99 µs": quantile(theirs, 0.99)},
    )
