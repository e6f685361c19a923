"""What may stand in the braces of a prompt's text, and how it is filled.

A closed list, so that no text can show what it must not (playbook §8.2): figures and the ids of tickets, windows and
devices, never a person.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.core import instant
from edge.core.instant import SECOND
from edge.core.triage.arrival_facts import opening
from edge.core.triage.facts import FACTS
from edge.core.triage.hall_facts import last_done, zone_of
from edge.core.triage.lost_facts import lost_with
from edge.core.triage.rule import DEADLINES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.triage.desk import ObjectKind
    from edge.core.triage.moment import Moment

ZONES_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "door": "门口",
        "waiting": "等候区",
        "self-service": "自助区",
        "counter": "柜台",
        "office": "办公区",
        "hall": "大堂",
    }
)
ZONES_EN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "door": "the entrance area",
        "waiting": "the waiting area",
        "self-service": "the self-service zone",
        "counter": "the counter area",
        "office": "the office",
        "hall": "the hall",
    }
)
"""Both as they stand in a sentence."""


class Placeholder(Struct, frozen=True):
    """What may stand in braces: for which objects (all, where `about` is None), and how its value is found."""

    value: Callable[[Moment, str], str]
    says: str
    about: ObjectKind | None = None


def _count(fact: str) -> Callable[[Moment, str], str]:
    value = FACTS[fact].value
    return lambda moment, object_id: str(int(value(moment, object_id)))


def _full_minutes(fact: str) -> Callable[[Moment, str], str]:
    value = FACTS[fact].value
    return lambda moment, object_id: str(int(float(value(moment, object_id)) // 60))


def _minutes(seconds: float | None) -> str:
    return "?" if seconds is None else str(int(seconds / 60 + 0.5))


def _wait_now_min(moment: Moment, _: str) -> str:
    now = moment.one_more().now
    return _minutes(now.p50_s if now is not None else None)


def _wait_then_min(moment: Moment, _: str) -> str:
    then = moment.one_more().then
    return _minutes(then.p50_s if then is not None else None)


def _window_of(moment: Moment, id: str) -> str:
    ticket = moment.hall.tickets[id]
    return ticket.window or ticket.served_by or "?"


def _since_opening(moment: Moment) -> tuple[int, int]:
    """(full minutes since opening, tickets drawn in them); as far as arrivals are remembered."""
    opens = opening(moment.hall, moment.policy)
    if opens is None:
        return 0, 0
    return max(moment.at - opens, 0) // (60 * SECOND), moment.hall.footfall.between(opens, moment.at)


def _zone(sort: str) -> Callable[[Moment, str], str]:
    of = zone_of(sort)
    return lambda moment, _: ZONES_ZH[of(moment)]


def _zone_en(sort: str) -> Callable[[Moment, str], str]:
    of = zone_of(sort)
    return lambda moment, _: ZONES_EN[of(moment)]


def _taken_within_min(_: Moment, __: str) -> str:
    return _minutes(DEADLINES["normal"][1])


def _said_zh(moment: Moment, id: str) -> str:
    return moment.desk.prompts[id].text.zh


def _said_en(moment: Moment, id: str) -> str:
    return moment.desk.prompts[id].text.en


def _done_at(moment: Moment, _: str) -> str:
    done = last_done(moment)
    return "?" if done is None else f"{instant.local(done, moment.policy.calendar.zone):%H:%M}"


PLACEHOLDERS: Final[Mapping[str, Placeholder]] = MappingProxyType(
    {
        "waiting": Placeholder(_count("waiting"), "how many wait"),
        "longest_wait_min": Placeholder(_full_minutes("longest_wait_s"), "full minutes the longest waiting has waited"),
        "ordinary_wait_min": Placeholder(_full_minutes("ordinary_wait_s"), "the same of the ordinary tier"),
        "paused_windows": Placeholder(_count("paused_windows"), "how many windows are paused"),
        "wait_now_min": Placeholder(_wait_now_min, "forecast of the next ticket's wait, minutes, as things are"),
        "wait_then_min": Placeholder(_wait_then_min, "the same with one more window"),
        "preferred_calls": Placeholder(_count("preferred_calls"), "calls of preferred tiers in a row"),
        "opening_min": Placeholder(lambda m, _: str(_since_opening(m)[0]), "full minutes since opening"),
        "opening_tickets": Placeholder(lambda m, _: str(_since_opening(m)[1]), "tickets drawn since opening"),
        "gap_min": Placeholder(_full_minutes("lobby_gap_s"), "full minutes nobody has been in the lobby"),
        "done_at": Placeholder(_done_at, "forecast of when the last of those who wait has been served"),
        "unhappy_zone": Placeholder(_zone("precursor-2"), "where a customer is unhappy"),
        "unhappy_zone_en": Placeholder(_zone_en("precursor-2"), "the same, English"),
        "referral_zone": Placeholder(_zone("referral"), "where a customer to be received is"),
        "referral_zone_en": Placeholder(_zone_en("referral"), "the same, English"),
        "within_min": Placeholder(_taken_within_min, "minutes until a prompt of normal priority escalates"),
        "device": Placeholder(lambda _, device: device, "the id of the device", about="device"),
        "more_lost": Placeholder(
            lambda m, device: str(len(lost_with(m, device)) - 1), "how many were lost with the device", about="device"
        ),
        "ticket": Placeholder(lambda _, ticket: ticket, "the id of the ticket", about="ticket"),
        "at_window": Placeholder(_window_of, "the window that serves the ticket, or served it last", about="ticket"),
        "what": Placeholder(_said_zh, "what the prompt says", about="prompt"),
        "what_en": Placeholder(_said_en, "the same, English", about="prompt"),
        "window": Placeholder(lambda _, window: window, "the id of the window", about="window"),
    }
)
