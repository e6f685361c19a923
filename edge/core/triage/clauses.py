"""Reads the thresholds of a rule file: which fact, at which level, until when, and what it says then."""

from __future__ import annotations

from math import inf, nextafter
from typing import TYPE_CHECKING, Any, Final

from edge.core.instant import seconds
from edge.core.triage.conditions import Among, AtLeast
from edge.core.triage.facts import FACTS
from edge.core.triage.moment import Number, bound
from edge.core.triage.rule import ZONES
from edge.core.triage.words import Saying
from edge.core.triage.words import faults as text_faults
from edge.core.wording import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.triage.conditions import Arm
    from edge.core.triage.desk import ObjectKind
    from edge.core.triage.table import Table


LEVELS: Final = ("at_least", "at_most", "reset", "reset_ratio", "among", "until")


def read_arms(
    tables: Iterable[Table], about: ObjectKind, keys: Mapping[str, Any], sayings: dict[str, Saying] | None = None
) -> tuple[Arm, ...]:
    """Thresholds; where `sayings` is given they speak, and what each says is put there."""
    arms: dict[str, Arm] = {}
    for table in tables:
        arm = _arm(table, about, keys)
        if arm is not None and arm.fact.name in arms:
            table.fault("fact", arm.fact.name, "each fact once")
        if arm is not None:
            arms[arm.fact.name] = arm
        if sayings is not None:
            sayings[table.text("fact")] = _saying(table.table("text"), about)
        for key in LEVELS if arm is None else ():
            table.has(key)  # which of them belong there is known when the fact is
        table.rest()
    return tuple(arms.values())


def _arm(table: Table, about: ObjectKind, keys: Mapping[str, Any]) -> Arm | None:
    fact = FACTS.get(table.choice("fact", [name for name, fact in FACTS.items() if fact.about in ("hall", about)]))
    hold = seconds(level_of(table, "hold", keys, 0))
    if fact is None:
        return None
    for key in fact.takes:
        if key not in keys:
            table.fault("fact", fact.name, f"a fact whose keys the rule has; this one takes {key}")
            return None
    fact = bound(fact, keys)
    if isinstance(fact, Number):
        level = level_of(table, "at_least", keys)
        if level > fact.ever:
            table.fault("at_least", _as_named(table, "at_least", keys), f"at most {fact.ever:g}, which is all it says")
        most = level_of(table, "at_most", keys, inf)
        if most < level:
            table.fault("at_most", most, f"a level at least that of its trigger, {level:g}")
        return AtLeast(fact=fact, level=level, reset=_reset(table, level, keys), most=most, hold=hold)
    words, until = (frozenset(table.choices(key, fact.words, least=n)) for key, n in (("among", 1), ("until", 0)))
    if words & until:
        table.fault("until", sorted(until), "words that are not among the trigger's")
    return Among(fact=fact, words=words, until=until, hold=hold)


def _reset(table: Table, level: float, keys: Mapping[str, Any]) -> float:
    """Below what an arm is over: `reset` itself, or with `reset_ratio` anything not above that share of the trigger."""
    key = "reset_ratio" if table.has("reset_ratio") else "reset"
    if key == "reset_ratio":
        reset = nextafter(level * level_of(table, key, keys), inf)
    else:
        reset = level_of(table, key, keys, level)
    if reset > level:
        table.fault(key, _as_named(table, key, keys), f"a level at most that of its trigger, {level:g}")
    return reset


def _as_named(table: Table, key: str, keys: Mapping[str, Any]) -> object:
    """What a level is, with the key that gives it."""
    named = table.raw(key)
    return f"{named} = {keys[named]:g}" if named in keys else named


def _saying(table: Table, about: ObjectKind) -> Saying:
    words = Text(table.text("zh"), table.text("en"))
    zone = table.choice("zone", ZONES) if table.has("zone") else None
    saying = Saying(table.text("id"), words, zone)
    table.faults.extend(f"{table.where}{fault}" for fault in text_faults(words, about))
    table.rest()
    return saying


def level_of(table: Table, key: str, keys: Mapping[str, Any], default: float | None = None) -> float:
    """A number, or the value of the key that is named."""
    found = table.raw(key)
    if found is None and default is not None:
        return default
    value = keys.get(found) if isinstance(found, str) else found
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return value
    table.fault(key, found, f"a number, 0 or more, or one of the keys {', '.join(sorted(keys))}")
    return 0.0
