"""Time as data: an instant is a whole number of microseconds since the Unix epoch.

Whole numbers make thresholds exact: `issued + seconds(600)` is met at that very microsecond, on every machine, in
every replay. Text is RFC 3339 with an offset, as the contract asks.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from datetime import tzinfo

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z."""

Micros: TypeAlias = int
"""A duration in microseconds."""

SECOND: Final[Micros] = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
"""Narrower than ISO 8601, of which Python reads more: no week dates, no basic format, no offset with seconds."""

_END: Final[Instant] = (datetime(3000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_SECONDS_END: Final = len("2026-03-02T09:00:00")


def seconds(duration_s: float) -> Micros:
    """Seconds to whole microseconds, rounded to the nearest."""
    return round(duration_s * SECOND)


def in_seconds(duration: Micros) -> float:
    """Microseconds to seconds."""
    return duration / SECOND


def from_datetime(moment: datetime) -> Instant:
    """An aware datetime to an instant, exactly; ValueError when it has no offset."""
    if moment.tzinfo is None:
        message = f"a time needs an offset, such as +08:00: {moment.isoformat()}"
        raise ValueError(message)
    return (moment - _EPOCH) // _MICROSECOND


def parse(text: str) -> Instant:
    """RFC 3339 text to an instant; ValueError when it is none, has no offset, or is of no year we can count with."""
    if _RFC_3339.fullmatch(text) is None:
        raise ValueError(f"no RFC 3339 time: {text}")
    at = from_datetime(datetime.fromisoformat(text.upper()))
    if not 0 <= at < _END:
        raise ValueError(f"not between 1970 and 2999: {text}")
    return at


def offset_of(text: str) -> tzinfo | None:
    """The offset that RFC 3339 text carries."""
    return datetime.fromisoformat(text.upper()).tzinfo


def local(at: Instant, zone: tzinfo) -> datetime:
    """The instant as a local datetime of `zone`."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone)


def text(at: Instant, zone: tzinfo) -> str:
    """The instant as RFC 3339 text with the zone's offset; microseconds only where there are any."""
    second, micros = divmod(at, SECOND)
    moment, offset = _text(second, zone)
    return f"{moment}.{micros:06}{offset}" if micros else moment + offset


@lru_cache(maxsize=64)
def _text(second: int, zone: tzinfo) -> tuple[str, str]:
    """(date and time, offset) of a second since the epoch: what happens together is often said together."""
    whole = local(second * SECOND, zone).isoformat()
    return whole[:_SECONDS_END], whole[_SECONDS_END:]
