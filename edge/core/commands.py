"""What is to be done: the commands of the core, imperative. The shell performs them after the commit, never before."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 (a snapshot reads the annotations when the program runs)
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.outputs import Output
from edge.core.report import PublishFigures
from edge.core.shown import UNSAID, Shown
from edge.core.wording import Text  # noqa: TC001 (a snapshot reads the annotations when the program runs)

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


class PromptRecord(Struct, frozen=True, kw_only=True):
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


class PublishPrompt(Struct, frozen=True):
    """A prompt changed: to handhelds, branch broker and headquarters."""

    record: PromptRecord


class RepeatPrompt(PublishPrompt, frozen=True):
    """An open prompt is to be heard or shown again in the same state: unanswered, or with other tickets to name.

    It is for handhelds and the retained topic; there is no change to be recorded. One said `aloud` makes its sound
    again.
    """

    aloud: bool = False


class SettlePrompt(PublishPrompt, frozen=True):
    """What came of a prompt that is over is known: its last record once more, complete.

    It is for those who keep records; handhelds and the branch broker have taken the prompt off.
    """


class PublishWait(Struct, frozen=True, kw_only=True):
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


class PublishDevice(Struct, frozen=True):
    """A device's state changed in the hall's picture; retained upward."""

    device: str
    kind: str
    state: str
    parts: Mapping[str, str]
    detail: str
    at: Instant


class AskQueue(Struct, frozen=True):
    """The queue machine is asked for something by the teller at `window`, who pressed a key of `terminal`.

    It answers by what it does: a call by its own `ticket.called`.
    """

    window: str
    terminal: str
    what: str
    at: Instant


class EndWait(Struct, frozen=True):
    """The class `service` is no more: of its wait nothing is published any longer."""

    service: str


class EndDevice(Struct, frozen=True):
    """The device `device` is no more: of its state nothing is published any longer."""

    device: str


class Ignore(Struct, frozen=True):
    """An event said something the hall cannot take; counted and logged, without effect on the picture.

    `key` names the reason to a page, which has words for it in both languages; empty where a tap does not meet it.
    """

    event: str
    about: str
    reason: str
    key: str = ""


Command: TypeAlias = (
    Output | PublishPrompt | PublishWait | EndWait | PublishDevice | EndDevice | PublishFigures | AskQueue | Ignore
)
