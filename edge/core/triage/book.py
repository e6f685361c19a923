"""All rules of a policy together: read from their files, and indexed by what moves them.

What a step costs must not grow with the number of rules. So the hall is not asked rule by rule but fact by fact: a
`Probe` knows every level at which any rule cares for its fact, and only where the fact has come into another interval
are the rules that ask it looked at. A fact that is certain not to have done so (`calm`) is not even asked. Of the
rules about objects those look whose condition the step may have brought about, and those whose condition is met.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from math import inf, nextafter
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from edge.core.instant import seconds
from edge.core.triage.calm import FOREVER, RESTLESS
from edge.core.triage.conditions import Arm, AtLeast
from edge.core.triage.desk import Nap
from edge.core.triage.facts import FACTS
from edge.core.triage.moment import Number
from edge.core.triage.rules import parse
from edge.core.triage.table import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from edge.core.aspects import Aspects
    from edge.core.instant import Micros
    from edge.core.triage.calm import Calm
    from edge.core.triage.moment import Fact, Moment
    from edge.core.triage.rule import Rule

_Of = TypeVar("_Of")


def load(files: Mapping[str, Mapping[str, Any]], tuning: Mapping[str, Any]) -> tuple[tuple[Rule, ...], list[str]]:
    """The rules of all files (name → table) under the configuration's `[rules]`, and every fault of all of them.

    A rule that is `tuned_with` another takes that one's overrides where it has the same key and none of its own.
    """
    rules, faults = [], []
    homes: dict[str, str] = {}
    for where, table in sorted(files.items()):
        id = str(table.get("id"))
        if id in homes:
            faults.append(f"{where}: id is {shown(id)}, which {homes[id]} has already")
        homes.setdefault(id, where)
        overrides = _overrides(table, id, tuning)
        rule, found = parse(table, where, overrides)
        faults += found if rule is not None or parse(table, where, {})[1] else _of_tuning(found, where, table, tuning)
        if rule is not None:
            rules.append(rule)
    known = ", ".join(sorted(homes))
    faults += [f"[rules.{id}] is the table of no rule; accepted: {known}" for id in tuning if id not in homes]
    return tuple(rules), list(dict.fromkeys(faults))


def _of_tuning(faults: Iterable[str], where: str, table: Mapping[str, Any], tuning: Mapping[str, Any]) -> Iterable[str]:
    """Faults of a good file that was tuned wrongly, said of the table that tunes it: its own, or the one it shares."""
    id, other = str(table.get("id")), str(table.get("tuned_with"))
    home = id if id in tuning else other
    for fault in faults:
        said = fault.removeprefix(f"{where}: ").removeprefix(f"[rules.{id}] ")
        yield f"[rules.{home}] {said}"


def _overrides(table: Mapping[str, Any], id: str, tuning: Mapping[str, Any]) -> Mapping[str, Any]:
    own = tuning.get(id, {})
    other = tuning.get(str(table.get("tuned_with")), {})
    keys = table.get("keys")
    if not (isinstance(own, dict) and isinstance(other, dict) and isinstance(keys, dict)):
        return own  # type: ignore[no-any-return]  # not a table: parse says so
    return {key: value for key, value in other.items() if key in keys} | own


class Probe(Struct, frozen=True):
    """Listens to one fact of the hall for all rules, under the name of its signal.

    `levels` are those at which any rule's answer changes, ascending; `triggers` those of them that count while none of
    their conditions is met; `alarms` those a fact that grows with time is to be awaited at. `asking` are the rules (a
    bit each) of which it is a threshold, `guarding` those it may hold back.
    """

    name: str
    fact: Fact
    levels: tuple[float, ...]
    triggers: tuple[float, ...]
    alarms: tuple[Micros, ...]
    asking: int
    guarding: int

    def moved(self, moment: Moment, live: int) -> bool:
        """Whether the fact is in another interval, or says another word, than when it was last asked.

        `live` are the rules whose condition is met.
        """
        fact, signals = self.fact, moment.desk.signals
        value = fact.value(moment, "hall")
        signal = bisect_right(self.levels, value) if self.levels else value
        nap = None if fact.calm is None else self._nap(moment, fact.calm, value, live)
        if self.alarms or fact.turns is not None:
            self._await(moment, nap, at_rest=signal == 0)
        if signals.get(self.name) == signal:
            return False
        signals[self.name] = signal
        return True

    def _nap(self, moment: Moment, calm: Callable[..., Calm], value: float | str, live: int) -> Nap | None:
        """Notes for how long the fact is certain to stay between the levels that count now, or at its word."""
        desk, steps, until = moment.desk, *RESTLESS
        if isinstance(value, str):
            steps, until = calm(moment)
        elif self.levels:
            levels = self.levels if (self.asking | self.guarding) & live else self.triggers
            place = bisect_right(levels, value)
            low = levels[place - 1] if place else -inf
            steps, until = calm(moment, low, levels[place] if place < len(levels) else inf)
        if steps <= 0 or until <= moment.at:
            desk.naps.pop(self.name, None)
            return None
        nap = desk.naps[self.name] = Nap(desk.steps + steps, until)
        return nap

    def _await(self, moment: Moment, nap: Nap | None, *, at_rest: bool) -> None:
        """Asks to be woken when time alone moves the fact; one that is below every level has nowhere to fall."""
        fact, due = self.fact, None
        if isinstance(fact, Number) and fact.when is not None:
            reached = (fact.when(moment, "hall", alarm) for alarm in self.alarms)
            due = next((at for at in reached if at is not None and at > moment.at), None)
        if fact.turns is not None and not at_rest:
            turn = fact.turns(moment, "hall") if nap is None else nap.at
            if turn is not None and moment.at < turn < FOREVER:
                due = turn if due is None else min(due, turn)
        if due is None:
            moment.hall.agenda.drop(f"fact:{self.name}")
        else:
            moment.hall.agenda.put(f"fact:{self.name}", due)


class Moved(Struct, frozen=True):
    """A rule that is not about the hall, as certain aspects move it.

    Where its condition may begin by them, it is looked at; otherwise only where that is met already. What it awaits
    with time alone lapses where they may have ended it. They concern its objects everywhere where the hall is asked.
    """

    rule: Rule
    begins: bool
    lapses: bool
    everywhere: bool


class ByAspects(dict[int, _Of]):
    """What follows from a union of aspects, worked out when it is first asked for: few of all unions ever occur."""

    def __init__(self, of: Callable[[Aspects], _Of]) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, changed: Aspects) -> _Of:
        """Works it out."""
        found = self[changed] = self._of(changed)
        return found


class Index(Struct, frozen=True):
    """The rules switched on and what they listen to.

    `first` and then `readers` are the rules about the hall in the order they are looked at, each with its bit:
    readers ask how another rule stands, by the probes of `desk`; `probes` are the others. `moved` gives for a union of
    aspects the probes it may have moved, `others` the rules it may have moved that are not about the hall; `overseers`
    are about prompts.
    """

    by_id: Mapping[str, Rule]
    bits: Mapping[str, int]
    first: tuple[tuple[Rule, int], ...]
    readers: tuple[tuple[Rule, int], ...]
    probes: Mapping[str, Probe]
    moved: Mapping[Aspects, tuple[Probe, ...]]
    desk: tuple[Probe, ...]
    overseers: tuple[Rule, ...]
    others: Mapping[Aspects, tuple[Moved, ...]]


@lru_cache(maxsize=4)
def index(rules: tuple[Rule, ...]) -> Index:
    """The index over a policy's rules; remembered, because every step asks for it."""
    order = sorted((rule for rule in rules if rule.enabled), key=lambda rule: rule.id)
    hall = tuple(rule for rule in order if rule.about == "hall")
    bits = {rule.id: 1 << place for place, rule in enumerate(hall)}
    probes = [_probe(fact, hall, bits) for fact in _listened_to(hall)]
    others = tuple(rule for rule in order if rule.about != "hall")
    heard = [probe for probe in probes if not probe.fact.reads_desk]
    return Index(
        by_id={rule.id: rule for rule in order},
        bits=bits,
        first=tuple((rule, bits[rule.id]) for rule in hall if not rule.reads_desk),
        readers=tuple((rule, bits[rule.id]) for rule in hall if rule.reads_desk),
        probes={probe.name: probe for probe in heard},
        moved=ByAspects(lambda changed: tuple(probe for probe in heard if probe.fact.moved_by & changed)),
        desk=tuple(probe for probe in probes if probe.fact.reads_desk),
        overseers=tuple(rule for rule in order if rule.about == "prompt"),
        others=ByAspects(lambda changed: tuple(_moved(rule, changed) for rule in others if rule.moved_by & changed)),
    )


