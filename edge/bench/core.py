"""The decision core alone: a steady busy branch, fed event by event, nothing read and nothing written.

A figure of events a second is that of a whole run, wakes and forecasts included; the same run is then taken apart by a
clock around every step. The trivial loop keeps the same queue in a dict and decides nothing: what the interpreter
itself takes for so many events.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.bench import branch, day
from edge.bench.figures import Spread, ratios
from edge.bench.report import Aim, Figure, Report, Table
from edge.core import events as ev
from edge.core.engine import Engine
from edge.core.instant import parse
from edge.core.step import step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.policy import Policy

ABOUT: Final = "the pure core with 60 waiting at 20 windows under the delivered rules"
BEGIN: Final = parse("2026-03-02T09:00:00+08:00")
WAITING: Final = 60
FORECAST: Final = "forecast"

AIM: Final = Aim(50_000, at_most=False)


class Sizes(Struct, frozen=True):
    """How many rounds of how many events."""

    rounds: int
    events: int


FULL, QUICK = Sizes(rounds=7, events=6000), Sizes(rounds=2, events=600)


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Feeds the day to a fresh engine each round, whole and in parts."""
    policy = _policy()
    lead = day.lead(WAITING)
    events = day.steady(BEGIN, WAITING, lead + sizes.events)
    whole, trivial, apart = [], [], []
    for number in range(sizes.rounds):
        tell(f"round {number + 1} of {sizes.rounds}")
        trivial.append(_trivial(events[lead:]) / sizes.events)
        whole.append(_fed(_primed(policy, events[:lead]), events[lead:]) / sizes.events)
        apart.append(_apart(_primed(policy, events[:lead]), events[lead:]))
    return _report(sizes.events, whole, trivial, apart)


def _policy() -> Policy:
    with TemporaryDirectory() as folder:
        return branch.loaded(Path(folder)).policy


def _primed(policy: Policy, events: Sequence[ev.Happening]) -> Engine:
    engine = Engine(policy)
    for event in events:
        engine.feed(event)
    gc.collect()
    return engine


def _trivial(events: Sequence[ev.Happening]) -> float:
    """Seconds to keep who waits in a dict, and nothing else."""
    waiting: dict[str, int] = {}
    began = perf_counter()
    for event in events:
        if isinstance(event, ev.TicketIssued):
            waiting[event.ticket] = event.at
        elif isinstance(event, ev.TicketCalled):
            waiting.pop(event.ticket, None)
    return perf_counter() - began


def _fed(engine: Engine, events: Sequence[ev.Happening]) -> float:
    """Seconds for all of it."""
    began = perf_counter()
    for event in events:
        engine.feed(event)
    return perf_counter() - began


class _Parts(Struct):
    """Seconds and how often, by what was stepped: an event's type, or the room of a wake."""

    spent_s: dict[str, float]
    count: dict[str, int]


def _apart(engine: Engine, events: Sequence[ev.Happening]) -> _Parts:
    """The same run as `Engine.feed` makes it, with a clock around every step."""
    parts = _Parts(defaultdict(float), defaultdict(int))
    for event in events:
        began = perf_counter()
        for wake, _ in engine.wakes(event.at):
            ended = perf_counter()
            kind = FORECAST if wake.room == "outlook" else f"wake: {wake.room}"
            parts.spent_s[kind] += ended - began
            parts.count[kind] += 1
            began = perf_counter()
        step(engine.hall, event, engine.policy)
        parts.spent_s[event.type] += perf_counter() - began
        parts.count[event.type] += 1
    return parts


def _report(events: int, whole: list[float], trivial: list[float], apart: list[_Parts]) -> Report:
    without = [(sum(p.spent_s.values()) - p.spent_s[FORECAST]) / events for p in apart]
    slow = ratios(whole, trivial)
    return Report(
        name="core",
        about=ABOUT,
        figures=[
            Figure("without forecasts", Spread.of([1 / each for each in without]), "events/s", AIM),
            Figure("forecasts included", Spread.of([1 / each for each in whole]), "events/s"),
            Figure("time, to the trivial loop", slow, beside={"trivial µs/event": Spread.of(trivial).median * 1e6}),
        ],
        tables=[_table(apart, Spread.of(trivial).median)],
    )


def _table(apart: list[_Parts], trivial_s: float) -> Table:
    kinds = sorted(apart[0].count, key=lambda kind: -apart[0].spent_s[kind])
    rows = []
    for kind in kinds:
        each_s = Spread.of([parts.spent_s[kind] / parts.count[kind] for parts in apart if parts.count[kind]]).median
        share = Spread.of([100 * parts.spent_s[kind] / sum(parts.spent_s.values()) for parts in apart]).median
        rows.append((kind, apart[0].count[kind], each_s * 1e6, each_s / trivial_s, share))
    return Table("where the time goes", ("step", "number", "µs each", "× trivial", "% of all"), rows)
