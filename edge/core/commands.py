"""What is to be done: the commands of the core, imperative. The shell performs them after the commit, never before.

What goes to a device of the branch is an `Output`, and each says by its type which of two kinds it is. A `Level` is
what a device should show from now on: the last one counts, and it is shown again when the device or the daemon comes
back. An `Edge` is to be done once: it waits its turn, not longer than it is of use, and is never done a second time.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 (a snapshot reads the annotations when the program runs)
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from edge.core.instant import Instant, Micros  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.shown import UNSAID, Shown
from edge.core.wording import Text  # noqa: TC001 (a snapshot reads the annotations when the program runs)

BoardLevel: TypeAlias = Literal["emergency", "call", "scam", "wait", "campaign", "blank"]
"""What a board may show, most important first."""

Priority: TypeAlias = Literal["urgent", "high", "normal", "silent"]
PromptState: TypeAlias = Literal[
    "raised",
    "held",
    "acknowledged",
    "shelved",
    "escalated",
    "done",
    "declined",
    "withdrawn",
    "cleared",
    "expired",
]


@dataclass(frozen=True, slots=True)
class Page:
    """What one board shows: its level, its text, and for a call the ticket and window it is about.

    `aloud` lets a board that has a voice speak a call; it does not where an announcer does.
    """

    level: BoardLevel
    text: Text
    ticket: str | None = None
    window: str | None = None
    aloud: bool = True


@dataclass(frozen=True, slots=True)
class ShowOnBoard:
    """The board `board` shows `page` from `at` on, until told otherwise; a level, repainted after a reconnect.

    `least` is how long it is to be read once it is on the board: a call's least time.
    """

    board: str
    page: Page
    at: Instant
    least: Micros = 0

    @property
    def device(self) -> str:
        """The board, as the device it is."""
        return self.board


@dataclass(frozen=True, slots=True)
class ShowOnCounter:
    """The terminal `device` shows the `ticket` at its window and how many are `waiting` for that window; a level.

    `paused` says whether the window is; `beep` where the ticket has just been called, which a terminal that is not
    there does not hear: a repaint never has it.
    """

    device: str
    ticket: str | None
    waiting: int
    at: Instant
    paused: bool = field(default=False, kw_only=True)
    beep: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """The announcer `device` calls `ticket` to `window` in these words; an edge.

    `lasts` is how long after `at` the call is still of use. What is `urgent` comes before all calls that wait; it cuts
    none, and may be about no ticket and window.
    """

    device: str
    ticket: str
    window: str
    text: Text
    at: Instant
    lasts: Micros
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintTicket:
    """The printer `device` prints a ticket drawn at `at`; an edge.

    `ahead` is how many of its class wait before it and `wait` what may be told of its wait; where either is not to be
    told it is None and `UNSAID`. `qr` is what its QR code says, None where there is to be none. `lasts` is how long
    after `at` the customer may still stand there.
    """

    device: str
    ticket: str
    service: Text
    branch: Text
    ahead: int | None
    wait: Shown
    at: Instant
    lasts: Micros
    qr: str | None = None


Level: TypeAlias = ShowOnBoard | ShowOnCounter
Edge: TypeAlias = Say | PrintTicket
Output: TypeAlias = Level | Edge


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRecord:
    """One prompt as the contract publishes it, whole at each change; `deadline` is when it escalates."""

    prompt: str
    rule: str
    at: Instant
    state: PromptState
    priority: Priority
    to: tuple[str, ...]
    about: Mapping[str, str]
    zone: str
    text: Text
    because: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)
    tickets: tuple[str, ...] = ()
    deadline: Instant | None = None
    by: str | None = None
    reason: str | None = None
    outcome: Mapping[str, Any] | None = None
    held_by: str | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class PublishPrompt:
    """A prompt changed: to handhelds, branch broker and headquarters."""

    record: PromptRecord


@dataclass(frozen=True, slots=True)
class RepeatPrompt(PublishPrompt):
    """An open prompt is to be heard or shown again in the same state: unanswered, or with other tickets to name.

    It is for handhelds and the retained topic; there is no change to be recorded. One said `aloud` makes its sound
    again.
    """

    aloud: bool = False


@dataclass(frozen=True, slots=True)
class SettlePrompt(PublishPrompt):
    """What came of a prompt that is over is known: its last record once more, complete.

    It is for those who keep records; handhelds and the branch broker have taken the prompt off.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishWait:
    """What the next person to take a ticket of a class may expect; seconds, null when no configured window serves it.

    `confidence` is `low` until the class has been learnt from the day, then `good`; `sample` counts its services.
    `shown` is what people may be told of it.
    """

    service: str
    at: Instant
    waiting: int
    longest_wait_s: float
    wait_p10: float | None
    wait_p50: float | None
    wait_p90: float | None
    windows: int
    sample: int
    confidence: Literal["low", "good"]
    shown: Shown = UNSAID


@dataclass(frozen=True, slots=True)
class PublishDevice:
    """A device's state changed in the hall's picture; retained upward."""

    device: str
    kind: str
    state: str
    parts: Mapping[str, str]
    detail: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitScore:
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


@dataclass(frozen=True, slots=True)
class WaitScores:
    """The same of a whole business day, and of each of its hours in which somebody was called, in order."""

    day: WaitScore
    hours: tuple[WaitScore, ...]


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """One rule's prompts of a business day: `raised`, `escalated`, `acted` on; `held` by guard, limit or shadow.

    `ended` is by how (`done`, `declined`, `cleared`, `withdrawn`, `expired`), `withdrawn` of these by which guard.
    """

    raised: int
    escalated: int
    acted: int
    held: Mapping[str, int]
    withdrawn: Mapping[str, int]
    ended: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HourOfPrompts:
    """Prompts raised in an hour that began at `since`, by priority."""

    since: Instant
    urgent: int
    high: int
    normal: int
    silent: int


@dataclass(frozen=True, slots=True)
class ExpectedCounts:
    """What came of what prompts expected, of those of which it is `known`: somebody `acted`, the wait was `within`.

    Mean interval scores, seconds, the less the better: of what the prompt said, and of what it said of doing nothing.
    """

    known: int
    acted: int
    within: int
    score_s: float
    unchanged_score_s: float


@dataclass(frozen=True, slots=True)
class PromptCounts:
    """The prompts of a business day; `review` names rules acted on less than half the time over their last 50."""

    rules: Mapping[str, RuleCounts]
    hours: tuple[HourOfPrompts, ...]
    expected: ExpectedCounts | None
    review: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishFigures:
    """The figures of the business day `date` (YYYY-MM-DD) as of `at`; retained upward, and journalled there.

    `waits` is None before the first call whose ticket had a forecast, `prompts` before the first prompt.
    """

    date: str
    at: Instant
    waits: WaitScores | None
    prompts: PromptCounts | None = None


@dataclass(frozen=True, slots=True)
class AskQueue:
    """The queue machine is asked for something by the teller at `window`, who pressed a key of `terminal`.

    It answers by what it does: a call by its own `ticket.called`.
    """

    window: str
    terminal: str
    what: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Ignore:
    """An event said something the hall cannot take; counted and logged, without effect on the picture."""

    event: str
    about: str
    reason: str


Command: TypeAlias = Output | PublishPrompt | PublishWait | PublishDevice | PublishFigures | AskQueue | Ignore
