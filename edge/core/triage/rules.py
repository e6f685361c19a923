"""Reads a rule file into a `Rule`: every fault at once, each one sentence that names file and key.

A file's `[keys]` hold what the configuration may tune under `[rules.ID]`; wherever a condition wants a figure it names
one of them or gives a number.
"""

from __future__ import annotations

from functools import reduce
from itertools import product
from operator import or_
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeGuard, cast, get_args

from edge.core.aspects import NOTHING
from edge.core.commands import Priority
from edge.core.instant import seconds
from edge.core.triage.clauses import level_of, read_arms
from edge.core.triage.conditions import AtLeast, begins_by
from edge.core.triage.desk import ObjectKind
from edge.core.triage.figures import FIGURES, FORECASTS
from edge.core.triage.guards import GUARDS
from edge.core.triage.moment import Number
from edge.core.triage.rule import DEADLINES, LAST_RUNGS, NEXT_ROLE, ROLES, SETTLED_BY, ZONES, Example, Rule
from edge.core.triage.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.aspects import Aspects
    from edge.core.triage.conditions import Arm
    from edge.core.triage.guards import Guard
    from edge.core.triage.moment import Fact
    from edge.core.triage.words import Saying

__all__ = ["Rule", "parse"]

COOLDOWN_S: Final = 600
"""Every rule has the key `cooldown_s`; this is its default (contract, section Rules)."""

MATCHES: Final = ("any", "all")
MODES: Final = ("live", "shadow")
NO_SALES: Final = ("lobby_guide", "any_staff")
"""The role that may not sell (playbook §8.3, the first of the six don'ts), and what it would be asked among."""

OUTCOMES: Final = ("raised", "held", "silent", "lasts", "ends")


def parse(table: Mapping[str, Any], where: str, overrides: Mapping[str, Any]) -> tuple[Rule | None, list[str]]:
    """The rule of one file, tuned by its `[rules.ID]` table of the configuration; None when anything is wrong with it.

    A rule that is switched off (`enabled = false`) is a rule all the same, and says so.
    """
    top = Table(table, f"{where}: ", [])
    id = top.text("id")
    keys = _keys(top.table("keys"))
    tuned = Table(overrides, f"[rules.{id}] ", top.faults)
    enabled = tuned.flag("enabled", default=True)
    shadow = tuned.choice("mode", MODES, "live") == "shadow"
    rule = _rule(top, id, {**keys, **_tuned(tuned, keys)}, enabled=enabled, shadow=shadow)
    top.text("tuned_with", "none")
    top.rest()
    return (None if top.faults else rule), top.faults


def _keys(table: Table) -> dict[str, Any]:
    keys: dict[str, Any] = {"cooldown_s": COOLDOWN_S}
    return keys | {key: value for key, value in table.items() if _fits(table, key, value, whole=False)}


