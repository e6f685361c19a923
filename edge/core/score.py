"""How good the forecasts are, hour by hour, by what people then really waited: nothing may go stale unnoticed.

What a ticket was told at its issue is kept until its first call: the forecast of the next person of its class as it
stood then, or, where that does not speak for it (another tier, a class just heard of), the first forecast of the ticket
itself. Who is called before any forecast has seen the ticket waited a few seconds, was told nothing and is not counted;
nor is who leaves, whose wait is unknown, or who is sent to another class.

Beside it stands the naive estimate, which queue machines show: people ahead × mean service ÷ open windows.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core import rivals, tally
from edge.core.instant import SECOND, Instant, Micros, from_datetime, in_seconds, local
from edge.core.report import PublishFigures, WaitScore, WaitScores

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from edge.core.hall import Hall, Ticket
    from edge.core.policy import Policy
    from edge.core.waiting import NextWait, Outlook, Wait

KEY: Final = "score"
HOUR: Final[Micros] = 3600 * SECOND
QUARTER: Final[Micros] = HOUR // 4
HOURS_MOST: Final = 32
"""A business day ends at 04:00 at the latest; more hours than this it cannot have."""

CLASSES_MOST: Final = 64
KEEP: Final = 1 - 1 / 400
"""What a new service leaves of the weight of the old ones: some 400 are remembered."""

LONGEST_S: Final = 4 * 3600.0
"""A longer service is a forgotten end."""

FIRST_MEAN_S: Final = 180.0
"""Mean service time of a class of which nothing is known."""


class Guess(Struct):
    """What a ticket was told, seconds from its issue to its call, and what the naive estimate said then."""

    p10_s: float
    p50_s: float
    p90_s: float
    mean_s: float
    naive_s: float


class Hour(Struct):
    """Sums over the tickets called in an hour: errors of the mean, absolute ones of p50 and naive, intervals met."""

    tickets: int = 0
    error_s: float = 0.0
    off_s: float = 0.0
    naive_off_s: float = 0.0
    covered: int = 0

    def add(self, guess: Guess, wait_s: float) -> None:
        """One ticket more, which waited so long."""
        self.tickets += 1
        self.error_s += guess.mean_s - wait_s
        self.off_s += abs(guess.p50_s - wait_s)
        self.naive_off_s += abs(guess.naive_s - wait_s)
        self.covered += guess.p10_s <= wait_s <= guess.p90_s


class Served(Struct):
    """A forgetting mean of a class's service times: `weight` services which took `total_s` in all."""

    weight: float = 0.0
    total_s: float = 0.0


class Score(Struct):
    """The hours of the business day by their beginning, what waiting tickets were told, and services by class."""

    hours: dict[Instant, Hour] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)
    served: dict[str, Served] = field(default_factory=dict)


# ---- what happens ----


def fresh(hall: Hall, since: Instant) -> list[Ticket]:
    """The tickets issued since the forecast of that instant which still wait for their first call, the last first."""
    found = []
    for id, began in reversed(hall.waiting.items()):
        if began < since:
            break
        ticket = hall.tickets[id]
        if ticket.called_at is None and ticket.issued_at == began and id not in hall.score.guesses:
            found.append(ticket)
    return found


def spoken_for(ticket: Ticket, told: Outlook) -> NextWait | None:
    """The forecast for the next person of its class, where it is one for this ticket."""
    return told.next.get(ticket.service) if ticket.tier == "ordinary" else None


def note(hall: Hall, policy: Policy, tickets: Iterable[Ticket], told: Outlook) -> None:
    """Keeps what these tickets were told: by `told`, which is older than they are, else by the forecast just made."""
    for ticket in tickets:
        wait: NextWait | Wait | None = spoken_for(ticket, told)
        passed_s = 0.0
        if wait is None:
            wait = hall.outlook.tickets.get(ticket.id)
            passed_s = in_seconds(hall.outlook.at - ticket.waiting_since)
        if wait is None or wait.p10_s is None or wait.p50_s is None or wait.p90_s is None or wait.mean_s is None:
            continue
        figures = (wait.p10_s + passed_s, wait.p50_s + passed_s, wait.p90_s + passed_s, wait.mean_s + passed_s)
        hall.score.guesses[ticket.id] = Guess(*figures, naive_s(hall, policy, ticket))


