"""People: when they come, what for, how patient they are, and what they do when that is used up."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

from edge.core import events as ev
from edge.core import instant
from edge.sim import lobby, premises
from edge.sim.line import Person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from edge.core.events import AmountBand, Tier
    from edge.core.instant import Instant
    from edge.sim.floor import Floor
    from edge.sim.scenario import Crowd
    from edge.sim.timeline import Process

_AMOUNTS: Final[Mapping[AmountBand, float]] = {"small": 45, "normal": 45, "large": 10}
_EFFORTS: Final[Mapping[AmountBand, float]] = {"small": 0.8, "normal": 1.0, "large": 1.7}
_EFFORT_WITH_NEED: Final = 1.25
_PATIENCE_SPREAD: Final = 0.6
_DAWDLES: Final = 0.06
_SAYS_GOODBYE: Final = 0.4
_BY_APPOINTMENT: Final[Mapping[str, float]] = {"wealth": 0.25, "corporate": 0.15}
_HAS_THE_NEED_OF_THE_CROWD: Final = 0.9
_LAST_TICKET_BEFORE_CLOSE_S: Final = 240
_FINDS_IT_WORKS_S: Final = (3.0, 45.0)
"""How long after the queue machine is back somebody who waits before it draws a ticket."""

Key = TypeVar("Key", bound=str)


class Arrivals:
    """Everybody who comes through the door, numbered by class as the queue machine numbers them."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._dice = floor.dice("people")
        self._numbers: dict[str, int] = {}

    def start(self) -> None:
        """Lets the day's people come."""
        floor = self._floor
        floor.timeline.start(self._by_chance())
        for number, crowd in enumerate(floor.scenario.crowds):
            floor.timeline.start(self._together(crowd, floor.dice(f"crowd {number}")), floor.moment(crowd.at))

    def _by_chance(self) -> Process:
        """A Poisson process, piece by piece; what is left of a gap is drawn anew in the next piece, as it may be."""
        floor = self._floor
        last = floor.moment(premises.CLOSES) - instant.seconds(_LAST_TICKET_BEFORE_CLOSE_S)
        edges = [*((floor.moment(rate.since), rate.per_h) for rate in floor.scenario.rates), (last, 0.0)]
        for (since, per_h), (until, _) in pairwise(edges):
            at = since
            while (at := at + _micros(self._dice.expovariate(per_h / 3600))) < until:
                yield at
                self._enter(pick(self._dice, floor.scenario.mix), self._dice)

    def _together(self, crowd: Crowd, dice: Random) -> Process:
        start = self._floor.timeline.now
        for offset_s in sorted(dice.uniform(0, crowd.within_s) for _ in range(crowd.people)):
            yield start + _micros(offset_s)
            need = crowd.need if dice.random() < _HAS_THE_NEED_OF_THE_CROWD else None
            self._enter(crowd.service, dice, need)

    def _enter(self, service: str, dice: Random, need: ev.Need | None = None) -> None:
        """Somebody takes a ticket, or waits until the queue machine gives any."""
        floor = self._floor
        if floor.machinery.tickets_from > floor.timeline.now:
            comes = floor.machinery.tickets_from + _micros(dice.uniform(*_FINDS_IT_WORKS_S))
            floor.timeline.start(self._enters(service, dice, need), comes)
            return
        person = self._person(service, dice, need)
        floor.people[person.ticket] = person
        floor.timeline.emit(issue(person, floor.timeline.now))
        floor.join(person)
        floor.timeline.start(_patience(floor, person, dice.random()), floor.after(person.patience_s))
        lobby.meet(floor, person)

    def _enters(self, service: str, dice: Random, need: ev.Need | None) -> Process:
        self._enter(service, dice, need)
        yield from ()

    def _person(self, service: str, dice: Random, need: ev.Need | None) -> Person:
        scenario = self._floor.scenario
        number = self._numbers[service] = self._numbers.get(service, 0) + 1
        needs = {n for n, chance in scenario.needs.items() if dice.random() < chance} | ({need} if need else set())
        band = pick(dice, _AMOUNTS) if service == "cash" else None
        effort = _EFFORTS.get(band or "normal", 1.0) * (_EFFORT_WITH_NEED if needs else 1.0)
        now = self._floor.timeline.now
        return Person(
            ticket=f"{premises.CLASSES[service].letter}{number:03d}",
            service=service,
            came_at=now,
            tier=_tier(dice, scenario.tiers),
            needs=tuple(sorted(needs)),
            amount_band=band,
            appointment=_appointment(dice, service, now),
            patience_s=scenario.patience_s * math.exp(dice.gauss(0, _PATIENCE_SPREAD)),
            effort=effort,
            dawdles=dice.random() < _DAWDLES,
            gone=dice.random() < scenario.absent,
        )


def issue(person: Person, at: Instant) -> ev.TicketIssued:
    """The ticket of this person as the queue machine tells it."""
    return ev.TicketIssued(
        at=at,
        ticket=person.ticket,
        service=person.service,
        tier=person.tier,
        needs=person.needs,
        amount_band=person.amount_band,
        appointment=person.appointment,
    )


def pick(dice: Random, weights: Mapping[Key, float]) -> Key:
    """One of the keys, each as often as its weight says."""
    return dice.choices(tuple(weights), tuple(weights.values()))[0]


def _tier(dice: Random, weights: Mapping[Tier, float]) -> Tier:
    return pick(dice, weights)


def _patience(floor: Floor, person: Person, chance: float) -> Process:
    """When patience is used up, some give their ticket back, others just leave and will not answer the call."""
    if person.ticket not in floor.line or person.gone:
        return
    if chance < _SAYS_GOODBYE:
        floor.line.leave(person.ticket)
        floor.timeline.emit(ev.TicketCancelled(at=floor.timeline.now, ticket=person.ticket, reason="left"))
    person.gone = True
    yield from ()


def _appointment(dice: Random, service: str, now: Instant) -> str | None:
    if dice.random() >= _BY_APPOINTMENT.get(service, 0.0):
        return None
    quarter = instant.seconds(900)
    return f"{instant.local(now + quarter // 2 - (now + quarter // 2) % quarter, premises.ZONE):%H:%M}"


def _micros(duration_s: float) -> instant.Micros:
    return instant.seconds(round(duration_s, 3))