def _tuned(table: Table, keys: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration's values for a rule's keys; counts stay whole."""
    tuned = {}
    for key, default in keys.items():
        if table.has(key):
            value = table.raw(key)
            whole = isinstance(default, int) and not key.endswith("_s")
            if _fits(table, key, value, whole=whole):
                tuned[key] = value
    table.rest()
    return tuned


def _fits(table: Table, key: str, value: object, *, whole: bool) -> bool:
    if key == "match":
        fits, accepted = value in MATCHES, "any or all"
    else:
        number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        fits = number and 0 <= cast("float", value) < float("inf")
        accepted = "a whole number, 0 or more" if whole else "a number, 0 or more"
    if not fits:
        table.fault(key, value, accepted)
    return fits


def _rule(top: Table, id: str, keys: Mapping[str, Any], *, enabled: bool, shadow: bool) -> Rule:
    """The rule as far as it can be read; it is only used when nothing was wrong."""
    about = cast("ObjectKind", top.choice("about", get_args(ObjectKind)))
    priority = cast("Priority", top.choice("priority", get_args(Priority)))
    sayings: dict[str, Saying] = {}
    arms = read_arms(top.tables("when"), about, keys, sayings)
    given = read_arms(top.tables("given"), about, keys)
    unless = _guards(top, about, keys)
    facts = {arm.fact.name: arm.fact for arm in (*arms, *given)} | {guard.fact.name: guard.fact for guard in unless}
    realert_s, escalate_s = DEADLINES.get(priority, (None, None))
    every = keys.get("match", top.choice("match", MATCHES, "any")) == "all"
    if not arms:
        top.faults.append(f"{top.where}when is missing; accepted: at least one threshold, [[when]]")
    return Rule(
        id=id,
        enabled=enabled,
        shadow=shadow,
        priority=priority,
        about=about,
        zone=top.choice("zone", ZONES),
        ladder=_ladder(top, about, sells=_sells(unless)),
        arms=arms,
        sayings=MappingProxyType(sayings),
        every=every,
        given=given,
        unless=unless,
        names_tickets=top.flag("names_tickets", default=False),
        figures=top.choices("because", tuple(FIGURES)),
        expect=top.choice("expect", tuple(FORECASTS)) if top.has("expect") else None,
        settled_by=top.choice("settled_by", SETTLED_BY) if top.has("settled_by") else None,
        keys=MappingProxyType(dict(keys)),
        examples=_examples(top, facts, unless, sayings.values()),
        source=top.text("source"),
        cooldown=seconds(keys["cooldown_s"]),
        clear_after=seconds(level_of(top, "clear_after", keys, 0)),
        realert=None if realert_s is None else seconds(realert_s),
        escalate=None if escalate_s is None or about == "prompt" else seconds(escalate_s),
        moved_by=_moved_by(facts.values()),
        begins_by=reduce(or_, (begins_by(arm) for arm in (*arms, *given)), NOTHING),
        hall_moved_by=_moved_by(fact for fact in facts.values() if fact.about == "hall"),
        counts=tuple(arm for arm in arms if isinstance(arm, AtLeast) and arm.fact.each is not None),
        timed=() if about == "hall" else tuple(arm for arm in (*arms, *given) if _is_timed(arm)),
        musts=tuple(arm for arm in (*(arms if every or len(arms) == 1 else ()), *given) if _only_grows(arm)),
        spreads=tuple(dict.fromkeys(fact.also for fact in facts.values() if fact.also is not None)),
        patient=any(arm.hold for arm in arms),
        reads_desk=any(fact.reads_desk for fact in facts.values()),
        keeps_up=any(isinstance(arm, AtLeast) and arm.fact.keeps_up for arm in arms),
        sells=_sells(unless),
    )


def _moved_by(facts: Iterable[Fact]) -> Aspects:
    return reduce(or_, (fact.moved_by for fact in facts), NOTHING)


def _is_timed(arm: Arm) -> bool:
    return arm.fact.turns is not None or (isinstance(arm, AtLeast) and arm.fact.when is not None)


def _only_grows(arm: Arm) -> TypeGuard[AtLeast]:
    return isinstance(arm, AtLeast) and arm.fact.when is not None and arm.fact.turns is None


def _ladder(top: Table, about: ObjectKind, *, sells: bool) -> tuple[tuple[str, ...], ...]:
    """The rungs. Where it sells, not just anybody is asked in the end: a lobby guide may be among those present."""
    roles = (NEXT_ROLE,) if about == "prompt" else ROLES
    first = top.choices("to", roles, least=1)
    then = top.choices("escalates", roles)
    rungs = (first, *((role,) for role in then))
    last = LAST_RUNGS[-1:] if sells else LAST_RUNGS
    named = {role for rung in rungs for role in rung}
    return (*rungs, *(rung for rung in last if named.isdisjoint(rung)))


def _guards(top: Table, about: ObjectKind, keys: Mapping[str, Any]) -> tuple[Guard, ...]:
    guards = tuple(GUARDS[name].of(about) for name in top.choices("unless", tuple(GUARDS)))
    if _sells(guards):
        for key, role in product(("to", "escalates"), NO_SALES):
            if role in (top.raw(key) or ()):
                top.fault(key, role, "roles that may sell: a lobby guide gets no sales prompt")
    for guard in guards:
        for key in guard.keys:
            if key not in keys:
                top.faults.append(f"{top.where}keys.{key} is missing; the guard {guard.name} needs it")
    return guards


def _sells(guards: Iterable[Guard]) -> bool:
    return any(guard.sales for guard in guards)


def _examples(
    top: Table, facts: Mapping[str, Fact], unless: tuple[Guard, ...], sayings: Iterable[Saying]
) -> tuple[Example, ...]:
    tables = top.tables("example")
    if not tables:
        top.faults.append(f"{top.where}example is missing; a rule without an example does not load")
    texts, guards = tuple(saying.id for saying in sayings), tuple(guard.name for guard in unless)
    return tuple(_example(table, facts, guards, texts) for table in tables)


def _example(table: Table, facts: Mapping[str, Fact], guards: tuple[str, ...], texts: tuple[str, ...]) -> Example:
    given = table.table("facts")
    outcome = table.choice("outcome", OUTCOMES)
    example = Example(
        says=table.text("says"),
        facts={name: _reading(given, fact) for name, fact in facts.items()},
        outcome=outcome,
        held_by=table.choice("held_by", guards) if table.has("held_by") else None,
        text=table.choice("text", texts) if table.has("text") else None,
    )
    given.rest()
    table.rest()
    return example


def _reading(table: Table, fact: Fact) -> float | str:
    if not isinstance(fact, Number):
        return table.choice(fact.name, fact.words)
    found = table.raw(fact.name)
    if isinstance(found, int | float) and not isinstance(found, bool):
        return found
    table.fault(fact.name, found, f"a number of {fact.unit}")
    return 0.0
