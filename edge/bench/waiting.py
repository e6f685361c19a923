"""Forecasts: what it takes to estimate every waiting ticket anew, and what that costs a call on its way to the boards.

A steady busy branch is fed to the core event by event. Between the events everybody is estimated anew, and timed. The
delay of a call is that of the one loop: wakes are stepped at the instants they are due, as the daemon's timer fires
them, and a call that comes while one is under way waits for its end. Then comes its own step, which ends with the
board's command. The same day is run with forecasts and without. Steps are timed by the processor time of this thread:
what other programs take from a busy machine falls on some calls and not on others, and is the same for both.

With the shared data at hand a month of a real bank's calls is replayed as well, with an estimate at every ticket and
what was learnt carried from day to day.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge import replay
from edge.bench import branch, day
from edge.bench.figures import Spread, quantile, ratios
from edge.bench.processes import Failed
from edge.bench.report import Aim, Figure, Report, Table
from edge.config import load
from edge.core import outlook, wire
from edge.core.engine import Engine
from edge.core.hall import Hall
from edge.core.instant import SECOND, parse
from edge.core.outputs import ShowOnBoard
from edge.core.step import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.core import events as ev
    from edge.core.policy import Policy
    from edge.core.waiting import Learnt

ABOUT: Final = "every waiting ticket estimated anew, what that costs a call, and a real month replayed"
BEGIN: Final = parse("2026-03-02T09:00:00+08:00")
HALLS: Final = ((60, Aim(4.0)), (600, Aim(25.0)))
"""How many wait at twenty windows, and in how many milliseconds all of them should be estimated."""

MONTH: Final = Aim(300.0)
SHARED: Final = "LOBBYD_SHARED"
"""Names the place of the shared data; `../shared` where it is not set."""

TABLE: Final = Path("data", "anonymous_bank_feb1999", "queue_events_clean.csv.gz")
SCRIPT: Final = Path("referee", "bank_calls_to_log.py")


class Sizes(Struct, frozen=True):
    """How many rounds of how many estimates and calls; how many days of the month at the most."""

    rounds: int
    estimates: int
    calls: int
    days: int


FULL = Sizes(rounds=7, estimates=200, calls=1500, days=31)
QUICK = Sizes(rounds=2, estimates=10, calls=50, days=1)


class _Taken(Struct):
    """Of one hall: milliseconds of each estimate, and µs from call to board with and without forecasts, by round.

    `held_up` counts the calls that came while a wake was under way.
    """

    estimates_ms: list[list[float]] = field(default_factory=list)
    calls_us: dict[bool, list[list[float]]] = field(default_factory=lambda: {True: [], False: []})
    held_up: int = 0


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Measures each hall in every round, then replays the month where there is one."""
    policy = _policy()
    taken = {waiting: _Taken() for waiting, _ in HALLS}
    for number in range(sizes.rounds):
        for waiting, found in taken.items():
            tell(f"round {number + 1} of {sizes.rounds}, {waiting} waiting")
            found.estimates_ms.append(_estimates(policy, waiting, sizes.estimates))
            for forecasts in (True, False) if number % 2 else (False, True):
                waits_us, steps_us = _calls(policy, waiting, sizes.calls, forecasts=forecasts)
                found.calls_us[forecasts].append([wait + took for wait, took in zip(waits_us, steps_us, strict=True)])
                found.held_up += sum(wait > 0.0 for wait in waits_us)
    figures = [*_figures(taken)]
    with TemporaryDirectory() as name:
        month, fact = _month(Path(name), sizes.days, tell)
    return Report("waiting", ABOUT, [*figures, *month], [_table(taken)], (_held_up(taken), fact))


def _policy() -> Policy:
    """The measured branch with a board at every window and one in the lobby."""
    boards = {f"board-{id}": {"kind": "board", "window": id, "shows": "window"} for id in branch.WINDOWS}
    devices = {**branch.unlinked(branch.MACHINES), **boards, "board-lobby": {"kind": "board", "shows": "lobby"}}
    with TemporaryDirectory() as name:
        folder = Path(name)
        return load(branch.written(folder / "branch.toml", branch.table(folder / "state", devices=devices))).policy


def _primed(policy: Policy, waiting: int, more: int) -> tuple[Engine, Sequence[ev.Happening]]:
    """The hall once so many wait and every window serves, and `more` events that follow."""
    lead = day.lead(waiting)
    events = day.steady(BEGIN, waiting, lead + more)
    engine = Engine(policy)
    for event in events[:lead]:
        engine.feed(event)
    gc.collect()
    return engine, events[lead:]


def _estimates(policy: Policy, waiting: int, count: int) -> list[float]:
    """Milliseconds to estimate everybody, after each of so many events."""
    engine, events = _primed(policy, waiting, count)
    found = []
    for event in events:
        engine.feed(event)
        began = perf_counter()
        engine.forecast()
        found.append(1e3 * (perf_counter() - began))
    return found


