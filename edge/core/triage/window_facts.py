"""Facts of a window: a pause nobody has explained, a service that goes on and on."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, Final

from edge.core.aspects import CALLED, ENDED, TICKETS, WINDOWS
from edge.core.instant import SECOND, in_seconds, seconds
from edge.core.triage.moment import Fact, Moment, Number
from edge.core.waiting.durations import EDGES_S
from edge.core.waiting.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.aspects import Aspects
    from edge.core.instant import Instant, Micros
    from edge.core.waiting.durations import Durations

KNOWN_FROM: Final = 20.0
"""Services of a class from which on its own law is used, and not an exponential one of its expected mean."""


def _pause_since(moment: Moment, window_id: str) -> Instant | None:
    window = moment.hall.windows[window_id]
    return window.changed_at if window.state == "paused" and not window.reason else None


def _unexplained_s(moment: Moment, window_id: str) -> float:
    since = _pause_since(moment, window_id)
    return 0.0 if since is None else (moment.at - since) / SECOND


def _unexplained_reaches(moment: Moment, window_id: str, level: Micros) -> Instant | None:
    since = _pause_since(moment, window_id)
    return None if since is None else since + level


def _under_way(moment: Moment, window_id: str) -> tuple[str, Instant] | None:
    """The ticket served and since when; None at a closed window, where the end may just not have been heard of."""
    window = moment.hall.windows[window_id]
    return None if window.ticket is None or window.state == "closed" else (window.ticket, window.since)


def _service_s(moment: Moment, window_id: str) -> float:
    service = _under_way(moment, window_id)
    return 0.0 if service is None else in_seconds(moment.at - service[1])


def _service_reaches(moment: Moment, window_id: str, level: Micros) -> Instant | None:
    service = _under_way(moment, window_id)
    return None if service is None else service[1] + level


def _service_rank(moment: Moment, window_id: str, min_s: float = 0.0) -> float:
    service = _under_way(moment, window_id)
    if service is None or moment.at < service[1] + seconds(min_s):
        return 0.0
    ticket, since = service
    law, mean_s = _law(moment, ticket)
    elapsed_s = in_seconds(moment.at - since)
    return rank(law, elapsed_s) if law is not None else 1.0 - exp(-elapsed_s / mean_s)


def _rank_reaches(moment: Moment, window_id: str, level: Micros, min_s: float = 0.0) -> Instant | None:
    """When the service under way comes to that share, in millionths; rounded up, so that it is met by then.

    Before `min_s` nothing is said but that instant: until then the law may move.
    """
    service, share = _under_way(moment, window_id), in_seconds(level)
    if service is None or share >= 1.0:
        return None
    ticket, since = service
    if moment.at < since + seconds(min_s):
        return since + seconds(min_s)
    law, mean_s = _law(moment, ticket)
    after_s = longer_than(law, share) if law is not None else -log(1.0 - share) * mean_s
    return since + seconds(after_s) + 1


def _long_since(moment: Moment, changed: Aspects, min_s: float = 0.0) -> Iterable[str]:
    """An end anywhere teaches something of what all others take; a ticket taken on at its call may get its class."""
    if not changed & (ENDED | TICKETS):
        return ()
    since = moment.at - seconds(min_s)
    return [id for id, window in moment.hall.windows.items() if window.ticket is not None and window.since <= since]


def _law(moment: Moment, ticket_id: str) -> tuple[Durations | None, float]:
    """The class's law of service times, None while it is hardly known, and its mean."""
    service = moment.hall.tickets[ticket_id].service
    known = moment.hall.learnt.classes.get(service)
    law = known.served if known is not None and known.served.weight >= KNOWN_FROM else None
    return law, 0.0 if law is not None else Pace(moment.hall.learnt, moment.policy, {}).cost(service).served_s


def rank(law: Durations, elapsed_s: float) -> float:
    """The share of services that lasted no longer, linear between the edges of the law; 1 beyond the last."""
    for k in range(1, len(EDGES_S)):
        if elapsed_s <= EDGES_S[k]:
            part = (elapsed_s - EDGES_S[k - 1]) / (EDGES_S[k] - EDGES_S[k - 1])
            return 1.0 - (law.beyond[k - 1] + (law.beyond[k] - law.beyond[k - 1]) * part) / law.weight
    return 1.0


def longer_than(law: Durations, share: float) -> float:
    """The duration, seconds, that this share of services does not exceed: the inverse of `rank`."""
    left = (1.0 - share) * law.weight
    for k in range(1, len(EDGES_S)):
        here, there = law.beyond[k - 1], law.beyond[k]
        if there <= left:
            part = (here - left) / (here - there) if here > there else 0.0
            return EDGES_S[k - 1] + max(part, 0.0) * (EDGES_S[k] - EDGES_S[k - 1])
    return EDGES_S[-1]


FACTS: Final[tuple[Fact, ...]] = (
    Number(
        name="unexplained_pause_s",
        about="window",
        unit="s",
        moved_by=WINDOWS,
        value=_unexplained_s,
        when=_unexplained_reaches,
        says="How long the window has been paused without a reason given; 0 when it is not or there is one.",
    ),
    Number(
        name="service_s",
        about="window",
        unit="s",
        moved_by=CALLED | ENDED | WINDOWS,
        rests_by=ENDED,
        value=_service_s,
        when=_service_reaches,
        says="How long the service under way at the window has lasted; 0 where the window is closed.",
    ),
    Number(
        name="service_rank",
        ever=1.0,
        about="window",
        unit="of the class",
        moved_by=CALLED | ENDED | WINDOWS | TICKETS,
        takes=("min_s",),
        value=_service_rank,
        when=_rank_reaches,
        also=_long_since,
        says="The share of the class's services that lasted no longer than the one under way has by now; until twenty "
        "are known, of an exponential law with the expected mean. 0 before it has lasted for `min_s` seconds.",
    ),
)