def called(hall: Hall, policy: Policy, ticket: Ticket, at: Instant) -> None:
    """A ticket is called: what it was told is held against what it waited, and published within the hour."""
    guess = hall.score.guesses.pop(ticket.id, None)
    if guess is None or ticket.issued_at is None:
        return
    began = hour_of(hall, policy, at)
    hours = hall.score.hours
    hours.setdefault(began, Hour()).add(guess, in_seconds(at - ticket.issued_at))
    if len(hours) > HOURS_MOST:
        del hours[min(hours)]
    ask(hall, began)


def gone(hall: Hall, ticket: str) -> None:
    """A ticket left or was sent elsewhere: nobody will know."""
    hall.score.guesses.pop(ticket, None)


def served(hall: Hall, service: str, duration_s: float) -> None:
    """A service of a class has ended; an impossible duration teaches nothing."""
    if not service or not 0.0 <= duration_s <= LONGEST_S:
        return
    known = hall.score.served
    if service not in known and len(known) >= CLASSES_MOST:
        del known[min(known, key=lambda id: known[id].weight)]
    mean = known.setdefault(service, Served())
    mean.weight = mean.weight * KEEP + 1.0
    mean.total_s = mean.total_s * KEEP + duration_s


def ask(hall: Hall, began: Instant) -> None:
    """Something was counted in the hour that began then: figures are to be published at its end."""
    hall.agenda.put(KEY, began + HOUR)


def close(hall: Hall) -> list[PublishFigures]:
    """The business day ends: its figures are published if anything is new in them, and forgotten."""
    out = tell(hall) if KEY in hall.agenda.due else []
    hall.agenda.drop(KEY)
    hall.score.hours.clear()
    hall.score.guesses.clear()
    tally.clear(hall)
    return out


def tell(hall: Hall) -> list[PublishFigures]:
    """The figures of the business day so far, where there are any."""
    waits, prompts = _waits(hall), tally.told(hall)
    if waits is None and prompts is None:
        return []
    return [PublishFigures(date.fromordinal(hall.day).isoformat(), hall.now, waits, prompts)]


def _waits(hall: Hall) -> WaitScores | None:
    score = hall.score
    if not score.hours:
        return None
    whole = Hour()
    for hour in score.hours.values():
        whole.tickets += hour.tickets
        whole.error_s += hour.error_s
        whole.off_s += hour.off_s
        whole.naive_off_s += hour.naive_off_s
        whole.covered += hour.covered
    hours = tuple(_told(began, hour) for began, hour in sorted(score.hours.items()))
    return WaitScores(_told(hall.day_began, whole), hours)


# ---- the naive estimate ----


def naive_s(hall: Hall, policy: Policy, ticket: Ticket) -> float:
    """Seconds by people ahead × mean service ÷ open windows; those ahead compete for one of its windows."""
    ahead, working = rivals.ahead(hall, ticket)
    return ahead * mean_s(hall, policy, ticket.service) / max(working, 1)


def mean_s(hall: Hall, policy: Policy, service: str) -> float:
    """Mean service time of a class: as seen, else as configured, else a first guess."""
    seen = hall.score.served.get(service)
    if seen is not None and seen.weight > 0.0:
        return seen.total_s / seen.weight
    plan = policy.services.get(service)
    return plan.typical_s if plan is not None and plan.typical_s is not None else FIRST_MEAN_S


def _told(since: Instant, hour: Hour) -> WaitScore:
    count = hour.tickets
    return WaitScore(
        since=since,
        tickets=count,
        bias_s=round(hour.error_s / count, 1),
        mae_s=round(hour.off_s / count, 1),
        coverage=round(hour.covered / count, 3),
        naive_mae_s=round(hour.naive_off_s / count, 1),
    )


def hour_of(hall: Hall, policy: Policy, at: Instant) -> Instant:
    """When the local hour of an instant began."""
    last = next(reversed(hall.score.hours), None)
    if last is not None and last <= at < last + HOUR:
        return last
    return _hour_in(policy.calendar.zone, at // QUARTER)


@lru_cache(maxsize=4)
def _hour_in(zone: tzinfo, quarter: int) -> Instant:
    """When the local hour of a quarter of an hour began; no zone is off the others by less than a quarter."""
    began = local(Instant(quarter * QUARTER), zone)
    return from_datetime(began.replace(minute=0, second=0, microsecond=0))
