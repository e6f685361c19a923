"""The business day: it begins at the first ticket after local midnight when nobody waits, at the latest at 04:00."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from edge.core import footfall, instant
from edge.core.apply import classes
from edge.core.calling import Calling
from edge.core.instant import in_seconds
from edge.core.presence import Presence
from edge.core.waiting.learnt import LONGEST_S

if TYPE_CHECKING:
    from datetime import tzinfo

    from edge.core.hall import Hall, Window
    from edge.core.instant import Instant
    from edge.core.policy import Policy

LATEST: Final = time(4, 0)
"""By then the day has begun, whoever still waits on paper (contract, section Time)."""

KEY: Final = "day"


def begins(hall: Hall, policy: Policy, at: Instant, *, ticket: bool) -> bool:
    """Whether a new business day begins at `at`: with a ticket when nobody waits, or because it is 04:00."""
    if at < hall.day_until:
        return False
    return hall.day == 0 or (ticket and not hall.waiting) or _is_late(hall, policy, at)


def begin(hall: Hall, policy: Policy, at: Instant) -> None:
    """Yesterday's tickets are forgotten, so a number may come again; windows are closed until opened.

    A service under way goes on over midnight, and a window heard of since midnight belongs to the new day. A service
    whose end was never heard of does not: that is one at a closed window, and one that has lasted for longer than any.
    """
    zone = policy.calendar.zone
    moment = instant.local(at, zone)
    midnight = instant.from_datetime(datetime.combine(moment.date(), time(), zone))
    footfall.day_ends(hall)
    hall.calling, hall.presence = Calling(), Presence()
    hall.cases.new_day()
    for window in hall.windows.values():
        if window.ticket is not None and _is_forgotten(window, at):
            window.ticket, window.served, window.free_since = None, None, at
    hall.windows = {id: w for id, w in hall.windows.items() if w.ticket is not None or w.changed_at >= midnight}
    hall.tickets = {w.ticket: hall.tickets[w.ticket] for w in hall.windows.values() if w.ticket is not None}
    classes.keep(hall, policy)
    hall.waiting.clear()
    hall.signed_in.clear()
    hall.day, hall.day_began = moment.toordinal(), at
    hall.day_until = _tomorrow(moment, time(), zone)
    hall.agenda.put(KEY, _tomorrow(moment, LATEST, zone))


def go_on(hall: Hall, policy: Policy, at: Instant) -> None:
    """The clock was put right: the day there is goes on at `at`; when nobody waits, what comes next begins another.

    A ticket number given out before may come again: nobody knows how long nobody knew the time.
    """
    zone = policy.calendar.zone
    moment = instant.local(at, zone)
    learnt = hall.learnt
    if learnt.day == hall.day:
        learnt.day = moment.toordinal()
    if learnt.later.began == hall.day_began:
        learnt.later.began = at
    hall.day, hall.day_began = moment.toordinal(), at
    hall.day_until = _tomorrow(moment, time(), zone) if hall.waiting else at
    hall.agenda.put(KEY, _tomorrow(moment, LATEST, zone))


def _is_forgotten(window: Window, at: Instant) -> bool:
    """Whether a service must have ended, nobody knows when; so it teaches nothing."""
    return window.state == "closed" or in_seconds(at - window.since) > LONGEST_S


def _is_late(hall: Hall, policy: Policy, at: Instant) -> bool:
    moment = instant.local(at, policy.calendar.zone)
    return moment.time() >= LATEST or moment.toordinal() > hall.day + 1


def _tomorrow(moment: datetime, hour: time, zone: tzinfo) -> Instant:
    """That hour of the next date, in the zone's own rules of that date."""
    return instant.from_datetime(datetime.combine(moment.date() + timedelta(days=1), hour, zone))
