"""The closed vocabulary of conditions: what a rule may ask of the hall, each with its type, its unit and its source.

A fact is a number or a word. It says which aspects of the hall move it, so that a rule looks again only when one of
its facts may have changed; a number that moves with time alone also says when it will reach a level, so that the rule
is woken at that very instant. Adding a fact is adding a line to `FACTS`, or to the file of its kind next door.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge.core.aspects import CALLED, ENDED, OFFER, OUTLOOK, QUEUE, WINDOWS
from edge.core.instant import SECOND
from edge.core.triage import (
    arrival_facts,
    hall_facts,
    lost_facts,
    offer,
    prompt_facts,
    ticket_facts,
    turn_facts,
    window_facts,
)
from edge.core.triage.calm import FOREVER, RESTLESS, before_short, first_few, grown, room
from edge.core.triage.device_facts import DEVICE_FACTS
from edge.core.triage.moment import Fact, Moment, Number, Word
from edge.core.triage.windows import openable, worst_wait_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.instant import Instant, Micros
    from edge.core.triage.calm import Calm

TRIAGE: Final = "secondary-triage"
"""The rule whose standing other rules may ask about."""


def _waiting(moment: Moment, _: str) -> float:
    return len(moment.hall.waiting)


def _longest_wait_s(moment: Moment, _: str) -> float:
    since = next(iter(moment.hall.waiting.values()), None)
    return 0.0 if since is None else (moment.at - since) / SECOND


def _longest_reaches(moment: Moment, _: str, level: Micros) -> Instant | None:
    since = next(iter(moment.hall.waiting.values()), None)
    return None if since is None else since + level


def _waiting_calm(moment: Moment, low: float, high: float) -> Calm:
    return room(len(moment.hall.waiting), low, high), FOREVER


def _longest_calm(moment: Moment, low: float, high: float) -> Calm:
    """It falls only when everybody has gone who has waited for so long, and grows with time."""
    since = moment.hall.longest_since()
    if since is None:
        return RESTLESS
    return before_short(moment.at, moment.hall.waiting.values(), low), grown(since, high)


def _obstacle_calm(moment: Moment) -> Calm:
    """While somebody is eligible and the devices are as they are, nothing stands in the way."""
    if moment.obstacle() != "none":
        return RESTLESS
    hall, policy, at = moment.hall, moment.policy, moment.at
    return first_few(offer.eligible(hall, policy, at)) - 1, offer.stale_at(hall, policy, at)


def _paused_windows(moment: Moment, _: str) -> float:
    return sum(window.state == "paused" for window in moment.hall.windows.values())


def _next_wait_s(moment: Moment, _: str) -> float:
    return worst_wait_s(moment.hall)


def _gain_s(moment: Moment, _: str) -> float:
    return moment.one_more().gain_s


def _openable_windows(moment: Moment, _: str) -> float:
    return openable(moment.hall, moment.policy)


def _usable_devices(moment: Moment, _: str) -> float:
    return sum(1 for _ in offer.usable_devices(moment.hall, moment.policy, moment.at))


def _eligible_tickets(moment: Moment, _: str) -> float:
    return sum(1 for _ in offer.eligible(moment.hall, moment.policy, moment.at))


def _offer_obstacle(moment: Moment, _: str) -> str:
    return moment.obstacle()


def _triage_held_by(moment: Moment, _: str) -> str:
    watch = moment.desk.watch(TRIAGE, "hall")
    return watch.held_by or "none" if watch is not None and watch.met else "none"


def _by_name(facts: Iterable[Fact]) -> Mapping[str, Fact]:
    return MappingProxyType({fact.name: fact for fact in facts})


FACTS: Final[Mapping[str, Fact]] = _by_name(
    (
        Number(
            name="waiting",
            about="hall",
            unit="tickets",
            moved_by=QUEUE,
            value=_waiting,
            calm=_waiting_calm,
            says="Everyone who waits, whatever the class.",
        ),
        Number(
            name="longest_wait_s",
            about="hall",
            unit="s",
            moved_by=QUEUE,
            value=_longest_wait_s,
            when=_longest_reaches,
            calm=_longest_calm,
            says="How long the longest waiting ticket waits, since its issue or last transfer.",
        ),
        Number(
            name="paused_windows",
            about="hall",
            unit="windows",
            moved_by=WINDOWS,
            value=_paused_windows,
            says="Windows that are paused.",
        ),
        Number(
            name="openable_windows",
            about="hall",
            unit="windows",
            moved_by=WINDOWS,
            value=_openable_windows,
            says="Windows that are paused or closed; without a configuration at least one is supposed, because there "
            "may be windows nobody has spoken of.",
        ),
        Number(
            name="next_wait_s",
            about="hall",
            unit="s",
            moved_by=OUTLOOK,
            value=_next_wait_s,
            says="Forecast wait (p50) of the next ticket of the worst class among those somebody waits for.",
        ),
        Number(
            name="gain_s",
            about="hall",
            unit="s",
            moved_by=OUTLOOK | WINDOWS | CALLED | ENDED,
            value=_gain_s,
            says="By how much that forecast falls with one more window.",
        ),
        Number(
            name="usable_devices",
            about="hall",
            unit="devices",
            moved_by=OFFER,
            value=_usable_devices,
            says="Self-service devices that are ok or degraded, lately heard of, not suspect, not run out.",
        ),
        Number(
            name="eligible_tickets",
            about="hall",
            unit="tickets",
            moved_by=QUEUE | OFFER,
            value=_eligible_tickets,
            says="Waiting tickets that may be offered a device: class can, no need, not declined, a usable one there.",
        ),
        Word(
            name="offer_obstacle",
            about="hall",
            words=offer.OBSTACLES,
            moved_by=QUEUE | OFFER,
            value=_offer_obstacle,
            calm=_obstacle_calm,
            says="What keeps a device from being offered to anybody who waits; `none` when somebody is eligible.",
        ),
        Word(
            name="triage_held_by",
            about="hall",
            words=("none", "nobody-else-waits", *offer.OBSTACLES[1:]),
            moved_by=QUEUE | OFFER,
            value=_triage_held_by,
            reads_desk=True,
            says="The guard that holds secondary triage back while its thresholds are met.",
        ),
        *DEVICE_FACTS,
        *lost_facts.FACTS,
        *hall_facts.FACTS,
        *arrival_facts.FACTS,
        *window_facts.FACTS,
        *ticket_facts.FACTS,
        *turn_facts.FACTS,
        *prompt_facts.FACTS,
    )
)