def _moved(rule: Rule, changed: Aspects) -> Moved:
    growing = (arm.fact for arm in rule.timed if isinstance(arm, AtLeast) and arm.fact.when is not None)
    return Moved(
        rule,
        begins=bool(changed & rule.begins_by),
        lapses=any(changed & fact.rests_by for fact in growing),
        everywhere=bool(changed & rule.hall_moved_by),
    )


def _listened_to(rules: Iterable[Rule]) -> list[Fact]:
    """The facts which these rules ask, in the order of the vocabulary; none that takes forecasts to work out."""
    asked = [arm.fact for rule in rules for arm in (*rule.arms, *rule.given)]
    asked += [guard.fact for rule in rules for guard in rule.unless if not guard.costly]
    places = {name: place for place, name in enumerate(FACTS)}
    found = {fact.signal: fact for fact in asked}
    return sorted(found.values(), key=lambda fact: (places[fact.name], fact.signal))


def _probe(fact: Fact, rules: Iterable[Rule], bits: Mapping[str, int]) -> Probe:
    """The probe of a fact for the rules that listen to it."""
    levels: set[float] = set()
    triggers: set[float] = set()
    alarms: set[Micros] = set()
    asking = guarding = 0
    for rule in rules:
        for arm in (arm for arm in (*rule.arms, *rule.given) if arm.fact.signal == fact.signal):
            asking |= bits[rule.id]
            levels |= _levels(arm)
            triggers |= _triggers(arm)
            if isinstance(arm, AtLeast) and arm.fact.when is not None:
                alarms.add(seconds(arm.level))
        for guard in (guard for guard in rule.unless if guard.fact.signal == fact.signal and not guard.costly):
            guarding |= bits[rule.id]
            levels |= set(guard.levels)
    return Probe(
        fact.signal, fact, tuple(sorted(levels)), tuple(sorted(triggers)), tuple(sorted(alarms)), asking, guarding
    )


def _levels(arm: Arm) -> set[float]:
    """The levels at which its answer changes, whether it is met or not."""
    return _triggers(arm) | {arm.reset} if isinstance(arm, AtLeast) else set()


def _triggers(arm: Arm) -> set[float]:
    """Those at which it begins or ceases to be met."""
    if not isinstance(arm, AtLeast):
        return set()
    return {arm.level} if arm.most == inf else {arm.level, nextafter(arm.most, inf)}
