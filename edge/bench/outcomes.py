"""What prompts say acting would change, against what came of it: simulated days whose staff follow the prompts.

The days are of seeds by which nothing was chosen; those the figures of `edge.core.waiting.promised` come from begin
with 1. Within is the share of prompts whose customer waited as long as was said (an 80 % interval, so four in five),
and the score that of the interval against the one of doing nothing, both as the prompts' own records have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge import resources
from edge.bench.figures import Spread
from edge.bench.report import Aim, Figure, Report, Table
from edge.config import load
from edge.core.engine import Engine
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS
from edge.sim.staff import followed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.core.policy import Policy
    from edge.core.report import ExpectedCounts

ABOUT: Final = "what prompts say acting would change, against what came of it on simulated days"
BUSY: Final = ("rush", "pension-day", "lunch-gap", "vip-heavy")
FIRST_SEED: Final = 101
LEAST, MOST = Aim(0.75, at_most=False), Aim(0.85)


class Sizes(Struct, frozen=True):
    """How many days of how many scenarios."""

    days: int
    scenarios: int


FULL, QUICK = Sizes(days=24, scenarios=4), Sizes(days=1, scenarios=1)


class _Sums(Struct):
    """Over days: prompts of which it is known what came of them, and sums of their scores."""

    known: int = 0
    acted: int = 0
    within: int = 0
    score_s: float = 0.0
    unchanged_s: float = 0.0

    def add(self, one: ExpectedCounts | _Sums, score_s: float, unchanged_s: float) -> None:
        self.known += one.known
        self.acted += one.acted
        self.within += one.within
        self.score_s += score_s
        self.unchanged_s += unchanged_s


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Plays every day, each from a hall that has learnt nothing."""
    policy = load(resources.config_dir() / "demo.toml").policy
    whole, rows = _Sums(), []
    for scenario in BUSY[: sizes.scenarios]:
        sums = _Sums()
        for number in range(sizes.days):
            tell(f"{scenario}, day {number + 1} of {sizes.days}")
            for found in _played(policy, scenario, FIRST_SEED + number):
                sums.add(found, found.score_s * found.known, found.unchanged_score_s * found.known)
        whole.add(sums, sums.score_s, sums.unchanged_s)
        rows.append((scenario, sums.known, sums.acted, *_shares(sums)))
    within, ratio = _shares(whole)
    one = {"prompts": float(whole.known), "acted on": float(whole.acted)}
    return Report(
        "outcomes",
        ABOUT,
        [
            Figure("within what was said", Spread.of([within]), "", LEAST, one),
            Figure("and not by saying too much", Spread.of([within]), "", MOST),
            Figure("interval score, to that of doing nothing", Spread.of([ratio]), aim=Aim(1.0)),
        ],
        [Table("by scenario", ("days", "prompts", "acted on", "within", "score ×"), rows)],
    )


def _shares(sums: _Sums) -> tuple[float, float]:
    return sums.within / max(sums.known, 1), sums.score_s / sums.unchanged_s if sums.unchanged_s else 1.0


def _played(policy: Policy, scenario: str, seed: int) -> Iterator[ExpectedCounts]:
    """What the last figures of a day say."""
    engine = Engine(policy)
    for _ in followed(Day(SCENARIOS[scenario], seed), engine, str(seed)):
        pass
    for told in engine.figures():
        if told.prompts is not None and told.prompts.expected is not None:
            yield told.prompts.expected
