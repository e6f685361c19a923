"""What everybody in the simulated branch shares: the time, the line, the tellers, the machines, and the dice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

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
    """One simulated day in the making; `done` holds the prompts that staff have done."""

    scenario: Scenario
    seed: int
    date: date
    timeline: Timeline = field(init=False)
    line: Line = field(default_factory=Line)
    people: dict[str, Person] = field(default_factory=dict)
    tellers: dict[str, Teller] = field(default_factory=dict)
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

    @property
    def closed(self) -> bool:
        """Whether the door is shut; those who are inside are still served."""
        return self.timeline.now >= self.moment(premises.CLOSES)

    def join(self, person: Person) -> None:
        """The person waits, and idle tellers look up."""
        self.line.join(person)
        for teller in self.tellers.values():
            teller.look_up()
