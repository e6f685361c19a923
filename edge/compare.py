"""What another configuration would have prompted on the same day: counts, and the prompts that differ.

A prompt counts where it was raised, or would have been but for shadow mode. Two prompts are the same when rule and
object are and their instants are no further apart than `SAME_WITHIN`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from edge.core import instant
from edge.core.instant import SECOND
from edge.core.triage.prompts import SHADOW

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import tzinfo

    from edge.core.commands import PromptRecord
    from edge.core.instant import Instant, Micros

SAME_WITHIN: Final[Micros] = 60 * SECOND


class Raised(Struct, frozen=True):
    """One prompt as it was, or in shadow mode would have been, raised; `people` are those who carried its roles."""

    at: Instant
    rule: str
    object: str
    to: tuple[str, ...]
    people: tuple[str, ...]


class Told(Struct):
    """All prompts one configuration raised, in order; give it every record."""

    raised: list[Raised] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def hear(self, record: PromptRecord, people: Collection[str]) -> None:
        """Takes a record and who carries its roles.

        Of each prompt the first that tells somebody counts, not one that came back from a shelf.
        """
        tells = record.state == "raised" or (record.state == "held" and record.held_by == SHADOW)
        if tells and record.prompt not in self._seen:
            self._seen.add(record.prompt)
            self.raised.append(Raised(record.at, record.rule, record.about["id"], record.to, tuple(people)))


def compared(ours: Told, theirs: Told, zone: tzinfo) -> dict[str, Any]:
    """Counts as [ours, theirs] by rule, hour of the day, role and person, and the prompts only one of them has."""

    def counts(of: Callable[[Raised], Iterable[str]]) -> dict[str, list[int]]:
        here, there = (Counter(name for one in told.raised for name in of(one)) for told in (ours, theirs))
        return {name: [here[name], there[name]] for name in sorted(here | there)}

    only_here, only_there = _apart(ours.raised, theirs.raised)
    return {
        "prompts": [len(ours.raised), len(theirs.raised)],
        "rules": counts(lambda one: [one.rule]),
        "hours": counts(lambda one: [f"{instant.local(one.at, zone):%H}"]),
        "roles": counts(lambda one: one.to),
        "people": counts(lambda one: one.people),
        "only_this": [_shown(one, zone) for one in only_here],
        "only_other": [_shown(one, zone) for one in only_there],
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The same as text, one line for each figure and each prompt that differs."""
    yield "  this other"
    yield f"{found['prompts'][0]:6}{found['prompts'][1]:6}  prompts"
    for name, word in (("rules", "rule"), ("hours", "hour"), ("roles", "role"), ("people", "person")):
        for what, (here, there) in found[name].items():
            yield f"{here:6}{there:6}  {word} {what}"
    for name, title in (("only_this", "only this"), ("only_other", "only other")):
        for one in found[name]:
            yield f"{title}: {one['at']} {one['rule']} {one['object']} to {', '.join(one['to'])}"


def _apart(ours: list[Raised], theirs: list[Raised]) -> tuple[list[Raised], list[Raised]]:
    """What each has that the other has not: of the same rule and object the nearest in time is its match."""
    left = list(theirs)
    alone = []
    for one in ours:
        twins = [two for two in left if _same(one, two)]
        if twins:
            left.remove(min(twins, key=lambda two: abs(two.at - one.at)))
        else:
            alone.append(one)
    return alone, left


def _same(one: Raised, two: Raised) -> bool:
    return (one.rule, one.object) == (two.rule, two.object) and abs(one.at - two.at) <= SAME_WITHIN


def _shown(one: Raised, zone: tzinfo) -> dict[str, Any]:
    return {"at": instant.text(one.at, zone), "rule": one.rule, "object": one.object, "to": list(one.to)}
