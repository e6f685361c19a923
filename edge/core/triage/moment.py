"""What facts are made of: the hall at one instant, and the records of numbers and words that read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from edge.core.triage import offer
from edge.core.triage.windows import OneMore, one_more

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.aspects import Aspects
    from edge.core.hall import Hall
    from edge.core.instant import Instant, Micros
    from edge.core.policy import Policy
    from edge.core.triage.desk import Desk, ObjectKind

WORSE_SHARE: Final = 1.2
"""A measured reading is worse than before from this share of it on (our figure; counts are worse by one)."""


class Moment:
    """The hall at one instant, as facts read it; what is costly is worked out at most once."""

    __slots__ = ("_obstacle", "_one_more", "at", "desk", "hall", "policy")

    def __init__(self, hall: Hall, policy: Policy, at: Instant) -> None:
        self.hall, self.policy, self.at = hall, policy, at
        self.desk: Desk = hall.desk
        self._obstacle: offer.Obstacle | None = None
        self._one_more: OneMore | None = None

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A fact with a level. `when` gives, for one that grows with time alone, the instant it reaches a level.

    `worse` is the level from which a reading is worse than an earlier one: one more of what is counted, a fifth more
    of what is measured, because a wait that has come to its threshold again is past it a moment later.

    `each` is for counts of what happens: one more since the prompt was last raised is news of its own. `now`: it is
    another customer, and is told at once, whatever became of that prompt. `later`: it is told when the cool-down is
    over, even where that prompt was declined.
    """

    name: str
    about: ObjectKind
    unit: str
    says: str
    moved_by: Aspects
    value: Callable[[Moment, str], float]
    when: Callable[[Moment, str, Micros], Instant | None] | None = None
    each: Literal["now", "later"] | None = None
    reads_desk: bool = False

    def worse(self, before: float) -> float:
        """The level from which on things are worse than at `before`."""
        return before * WORSE_SHARE if self.unit == "s" else before + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A fact with one of a few values."""

    name: str
    about: ObjectKind
    words: tuple[str, ...]
    says: str
    moved_by: Aspects
    value: Callable[[Moment, str], str]
    reads_desk: bool = False


Fact: TypeAlias = Number | Word
