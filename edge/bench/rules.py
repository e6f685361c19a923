"""What the rules cost: the same busy branch under all delivered rules and under none, in turn, forecasts included.

The share is what a run with the rules takes longer than the one without, forecasts which rules ask for included.
"""

from __future__ import annotations

import gc
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from edge.bench import branch, day
from edge.bench.figures import Spread
from edge.bench.report import Aim, Figure, Report
from edge.core.engine import Engine
from edge.core.instant import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core import events as ev
    from edge.core.policy import Policy

ABOUT: Final = "what the rules take of the core's time, with 60 waiting at 20 windows"
BEGIN: Final = parse("2026-03-02T09:00:00+08:00")
WAITING: Final = 60
AIM: Final = Aim(0.4)


class Sizes(Struct, frozen=True):
    """How many rounds of how many events."""

    rounds: int
    events: int


FULL, QUICK = Sizes(rounds=9, events=3000), Sizes(rounds=2, events=300)


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Feeds the day to a fresh engine, with the rules and without, each round."""
    with TemporaryDirectory() as folder:
        policy = branch.loaded(Path(folder)).policy
    lead = day.lead(WAITING)
    events = day.steady(BEGIN, WAITING, lead + sizes.events)
    shares, each_us = [], []
    for number in range(sizes.rounds):
        tell(f"round {number + 1} of {sizes.rounds}")
        bare_s = _fed(replace(policy, rules=()), events, lead)
        ruled_s = _fed(policy, events, lead)
        shares.append(1 - bare_s / ruled_s)
        each_us.append(1e6 * ruled_s / sizes.events)
    beside = {"µs an event": Spread.of(each_us).median, "rules": float(len(policy.rules))}
    return Report("rules", ABOUT, [Figure("share of the core's time", Spread.of(shares), "", AIM, beside)], [])


def _fed(policy: Policy, events: Sequence[ev.Happening], lead: int) -> float:
    """Processor seconds for all that follows the lead."""
    engine = Engine(policy)
    for event in events[:lead]:
        engine.feed(event)
    gc.collect()
    began = process_time()
    for event in events[lead:]:
        engine.feed(event)
    return process_time() - began
