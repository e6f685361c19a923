"""Conditions: arms over facts, each with a level at which it is met and a lower one at which it is over.

Between the two an arm stays what it was, so that a queue which trembles around its threshold raises one prompt and
not twenty. A level is met at the value itself. A rule is met when any of its arms is (or all, where it says so) and
everything it takes as `given` is true; it is over when that no longer lasts.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from edge.core.instant import in_seconds, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.aspects import Aspects
    from edge.core.instant import Instant, Micros
    from edge.core.triage.desk import Watch
    from edge.core.triage.moment import Moment, Number, Word
    from edge.core.triage.rule import Rule


class AtLeast(Struct, frozen=True, kw_only=True):
    """Met from `level` to `most`; over below `reset` and above `most`.

    With `hold` it counts only after it has been met for so long without a break.
    """

    fact: Number
    level: float
    reset: float
    most: float = inf
    hold: Micros = 0

    def met(self, moment: Moment, object_id: str) -> bool:
        """Whether the fact is at the level, and not above the most."""
        return self.level <= self.fact.value(moment, object_id) <= self.most

    def lasts(self, moment: Moment, object_id: str) -> bool:
        """Whether the arm, once met, still is."""
        return self.reset <= self.fact.value(moment, object_id) <= self.most


class Among(Struct, frozen=True, kw_only=True):
    """Met at any of `words`; over at any of `until`, or where that is empty at any other word."""

    fact: Word
    words: frozenset[str]
    until: frozenset[str] = frozenset()
    hold: Micros = 0

    def met(self, moment: Moment, object_id: str) -> bool:
        """Whether the fact says one of the words."""
        return self.fact.value(moment, object_id) in self.words

    def lasts(self, moment: Moment, object_id: str) -> bool:
        """Whether the arm, once met, still is."""
        value = self.fact.value(moment, object_id)
        return value not in self.until if self.until else value in self.words


Arm: TypeAlias = AtLeast | Among


def begins_by(arm: Arm) -> Aspects:
    """What may bring it about that an arm is met, or break the time for which it has held."""
    fact = arm.fact
    met_at_rest = arm.level <= 0.0 <= arm.most if isinstance(arm, AtLeast) else arm.fact.words[0] in arm.words
    return fact.moved_by if met_at_rest or arm.hold else fact.moved_by & ~fact.rests_by


def met(rule: Rule, moment: Moment, object_id: str, watch: Watch | None) -> bool:
    """Whether the rule's thresholds are met."""
    every = rule.every
    for arm in rule.arms:
        if (arm.met(moment, object_id) and _held(arm, moment.at, watch)) is not every:
            if every:
                return False
            break
    else:
        if not every:
            return False
    return not rule.given or all(arm.met(moment, object_id) for arm in rule.given)


def lasts(rule: Rule, moment: Moment, object_id: str) -> bool:
    """Whether a condition that was met is not over yet."""
    if rule.given and not all(arm.lasts(moment, object_id) for arm in rule.given):
        return False
    if rule.every:
        return all(arm.lasts(moment, object_id) for arm in rule.arms)
    return any(arm.lasts(moment, object_id) for arm in rule.arms)


def reached(rule: Rule, moment: Moment, object_id: str, watch: Watch) -> bool:
    """Whether a condition that lasts is at its thresholds as well, and not between them and their resets.

    What is a word counts as long as it lasts: it has no reading that could be short of anything.
    """
    arms = (arm.lasts(moment, object_id) if isinstance(arm, Among) else _fires(arm, moment, object_id, watch)
            for arm in rule.arms)  # fmt: skip
    return (all if rule.every else any)(arms) and all(
        arm.lasts(moment, object_id) if isinstance(arm, Among) else arm.met(moment, object_id) for arm in rule.given
    )


def firing(rule: Rule, moment: Moment, object_id: str, watch: Watch | None) -> list[Arm]:
    """The arms that are met now, or where none is (any longer) those that last, in the order of the rule's file."""
    met_now = [arm for arm in rule.arms if _fires(arm, moment, object_id, watch)]
    return met_now or [arm for arm in rule.arms if arm.lasts(moment, object_id)] or list(rule.arms)


