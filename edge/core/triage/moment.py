"""What facts are made of: the hall at one instant, and the records of numbers and words that read it."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from edge.core.aspects import NOTHING
from edge.core.triage import offer
from edge.core.triage.windows import OneMore, one_more

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from edge.core.aspects import Aspects
    from edge.core.hall import Hall
    from edge.core.instant import Instant, Micros
    from edge.core.policy import Policy
    from edge.core.triage.calm import Calm
    from edge.core.triage.desk import Desk, ObjectKind

WORSE_SHARE: Final = 1.2
"""A measured reading is worse than before from this share of it on (our figure; counts are worse by one)."""


class Moment:
    """The hall at one instant, as facts read it; what is costly is worked out at most once."""

    __slots__ = ("_obstacle", "_one_more", "at", "desk", "hall", "known", "policy")

    def __init__(self, hall: Hall, policy: Policy, at: Instant) -> None:
        self.hall, self.policy, self.at = hall, policy, at
        self.desk: Desk = hall.desk
        self._obstacle: offer.Obstacle | None = None
        self._one_more: OneMore | None = None
        self.known: dict[tuple[str, float], dict[str, int]] = {}
        """What facts have worked out for many objects at once, by their own names."""

    def obstacle(self) -> offer.Obstacle:
        """See `offer.obstacle`."""
        if self._obstacle is None:
            self._obstacle = offer.obstacle(self.hall, self.policy, self.at)
        return self._obstacle

    def one_more(self) -> OneMore:
        """What one more window would change; two forecasts, so asked for last."""
        if self._one_more is None:
            self._one_more = one_more(self.hall, self.policy, self.at)
        return self._one_more


class Number(Struct, frozen=True, kw_only=True):
    """A fact with a level. `when` gives, for one that grows with time alone, the instant it reaches a level.

    It never says more than `ever`, so that a level above that is none.

    `worse` is the level from which a reading is worse than an earlier one: one more of what is counted, a fifth more
    of what is measured, because a wait that has come to its threshold again is past it a moment later.

    `each` is for counts of what happens: one more since the prompt was last raised is news of its own. `now`: it is
    another customer, and is told at once, whatever became of that prompt. `later`: it is told when the cool-down is
    over, even where that prompt was declined.

    With `keeps_up` the words of an open prompt follow it, up and down, and make no sound.

    `turns` gives the next instant at which the fact changes with time alone in another way: what was counted in a
    sliding window leaves it, what was lately so is so no more. `takes` are keys of the rule which the fact is worked
    out with (see `bound`); `also` gives, for a fact of tickets or windows, those besides the one an event is about
    which a change of these aspects may have moved. `rests_by` are those of `moved_by` which can only bring the fact of
    the objects they are about to rest, at 0: nothing begins by them.

    `calm` gives, for a fact of the hall, for how long it is certain to stay from one level to below another (see
    `calm`). `where` gives the zone of what it counts, where that is not the rule's.
    """

    name: str
    about: ObjectKind
    unit: str
    ever: float = inf
    says: str
    moved_by: Aspects
    value: Callable[[Moment, str], float]
    when: Callable[[Moment, str, Micros], Instant | None] | None = None
    each: Literal["now", "later"] | None = None
    keeps_up: bool = False
    turns: Callable[..., Instant | None] | None = None
    also: Callable[[Moment, Aspects], Iterable[str]] | None = None
    takes: tuple[str, ...] = ()
    bound_to: tuple[float, ...] = ()
    rests_by: Aspects = NOTHING
    calm: Callable[..., Calm] | None = None
    where: Callable[[Moment], str] | None = None
    reads_desk: bool = False

    @property
    def signal(self) -> str:
        """The name under which it is listened to: rules with other keys listen to another fact."""
        return _signal(self.name, self.bound_to)

    def worse(self, before: float) -> float:
        """The level from which on things are worse than at `before`."""
        return before * WORSE_SHARE if self.unit == "s" else before + 1


class Word(Struct, frozen=True, kw_only=True):
    """A fact with one of a few values, at rest the first; the rest is as of a number, `calm` for the word it says."""

    name: str
    about: ObjectKind
    words: tuple[str, ...]
    says: str
    moved_by: Aspects
    value: Callable[[Moment, str], str]
    turns: Callable[..., Instant | None] | None = None
    also: Callable[[Moment, Aspects], Iterable[str]] | None = None
    takes: tuple[str, ...] = ()
    bound_to: tuple[float, ...] = ()
    rests_by: Aspects = NOTHING
    calm: Callable[..., Calm] | None = None
    reads_desk: bool = False

    @property
    def signal(self) -> str:
        """The name under which it is listened to: rules with other keys listen to another fact."""
        return _signal(self.name, self.bound_to)


Fact: TypeAlias = Number | Word


def bound(fact: Fact, keys: Mapping[str, Any]) -> Fact:
    """The fact as a rule with these keys asks it; the fact itself where it takes none of them."""
    if not fact.takes:
        return fact
    own = {key: keys[key] for key in fact.takes}
    if isinstance(fact, Number) and fact.when is not None:
        fact = replace(fact, when=partial(fact.when, **own))
    return replace(
        fact,
        value=partial(fact.value, **own),
        turns=None if fact.turns is None else partial(fact.turns, **own),
        also=None if fact.also is None else partial(fact.also, **own),
        calm=None if fact.calm is None else partial(fact.calm, **own),
        bound_to=tuple(own.values()),
    )


def _signal(name: str, bound_to: tuple[float, ...]) -> str:
    return "@".join((name, *(f"{value:g}" for value in bound_to)))
