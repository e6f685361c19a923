"""The figures of a business day: how good its forecasts were, and what became of its prompts."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 (a snapshot reads the annotations when the program runs)

from msgspec import Struct

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)


class WaitScore(Struct, frozen=True, kw_only=True):
    """How good the forecasts were for the `tickets` called in a time that began at `since`.

    `bias_s` is the mean of told minus waited (of the means), `mae_s` the mean absolute error (of the medians),
    `coverage` the share whose wait was within the 80 % interval, `naive_mae_s` the error of people ahead × mean
    service ÷ open windows for the same tickets.
    """

    since: Instant
    tickets: int
    bias_s: float
    mae_s: float
    coverage: float
    naive_mae_s: float


class WaitScores(Struct, frozen=True):
    """The same of a whole business day, and of each of its hours in which somebody was called, in order."""

    day: WaitScore
    hours: tuple[WaitScore, ...]


class RuleCounts(Struct, frozen=True):
    """One rule's prompts of a business day: `raised`, `escalated`, `acted` on; `held` by guard, limit or shadow.

    `ended` is by how (`done`, `declined`, `cleared`, `withdrawn`, `expired`), `withdrawn` of these by which guard.
    """

    raised: int
    escalated: int
    acted: int
    held: Mapping[str, int]
    withdrawn: Mapping[str, int]
    ended: Mapping[str, int]


class HourOfPrompts(Struct, frozen=True):
    """Prompts raised in an hour that began at `since`, by priority."""

    since: Instant
    urgent: int
    high: int
    normal: int
    silent: int


class ExpectedCounts(Struct, frozen=True):
    """What came of what prompts expected, of those of which it is `known`: somebody `acted`, the wait was `within`.

    Mean interval scores, seconds, the less the better: of what the prompt said, and of what it said of doing nothing.
    """

    known: int
    acted: int
    within: int
    score_s: float
    unchanged_score_s: float


class PromptCounts(Struct, frozen=True):
    """The prompts of a business day; `review` names rules acted on less than half the time over their last 50."""

    rules: Mapping[str, RuleCounts]
    hours: tuple[HourOfPrompts, ...]
    expected: ExpectedCounts | None
    review: tuple[str, ...]


class PublishFigures(Struct, frozen=True):
    """The figures of the business day `date` (YYYY-MM-DD) as of `at`; retained upward, and journalled there.

    `waits` is None before the first call whose ticket had a forecast, `prompts` before the first prompt.
    """

    date: str
    at: Instant
    waits: WaitScores | None
    prompts: PromptCounts | None = None
