"""Facts of the hall as a whole: fairness, lulls, the lobby's staff, what staff have raised, the end of the day."""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING, Final

from edge.core.aspects import CALLED, CASES, OUTLOOK, QUEUE, STAFF, WINDOWS
from edge.core.cases import PASSING
from edge.core.instant import SECOND, in_seconds, seconds
from edge.core.triage.arrival_facts import clock_of, opening
from edge.core.triage.calm import FOREVER, RESTLESS, before_short, first_few, grown
from edge.core.triage.moment import Fact, Moment, Number, Word
from edge.core.waiting.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.core.instant import Instant, Micros
    from edge.core.triage.calm import Calm


def _ordinary_since(moment: Moment) -> Instant | None:
    return next(_ordinary(moment), None)


def _ordinary_wait_s(moment: Moment, _: str) -> float:
    since = _ordinary_since(moment)
    return 0.0 if since is None else (moment.at - since) / SECOND


def _ordinary_reaches(moment: Moment, _: str, level: Micros) -> Instant | None:
    since = _ordinary_since(moment)
    return None if since is None else since + level


def _ordinary_waits(moment: Moment, _: str) -> str:
    return "no" if _ordinary_since(moment) is None else "yes"


def _ordinary_calm(moment: Moment, low: float, high: float) -> Calm:
    """As of the longest wait; who waits longest may become an ordinary customer."""
    longest = moment.hall.longest_since()
    if longest is None or _ordinary_since(moment) is None:
        return RESTLESS
    return before_short(moment.at, _ordinary(moment), low), grown(longest, high)


def _ordinary_waits_calm(moment: Moment) -> Calm:
    return first_few(_ordinary(moment)) - 1, FOREVER


def _ordinary(moment: Moment) -> Iterator[Instant]:
    """Since when each of the ordinary tier waits, the longest first."""
    tickets = moment.hall.tickets
    return (since for id, since in moment.hall.waiting.items() if tickets[id].tier == "ordinary")


def _preferred_calls(moment: Moment, _: str) -> float:
    return moment.hall.calling.preferred


def _lull(moment: Moment, _: str, quiet_waiting: float = 2) -> str:
    hall = moment.hall
    works = any(window.state == "open" for window in hall.windows.values())
    return "yes" if works and len(hall.waiting) <= quiet_waiting else "no"


def _lull_calm(moment: Moment, quiet_waiting: float = 2) -> Calm:
    """There is none while more wait, whatever the windows do."""
    return ceil(len(moment.hall.waiting) - quiet_waiting) - 1, FOREVER


def gap_since(moment: Moment) -> Instant | None:
    """Since when the lobby is without anybody in opening hours; None while somebody is there or nothing is known."""
    hall, policy = moment.hall, moment.policy
    opens, presence = opening(hall, policy), hall.presence
    if not policy.configured or opens is None or presence.first_at is None or presence.empty_since is None:
        return None
    closes = clock_of(hall.day, policy.calendar.close, policy.calendar.zone)
    return max(opens, presence.empty_since) if closes is None or moment.at < closes else None


def _lobby_gap_s(moment: Moment, _: str) -> float:
    since = gap_since(moment)
    return 0.0 if since is None else max(in_seconds(moment.at - since), 0.0)


def _gap_reaches(moment: Moment, _: str, level: Micros) -> Instant | None:
    since = gap_since(moment)
    return None if since is None else since + level


def _closes(moment: Moment, _: str) -> Instant | None:
    return clock_of(moment.hall.day, moment.policy.calendar.close, moment.policy.calendar.zone)


def _grave_case(moment: Moment, _: str) -> str:
    kinds = {case.sort for case in moment.hall.cases.open.values()}
    return next((kind for kind in ("emergency", "complaint") if kind in kinds), "none")


def _reported(sort: str) -> Callable[[Moment, str], float]:
    def number(moment: Moment, _: str) -> float:
        case = moment.hall.cases.latest(sort, moment.at)
        return 0 if case is None else case.number

    return number


def _passes(sort: str) -> Callable[[Moment, str], Instant | None]:
    def at(moment: Moment, _: str) -> Instant | None:
        case = moment.hall.cases.latest(sort, moment.at)
        return None if case is None else case.at + PASSING

    return at


