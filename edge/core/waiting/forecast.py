"""The engine: from the hall as it stands to the wait of every ticket and of the next person of every class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.waiting import hours
from edge.core.waiting.capacity import FAR, under_way
from edge.core.waiting.correction import Told, kind_of
from edge.core.waiting.line import Change, Line
from edge.core.waiting.outlook import Confidence, NextWait, Outlook, Wait
from edge.core.waiting.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.hall import Hall, Ticket
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.core.waiting.route import Route

KNOWN_AFTER: Final = 5
"""Services of a class on the day before its figures count as good."""

UNSERVED: Final = "no configured window takes this class"
NOBODY: Final[Mapping[str, int]] = {}


def forecast(hall: Hall, policy: Policy, at: Instant) -> Outlook:
    """The wait of every waiting ticket and of the next person of every known class."""
    return _outlook(Line(hall, policy, at))


def look(hall: Hall, policy: Policy, at: Instant, *, tickets: bool = False) -> Outlook:
    """The wait of the next person of every class, with `tickets` of every ticket too, for half of the time without.

    Notes what every new ticket is told, to learn from its call.
    """
    told = hall.learnt.correction.told
    for id in [id for id, one in told.items() if not hall.waiting.get(id, FAR) <= one.at <= at]:
        del told[id]  # gone, or of another day
    hours.look(hall, policy, at)
    line = Line(hall, policy, at)
    waits: dict[str, Wait] = {}
    for id, route in line.pour():
        ticket = hall.tickets[id]
        if id not in told and ticket.called_at is None:
            place, kind = route.position(), kind_of(ticket.tier, ticket.service)
            told[id] = Told(at, place, *route.figures(), route.plain_s(), kind)
        if tickets:
            waits[id] = _wait(hall, ticket, route)
    return Outlook(at, _following(line), waits)


def wait_of(hall: Hall, policy: Policy, ticket_id: str, at: Instant) -> Wait | None:
    """The wait of one waiting ticket, as `forecast` would say; None when it does not wait or nobody may serve it."""
    if ticket_id not in hall.waiting:
        return None
    ticket = hall.tickets[ticket_id]
    return next((_wait(hall, ticket, route) for id, route in Line(hall, policy, at).pour() if id == ticket_id), None)


def what_if(  # noqa: PLR0913 (one keyword for each kind of change)
    hall: Hall,
    policy: Policy,
    at: Instant,
    *,
    open_windows: tuple[str, ...] = (),
    close_windows: tuple[str, ...] = (),
    extra_windows: int = 0,
    leave: Mapping[str, int] = NOBODY,
) -> Outlook:
    """The forecast if these windows opened or closed now, general ones came, and so many tickets of a class left.

    Nothing is drawn at random, so two answers differ by the change alone. A window that closes finishes its ticket and
    does not come back today. Those who leave are spread evenly over the class's queue, as nobody knows yet who would.
    """
    return _outlook(Line(hall, policy, at, Change(open_windows, close_windows, extra_windows, leave)))


def service_time(hall: Hall, policy: Policy, service: str, at: Instant) -> tuple[float, int]:
    """The mean seconds of a service of a class that forecasts count with, and how many services it was learnt from."""
    known = hall.learnt.classes.get(service)
    mean_s = Pace(hall.learnt, policy, under_way(hall, at)).cost(service).served_s
    return mean_s, 0 if known is None else round(known.served.weight)


def _outlook(line: Line) -> Outlook:
    tickets = {id: _wait(line.hall, line.hall.tickets[id], route) for id, route in line.pour()}
    return Outlook(line.at, _following(line), tickets)


def _following(line: Line) -> dict[str, NextWait]:
    return {service: _next(line, service) for service in line.classes()}


def _wait(hall: Hall, ticket: Ticket, route: Route) -> Wait:
    place, kind = route.position(), kind_of(ticket.tier, ticket.service)
    return Wait(place, *hall.learnt.correction.corrected(route.figures(), route.plain_s(), place, kind))


def _next(line: Line, service: str) -> NextWait:
    learnt = line.hall.learnt
    known = learnt.classes.get(service) if learnt.day == line.hall.day else None
    sample = known.today if known is not None else 0
    route = line.route((service, None))
    if route is None:
        return NextWait(None, None, None, None, 0, sample, "low", UNSERVED)
    confidence: Confidence = "good" if sample >= KNOWN_AFTER else "low"
    place = route.position()
    kind = kind_of("ordinary", service)
    figures = learnt.correction.corrected(route.figures(), route.plain_s(), place, kind)
    return NextWait(*figures, line.at_work(service), sample, confidence)