def _calls(policy: Policy, waiting: int, count: int, *, forecasts: bool) -> tuple[list[float], list[float]]:
    """Microseconds that each of so many calls waits for its step, and that the step takes."""
    engine, events = _primed(policy, waiting, 4 * count)
    hall, free_at = engine.hall, 0.0
    waits_us: list[float] = []
    steps_us: list[float] = []
    for event in events:
        while (wake := hall.agenda.pop(event.at)) is not None:
            if forecasts or wake.room != outlook.KEY:
                began = thread_time()
                step(hall, wake, policy)
                free_at = max(free_at, wake.at / SECOND) + thread_time() - began
        began = thread_time()
        commands = step(hall, event, policy)
        took_s = thread_time() - began
        waits_s = max(free_at - event.at / SECOND, 0.0)
        free_at = max(free_at, event.at / SECOND) + took_s
        if event.type == "ticket.called" and any(isinstance(command, ShowOnBoard) for command in commands):
            waits_us.append(1e6 * waits_s)
            steps_us.append(1e6 * took_s)
            if len(waits_us) == count:
                break
    return waits_us, steps_us


def _month(folder: Path, days: int, tell: Callable[[str], None]) -> tuple[list[Figure], str]:
    """The figure of the month and a sentence about it; no figure where there is no data."""
    shared = Path(os.environ.get(SHARED, "../shared")).resolve()
    if not (shared / TABLE).is_file() or not (shared / SCRIPT).is_file():
        return [], f"The month was left out: no data at {shared} ({SHARED} names another place)."
    tell("the month's calls to event logs")
    made = subprocess.run(
        [sys.executable, str(shared / SCRIPT), str(shared / TABLE), str(folder)], capture_output=True, check=False
    )
    logs = sorted(folder.glob("*.jsonl"))
    if made.returncode or not logs:
        raise Failed(f"{SCRIPT} made no logs: {made.stderr.decode(errors='replace').strip()[-300:]}")
    hall, took_s, told = Hall(), 0.0, 0
    for log in logs[:days]:
        tell(f"replaying {log.stem}")
        lines = log.read_bytes().splitlines()
        began = perf_counter()
        job = _replayed(lines, hall.learnt)
        took_s += perf_counter() - began
        hall, told = job.engine.hall, told + job.outcome.predictions
    number = min(days, len(logs))
    figure = Figure(
        f"{number} real days, {told} tickets", Spread.of([took_s]), "s", MONTH if number == len(logs) else None
    )
    return [figure], f"{number} of {len(logs)} days were replayed, with an estimate at every ticket."


def _replayed(lines: Sequence[bytes], learnt: Learnt) -> replay.Replay:
    """One day, which knows what the days before have taught."""
    zone = next((zone for line in lines if (zone := wire.offset_of_line(line)) is not None), None)
    if zone is None:
        raise Failed("a log has no line with a time")
    job = replay.Replay(Engine(replay.without_configuration(zone), Hall(learnt=learnt)), predict=len)
    for _, event in replay.events_of(lines, None):
        job.feed(event)
    job.end()
    return job


def _figures(taken: dict[int, _Taken]) -> Iterator[Figure]:
    for waiting, aim in HALLS:
        rounds = taken[waiting].estimates_ms
        medians = Spread.of([quantile(each, 0.5) for each in rounds])
        beside = {"p99 ms": quantile([ms for each in rounds for ms in each], 0.99)}
        yield Figure(f"all of {waiting} waiting, estimated anew", medians, "ms", aim, beside)
    for waiting, found in taken.items():
        calls = found.calls_us
        pooled = {on: quantile([us for each in calls[on] for us in each], 0.99) for on in calls}
        within = ratios(*([quantile(each, 0.99) for each in calls[on]] for on in (True, False)))
        yield Figure(
            f"p99 from call to board, {waiting} waiting, forecasts on to off",
            Spread(pooled[True] / pooled[False], within.low, within.high, within.rounds),
            beside={"on µs": pooled[True], "off µs": pooled[False]},
        )


def _held_up(taken: dict[int, _Taken]) -> str:
    calls = sum(len(each) for found in taken.values() for rounds in found.calls_us.values() for each in rounds)
    held_up = sum(found.held_up for found in taken.values())
    return f"{held_up} of {calls} calls came while a forecast or another wake was under way."


def _table(taken: dict[int, _Taken]) -> Table:
    rows: list[tuple[str | float, ...]] = []
    for waiting, found in taken.items():
        for on, rounds in found.calls_us.items():
            pooled = [us for each in rounds for us in each]
            name = f"{waiting} waiting, forecasts {'on' if on else 'off'}"
            rows.append((name, len(pooled), *(quantile(pooled, share) for share in (0.5, 0.95, 0.99)), max(pooled)))
    return Table("µs from call to board", ("hall", "calls", "p50", "p95", "p99", "most"), rows)