def zone_of(sort: str) -> Callable[[Moment], str]:
    """Where the latest case of a sort is; the hall where nobody said."""

    def zone(moment: Moment) -> str:
        case = moment.hall.cases.latest(sort, moment.at)
        return "hall" if case is None else case.zone

    return zone


FAR: Final[Micros] = 3600 * SECOND
"""A service takes less on average: whoever is called earlier than this before closing is served by then."""


def last_done(moment: Moment) -> Instant | None:
    """When the last of those who wait will have been served, by the last forecast (p50); None where none is known.

    A newcomer would be called when the last of his class has been, or with several windows one service's share
    sooner: that is added.
    """
    hall = moment.hall
    pace = Pace(hall.learnt, moment.policy, {})
    latest_s = -inf
    for service in {ticket.service for ticket in hall.queue()}:
        ahead = hall.outlook.next.get(service)
        if ahead is not None and ahead.p50_s is not None:
            latest_s = max(latest_s, ahead.p50_s + pace.cost(service).time_s * (1.0 - 1.0 / max(ahead.windows, 1)))
    return None if latest_s < 0.0 else hall.outlook.at + seconds(latest_s)


def _closing_over_s(moment: Moment, _: str) -> float:
    outlook, closes = moment.hall.outlook, _closes(moment, "")
    last_s = max((ahead.p50_s or 0.0 for ahead in outlook.next.values()), default=0.0)
    if closes is None or outlook.at + seconds(last_s) + FAR < closes:
        return 0.0
    done = last_done(moment)
    return 0.0 if done is None else max(in_seconds(done - closes), 0.0)


def _case(name: str, sort: str, says: str, where: Callable[[Moment], str] | None = None) -> Number:
    return Number(
        name=name,
        about="hall",
        unit="of the day",
        moved_by=CASES,
        value=_reported(sort),
        turns=_passes(sort),
        where=where,
        says=f"{says}: the number within the day of the latest that is neither closed nor half an hour old, else 0.",
    )


FACTS: Final[tuple[Fact, ...]] = (
    Number(
        name="ordinary_wait_s",
        about="hall",
        unit="s",
        moved_by=QUEUE,
        value=_ordinary_wait_s,
        when=_ordinary_reaches,
        calm=_ordinary_calm,
        says="How long the longest waiting ticket of the ordinary tier waits.",
    ),
    Word(
        name="ordinary_waits",
        about="hall",
        words=("no", "yes"),
        moved_by=QUEUE,
        value=_ordinary_waits,
        calm=_ordinary_waits_calm,
        says="Whether a ticket of the ordinary tier waits.",
    ),
    Number(
        name="preferred_calls",
        about="hall",
        unit="calls",
        moved_by=CALLED,
        value=_preferred_calls,
        says="Calls of preferred tiers in a row while an ordinary ticket waited; where windows are configured, one "
        "that the calling window takes.",
    ),
    Word(
        name="lull",
        about="hall",
        words=("no", "yes"),
        moved_by=QUEUE | WINDOWS,
        takes=("quiet_waiting",),
        value=_lull,
        calm=_lull_calm,
        says="Whether a window is open and no more than `quiet_waiting` people wait.",
    ),
    Number(
        name="lobby_gap_s",
        about="hall",
        unit="s",
        moved_by=STAFF,
        value=_lobby_gap_s,
        when=_gap_reaches,
        turns=_closes,
        says="How long in opening hours neither a lobby manager nor a lobby guide has been signed in; 0 while nobody "
        "at all has signed in on the day, and without a configuration.",
    ),
    Number(
        name="closing_over_s",
        about="hall",
        unit="s",
        moved_by=OUTLOOK,
        value=_closing_over_s,
        says="How long after closing the last of those who wait will have been served, by the forecast (p50); 0 "
        "without closing time.",
    ),
    Word(
        name="grave_case",
        about="hall",
        words=("none", "complaint", "emergency"),
        moved_by=CASES,
        value=_grave_case,
        says="Whether an emergency or a complaint (level 3 of the precursors' ladder, or none said) is open.",
    ),
    _case(
        "unhappy_customers",
        "precursor-2",
        "Customers reported unhappy (a complaint of level 2)",
        zone_of("precursor-2"),
    ),
    _case("referrals", "referral", "Customers referred to a customer manager", zone_of("referral")),
    _case("turn_aways", "turn_away", "Customers turned away for want of documents"),
)
