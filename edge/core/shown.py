"""What people are told of a wait: a rounded range that stands still, else how many are ahead, else nothing.

The only place that decides it: boards, pages, handhelds and messages carry what is said here. A forecast moves with
every event; a range on a wall must not. So a range, once shown, is kept while both its ends are within a rounding step
of the forecast, and for `HOLD` at the most: then it is taken from the forecast again, so that no figure ever freezes.

No range is given when the data are stale, when nobody serves the class, or when it would be too wide to help. While
the data are good the number of people ahead is told instead; when they are not, nothing is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct, field

from edge.core.instant import SECOND, Instant, Micros

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.waiting import NextWait, Wait

STEP_MIN: Final = 5
"""Ranges go in steps of five minutes: a finer figure would promise what no estimate can keep."""

WIDEST_MIN: Final = 30
"""A range wider than this tells nobody anything."""

HOLD: Final[Micros] = 60 * SECOND
"""For so long a range that is right within its rounding stays as it is."""

GOOD_FOR: Final[Micros] = 180 * SECOND
"""A forecast older than this is not shown any more."""

SILENT: Final[Micros] = 900 * SECOND
"""People wait and no queue machine, window or terminal has said anything for so long: the picture may be wrong."""

LOST: Final = frozenset({"down", "unknown"})
"""States of a queue machine in which tickets are drawn that nobody tells us of."""

_STEP_S: Final = STEP_MIN * 60

Why: TypeAlias = Literal["stale", "unserved", "wide"]


class Shown(Struct, frozen=True):
    """What people are told: `low_min` to `high_min` minutes, or `ahead` people, or nothing; never both.

    `reason` says why there is no range; `until` is when this is too old to be shown, None where nothing is.
    """

    low_min: int | None = None
    high_min: int | None = None
    ahead: int | None = None
    reason: Why | None = None
    until: Instant | None = None


UNSAID: Final = Shown()
"""Nothing is told."""


class Held(Struct):
    """A range that has stood since `since`; both ends are None when it would be wider than is useful."""

    low_min: int | None
    high_min: int | None
    since: Instant

    def stands(self, p10_s: float, p90_s: float) -> bool:
        """Whether both ends are within a rounding step of the forecast's."""
        if self.low_min is None or self.high_min is None:
            return True
        return abs(self.low_min * 60 - p10_s) <= _STEP_S and abs(self.high_min * 60 - p90_s) <= _STEP_S


class Showing(Struct):
    """The ranges that stand: of the next ticket by class, of waiting tickets by id, and of the hall as a whole.

    `tickets_at` is when the waits of tickets were last worked out.
    """

    classes: dict[str, Held] = field(default_factory=dict)
    tickets: dict[str, Held] = field(default_factory=dict)
    hall: Held | None = None
    tickets_at: Instant = 0


def range_min(p10_s: float, p90_s: float) -> tuple[int, int]:
    """A wait as a range of whole minutes: the interval rounded outward to steps of `STEP_MIN`, one step at least."""
    low = int(p10_s // _STEP_S) * STEP_MIN
    return low, max(-int(-p90_s // _STEP_S) * STEP_MIN, low + STEP_MIN)


def renew(hall: Hall) -> None:
    """Brings the standing ranges up to the last forecast; of what it does not tell, none stands any more."""
    showing, now, outlook = hall.showing, hall.now, hall.outlook
    showing.classes = _renewed(showing.classes, outlook.next, now)
    if showing.tickets_at == now:
        showing.tickets = _renewed(showing.tickets, outlook.tickets, now)
    classes = {ticket.service for ticket in hall.queue()}
    ends = [_ends(wait) for service, wait in outlook.next.items() if service in classes]
    longest = max((pair for pair in ends if pair is not None), key=lambda pair: pair[1], default=None)
    showing.hall = None if longest is None else _again(showing.hall, *longest, now)


class Telling:
    """What people are told at one instant; whether the data are stale is asked once for all of it."""

    __slots__ = ("_hall", "_stale", "_until")

    def __init__(self, hall: Hall, at: Instant) -> None:
        self._hall, self._stale, self._until = hall, is_stale(hall, at), hall.outlook.at + GOOD_FOR

    def of_class(self, service: str, waiting: int) -> Shown:
        """For the next person to take a ticket of a class of which so many wait."""
        return self._shown(self._hall.showing.classes.get(service), waiting)

    def of_ticket(self, ticket: str) -> Shown:
        """For whoever holds a waiting ticket; one not worked out since it came is told what its class is told."""
        hall = self._hall
        wait = hall.outlook.tickets.get(ticket)
        if wait is not None and hall.waiting[ticket] <= hall.showing.tickets_at:
            return self._shown(hall.showing.tickets.get(ticket), wait.position - 1)
        return self._shown(hall.showing.classes.get(hall.tickets[ticket].service), None)

    def of_hall(self) -> Shown:
        """For everybody: the longest of the next waits among the classes somebody waits for."""
        return self._shown(self._hall.showing.hall, len(self._hall.waiting))

    def _shown(self, held: Held | None, ahead: int | None) -> Shown:
        if self._stale:
            return Shown(reason="stale")
        if held is None or held.low_min is None:
            reason: Why = "unserved" if held is None else "wide"
            return Shown(ahead=ahead, reason=reason, until=None if ahead is None else self._until)
        return Shown(held.low_min, held.high_min, until=self._until)


def is_stale(hall: Hall, at: Instant) -> bool:
    """Whether the picture is too old for any figure: no forecast, no queue machine, or nothing heard for long."""
    if at - hall.outlook.at > GOOD_FOR:
        return True
    machines = [device.state for device in hall.devices.values() if device.kind == "dispenser"]
    if machines and LOST.issuperset(machines):
        return True
    return bool(hall.waiting) and at - _heard(hall) > SILENT


def _heard(hall: Hall) -> Instant:
    """When the queue or a window last moved."""
    heard = max((max(w.since, w.free_since, w.changed_at) for w in hall.windows.values()), default=hall.day_began)
    return max(heard, next(reversed(hall.waiting.values()), heard))


def _renewed(before: dict[str, Held], waits: dict[str, NextWait] | dict[str, Wait], now: Instant) -> dict[str, Held]:
    known = ((id, _ends(wait)) for id, wait in waits.items())
    return {id: _again(before.get(id), *ends, now) for id, ends in known if ends is not None}


def _ends(wait: NextWait | Wait) -> tuple[float, float] | None:
    return None if wait.p10_s is None or wait.p90_s is None else (wait.p10_s, wait.p90_s)


def _again(held: Held | None, p10_s: float, p90_s: float, now: Instant) -> Held:
    """The range that stands from now on: the one there is, while it is right and young, else the forecast's."""
    if held is not None and now - held.since < HOLD and held.stands(p10_s, p90_s):
        return held
    low, high = range_min(p10_s, p90_s)
    new = Held(low, high, now) if high - low <= WIDEST_MIN else Held(None, None, now)
    same = held is not None and (held.low_min, held.high_min) == (new.low_min, new.high_min)
    return held if held is not None and same else new
