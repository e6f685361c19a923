"""A rule as data: what must be the case, what holds its prompt back, whom it goes to, what it says.

`Rule` is what a rule file and the configuration's overrides become; reading them is in `rules`, running a file's
own examples in `examples`. A rule compares by identity, because it is a key of the index over the policy's rules.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, get_args

from msgspec import Struct

from edge.core.events import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from edge.core.aspects import Aspects
    from edge.core.commands import Priority
    from edge.core.instant import Micros
    from edge.core.triage.conditions import Arm, AtLeast
    from edge.core.triage.desk import ObjectKind
    from edge.core.triage.guards import Guard
    from edge.core.triage.moment import Moment
    from edge.core.triage.words import Saying

DEADLINES: Final[Mapping[Priority, tuple[float | None, float | None]]] = MappingProxyType(
    {
        "urgent": (20, 60),
        "high": (120, 300),
        "normal": (None, 900),
        "silent": (None, None),
    }
)
"""Seconds to the re-alert and to the escalation, by priority (contract, section Prompts)."""

ROLES: Final = (*get_args(Role), "any_staff")
"""Whom a rule may name; of `LAST_RUNGS` those it does not name follow of themselves."""

NEXT_ROLE: Final = "next_role"
"""Whom a rule about a prompt names instead: whoever that prompt has come to by now."""

ZONES: Final = ("door", "waiting", "self-service", "counter", "office", "hall")
"""Where a prompt sends somebody (playbook §2.3)."""

SETTLED_BY: Final = ("device_checked", "window_opened", "prompt_answered")
"""What, besides `done` on the prompt itself, shows that its advice was followed."""

LAST_RUNGS: Final = (("any_staff",), ("headquarters",))
"""Where every ladder ends (playbook §4: whoever is there acts and reports)."""


class Example(Struct, frozen=True):
    """One example of a rule file: facts at one instant, and what comes of them.

    `outcome` at rest: `raised`, `held` (by the guard `held_by`) or `silent`; in an open episode: `lasts` or `ends`.
    `text` is the id of the text a raised prompt says.
    """

    says: str
    facts: Mapping[str, float | str]
    outcome: str
    held_by: str | None = None
    text: str | None = None


class Rule(Struct, frozen=True, kw_only=True, eq=False):
    """One rule, ready to be asked; one in `shadow` is asked and recorded, and tells nobody.

    `arms` are its thresholds, met when any is (all, with `every`), and `sayings` by an arm's fact what it says when it
    fires; `given` must be true besides; `unless` are its guards in the order they are asked. `ladder` holds the roles
    of each rung, the first to be told first. `settled_by` (of `SETTLED_BY`) is what settles the prompt besides a
    `done`. `keys` are its tunable values, overrides included. `moved_by` is what moves any fact it asks,
    `begins_by` what of that may bring its condition about, `hall_moved_by` what moves those facts that it asks of the
    hall as a whole, and so concerns all its objects. `counts` are the arms of what happens time after time. `timed` are
    the arms which change with time alone, of a rule that is not about the hall, and `musts` those of them which only
    grow and which its condition cannot do without; `spreads` says for such a rule which objects a change may have moved
    besides the one it is about. The words of an open prompt that `keeps_up` follow its facts. One that `sells` reaches
    no lobby guide.
    """

    id: str
    enabled: bool
    shadow: bool
    priority: Priority
    about: ObjectKind
    zone: str
    ladder: tuple[tuple[str, ...], ...]
    arms: tuple[Arm, ...]
    sayings: Mapping[str, Saying]
    every: bool
    given: tuple[Arm, ...]
    unless: tuple[Guard, ...]
    names_tickets: bool
    figures: tuple[str, ...]
    expect: str | None
    settled_by: str | None
    keys: Mapping[str, Any]
    examples: tuple[Example, ...]
    source: str
    cooldown: Micros
    clear_after: Micros
    realert: Micros | None
    escalate: Micros | None
    moved_by: Aspects
    begins_by: Aspects
    hall_moved_by: Aspects
    counts: tuple[AtLeast, ...]
    timed: tuple[Arm, ...]
    musts: tuple[AtLeast, ...]
    spreads: tuple[Callable[[Moment, Aspects], Iterable[str]], ...]
    patient: bool
    reads_desk: bool
    keeps_up: bool
    sells: bool
