"""Facts of arrivals: how many came of late, how many that is against what is usual, and whether for one business."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from math import ceil, inf
from typing import TYPE_CHECKING, Final

from edge.core import footfall, instant
from edge.core.aspects import ARRIVALS
from edge.core.instant import SECOND, seconds
from edge.core.triage.calm import FOREVER, STEPS_MOST, climb, fall
from edge.core.triage.moment import Fact, Moment, Number, Word

if TYPE_CHECKING:
    from datetime import time, tzinfo

    from edge.core.hall import Hall
    from edge.core.instant import Instant, Micros
    from edge.core.policy import Policy
    from edge.core.triage.calm import Calm

SURGE: Final = "surge"
"""The rule whose end another rule tells."""

ALMOST: Final = 1e-9
"""More than what rounding takes from a share."""

LATELY: Final[Micros] = 600 * SECOND
"""For so long a surge that is over is news: as long as a cool-down, so that no surge ends twice."""


def opening(hall: Hall, policy: Policy) -> Instant | None:
    """When the branch opens on its business day; None where no hours are configured."""
    return clock_of(hall.day, policy.calendar.open, policy.calendar.zone)


@lru_cache(maxsize=8)
def clock_of(day: int, clock: time | None, zone: tzinfo) -> Instant | None:
    """That time of the local date of this ordinal; None where either is not known."""
    if clock is None or not day:
        return None
    return instant.from_datetime(datetime.combine(date.fromordinal(day), clock, zone))


def _arrivals(moment: Moment, _: str, window_s: float = 300) -> float:
    return moment.hall.footfall.since(moment.at - seconds(window_s))


def _arrivals_calm(moment: Moment, low: float, high: float, window_s: float = 300) -> Calm:
    return _counted(moment, moment.hall.footfall.since(moment.at - seconds(window_s)), low, high, window_s)


def _counted(moment: Moment, count: float, low: float, high: float, window_s: float) -> Calm:
    """Of a count of arrivals in a sliding window: each that comes raises it, each that leaves the window lowers it."""
    return climb(count, high), _left(moment, fall(count, low), window_s)


def _left(moment: Moment, count: int, window_s: float) -> Instant:
    """When one more than so many of those who have come will have left the window."""
    window = seconds(window_s)
    leaves = moment.hall.footfall.nth_after(moment.at - window, count)
    return FOREVER if leaves is None else leaves + window


def _falls(moment: Moment, _: str, window_s: float = 300) -> Instant | None:
    oldest = moment.hall.footfall.oldest_after(moment.at - seconds(window_s))
    return None if oldest is None else oldest + seconds(window_s)


def _arrival_ratio(moment: Moment, _: str, window_s: float = 300) -> float:
    window = seconds(window_s)
    usual = footfall.expected(moment.hall, moment.policy, moment.at, window)
    return 0.0 if usual is None else moment.hall.footfall.since(moment.at - window) / usual


def _group_tickets(moment: Moment, _: str, window_s: float = 1200) -> float:
    return group(moment, window_s)[1]


def _group_share(moment: Moment, _: str, window_s: float = 1200) -> float:
    _, count, total = group(moment, window_s)
    return count / total if total else 0.0


def _group_tickets_calm(moment: Moment, low: float, high: float, window_s: float = 1200) -> Calm:
    return _counted(moment, group(moment, window_s)[1], low, high, window_s)


def _group_share_calm(moment: Moment, low: float, high: float, window_s: float = 1200) -> Calm:
    """What lacks to the level falls with one more of the class, or one less of another, by no more than it says."""
    _, count, total = group(moment, window_s)
    changes = STEPS_MOST
    if high < inf:
        changes = _changes(high * total - count, max(high, 1.0 - high))
    if low > 0.0:
        changes = min(changes, _changes(count - low * total, max(low, 1.0 - low)))
    return changes - changes // 2, _left(moment, changes // 2, window_s)


def _changes(lacks: float, each: float) -> int:
    """So many changes by `each` leave something lacking."""
    return max(ceil((lacks - ALMOST) / each) - 1, 0)


def group(moment: Moment, window_s: float) -> tuple[str, int, int]:
    """(class, its arrivals, all arrivals) of the class most came for in the last `window_s`; of equals the first."""
    key = ("group", window_s)
    classes = moment.known.get(key)
    if classes is None:
        classes = moment.known[key] = moment.hall.footfall.classes_since(moment.at - seconds(window_s))
    if not classes:
        return "", 0, 0
    most = max(classes.values())
    return min(id for id, count in classes.items() if count == most), most, sum(classes.values())


def _opening_tickets(moment: Moment, _: str, window_s: float = 600) -> float:
    opens, window = opening(moment.hall, moment.policy), seconds(window_s)
    if opens is None or not opens <= moment.at < opens + 2 * window:
        return 0
    return moment.hall.footfall.between(opens, opens + window)


def _opening_calm(moment: Moment, low: float, high: float, window_s: float = 600) -> Calm:
    opens, at = opening(moment.hall, moment.policy), moment.at
    past = _opening_is_past(moment, "", window_s)
    if opens is None or past is None or at >= past:
        return STEPS_MOST, FOREVER
    if at < opens:
        return STEPS_MOST, opens
    return climb(_opening_tickets(moment, "", window_s), high), past if low > 0.0 else FOREVER


def _opening_is_past(moment: Moment, _: str, window_s: float = 600) -> Instant | None:
    opens = opening(moment.hall, moment.policy)
    return None if opens is None else opens + 2 * seconds(window_s)


def _surge_state(moment: Moment, _: str) -> str:
    watch = moment.desk.watch(SURGE, "hall")
    if watch is None or watch.met:
        return "on" if watch is not None and watch.prompt is not None and not watch.held_by else "none"
    return "over" if watch.ended_at is not None and moment.at < watch.ended_at + LATELY else "none"


def _surge_forgotten(moment: Moment, _: str) -> Instant | None:
    watch = moment.desk.watch(SURGE, "hall")
    return None if watch is None or watch.met or watch.ended_at is None else watch.ended_at + LATELY


FACTS: Final[tuple[Fact, ...]] = (
    Number(
        name="arrivals",
        about="hall",
        unit="tickets",
        moved_by=ARRIVALS,
        takes=("window_s",),
        value=_arrivals,
        calm=_arrivals_calm,
        turns=_falls,
        says="Tickets drawn in the last `window_s` seconds, at most two hours.",
    ),
    Number(
        name="arrival_ratio",
        about="hall",
        unit="times the usual",
        moved_by=ARRIVALS,
        takes=("window_s",),
        value=_arrival_ratio,
        turns=_falls,
        says="The same against what is usual: for these half hours of the weekday once seen twice, else for the day "
        "so far when its first customer came half an hour ago; 0 while neither is known.",
    ),
    Number(
        name="group_tickets",
        about="hall",
        unit="tickets",
        moved_by=ARRIVALS,
        takes=("window_s",),
        value=_group_tickets,
        calm=_group_tickets_calm,
        turns=_falls,
        says="Tickets of the class most were drawn for in the last `window_s` seconds.",
    ),
    Number(
        name="group_share",
        ever=1.0,
        about="hall",
        unit="of the arrivals",
        moved_by=ARRIVALS,
        takes=("window_s",),
        value=_group_share,
        calm=_group_share_calm,
        turns=_falls,
        says="The share of that class in the arrivals of these seconds.",
    ),
    Number(
        name="opening_tickets",
        about="hall",
        unit="tickets",
        moved_by=ARRIVALS,
        takes=("window_s",),
        value=_opening_tickets,
        calm=_opening_calm,
        turns=_opening_is_past,
        says="Tickets drawn in the first `window_s` seconds after opening; 0 again after twice that time, and where "
        "no opening hours are configured.",
    ),
    Word(
        name="surge_state",
        about="hall",
        words=("none", "on", "over"),
        moved_by=ARRIVALS,
        value=_surge_state,
        turns=_surge_forgotten,
        reads_desk=True,
        says="Whether a surge that somebody was told of goes on, or was over within the last ten minutes.",
    ),
)
