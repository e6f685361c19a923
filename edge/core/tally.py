"""The day's prompts counted: by rule, by hour and priority, by what held them back, by what became of them.

A rule that is acted on less than half the time asks for things nobody does: over its last `FIRINGS` prompts, which
outlive the day, it is named. Acted on is a prompt that somebody took, answered, handed on or did; declined ones are
not, nor those nobody touched. Silent prompts ask nothing of anybody and are left out, and so is what only ran in
shadow.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.report import ExpectedCounts, HourOfPrompts, PromptCounts, RuleCounts

if TYPE_CHECKING:
    from edge.core.commands import PromptRecord
    from edge.core.hall import Hall

FIRINGS: Final = 50
LEAST_SHARE: Final = 0.5
BEYOND: Final = 10.0
"""2 over the share of waits that may lie beyond an 80 % interval."""

ENDINGS: Final = frozenset({"done", "declined", "cleared", "withdrawn", "expired"})


class Rule(Struct):
    """Of one rule: prompts `raised`, `escalated` and `acted` on; `held` by guard, limit or shadow; `ended` by how.

    `withdrawn` counts by guard those that were open when it began to hold.
    """

    raised: int = 0
    escalated: int = 0
    acted: int = 0
    held: dict[str, int] = field(default_factory=dict)
    withdrawn: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)


class Spoken(Struct):
    """Prompts raised in an hour, by priority."""

    urgent: int = 0
    high: int = 0
    normal: int = 0
    silent: int = 0


class Expected(Struct):
    """Prompts of which it is known what came of what they expected, and sums over them.

    `acted` are those somebody acted on, `within` those whose customer waited as long as was said, `score_s` sums the
    interval scores (Gneiting and Raftery 2007, of 80 % intervals, seconds), `unchanged_s` those of what was said of
    doing nothing.
    """

    known: int = 0
    acted: int = 0
    within: int = 0
    score_s: float = 0.0
    unchanged_s: float = 0.0


class Tally(Struct):
    """Of the business day: rules by their id, hours by their beginning, and what prompts expected."""

    rules: dict[str, Rule] = field(default_factory=dict)
    hours: dict[Instant, Spoken] = field(default_factory=dict)
    expected: Expected = field(default_factory=Expected)


def note(hall: Hall, record: PromptRecord, hour: Instant) -> None:
    """Counts one change of a prompt in the hour that began then; call it when the hall knows of it."""
    counts = hall.tally.rules.setdefault(record.rule, Rule())
    state, guard = record.state, record.held_by
    if state == "raised" and _anew(hall, record):
        counts.raised += 1
        spoken = hall.tally.hours.setdefault(hour, Spoken())
        setattr(spoken, record.priority, getattr(spoken, record.priority) + 1)
    elif state == "escalated":
        counts.escalated += 1
    elif state == "held" and guard is not None:
        counts.held[guard] = counts.held.get(guard, 0) + 1
    elif state in ENDINGS and record.outcome is not None and not _watched_only(record):
        _ended(hall, counts, record)


def settled(hall: Hall, record: PromptRecord) -> None:
    """Counts what came of what a prompt expected, where its record tells."""
    came = (record.outcome or {}).get("ticket")
    if came is None or came["within"] is None:
        return
    expected = hall.tally.expected
    expected.known += 1
    expected.acted += came["acted"]
    expected.within += came["within"]
    expected.score_s += interval_score_s(came["p10"], came["p90"], came["waited"])
    expected.unchanged_s += interval_score_s(came["now_p10"], came["now_p90"], came["waited"])


def interval_score_s(p10_s: float, p90_s: float, waited_s: float) -> float:
    """How bad an 80 % interval was: its width, and ten times what the wait lay beyond it."""
    return p90_s - p10_s + BEYOND * (max(p10_s - waited_s, 0.0) + max(waited_s - p90_s, 0.0))


def told(hall: Hall) -> PromptCounts | None:
    """The counts of the business day so far; None where there are none."""
    if not hall.tally.rules:
        return None
    hours = sorted(hall.tally.hours.items())
    return PromptCounts(
        rules={id: _told(counts) for id, counts in sorted(hall.tally.rules.items())},
        hours=tuple(HourOfPrompts(at, one.urgent, one.high, one.normal, one.silent) for at, one in hours),
        expected=_expected(hall.tally.expected),
        review=tuple(sorted(id for id, fired in hall.learnt.acted.items() if _ignored(fired))),
    )


def clear(hall: Hall) -> None:
    """A new business day: nothing is counted yet; what the rules' last prompts came to is kept."""
    hall.tally = Tally()


def _anew(hall: Hall, record: PromptRecord) -> bool:
    """Whether it is raised now, and has not only come back from where it was put aside."""
    prompt = hall.desk.prompts.get(record.prompt)
    return prompt is None or prompt.raised_at in (None, record.at)


def _watched_only(record: PromptRecord) -> bool:
    return record.held_by == "shadow"


def _ended(hall: Hall, counts: Rule, record: PromptRecord) -> None:
    acted = record.by is not None and record.state != "declined"
    counts.acted += acted
    counts.ended[record.state] = counts.ended.get(record.state, 0) + 1
    if record.state == "withdrawn" and record.held_by is not None:
        counts.withdrawn[record.held_by] = counts.withdrawn.get(record.held_by, 0) + 1
    if record.priority != "silent":
        fired = hall.learnt.acted.setdefault(record.rule, [])
        fired.append(acted)
        del fired[:-FIRINGS]


def _ignored(fired: list[bool]) -> bool:
    return len(fired) >= FIRINGS and sum(fired) < LEAST_SHARE * len(fired)


def _told(counts: Rule) -> RuleCounts:
    return RuleCounts(
        raised=counts.raised,
        escalated=counts.escalated,
        acted=counts.acted,
        held=_sorted(counts.held),
        withdrawn=_sorted(counts.withdrawn),
        ended=_sorted(counts.ended),
    )


def _expected(sums: Expected) -> ExpectedCounts | None:
    if not sums.known:
        return None
    means = round(sums.score_s / sums.known, 1), round(sums.unchanged_s / sums.known, 1)
    return ExpectedCounts(sums.known, sums.acted, sums.within, *means)


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(Counter(counts).items()))
