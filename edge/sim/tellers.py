"""Tellers: their shift, the tickets they call, and the times when nobody sits at the window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from edge.core import events as ev
from edge.core import instant
from edge.sim import absences, lobby, premises
from edge.sim.people import pick

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from edge.core.instant import Instant
    from edge.sim.floor import Floor
    from edge.sim.line import Person
    from edge.sim.scenario import Absence
    from edge.sim.timeline import Process

_RECALL_AFTER_S: Final = 30.0
_RECALLS: Final = 2
_RATES: Final = 0.4
_RATES_LATER: Final = 0.15
_CONTENT: Final[Mapping[str, float]] = {"5": 62, "4": 32, "3": 6}
_DISPLEASED: Final[Mapping[str, float]] = {"1": 1, "2": 2}
_LONG_WAIT_S: Final = 1200.0
_GOES_ON_AS: Final[Mapping[str, str]] = {
    "cash": "account",
    "payment": "cash",
    "account": "payment",
    "pension": "cash",
    "wealth": "account",
    "corporate": "account",
}
"""What a transferred ticket waits for next."""

_TO_A_WINDOW: Final = 0.25
_WITH_A_FORM: Final = frozenset({"account"})
_FORM_S: Final = (150.0, 420.0)
"""How long it takes to put a form right."""

_NO_TRANSFER_BEFORE_CLOSE_S: Final = 900.0


class Teller:
    """One window and who sits there, from opening until the last one in the hall it may take has gone."""

    def __init__(self, floor: Floor, window: str) -> None:
        self.window = window
        self.plan = premises.WINDOWS[window]
        self.serving: Person | None = None
        self.away: Absence | None = None
        self.on_duty = False
        self._idle = False
        self._floor = floor
        self._dice = floor.dice(f"window {window}")
        self._forms = floor.dice(f"forms {window}")
        self._absences = absences.planned(floor, window, self._dice)
        self._shift = self._work()

    def start(self, at: Instant) -> None:
        """Comes to work at `at`."""
        self.on_duty = True
        self._floor.timeline.start(self._shift, at)

    def look_up(self) -> None:
        """Notices, when idle, that somebody has come."""
        if self._idle:
            self._floor.timeline.wake(self._shift, self._floor.after(self._dice.uniform(2, 6)))

    def come_back(self, after_s: float) -> None:
        """Ends a pause earlier than meant."""
        if self.away is not None:
            self._floor.timeline.wake(self._shift, self._floor.after(after_s))

    def standing(self) -> list[ev.Happening]:
        """How the window stands, as the events that say so: open, paused, or nothing while it is closed."""
        if not self.on_duty or (self.away is not None and self.away.closes):
            return []
        return [self._opening(), *([self._pausing(self.away)] if self.away is not None else [])]

    def _opening(self) -> ev.WindowOpened:
        return ev.WindowOpened(
            at=self._floor.timeline.now, window=self.window, services=self.plan.services, teller=self.plan.teller
        )

    def _pausing(self, absence: Absence) -> ev.WindowPaused:
        return ev.WindowPaused(at=self._floor.timeline.now, window=self.window, reason=absence.reason)

    def _work(self) -> Process:
        floor = self._floor
        closes = floor.moment(premises.CLOSES)
        floor.timeline.emit(self._opening())
        while True:
            absence = self._due_absence()
            if absence is not None:
                yield from self._stay_away(absence)
            elif person := floor.line.take(self.window, self.plan.services):
                yield from self._attend(person)
                yield floor.after(self._dice.uniform(3, 14))
            elif floor.closed:
                break
            else:
                self._idle = True
                yield min([closes, *(floor.moment(a.at) for a in self._absences[:1])])
                self._idle = False
        floor.timeline.emit(ev.WindowClosed(at=floor.timeline.now, window=self.window, reason="end_of_day"))
        self.on_duty = False

    def _due_absence(self) -> Absence | None:
        if self._absences and self._floor.moment(self._absences[0].at) <= self._floor.timeline.now:
            return self._absences.pop(0)
        return None

    def _stay_away(self, absence: Absence) -> Process:
        now, time = self._floor.timeline.now, self._floor.timeline
        self.away = absence
        if absence.closes:
            time.emit(ev.WindowClosed(at=now, window=self.window, reason=absence.reason))
        else:
            time.emit(self._pausing(absence))
        yield self._floor.after(absence.for_s)
        self.away = None
        time.emit(self._opening() if absence.closes else ev.WindowResumed(at=time.now, window=self.window))

    def _attend(self, person: Person) -> Process:
        """One ticket, from its call to its end; the call counts as the start of the service."""
        floor, time = self._floor, self._floor.timeline
        self.serving = person
        time.emit(ev.TicketCalled(at=time.now, ticket=person.ticket, window=self.window))
        comes = yield from self._await(person)
        if comes:
            yield floor.after(self._service_s(person))
            self._finish(person)
        else:
            time.emit(ev.TicketNoShow(at=time.now, ticket=person.ticket, window=self.window))
        self.serving = None

    def _await(self, person: Person) -> Generator[Instant, None, bool]:
        """Whether the person comes to the window, after recalls where they are wanted."""
        recalls = _RECALLS if person.gone else 1 if person.dawdles else 0
        for _ in range(recalls):
            yield self._floor.after(_RECALL_AFTER_S + self._dice.uniform(-5, 5))
            now = self._floor.timeline.now
            self._floor.timeline.emit(ev.TicketRecalled(at=now, ticket=person.ticket, window=self.window))
        yield self._floor.after(_RECALL_AFTER_S if person.gone else self._dice.uniform(5, 15))
        return not person.gone

    def _service_s(self, person: Person) -> float:
        """A log-normal time with the mean and spread of the class, times the teller's pace and the ticket's effort."""
        kind = premises.CLASSES[person.service]
        variance = math.log(1 + kind.spread**2)
        usual = math.exp(self._dice.gauss(math.log(kind.mean_s) - variance / 2, math.sqrt(variance)))
        return max(20.0, usual * self.plan.pace * person.effort)

    def _finish(self, person: Person) -> None:
        floor, now = self._floor, self._floor.timeline.now
        soon_closed = now + instant.seconds(_NO_TRANSFER_BEFORE_CLOSE_S) > floor.moment(premises.CLOSES)
        if self._dice.random() < floor.scenario.transferred and not soon_closed:
            self._pass_on(person)
            return
        first_form = person.service in _WITH_A_FORM and person.for_window != self.window
        if first_form and self._forms.random() < floor.scenario.wrong_form and not soon_closed:
            self._send_back(person)
            return
        rating = self._rating(person) if self._dice.random() < _RATES else None
        if rating is not None and self._dice.random() < _RATES_LATER:
            floor.timeline.start(self._rate(person.ticket, rating), floor.after(self._dice.uniform(5, 60)))
            rating = None
        floor.timeline.emit(ev.TicketServed(at=now, ticket=person.ticket, window=self.window, rating=rating))
        lobby.refer(floor, person, self.plan.teller)

    def _send_back(self, person: Person) -> None:
        """The form is wrong: the person puts it right and comes back to this window, not to the end of the line."""
        floor = self._floor
        person.for_window, person.writes = self.window, True
        floor.timeline.emit(ev.TicketTransferred(at=floor.timeline.now, ticket=person.ticket, window=self.window))
        floor.line.join(person)
        floor.timeline.start(self._has_written(person), floor.after(self._forms.uniform(*_FORM_S)))

    def _has_written(self, person: Person) -> Process:
        person.writes = False
        if person.ticket in self._floor.line:
            self._floor.join(person)
        yield from ()

    def _pass_on(self, person: Person) -> None:
        """The ticket waits again: for another class, or for a colleague who takes the same one."""
        floor, now = self._floor, self._floor.timeline.now
        others = [t.window for t in floor.tellers.values() if t.on_duty and person.service in t.plan.services]
        others = [window for window in others if window != self.window]
        if others and self._dice.random() < _TO_A_WINDOW:
            person.for_window = self._dice.choice(others)
            floor.timeline.emit(ev.TicketTransferred(at=now, ticket=person.ticket, window=person.for_window))
        else:
            person.for_window, person.service = None, _GOES_ON_AS[person.service]
            floor.timeline.emit(ev.TicketTransferred(at=now, ticket=person.ticket, service=person.service))
        floor.join(person)

    def _rating(self, person: Person) -> ev.Rating:
        waited_long = self._floor.timeline.now - person.came_at > instant.seconds(_LONG_WAIT_S)
        chance = self._floor.scenario.displeased * (4 if waited_long else 1)
        chosen = pick(self._dice, _DISPLEASED if self._dice.random() < chance else _CONTENT)
        ratings: Mapping[str, ev.Rating] = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
        return ratings[chosen]

    def _rate(self, ticket: str, rating: ev.Rating) -> Process:
        now = self._floor.timeline.now
        self._floor.timeline.emit(ev.TicketRated(at=now, ticket=ticket, window=self.window, rating=rating))
        yield from ()
