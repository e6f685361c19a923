"""The hall with its policy and its wakes: what the daemon and `replay` both drive, so that they cannot differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core import explain, outlook, score, setback, triage, waiting
from edge.core.apply import classes, devices
from edge.core.aspects import EVERYTHING
from edge.core.hall import Hall
from edge.core.step import step
from edge.core.telling import boards, counters, signage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core import events as ev
    from edge.core.agenda import Wake
    from edge.core.commands import Command, PromptRecord, PublishDevice, PublishWait
    from edge.core.explain import Explanation
    from edge.core.instant import Instant
    from edge.core.outputs import Level
    from edge.core.policy import Policy
    from edge.core.report import PublishFigures
    from edge.core.waiting import Outlook, Wait


class TooEarly(ValueError):
    """An event is earlier than one the hall has already seen."""


class Stumbled(Exception):
    """The core has failed over one event or wake: a fault of the program; the hall is not to be used again.

    `over` is what it failed over, `origin` the digest of the message it came in, where it came in one. A restart that
    met it again would fail again, so it is to be set aside.
    """

    def __init__(self, over: ev.Event | Wake) -> None:
        super().__init__(f"the core failed over {over.type} at {over.at}")
        self.over = over
        self.origin: bytes | None = None


class Engine:
    """Feeds events to `step`, firing before each every wake that is due at or before it, stamped with its due time."""

    def __init__(self, policy: Policy, hall: Hall | None = None) -> None:
        self.policy = policy
        self.hall = Hall() if hall is None else hall
        self.set_aside: frozenset[tuple[Instant, str]] = frozenset()
        """Wakes, as (instant, key), that the core has failed over before: they pass without effect."""

    def feed(self, event: ev.Event) -> list[Command]:
        """All commands that follow from the wakes due by then and from the event itself, in order."""
        if event.at < self.hall.now:
            raise TooEarly(f"{event.type} is earlier than the event before it")
        out = [command for _, commands in self.wakes(event.at) for command in commands]
        out += self.decide(event)
        return out

    def decide(self, event: ev.Event | Wake) -> list[Command]:
        """What follows from one event alone; Stumbled when the core fails over it."""
        try:
            return step(self.hall, event, self.policy)
        except Exception as fault:
            raise Stumbled(event) from fault

    def wakes(self, until: Instant) -> Iterator[tuple[Wake, list[Command]]]:
        """Fires the wakes due at or before `until`, one after the other."""
        pop = self.hall.agenda.pop
        while (wake := pop(until)) is not None:
            yield wake, [] if (wake.at, wake.key) in self.set_aside else self.decide(wake)

    def next_wake(self) -> Instant | None:
        """When the core next wants to look again without being told anything."""
        return self.hall.agenda.next()

    def wait_of(self, ticket: str, at: Instant | None = None) -> Wait | None:
        """What is known now of how long a waiting ticket still waits from `at` on; asking changes nothing."""
        return waiting.wait_of(self.hall, self.policy, ticket, self.hall.now if at is None else at)

    def explain(self, ticket: str, at: Instant | None = None) -> Explanation:
        """What the estimate of a ticket rests on, or why it has none; asking changes nothing."""
        return explain.explain(self.hall, self.policy, ticket, self.hall.now if at is None else at)

    def forecast(self, at: Instant | None = None) -> Outlook:
        """The same of every waiting ticket, and what is ahead of the next person of every class."""
        return waiting.forecast(self.hall, self.policy, self.hall.now if at is None else at)

    def adopt(self, policy: Policy, at: Instant | None = None) -> list[Command]:
        """Decides by another policy from `at` on, over the same hall; returns what that changes at once.

        Wakes due by then are to have been fired. Devices, boards and classes a configuration does not name any more are
        gone; a class as soon as nobody is here for it.
        """
        hall = self.hall
        hall.now = hall.now if at is None else max(at, hall.now)
        before, self.policy = self.policy, policy
        if before.services.keys() - policy.services.keys():
            classes.keep(hall, policy)
            outlook.ask(hall)
        out: list[Command] = []
        if policy.configured:
            out += devices.keep(hall, policy.devices)
            boards.keep(hall, {id for id, plan in policy.devices.items() if plan.kind == "board"})
            counters.keep(hall, policy.devices)
        if hall.day:
            out += [*signage.opening(hall, policy), *counters.look(hall, policy)]
        return out + triage.review(hall, policy, EVERYTHING, hall.now)

    def set_back(self, to: Instant) -> None:
        """The clock was ahead of the time and was put right: `to`, an earlier instant, is the hall's present."""
        setback.set_back(self.hall, self.policy, to)

    def waits(self) -> list[PublishWait]:
        """What is published of each class, as the last forecast has it."""
        return outlook.waits(self.hall)

    def prompts(self) -> list[PromptRecord]:
        """Every open prompt as it stands."""
        return [command.record for command in triage.standing(self.hall)]

    def figures(self) -> list[PublishFigures]:
        """The figures of the business day so far, where there are any."""
        return score.tell(self.hall)

    def device_states(self) -> list[PublishDevice]:
        """What is published of each device."""
        return [devices.published(device, device.seen_at) for device in self.hall.devices.values()]

    def paint(self) -> list[Level]:
        """What every board and every call terminal should show now."""
        return [*boards.paint(self.hall), *counters.paint(self.hall)]
