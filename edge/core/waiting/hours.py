"""The hours that windows keep, learnt by quarter of an hour: for a branch that has told of no roster.

What stood at the end of a quarter of an hour is one observation of it, of its weekday and of any day. The weekday alone
speaks once it has been seen `ENOUGH` times, and before that all days together. Where a window keeps no regular hours
nothing is said of it. A quarter that nobody looked at, because nobody waited at closed doors or the power was cut,
teaches nothing.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import Instant, local

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.policy import Policy

SLOT_S: Final = 900.0
SLOTS: Final = 96
ANY_DAY: Final = 7
KEEP_DAY: Final = 1 - 1 / 8
"""What a new day of a weekday leaves of the weight of those before: about two months are remembered."""

ENOUGH: Final = 2.6
"""Weight from which a day is known: three days of it."""

SURE: Final = 0.25
"""A window that was there on more than this share of the days and away on more than it has no regular hours then."""

UNSURE_MOST: Final = 2
"""Quarters of an hour that may be in doubt: a window comes and goes about the hour."""

LATE_MOST: Final = 6
"""The end of its day may be in doubt by so many more: it comes when everybody has been served."""

WINDOWS_MOST: Final = 64

Hours = list[tuple[float, float]]
"""From and until, seconds since midnight."""


class Kept(Struct):
    """One weekday at one window, or any day: how often it was there in each quarter, of how many `looks`."""

    there: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    looks: list[float] = field(default_factory=lambda: [0.0] * SLOTS)

    def __post_init__(self) -> None:
        """Refuses another division of the day, such as another build may have kept."""
        if not len(self.there) == len(self.looks) == SLOTS:
            raise ValueError(f"a day has {SLOTS} quarters of an hour, not {len(self.looks)}")

    def add(self, slot: int, *, there: bool) -> None:
        """One look more; two decimals are enough, and keep a snapshot short."""
        self.there[slot] = round(self.there[slot] * KEEP_DAY + there, 2)
        self.looks[slot] = round(self.looks[slot] * KEEP_DAY + 1.0, 2)

    def known(self) -> bool:
        """Whether enough days have been seen."""
        return max(self.looks) >= ENOUGH

    def hours(self) -> Hours:
        """The regular hours; empty where there are none."""
        found: Hours = []
        unsure = 0
        seen = zip(self.there, self.looks, strict=True)
        shares = [there / looks if looks >= ENOUGH else 0.0 for there, looks in seen]
        last = max((slot for slot, share in enumerate(shares) if share >= 1.0 - SURE), default=0)
        for slot, share in enumerate(shares):
            unsure += (slot < last or slot > last + LATE_MOST) and SURE < share < 1.0 - SURE
            if share < 0.5:  # noqa: PLR2004 (more often there than not)
                continue
            start_s, end_s = slot * SLOT_S, (slot + 1) * SLOT_S
            if found and found[-1][1] == start_s:
                found[-1] = (found[-1][0], end_s)
            else:
                found.append((start_s, end_s))
        return found if unsure <= UNSURE_MOST else []


class LearntHours(Struct):
    """What is known of every window, by weekday (0 is Monday) and `ANY_DAY`; `there` is who is at work in this `slot`.

    `slot` is -1 before the first look; the last was at `at`. `regular` are the hours that its day was begun with.
    """

    windows: dict[str, dict[int, Kept]] = field(default_factory=dict)
    there: list[str] = field(default_factory=list)
    regular: dict[str, Hours] = field(default_factory=dict)
    day: int = 0
    slot: int = -1
    at: Instant = 0

    def look(self, day: int, slot: int, at: Instant, there: list[str]) -> None:
        """These windows are at work now, on a day (proleptic ordinal)."""
        if self.slot >= 0 and (slot != self.slot or day != self.day or at < self.at):
            self._turn()
        if day != self.day or at < self.at:
            self.regular = self._of(day)
        self.day, self.slot, self.at, self.there = day, slot, at, there

    def _turn(self) -> None:
        """A quarter of an hour is over."""
        for window in self.there:
            if window not in self.windows and len(self.windows) < WINDOWS_MOST:
                self.windows[window] = {}
        weekday = date.fromordinal(self.day).weekday()
        for window, days in self.windows.items():
            for kind in (weekday, ANY_DAY):
                days.setdefault(kind, Kept()).add(self.slot, there=window in self.there)

    def of_day(self, day: int) -> dict[str, Hours]:
        """The regular hours of the windows on a day; who has none, or is too little known, is not there."""
        return self.regular if day == self.day else self._of(day)

    def _of(self, day: int) -> dict[str, Hours]:
        weekday = date.fromordinal(day).weekday()
        found = {}
        for window, days in self.windows.items():
            kept = next((days[kind] for kind in (weekday, ANY_DAY) if kind in days and days[kind].known()), None)
            hours = kept.hours() if kept is not None else []
            if hours:
                found[window] = hours
        return found


def look(hall: Hall, policy: Policy, at: Instant) -> None:
    """Notes who is at work."""
    now = local(at, policy.calendar.zone)
    slot = (now.hour * 3600 + now.minute * 60) // int(SLOT_S)
    there = [window.id for window in hall.windows.values() if window.state == "open"]
    hall.learnt.hours.look(now.toordinal(), slot, at, there)