def readings(rule: Rule, moment: Moment, object_id: str) -> dict[str, float]:
    """The levels of a rule's arms, to tell later whether things have become worse."""
    return {a.fact.name: a.fact.value(moment, object_id) for a in rule.arms if isinstance(a, AtLeast)}


def worse(rule: Rule, moment: Moment, object_id: str, before: Mapping[str, float]) -> bool:
    """Whether an arm that is met reads worse than it did `before`."""
    return any(
        arm.fact.value(moment, object_id) >= max(arm.level, arm.fact.worse(before.get(arm.fact.name, 0.0)))
        for arm in rule.arms
        if isinstance(arm, AtLeast)
    )


def one_more(rule: Rule, moment: Moment, object_id: str, before: Mapping[str, float]) -> str | None:
    """Whether something has happened again since `before`, and when it may be told: `now`, `later` (`Number.each`)."""
    found = None
    for arm in rule.counts:
        if arm.fact.value(moment, object_id) >= max(arm.level, before.get(arm.fact.name, 0.0) + 1):
            if arm.fact.each == "now":
                return "now"
            found = arm.fact.each
    return found


def worse_at(rule: Rule, moment: Moment, object_id: str, before: Mapping[str, float]) -> Instant | None:
    """When an arm will read worse than it did `before` if nothing but time happens."""
    dues = [
        arm.fact.when(moment, object_id, _no_less(max(arm.level, arm.fact.worse(before.get(arm.fact.name, 0.0)))))
        for arm in rule.arms
        if isinstance(arm, AtLeast) and arm.fact.when is not None
    ]
    return min((due for due in dues if due is not None), default=None)


def keep_time(rule: Rule, moment: Moment, object_id: str) -> None:
    """Notes since when the arms that must hold for a while have been met without a break."""
    for arm in rule.arms:
        if arm.hold:
            name, desk = arm.fact.name, moment.desk
            if arm.met(moment, object_id):
                desk.attend(rule.id, object_id).since.setdefault(name, moment.at)
            elif (watch := desk.watch(rule.id, object_id)) is not None:
                watch.since.pop(name, None)


def held_at(rule: Rule, moment: Moment, watch: Watch | None) -> Instant | None:
    """When an arm will have held for long enough, if nothing but time happens."""
    since = watch.since if watch is not None else {}
    dues = (since[arm.fact.name] + arm.hold for arm in rule.arms if arm.fact.name in since)
    return min((due for due in dues if due > moment.at), default=None)


def due_at(rule: Rule, moment: Moment, object_id: str, *, at_rest: bool = False) -> Instant | None:
    """When what the rule asks of its own object will next change with time alone.

    At rest one arm is enough to wait for of those that must all be met, if it is not: before it nothing can come.
    """
    at = moment.at
    for must in rule.musts if at_rest else ():
        reached = must.fact.when(moment, object_id, seconds(must.level)) if must.fact.when is not None else None
        if reached is None or reached > at:
            return reached
    dues: list[Instant | None] = []
    for arm in rule.timed:
        if isinstance(arm, AtLeast) and arm.fact.when is not None:
            dues.append(arm.fact.when(moment, object_id, seconds(arm.level)))
        if arm.fact.turns is not None:
            dues.append(arm.fact.turns(moment, object_id))
    return min((due for due in dues if due is not None and due > at), default=None)


def _no_less(level: float) -> Micros:
    """A level in millionths, rounded so that it is met by then: a reading may be worse from a part of one on."""
    nearest = seconds(level)
    return nearest if in_seconds(nearest) >= level else nearest + 1


def _fires(arm: Arm, moment: Moment, object_id: str, watch: Watch | None) -> bool:
    return arm.met(moment, object_id) and _held(arm, moment.at, watch)


def _held(arm: Arm, at: Instant, watch: Watch | None) -> bool:
    if not arm.hold:
        return True
    since = watch.since.get(arm.fact.name) if watch is not None else None
    return since is not None and at >= since + arm.hold
