"""What Onbon cards are told beside pages: brightness by the time of day, and the time; what they say of themselves.

All of it hangs on the status, which is asked for again and again: a card whose brightness or clock is not what it
should be is told, and the next status shows whether it obeys. A card that does not is told three times and then left
in peace, until something else is wanted of it. One that does not name our dynamic area among those it holds has lost it
with its power. Source: the maker's protocol document 1.4, sections 8.4, 8.10 and 8.17.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from drivers._boards import joined
from drivers._onbon_frames import BRIGHTNESS, SET_TIME, STATUS, Frame
from edge.core import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from edge.core.instant import Instant, Micros

MOST_BRIGHTNESS: Final = 15
TOLD_AT_MOST: Final = 3
DRIFT: Final = timedelta(seconds=30)
"""A clock that is off by less is left alone: the answer itself takes time, and nobody reads seconds on a board."""

_TIME_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_FORCED: Final = 1
_ON: Final = 1
_LEAST_STATUS: Final = 2
_TIME: Final = slice(2, 10)
_AREAS: Final = 17
"""Where the number of dynamic areas stands, with their numbers behind it: after programs and special areas."""
_BEHIND_AREAS: Final = 28
"""Bar code and customer's number."""
_RESERVED_OF_SET_TIME: Final = b"\x08\x00"
"""As in the maker's example, though the document's table has zeros there."""


class Status(Struct, frozen=True):
    """What a card says of itself: is its screen on, its brightness; clock and dynamic areas, if they can be read."""

    lit: bool
    brightness: int
    clock: datetime | None
    areas: frozenset[int] | None = None


def times_of_day(plan: Mapping[str, int]) -> Mapping[str, int]:
    """A plan of brightness as it is, by the time from which it holds; ValueError names what is wrong with it."""
    for moment, level in plan.items():
        if _TIME_OF_DAY.fullmatch(moment) is None:
            raise ValueError(f"{moment!r} is no time of day; accepted: 00:00 to 23:59")
        if not 0 <= level <= MOST_BRIGHTNESS:
            raise ValueError(f"the brightness from {moment} on is {level}; accepted: 0 to {MOST_BRIGHTNESS}")
    return plan


def brightness_at(plan: Mapping[str, int], now: datetime) -> int | None:
    """What a plan wants now; before the first time of a day the last of the day before holds."""
    if not plan:
        return None
    begun = [moment for moment in plan if moment <= f"{now:%H:%M}"]
    return plan[max(begun or plan)]


def read_status(data: bytes) -> Status | None:
    """The data of a status answer; None when they say nothing."""
    if len(data) < _LEAST_STATUS:
        return None
    return Status(lit=data[0] == _ON, brightness=data[1], clock=_clock(data[_TIME]), areas=_areas(data[_AREAS:]))


def ask_status(address: int) -> Frame:
    """A request for the status."""
    group, cmd = STATUS
    return Frame(dst=address, cmd_group=group, cmd=cmd)


def set_brightness(address: int, level: int) -> Frame:
    """A brightness, 0 to 15, until another is told."""
    group, cmd = BRIGHTNESS
    return Frame(dst=address, cmd_group=group, cmd=cmd, data=bytes((_FORCED, level)))


def set_time(address: int, now: datetime) -> Frame:
    """The time of the card's clock."""
    group, cmd = SET_TIME
    century, year = divmod(now.year, 100)
    parts = (year, century, now.month, now.day, now.hour, now.minute, now.second, now.isoweekday())
    return Frame(
        dst=address, cmd_group=group, cmd=cmd, reserved2=_RESERVED_OF_SET_TIME, data=bytes(map(_to_bcd, parts))
    )


class Upkeep:
    """One card: when it is asked for its status, and what follows from the answer. Pure; time comes in.

    `ask_every` is 0 where it is never asked, and then nothing is ever told. `area` is the one that has our text.
    """

    def __init__(
        self,
        address: int,
        *,
        zone: tzinfo,
        ask_every: Micros,
        brightness: Mapping[str, int],
        keeps_time: bool,
        area: int = 0,
    ) -> None:
        self._address, self._zone, self._area = address, zone, area
        self._blanks = 0
        self._ask_every, self._plan, self._keeps_time = ask_every, brightness, keeps_time
        self._asked_at: Instant | None = None
        self._dims = self._goes_wrong = False
        self._told_level, self._told_levels = -1, 0
        self._told_day, self._told_times = "", 0

    def due(self, at: Instant) -> Iterator[Frame]:
        """What is to be sent now."""
        if not self._ask_every:
            return
        now = instant.local(at, self._zone)
        wanted = brightness_at(self._plan, now)
        if self._dims and wanted is not None:
            self._dims = False
            if self._may_tell_level(wanted):
                yield set_brightness(self._address, wanted)
        if self._goes_wrong:
            self._goes_wrong = False
            if self._may_tell_time(f"{now:%Y-%m-%d}"):
                yield set_time(self._address, now)
        if self._asked_at is None:  # at once where there is something to keep, else when it is due
            self._asked_at = at - self._ask_every if self._plan or self._keeps_time else at
        if at - self._asked_at >= self._ask_every:
            self._asked_at = at
            yield ask_status(self._address)

    def heard(self, status: Status, at: Instant) -> str:
        """Notes what a card says, for `due`; returns what of it is not in order although it has been told."""
        now = instant.local(at, self._zone)
        wanted = brightness_at(self._plan, now)
        self._dims = status.lit and wanted is not None and status.brightness != wanted
        off = None if status.clock is None else abs(status.clock - now.replace(tzinfo=None))
        self._goes_wrong = self._keeps_time and (off is None or off > DRIFT)
        dim = self._dims and self._told_level == wanted and self._told_levels >= TOLD_AT_MOST
        wrong = self._goes_wrong and self._told_day == f"{now:%Y-%m-%d}" and self._told_times >= TOLD_AT_MOST
        return joined(
            "" if status.lit else "the screen is switched off",
            f"the brightness stays at {status.brightness}, not {wanted}" if dim else "",
            "the clock does not take the time" if wrong else "",
        )

    def blank(self, status: Status) -> bool:
        """Whether the card has lost our text; a card that says so after it was told three times may not know."""
        self._blanks = 0 if status.areas is None or self._area in status.areas else self._blanks + 1
        return 0 < self._blanks <= TOLD_AT_MOST

    def _may_tell_level(self, level: int) -> bool:
        if level != self._told_level:
            self._told_level, self._told_levels = level, 0
        self._told_levels += 1
        return self._told_levels <= TOLD_AT_MOST

    def _may_tell_time(self, day: str) -> bool:
        if day != self._told_day:
            self._told_day, self._told_times = day, 0
        self._told_times += 1
        return self._told_times <= TOLD_AT_MOST


def _clock(bcd: bytes) -> datetime | None:
    """Year (low byte first), month, day, weekday, hour, minute and second, each two decimal digits a byte."""
    try:
        year, century, month, day, _, hour, minute, second = (int(f"{byte:02x}") for byte in bcd)
        return datetime(100 * century + year, month, day, hour, minute, second)  # noqa: DTZ001 (a card has no zone)
    except ValueError:
        return None


def _areas(data: bytes) -> frozenset[int] | None:
    """The dynamic areas a card holds: how many and which; None where the rest of the status does not fit."""
    if not data or len(data) != 1 + data[0] + _BEHIND_AREAS:
        return None
    return frozenset(data[1 : 1 + data[0]])


def _to_bcd(number: int) -> int:
    tens, ones = divmod(number, 10)
    return tens << 4 | ones
