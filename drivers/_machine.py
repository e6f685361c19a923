"""What drivers of self-service machines share: parts and what their words mean, the gravest of them, news told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge.core.events import DeviceState
    from edge.core.instant import Instant, Micros


class Meaning(Struct, frozen=True):
    """What a part says: the word for it (None in order), what it makes of the machine, the event when it begins."""

    word: str | None = None
    state: DeviceState = "ok"
    event: str | None = None


class Part(Struct, frozen=True):
    """One part of a machine as it reports it."""

    name: str
    meaning: Meaning


GOOD: Final = Meaning()
UNKNOWN: Final = Meaning("unknown", "unknown")

GRAVITY: Final[Sequence[DeviceState]] = ("ok", "unknown", "degraded", "down")

SOME_CASH_LEFT: Final = Meaning("low", "ok", "cash_low")
NO_CASH: Final = Meaning("empty", "down", "cash_out")


def gravest(parts: Iterable[Part]) -> DeviceState:
    """The state of a machine by its parts; unknown when there are none."""
    return max((part.meaning.state for part in parts), key=GRAVITY.index, default="unknown")


def graver(one: Meaning, other: Meaning) -> bool:
    """Whether `one` says more: a graver state, or a word where the other is in order."""
    return (GRAVITY.index(one.state), one.word is not None) > (GRAVITY.index(other.state), other.word is not None)


class Told:
    """Which conditions have been told of: low paper is one event when it begins and not one a minute."""

    def __init__(self) -> None:
        self._holding: frozenset[str] = frozenset()

    def begun(self, parts: Iterable[Part]) -> list[str]:
        """The events of the conditions that hold now and did not at the last call, in the order of the parts."""
        holding = list(dict.fromkeys(part.meaning.event for part in parts if part.meaning.event is not None))
        before, self._holding = self._holding, frozenset(holding)
        return [event for event in holding if event not in before]


class _Incident(Struct):
    """One thing that happened, and who has told of it so far."""

    at: Instant
    by: set[str]


class Incidents:
    """Several witnesses tell of the same incident, each once, in any order and within `window` of each other.

    A message and a counter both say that a card was kept: that is one card. The same witness twice is two cards.
    """

    def __init__(self, window: Micros) -> None:
        self._window = window
        self._recent: list[_Incident] = []

    def is_new(self, witness: str, at: Instant) -> bool:
        """Whether nobody else has told of it yet."""
        self._recent = [one for one in self._recent if at - one.at <= self._window]
        for one in self._recent:
            if witness not in one.by:
                one.by.add(witness)
                return False
        self._recent.append(_Incident(at, {witness}))
        return True
