"""What triage remembers: for every rule and object a watch, and the prompts that are open.

`Desk` is part of the hall and goes into its snapshot as JSON: plain records, no behaviour, nothing derived.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

from edge.core.commands import Priority, PromptRecord, PromptState  # noqa: TC001 (a snapshot reads them at run time)
from edge.core.instant import Instant  # noqa: TC001 (as above)
from edge.core.wording import Text  # noqa: TC001 (as above)

ObjectKind: TypeAlias = Literal["hall", "service", "window", "ticket", "device", "prompt"]
"""What a prompt may be about; the hall's only id is `hall`. A prompt may be about another one."""

Answer: TypeAlias = Literal["asked", "accepted", "declined"]
"""What came of walking up to one customer."""

Ending: TypeAlias = Literal["cleared", "withdrawn", "done", "declined", "expired"]
"""How a prompt ended; it decides when the next may come."""


class Prompt(Struct, kw_only=True):
    """One open prompt: its last record and the instants at which it speaks again.

    `at` is its last change, `level` its place on the escalation ladder, `answers` what named customers said; a shelved
    one comes back at `back_at`. `without` are the roles it would have gone to besides, had they had room for it.
    """

    id: str
    rule: str
    kind: ObjectKind
    object: str
    at: Instant
    state: PromptState
    priority: Priority
    to: tuple[str, ...]
    level: int = 0
    zone: str
    text: Text
    because: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, Any] = field(default_factory=dict)
    tickets: tuple[str, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)
    raised_at: Instant | None = None
    realert_at: Instant | None = None
    escalate_at: Instant | None = None
    back_at: Instant | None = None
    by: str | None = None
    held_by: str | None = None
    without: tuple[str, ...] = ()


class Promise(Struct):
    """What a prompt that was raised at `since` has said of one waiting ticket, until its call shows it.

    `windows` took its class then. `answers` are those of customers by now, `accepted_at` when the first accepted;
    `outcome` is what came of it, and `last` the record with which the prompt ended, where it is over.
    """

    ticket: str
    service: str
    since: Instant
    expect: dict[str, Any]
    windows: tuple[str, ...]
    answers: dict[str, Answer] = field(default_factory=dict)
    accepted_at: Instant | None = None
    outcome: dict[str, Any] = field(default_factory=dict)
    last: PromptRecord | None = None


class Watch(Struct):
    """One rule on one object, from the first time its condition was near.

    `met` is the condition with its hysteresis; `since` tells for arms that must hold how long they have; `over_since`
    how long the condition has been below its reset. `prompt` is the id of the open or held one, `count` the last
    number given. `held_by` is the guard that holds its prompt back, `free_since` when it let go, `rest_until` until
    when it is not asked again. `ended_at`, `ending` and `fired` (the readings when it last fired) govern the cool-down.
    """

    met: bool = False
    since: dict[str, Instant] = field(default_factory=dict)
    over_since: Instant | None = None
    prompt: str | None = None
    count: int = 0
    held_by: str | None = None
    rest_until: Instant | None = None
    free_since: Instant | None = None
    ended_at: Instant | None = None
    ending: Ending | None = None
    fired: dict[str, float] = field(default_factory=dict)


class Nap(Struct):
    """How long a fact need not be asked (see `calm`): up to this step, and before this instant."""

    step: int
    at: Instant


class Desk(Struct):
    """All of it: watches by rule and object, open prompts by their id.

    `live` holds the rules about the hall whose condition is met; `signals` for each fact the interval between levels,
    or the word, at which it was last heard, and `naps` how long that is certain; `steps` counts what was reviewed.
    `told` holds for each person when the last prompts came that count against the load limit, and `digested` for each
    role the prompts held back by it that a digest has named. `promises` are by the id of their prompt.
    """

    watches: dict[str, dict[str, Watch]] = field(default_factory=dict)
    prompts: dict[str, Prompt] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    signals: dict[str, int | float | str] = field(default_factory=dict)
    naps: dict[str, Nap] = field(default_factory=dict)
    steps: int = 0
    told: dict[str, list[Instant]] = field(default_factory=dict)
    digested: dict[str, list[str]] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)

    def watch(self, rule: str, object_id: str) -> Watch | None:
        """The watch of a rule on an object; None when nothing is remembered."""
        watches = self.watches.get(rule)
        return watches.get(object_id) if watches else None

    def attend(self, rule: str, object_id: str) -> Watch:
        """The same, made when there is none."""
        return self.watches.setdefault(rule, {}).setdefault(object_id, Watch())

    def prompt_of(self, watch: Watch) -> Prompt | None:
        """The open or held prompt of a watch."""
        return self.prompts.get(watch.prompt) if watch.prompt else None


def prompt_id(rule: str, object_id: str, number: int) -> str:
    """`rule.object.episode`, safe in an MQTT topic and in a URL: other characters become `~` and their UTF-8 in hex.

    Two objects never share an id, because `~` itself is written as `~7E`.
    """
    return f"{rule}.{_safe(object_id)}.{number}"


@lru_cache(maxsize=1024)
def _safe(object_id: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else _hex(c) for c in object_id)


def _hex(character: str) -> str:
    return "".join(f"~{byte:02X}" for byte in character.encode())
