"""What everybody in the simulated branch shares: the time, the line, the tellers, the machines, and the dice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from edge.core import events as ev
from edge.core import instant
from edge.sim import premises
from edge.sim.line import Line, Person
from edge.sim.timeline import Timeline

if TYPE_CHECKING:
    from datetime import date, time

    from edge.core.instant import Instant
    from edge.sim.machines import Machinery
    from edge.sim.scenario import Scenario
    from edge.sim.tellers import Teller

_GRAIN = 1000
"""Durations are whole milliseconds: finer than any device tells, and short to read in a log."""


@dataclass(slots=True, eq=False)
class Floor:
    """One simulated day in the making; `here` are the staff signed in, `done` the prompts that they have done."""

    scenario: Scenario
    seed: int
    date: date
    timeline: Timeline = field(init=False)
    line: Line = field(default_factory=Line)
    people: dict[str, Person] = field(default_factory=dict)
    tellers: dict[str, Teller] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    machinery: Machinery = field(init=False)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.moment(min(post.comes for post in premises.STAFF.values())))

    def dice(self, name: str) -> Random:
        """A source of chance of its own for each concern, so that one that is asked more often shifts no other."""
        return Random(f"{self.scenario.name}/{self.seed}/{name}")

    def moment(self, clock: time) -> Instant:
        """A time of this day."""
        return instant.from_datetime(datetime.combine(self.date, clock, premises.ZONE))

    def after(self, duration_s: float) -> Instant:
        """The instant that lies so many seconds ahead."""
        return self.timeline.now + instant.seconds(duration_s) // _GRAIN * _GRAIN

    def act(self, staff: str, action: ev.Action, target: str, **detail: Any) -> None:
        """Somebody does something on a handheld now; who is not of the lobby is a teller."""
        role = premises.STAFF[staff].role if staff in premises.STAFF else "teller"
        at = self.timeline.now
        self.timeline.emit(ev.StaffAction(at=at, staff=staff, role=role, action=action, target=target, detail=detail))

    @property
    def closed(self) -> bool:
        """Whether the door is shut; those who are inside are still served."""
        return self.timeline.now >= self.moment(premises.CLOSES)

    def join(self, person: Person) -> None:
        """The person waits, and idle tellers look up."""
        self.line.join(person)
        for teller in self.tellers.values():
            teller.look_up()
