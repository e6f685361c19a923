"""The clock was ahead of the time, and was put right: the hall moves back with it, and every duration stays as it was.

Whoever has waited for ten minutes has waited for ten minutes. So every instant in the hall moves back by as much as
`now` does, those in the agenda too. Only the calendar is not a matter of durations: the business day goes on while
somebody waits; when nobody does, a new one begins with whatever happens next.

Which fields hold an instant is read off their annotations, so that a new one cannot be forgotten.
"""

from __future__ import annotations

from functools import cache
from inspect import get_annotations
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from edge.core.apply import day
from edge.core.commands import PromptRecord

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.instant import Instant, Micros
    from edge.core.policy import Policy


def set_back(hall: Hall, policy: Policy, to: Instant) -> None:
    """Makes `to`, an earlier instant than the hall's `now`, its `now`."""
    _move(hall, hall.now - to)
    hall.score.hours.clear()  # of hours that never were
    hall.tally.hours.clear()
    hall.desk.naps.clear()  # they count on a time that goes on
    hall.lateness.senders.clear()  # by a clock that was wrong
    hall.agenda.reindex()
    if hall.day:
        day.go_on(hall, policy, to)


def _move(record: Struct, by: Micros) -> None:
    for name, holds_instants in _fields(record.__class__):
        value = getattr(record, name)
        if holds_instants:
            setattr(record, name, _earlier(value, by))
        else:
            for inner in _records(value):
                _move(inner, by)


@cache
def _fields(kind: type[Struct]) -> tuple[tuple[str, bool], ...]:
    """(name, whether it holds instants) of the fields of a kind of record."""
    annotations = {name: text for base in kind.__mro__ for name, text in get_annotations(base).items()}
    return tuple((name, "Instant" in annotations[name]) for name in kind.__struct_fields__)


def _earlier(value: Any, by: Micros) -> Any:
    """An instant, or all that a table or a list holds of them, moved; 0 and None say that there is none."""
    match value:
        case dict():
            return {key: _earlier(one, by) for key, one in value.items()}
        case list():
            return [_earlier(one, by) for one in value]
        case tuple():
            return tuple(_earlier(one, by) for one in value)
        case int() if value:
            return max(1, value - by)
        case _:
            return value


def _records(value: Any) -> list[Struct]:
    """The records in a field, however they are kept, but for those of prompts: what was said has been said."""
    match value:
        case dict():
            return [record for one in value.values() for record in _records(one)]
        case list() | tuple():
            return [record for one in value for record in _records(one)]
        case PromptRecord():
            return []
        case _:
            return [value] if isinstance(value, Struct) else []
