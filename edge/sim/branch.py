"""A day of the simulated branch in the daemon's own time, told by devices that the daemon cannot tell from real ones.

The day is not told from its beginning: a demonstration starts at the scenario's moment, with the hall as it then is.
From there on every event is told when its time has come, by the device whose news it is. What staff do is heard on
the broker, from handhelds and, of what was done on the pages, from what the daemon reports to headquarters.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace
from pydantic_core import from_json

from edge.core import events as ev
from edge.core import instant, wire
from edge.core.topics import BranchTopics, UpwardTopics
from edge.sim import premises
from edge.sim.day import Day
from edge.sim.devices import atm, call_terminal
from edge.sim.devices.agent import Agent
from edge.sim.devices.call_terminal_ff68 import CALL_NEXT
from edge.sim.ends import Ends
from edge.sim.plugs import Cable, Plugs, Reports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edge.core.instant import Instant
    from edge.shell.clock import Clock
    from edge.sim.scenario import Scenario

_READY_WITHIN_S: Final = 10.0
"""Of the real world: how long the daemon is given to open its ports before the day goes on without it."""

_TAKEN_WITHIN_S: Final = 3.0
"""Of the real world too: how long a broker is given for one message."""

_BUSY: Final = 0.01
"""How often a board has no time for a frame just then."""


class SimulatedBranch:
    """The demo branch and its devices; `plugs` are those of all of them, all in once `at_work` is set.

    Its ports are in `state_dir/pty`, under the names of `edge.sim.demo`.
    """

    name = "simulated branch"

    def __init__(self, scenario: Scenario, seed: int, clock: Clock, broker_url: str, state_dir: Path) -> None:
        dice = Random(f"{seed}/boards")
        self.ends: Final = Ends(state_dir / "pty", busy=lambda: dice.random() < _BUSY)
        self._scenario, self._seed, self._clock = scenario, seed, clock
        self._topics = BranchTopics(premises.BRANCH)
        self._reported = UpwardTopics(premises.ORG, premises.BRANCH).event("staff.action")
        self._painted = frozenset(map(self._topics.board, premises.BOARDS))
        filters = (self._topics.actions, self._reported, *sorted(self._painted))
        self._terminals = Agent(broker_url, "sim-terminals", presence=call_terminal.PRESENCE)
        machines = Agent(broker_url, "sim-machines")
        self._handhelds = Agent(broker_url, "sim-handhelds", filters, self._hear)
        self._agents = (self._terminals, machines, self._handhelds)
        reporting = sorted(premises.MACHINES.keys() - {premises.XFS4IOT_MACHINE})
        self._machines = atm.Network(machines, reporting)
        self.plugs: Final = Plugs(
            {
                **self.ends.plugs(),
                premises.TERMINALS: Cable(self._terminals),
                **{machine: Reports(self._machines, machine) for machine in reporting},
            }
        )
        self.at_work: Final = asyncio.Event()
        self._to_machine: asyncio.Queue[ev.Happening] = asyncio.Queue()
        self._daemon_speaks = asyncio.Event()
        self._news = asyncio.Event()
        self._actions: list[ev.StaffAction] = []

    async def serve(self) -> None:
        """Plugs the devices in and plays the day, and the days after it, until cancelled."""
        async with self.ends.plugged_in(), asyncio.TaskGroup() as tasks:
            self.at_work.set()
            for agent in self._agents:
                tasks.create_task(agent.serve())
            tasks.create_task(self._drive_machine())
            tasks.create_task(self._play())

    def react(self, action: ev.StaffAction) -> None:
        """Staff did this just now; the branch answers."""
        self._actions.append(action)
        self._news.set()

    async def _drive_machine(self) -> None:
        """Lets the machine that speaks for itself do what the day says of it."""
        while True:
            await self.ends.machine.tell(await self._to_machine.get())

    async def _play(self) -> None:
        await self._listened_to()
        today = instant.local(self._clock.now(), premises.ZONE).date()
        day = Day(self._scenario, self._seed, today)
        begin = day.moment(self._scenario.shows_from)
        ahead = self._clock.now() - begin
        day.skip(begin)
        await self._tell_standing(day)
        for number in count(1):
            await self._play_day(day, ahead)
            day = Day(self._scenario, self._seed + number, today + timedelta(days=number))

    async def _tell_standing(self, day: Day) -> None:
        """Tells how things stand, one after the other: of several roads to the daemon none is to be overtaken."""
        patient = True
        for event in day.standing():
            self._tell(event)
            patient = patient and await self._arrived()

    async def _arrived(self) -> bool:
        """Whether the broker has soon taken all that was said."""
        try:
            async with asyncio.timeout(_TAKEN_WITHIN_S):
                for agent in self._agents:
                    await agent.all_said()
        except TimeoutError:
            return False
        return True

    async def _play_day(self, day: Day, ahead: instant.Micros) -> None:
        """Tells each event when the clock is `ahead` of its time in the day, and lets actions take effect at once."""
        while (due := day.due) is not None:
            now = self._clock.now()
            actions, self._actions = self._actions, []
            for action in actions:
                day.react(replace(action, at=now - ahead))
            if actions:
                continue
            if due + ahead > now:
                await self._sleep_until(due + ahead)
                continue
            for event in day.step():
                self._tell(event)
            await asyncio.sleep(0)  # however fast the clock, others have their turn

    async def _sleep_until(self, at: Instant) -> None:
        """Returns at `at`, or earlier when there is news."""
        timer = self._clock.call_at(at, self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()
            self._news.clear()

    async def _listened_to(self) -> None:
        """Returns when the daemon has its ports open and is on the broker, or does not seem to come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_READY_WITHIN_S):
                await self.ends.dispenser.port.listened()
                await self._daemon_speaks.wait()

    def _tell(self, event: ev.Happening) -> None:
        """Lets the device whose news it is say it; what boards are is seen by their answers alone."""
        self.ends.dispenser.tell(event)
        if getattr(event, "device", "") == premises.XFS4IOT_MACHINE:
            self._to_machine.put_nowait(event)
        if isinstance(event, ev.TicketCalled) and event.window in premises.CALL_BOXES:
            self.ends.counters.press(premises.CALL_BOXES[event.window], CALL_NEXT)  # the queue system does the rest
        ts = instant.text(self._clock.now(), premises.ZONE)
        self._machines.tell(event, ts)
        for agent, said in (
            (self._terminals, call_terminal.message(event, ts)),
            (self._handhelds, self._action(event, ts)),
        ):
            if said is not None:
                agent.say(*said)

    def _action(self, event: ev.Happening, ts: str) -> tuple[str, Mapping[str, Any]] | None:
        if not isinstance(event, ev.StaffAction):
            return None
        return self._topics.actions.replace("+", event.staff), {**wire.publish(event, premises.ZONE), "at": ts}

    def _action_in(self, topic: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """The action in a message: whole in a report, from a handheld with what its topic says besides."""
        if topic == self._reported:
            reported: Mapping[str, Any] = item["data"]
            return reported
        at = instant.text(self._clock.now(), premises.ZONE)
        return {**item, "type": ev.StaffAction.type, "at": at, "staff": self._topics.staff_of(topic)}

    def _hear(self, topic: str, payload: bytes) -> None:
        """Takes note of an action; anything else says that the daemon is there."""
        if topic in self._painted:
            self._daemon_speaks.set()
            return
        try:
            event = wire.decode(self._action_in(topic, from_json(payload)))
        except (ValueError, TypeError, KeyError):
            return  # somebody else's mistake, and the daemon's to count
        if isinstance(event, ev.StaffAction):
            self.react(event)
