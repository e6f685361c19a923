"""Runs the examples of a rule file: their facts stand in for the hall, and the rule is asked as it is in earnest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from edge.core.hall import Hall
from edge.core.policy import Policy
from edge.core.triage.conditions import firing, lasts, met
from edge.core.triage.desk import Watch
from edge.core.triage.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.core.triage.conditions import Arm
    from edge.core.triage.moment import Fact
    from edge.core.triage.rule import Example, Rule


def failures(rule: Rule) -> Iterator[str]:
    """One sentence for every example that does not come out as it says; the file's own figures, no overrides."""
    for example in rule.examples:
        found = _outcome(_supposing(rule, example.facts), example)
        if found != (example.outcome, example.held_by, example.text or found[2]):
            yield f"{rule.id}: '{example.says}': {_shown(found)}, the example says {_shown(_wanted(example))}"


Found = tuple[str, str | None, str | None]


def _wanted(example: Example) -> Found:
    return example.outcome, example.held_by, example.text


def _outcome(rule: Rule, example: Example) -> Found:
    """(outcome, guard, text) of the rule whose facts are those of the example."""
    moment, since = Moment(Hall(), Policy(), 0), Watch()
    if example.outcome in ("lasts", "ends"):
        return "lasts" if lasts(rule, moment, "") else "ends", None, None
    for arm in rule.arms:
        since.since[arm.fact.name] = -arm.hold
    if not met(rule, moment, "", since):
        return "silent", None, None
    guard = next((guard for guard in rule.unless if guard.holds(moment, "", rule.keys)), None)
    if guard is not None:
        return "held", guard.name, None
    return "raised", None, rule.sayings[firing(rule, moment, "", since)[0].fact.name].id


def _supposing(rule: Rule, facts: Mapping[str, float | str]) -> Rule:
    """The rule with its facts replaced by what an example supposes them to be."""
    return replace(
        rule,
        arms=tuple(_told(arm, facts) for arm in rule.arms),
        given=tuple(_told(arm, facts) for arm in rule.given),
        unless=tuple(replace(guard, fact=_constant(guard.fact, facts)) for guard in rule.unless),
    )


def _told(arm: Arm, facts: Mapping[str, float | str]) -> Arm:
    return replace(arm, fact=_constant(arm.fact, facts))


def _constant(fact: Fact, facts: Mapping[str, float | str]) -> Fact:
    value = facts[fact.name]
    return replace(fact, value=lambda _moment, _object_id: value)


def _shown(found: Found) -> str:
    outcome, guard, text = found
    return outcome + (f" by {guard}" if guard else "") + (f", {text}" if text else "")
