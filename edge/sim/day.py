"""A whole day of the simulated branch, as events in order.

The same scenario, seed and date give the same events, and so do the same reactions at the same instants.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from edge.core import events as ev
from edge.sim import lobby, people, premises, reactions
from edge.sim.floor import Floor
from edge.sim.machines import Machinery
from edge.sim.people import Arrivals
from edge.sim.tellers import Teller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import time

    from edge.core.instant import Instant
    from edge.sim.scenario import Scenario
    from edge.sim.timeline import Process

USUAL_DATE: Final = date(2026, 3, 16)
"""A Monday. A day that names no other date is this one, so that the same seed gives the same bytes whenever it runs."""

_COMES_BEFORE_OPENING_S: Final = (20.0, 150.0)


class Day:
    """Iterating gives the day's events in order, to its end.

    Whoever plays the day as time goes by asks `due` and takes `step` when it has come, and tells `react` what staff
    have done meanwhile; whoever joins it late takes `skip` and then `standing`.
    """

    def __init__(self, scenario: Scenario, seed: int, date: date = USUAL_DATE) -> None:
        floor = self._floor = Floor(scenario, seed, date)
        floor.machinery = Machinery(floor)
        floor.machinery.start()
        for window in premises.WINDOWS:
            teller = floor.tellers[window] = Teller(floor, window)
            if window in scenario.late:
                floor.timeline.start(_comes_late(floor, window), floor.moment(scenario.late[window]))
            elif window not in scenario.reserve:
                early_s = floor.dice(f"opening {window}").uniform(*_COMES_BEFORE_OPENING_S)
                teller.start(floor.moment(premises.OPENS) - round(early_s) * 1_000_000)
        lobby.start(floor)
        Arrivals(floor).start()

    def __iter__(self) -> Iterator[ev.Happening]:
        while self.due is not None:
            yield from self.step()

    @property
    def due(self) -> Instant | None:
        """When the next thing may happen; None when the day is over."""
        return self._floor.timeline.due

    def step(self) -> list[ev.Happening]:
        """What happens at `due`; nothing, where somebody only looks up."""
        return self._floor.timeline.turn()

    def react(self, action: ev.StaffAction) -> None:
        """Somebody with a handheld did this; the branch answers from `action.at` on."""
        self._floor.timeline.start(reactions.answer(self._floor, action), action.at)

    def moment(self, clock: time) -> Instant:
        """A time of this day."""
        return self._floor.moment(clock)

    def skip(self, until: Instant) -> None:
        """Lets the day happen unseen, as far as but not including `until`."""
        while (due := self.due) is not None and due < until:
            self.step()
        self._floor.timeline.now = max(self._floor.timeline.now, until)

    def standing(self) -> list[ev.Happening]:
        """How things stand now, as the events somebody who has just come needs to hear.

        Staff, windows and machines as they are; everybody under service or waiting, in the order of their tickets,
        as though they had come this moment.
        """
        floor, now = self._floor, self._floor.timeline.now
        said: list[ev.Happening] = [
            lobby.signs(now, staff, "sign_in") for staff in premises.STAFF if staff in floor.here
        ]
        said += [machine.status(now) for machine in floor.machinery.machines.values() if not machine.silent]
        said.append(floor.machinery.queue_machine(now))
        serving = []
        for teller in floor.tellers.values():
            said += teller.standing()
            if teller.serving is not None:
                serving.append((teller.window, teller.serving))
        here = [*(person for _, person in serving), *floor.line]
        said += [people.issue(person, now) for person in sorted(here, key=lambda person: person.came_at)]
        said += [ev.TicketCalled(at=now, ticket=person.ticket, window=window) for window, person in serving]
        return said


def _comes_late(floor: Floor, window: str) -> Process:
    teller = floor.tellers[window]
    if not teller.on_duty:  # nobody has asked for the window before
        teller.start(floor.timeline.now)
    yield from ()
