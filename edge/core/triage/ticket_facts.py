"""Facts of one ticket: what its holder needs, was told, has said."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from edge.core.aspects import ARRIVALS, CALLED, ENDED, OFFER, QUEUE, TICKETS
from edge.core.instant import SECOND, in_seconds, seconds
from edge.core.triage import offer
from edge.core.triage.moment import Fact, Moment, Number, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.aspects import Aspects
    from edge.core.instant import Instant, Micros

NOT_BY_VOICE: Final = frozenset({"deaf", "foreign"})
"""Needs of those whom a call by voice does not reach (playbook §6)."""

FETCHED_WITHIN: Final[Micros] = 300 * SECOND
"""After so long somebody who was called has come or will not."""

TOLD_WITHIN: Final[Micros] = 600 * SECOND
"""For so long after a rating its giver may still be in the branch."""

ALONE: Final = 2


def _needs_help(moment: Moment, id: str) -> str:
    ticket = moment.hall.tickets[id]
    return "yes" if ticket.state == "waiting" and ticket.needs else "no"


def _preferred(moment: Moment, id: str) -> str:
    ticket = moment.hall.tickets[id]
    return "yes" if ticket.state == "waiting" and ticket.tier != "ordinary" else "no"


def _has_declined(moment: Moment, id: str) -> str:
    ticket = moment.hall.tickets[id]
    return "yes" if ticket.state == "waiting" and ticket.declined else "no"


def _sent_back(moment: Moment, id: str) -> str:
    ticket = moment.hall.tickets[id]
    return "yes" if ticket.state == "waiting" and ticket.returned else "no"


def _fetched_by(moment: Moment, id: str) -> Instant | None:
    """Until when somebody whom no voice reaches is to be fetched; None where nobody is to be."""
    ticket = moment.hall.tickets[id]
    if ticket.state != "serving" or ticket.window is None or NOT_BY_VOICE.isdisjoint(ticket.needs):
        return None
    return moment.hall.windows[ticket.window].since + FETCHED_WITHIN


def _to_fetch(moment: Moment, id: str) -> str:
    until = _fetched_by(moment, id)
    return "yes" if until is not None and moment.at < until else "no"


def _beyond_told_s(moment: Moment, id: str) -> float:
    ticket = moment.hall.tickets[id]
    if ticket.state != "waiting" or ticket.told_until is None:
        return 0.0
    return max(in_seconds(moment.at - ticket.told_until), 0.0)


def _beyond_reaches(moment: Moment, id: str, level: Micros) -> Instant | None:
    ticket = moment.hall.tickets[id]
    return None if ticket.state != "waiting" or ticket.told_until is None else ticket.told_until + level


def _rating(moment: Moment, id: str) -> float:
    ticket = moment.hall.tickets[id]
    return 0 if ticket.rating is None or moment.at >= ticket.rated_at + TOLD_WITHIN else ticket.rating


def _rating_is_past(moment: Moment, id: str) -> Instant | None:
    ticket = moment.hall.tickets[id]
    return None if ticket.rating is None else ticket.rated_at + TOLD_WITHIN


def _absence(moment: Moment, id: str, count: float = 5, window_s: float = 600) -> str:
    ticket, window = moment.hall.tickets[id], seconds(window_s)
    if ticket.absent_at is None or moment.at >= ticket.absent_at + window:
        return "no"
    if ticket.needs:
        return "need"
    return "spike" if _begins_spike(moment, id, count, window) else "yes"


def _begins_spike(moment: Moment, id: str, count: float, window: Micros) -> bool:
    """Whether with this ticket so many did not come within the window, and without it not yet."""
    absent = moment.hall.calling.absent
    place = next((n for n in range(len(absent) - 1, -1, -1) if absent[n][1] == id), None)
    if place is None:
        return False
    here, before = (sum(1 for at, _ in absent[: n + 1] if at > absent[n][0] - window) for n in (place, place - 1))
    return here >= count and (place == 0 or before < count)


def _search_is_over(moment: Moment, id: str, count: float = 5, window_s: float = 600) -> Instant | None:
    del count
    ticket = moment.hall.tickets[id]
    return None if ticket.absent_at is None else ticket.absent_at + seconds(window_s)


def _small_amount(moment: Moment, id: str) -> str:
    ticket = moment.hall.tickets[id]
    return "yes" if ticket.state == "waiting" and ticket.amount_band == "small" else "no"


def _own_obstacle(moment: Moment, id: str) -> str:
    hall, ticket = moment.hall, moment.hall.tickets[id]
    if len(hall.waiting) < ALONE:
        return "nobody-else-waits"
    return offer.obstacle_of(hall, moment.policy, ticket, moment.at)


def _all_waiting(moment: Moment, changed: Aspects) -> Iterable[str]:
    """A device that comes or goes concerns everybody; whoever comes second or leaves one alone, the other."""
    hall = moment.hall
    return tuple(hall.waiting) if changed & OFFER or len(hall.waiting) <= ALONE else ()


def _other_offer(moment: Moment, id: str) -> str:
    """Another open prompt that offers a device: one whose rule a declined ticket holds back."""
    for prompt in moment.desk.prompts.values():
        if prompt.state != "held" and prompt.object != id and prompt.rule in _offers(moment.policy.rules):
            return "yes"
    return "no"


@lru_cache(maxsize=4)
def _offers(rules: tuple[object, ...]) -> frozenset[str]:
    """The rules that offer a device."""
    found = (rule for rule in rules if any(guard.name == "ticket-declined" for guard in getattr(rule, "unless", ())))
    return frozenset(str(getattr(rule, "id", "")) for rule in found)


YES: Final = ("no", "yes")

FACTS: Final[tuple[Fact, ...]] = (
    Word(
        name="needs_help",
        about="ticket",
        words=YES,
        moved_by=ARRIVALS | TICKETS | CALLED,
        rests_by=CALLED,
        value=_needs_help,
        says="Whether the ticket waits and its holder has a need.",
    ),
    Word(
        name="preferred",
        about="ticket",
        words=YES,
        moved_by=ARRIVALS | TICKETS | CALLED,
        rests_by=CALLED,
        value=_preferred,
        says="Whether the ticket waits and is of a tier above ordinary.",
    ),
    Word(
        name="has_declined",
        about="ticket",
        words=YES,
        moved_by=TICKETS | CALLED,
        rests_by=CALLED,
        value=_has_declined,
        says="Whether the ticket waits and its holder has declined a device.",
    ),
    Word(
        name="sent_back",
        about="ticket",
        words=YES,
        moved_by=TICKETS | CALLED,
        rests_by=CALLED,
        value=_sent_back,
        says="Whether the ticket waits for the very window that served it last, which sent it back.",
    ),
    Word(
        name="to_fetch",
        about="ticket",
        words=YES,
        moved_by=TICKETS | CALLED | ENDED,
        rests_by=ENDED,
        value=_to_fetch,
        turns=_fetched_by,
        says="Whether the ticket was called within the last five minutes and no voice reaches its holder (deaf, "
        "foreign).",
    ),
    Number(
        name="beyond_told_s",
        about="ticket",
        unit="s",
        moved_by=ARRIVALS | TICKETS | CALLED,
        rests_by=CALLED,
        value=_beyond_told_s,
        when=_beyond_reaches,
        says="How long the ticket has waited beyond the p90 that was told for its class when it was issued; 0 where "
        "none was.",
    ),
    Number(
        name="rating",
        ever=5.0,
        about="ticket",
        unit="of 5",
        moved_by=TICKETS,
        value=_rating,
        turns=_rating_is_past,
        says="The rating its holder gave within the last ten minutes, 1 the worst; 0 where none.",
    ),
    Word(
        name="absence",
        about="ticket",
        words=("no", "yes", "need", "spike"),
        moved_by=TICKETS | CALLED,
        rests_by=CALLED,
        takes=("count", "window_s"),
        value=_absence,
        turns=_search_is_over,
        says="Whether its holder did not come within the last `window_s` seconds: `need` of one who has a need, "
        "`spike` of the one with whom `count` did not come in that time.",
    ),
    Word(
        name="small_amount",
        about="ticket",
        words=YES,
        moved_by=ARRIVALS | TICKETS | CALLED,
        rests_by=CALLED,
        value=_small_amount,
        says="Whether the ticket waits and is for a small amount.",
    ),
    Word(
        name="own_obstacle",
        about="ticket",
        words=("none", "nobody-else-waits", *offer.OBSTACLES[1:]),
        moved_by=QUEUE | OFFER,
        value=_own_obstacle,
        also=_all_waiting,
        says="What keeps a device from being offered to this ticket.",
    ),
    Word(
        name="other_offer",
        about="ticket",
        words=YES,
        moved_by=ARRIVALS | TICKETS | CALLED,
        value=_other_offer,
        reads_desk=True,
        says="Whether somebody has been asked to offer devices already and is not done with it.",
    ),
)
