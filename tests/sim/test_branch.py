"""The simulated branch as a daemon meets it: over real ports and a real broker, in the clock's time."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import aiomqtt
import pytest
from pydantic_core import to_json

from edge import config, driver, resources
from edge.core import events as ev
from edge.core import instant, wire
from edge.core.instant import Instant
from edge.core.topics import BranchTopics
from edge.shell.clock import Clock
from edge.sim import premises
from edge.sim.branch import SimulatedBranch
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS
from tests.fakes import PATIENCE_S
from tests.processes import Mosquitto

pytestmark = pytest.mark.broker

RUSH = SCENARIOS["rush"]
START: Instant = instant.from_datetime(datetime(2026, 3, 16, 9, 23, tzinfo=premises.ZONE))
TOPICS = BranchTopics(premises.BRANCH)


class Listener:
    """Hears what a daemon would, through the drivers that the demo's configuration names."""

    def __init__(self, branch: SimulatedBranch) -> None:
        self.branch = branch
        self.tickets: list[ev.Event] = []
        self.calls: list[ev.Event] = []
        self.machines: list[ev.Event] = []
        self.staff: list[ev.Event] = []
        loaded = config.load(resources.config_dir() / "demo.toml")
        self._codecs = {bus.link.place: driver.load(bus.driver).create(bus.devices) for bus in loaded.buses}
        self._queue = next(codec for place, codec in self._codecs.items() if place.endswith("queue0"))
        self.changed = asyncio.Event()

    async def listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic, payload = str(message.topic), bytes(message.payload)
            if topic.startswith("lobby/"):
                self.staff.append(wire.decode_line(payload))
            else:
                place = "terminal/#" if topic.startswith("terminal/") else topic
                heard = self.calls if place != topic else self.machines
                self._keep(heard, self._codecs[place].receive(payload, 0, topic))

    def read_queue(self, fd: int) -> None:
        self._keep(self.tickets, self._queue.receive(os.read(fd, 4096), 0))

    def _keep(self, heard: list[ev.Event], received: list[driver.Received]) -> None:
        for one in received:
            assert not isinstance(one, driver.Answer | driver.BadFrame | driver.Reply), one
            heard.append(one)
        self.changed.set()

    async def until(self, *, tickets: int = 0, calls: int = 0) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.tickets) < tickets or len(self.calls) < calls:
                self.changed.clear()
                await self.changed.wait()

    async def until_said(self, said: ev.TicketCancelled) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while plain(said) not in map(plain, self.tickets):
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def playing(
    broker: Mosquitto, state_dir: Path, speed: float = 1500.0
) -> AsyncIterator[tuple[Listener, aiomqtt.Client]]:
    """The branch at work, somebody listening on every road, and a client of ours on the broker."""
    branch = SimulatedBranch(RUSH, 1, Clock(speed=speed, start=START), broker.url, state_dir)
    listener = Listener(branch)
    async with aiomqtt.Client("127.0.0.1", broker.port) as client, asyncio.TaskGroup() as tasks:
        for topic in ("terminal/+/event", "atm/+/status", TOPICS.actions):
            await client.subscribe(topic, qos=1)
        await client.publish(TOPICS.board("board-lobby"), b"{}", qos=1, retain=True)
        work = [tasks.create_task(branch.serve()), tasks.create_task(listener.listen(client))]
        await plugged(branch)
        fd = os.open(branch.ends.dispenser.port.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(fd, listener.read_queue, fd)
        try:
            yield listener, client
        finally:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)
            for task in work:
                task.cancel()


async def plugged(branch: SimulatedBranch) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not branch.ends.dispenser.port.plugged:
            await asyncio.sleep(0)


def plain(event: ev.Event) -> dict[str, object]:
    """What an event says, whenever it was."""
    item = wire.publish(event, premises.ZONE)
    return {key: value for key, value in item.items() if key not in ("at", "device_at")}


def expected(*kinds: type[ev.Event]) -> list[dict[str, object]]:
    """What the day itself says from the moment on, of these kinds, first how things stand."""
    day = Day(RUSH, 1)
    day.skip(day.moment(RUSH.shows_from))
    told = [*day.standing(), *day]
    return [plain(event) for event in told if isinstance(event, kinds)]


async def test_every_device_tells_its_own_news_in_the_order_of_the_day(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with playing(mosquitto, tmp_path) as (heard, _):
        await heard.until(tickets=60, calls=60)
    of_queue = [plain(event) for event in heard.tickets if not isinstance(event, ev.DeviceStatus)]
    assert of_queue == expected(ev.TicketIssued, ev.TicketCancelled)[: len(of_queue)]
    of_terminals = expected(
        ev.TicketCalled,
        ev.TicketRecalled,
        ev.TicketServed,
        ev.TicketNoShow,
        ev.TicketRated,
        ev.TicketTransferred,
        ev.WindowOpened,
        ev.WindowPaused,
        ev.WindowResumed,
        ev.WindowClosed,
    )
    assert [plain(event) for event in heard.calls] == of_terminals[: len(heard.calls)]
    assert {event.device for event in heard.machines if isinstance(event, ev.DeviceStatus)} == (
        premises.MACHINES.keys() - {premises.XFS4IOT_MACHINE}
    )
    signed_in = {e.staff for e in heard.staff if isinstance(e, ev.StaffAction) and e.action == "sign_in"}
    assert signed_in == set(premises.STAFF)


async def test_a_customer_sent_to_a_machine_by_a_handheld_leaves_the_line(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with playing(mosquitto, tmp_path, speed=300) as (heard, client):
        await heard.until(tickets=25)
        last = [event for event in heard.tickets if isinstance(event, ev.TicketIssued) and event.service == "cash"][-1]
        action = {
            "type": "staff.action",
            "at": "2026-03-16T09:40:00+08:00",
            "staff": "lm-1",
            "role": "lobby_manager",
            "action": "customer_accepted",
            "target": last.ticket,
        }
        await client.publish(TOPICS.actions.replace("+", "lm-1"), to_json(action), qos=1)
        await heard.until_said(ev.TicketCancelled(at=0, ticket=last.ticket, reason="self_service"))


async def test_what_is_no_action_on_the_topic_of_actions_is_passed_over(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with playing(mosquitto, tmp_path) as (heard, client):
        heard.staff.clear()
        for payload in (b"{", b"[]", b'{"type": "tick", "at": "2026-03-16T09:40:00+08:00"}'):
            await client.publish("bank/v1/example-bank/0571-0042/event/staff.action", payload, qos=1)
        await heard.until(tickets=40)


async def test_its_ports_go_when_it_ends(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with playing(mosquitto, tmp_path) as (heard, _):
        await heard.until(tickets=1)
        assert heard.branch.ends.bus.port.path.is_symlink()
    assert list(heard.branch.ends.bus.port.path.parent.iterdir()) == []
