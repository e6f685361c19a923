"""A bus of sensors that are asked: thirty in virtual time, where polls are counted, and a few behind a real port."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog

from edge.config.links import SerialLink
from edge.config.load import Bus
from edge.core.events import DeviceEvent, DeviceStatus, Happening
from edge.core.instant import Instant, in_seconds, seconds
from edge.driver import Device, load
from edge.shell.backoff import LOCAL_S
from edge.shell.bus import ASK_EVERY
from edge.shell.clock import Clock
from edge.shell.connection import Connection
from edge.shell.health import Health
from edge.shell.links.stream import LinkLost
from edge.shell.logs import Bounded
from edge.shell.session import Session
from edge.sim.devices.sensor_modbus import Fault, Module, ModuleBus, Modules
from edge.sim.devices.ups_megatec import Ups, UpsLine
from tests.fakes import FakeClock, FakeInbox, FakePipe, turns

DOOR = {"contacts": [{"input": 0, "name": "door", "event": "door_open"}]}
THINKS_S = 0.01
A_WHILE_S = 60.0


def sensor(unit: int, **settings: Any) -> Device:
    return Device(f"sensor-{unit}", "sensor", load("sensor_modbus").Settings(**(settings or DOOR)), address=unit)


# ---- thirty sensors, in virtual time ----


class TimedLine(FakePipe):
    """A line of 9600 baud with modules on it: bytes take their time, and a module thinks before it answers."""

    def __init__(self, clock: FakeClock, modules: Modules, *, echoes: bool = False) -> None:
        super().__init__()
        self.seconds_per_byte, self.echoes = 10 / 9600, echoes
        self.sent_at: list[tuple[Instant, Instant]] = []
        self._clock, self._modules = clock, modules

    def send(self, data: bytes) -> bytes:
        super().send(data)
        now = self._clock.now()
        sent = now + seconds(len(data) * self.seconds_per_byte)
        self.sent_at.append((now, sent))
        for answer in self._modules.receive(data):
            comes = sent + seconds(THINKS_S + len(answer) * self.seconds_per_byte)
            self._clock.call_at(comes, lambda answer=answer: self.say(answer))  # type: ignore[misc]
        return b""

    async def read(self) -> bytes:
        data = await super().read()
        if not data:
            raise LinkLost("end of the test")
        return data


class Thirty:
    """A connection to thirty modules, each with this fault or none, over a while."""

    def __init__(self, **faults: Fault) -> None:
        self.modules = Modules([Module(f"sensor-{n}", n, fault=faults.get(f"sensor_{n}", "")) for n in range(1, 31)])
        self.clock = FakeClock()
        self.inbox = FakeInbox(self.clock)
        self.line = TimedLine(self.clock, self.modules)

    async def pass_(self, duration_s: float = A_WHILE_S) -> Counter[str]:
        """How often each was asked in that time."""
        devices = [sensor(unit) for unit in range(1, 31)]
        log = structlog.get_logger()
        connection = Connection(
            pipe=self.line,
            driver=load("sensor_modbus").create(devices),
            devices=devices,
            inbox=self.inbox,
            clock=self.clock,
            health=Health(devices, unheard=[device.id for device in devices]),
            log=log,
            bad=Bounded(log, self.clock),
        )
        running = asyncio.ensure_future(connection.run())
        until = self.clock.now() + seconds(duration_s)
        await turns()
        while (due := self._next()) <= until:
            self.clock.advance(in_seconds(max(0, due - self.clock.now())))
            await turns(8)
        self.line.say(b"")
        with pytest.raises(ExceptionGroup):
            await running
        return Counter({id: module.asked for id, module in self.modules.modules.items()})

    def _next(self) -> Instant:
        return min(round(timer.when()) for timer in self.clock._timers if not timer.cancelled())

    def told(self, device: str) -> set[tuple[str, str]]:
        events = [event for event in self.inbox.events if isinstance(event, DeviceStatus)]
        return {(event.state, event.detail) for event in events if event.device == device}


async def test_every_one_of_thirty_is_asked_as_often_as_the_others() -> None:
    asked = await Thirty().pass_()

    assert max(asked.values()) - min(asked.values()) <= 1
    assert min(asked.values()) >= 50


@pytest.mark.parametrize("fault", ["silent", "garbled"])
async def test_one_that_is_dead_takes_no_more_from_the_others_than_its_share(fault: Fault) -> None:
    without = await Thirty().pass_()
    bus = Thirty(sensor_7=fault)
    asked = await bus.pass_()

    dead = asked.pop("sensor-7")
    tries = 3
    assert min(asked.values()) >= without["sensor-1"] * 29 // 30 - tries  # the tries before it was given up
    assert tries <= dead < without["sensor-7"]
    state = ("unknown", "no answer") if fault == "silent" else ("degraded", "the answer's checksum is wrong")
    assert bus.told("sensor-7") == {state}
    assert bus.told("sensor-8") == {("ok", "")}


async def test_one_that_comes_back_to_life_is_heard_again() -> None:
    bus = Thirty(sensor_7="silent")
    bus.clock.call_at(seconds(20), lambda: setattr(bus.modules.modules["sensor-7"], "fault", ""))
    asked = await bus.pass_()

    assert asked["sensor-7"] > A_WHILE_S / 3
    assert bus.told("sensor-7") == {("unknown", "no answer"), ("ok", "")}


@pytest.mark.parametrize("back_s", [15.0, 15.7, 30.4, 41.9])
async def test_one_that_had_been_heard_before_is_heard_within_three_seconds_of_its_return(back_s: float) -> None:
    bus = Thirty()
    module = bus.modules.modules["sensor-7"]
    bus.clock.call_at(seconds(5), lambda: setattr(module, "fault", "silent"))
    bus.clock.call_at(seconds(back_s), lambda: setattr(module, "fault", ""))
    await bus.pass_()

    heard = [event for event in bus.inbox.events if isinstance(event, DeviceStatus) and event.device == "sensor-7"]
    assert {event.state for event in heard if seconds(10) < event.at < seconds(back_s)} <= {"unknown"}
    assert "ok" in {event.state for event in heard if seconds(back_s) < event.at <= seconds(back_s + 3)}


async def test_one_that_answers_for_everybody_changes_nothing_for_the_others_and_is_named() -> None:
    bus = Thirty(sensor_1="everybody")  # and before the one that is asked
    bus.modules.modules["sensor-1"].contacts[0] = True
    await bus.pass_(20)

    events = {event.device for event in bus.inbox.events if isinstance(event, DeviceEvent)}
    assert events <= {"sensor-1"}
    assert bus.told("sensor-2") == bus.told("sensor-30") == {("ok", "")}
    assert "degraded" in {state for state, _ in bus.told("sensor-1")}


async def test_frames_keep_their_distance() -> None:
    bus = Thirty()
    await bus.pass_(5)

    begins, ends = [at for at, _ in bus.line.sent_at], [at for _, at in bus.line.sent_at]
    answered = [end + seconds(THINKS_S + 6 * 10 / 9600) for end in ends]
    gap = seconds(3.5 * 11 / 9600)
    assert all(begin - end >= gap for begin, end in zip(begins[1:], answered, strict=False))


# ---- a few behind a real port ----

PATIENT = DOOR | {"deadline_s": 5.0}
"""A busy machine is no fault of the module's."""


class Branch:
    """A session on a real port; its clock runs fast."""

    def __init__(self, driver: str, path: Path, *devices: Device, **link: Any) -> None:
        self.clock = Clock(speed=5.0)
        self.inbox = FakeInbox(self.clock)
        bus = Bus(SerialLink(str(path), **link), driver, devices)
        self.session = Session(bus, self.inbox, clock=self.clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.session.serve())
            try:
                yield
            finally:
                task.cancel()

    async def told(self, device: str, state: str, *, times: int = 1) -> None:
        await self.inbox.until(lambda events: states(events, device).count(state) >= times)

    async def happened(self, *wanted: str) -> None:
        await self.inbox.until(lambda events: happened(events) == list(wanted))


def states(events: list[Happening], device: str) -> list[str]:
    return [event.state for event in events if isinstance(event, DeviceStatus) and event.device == device]


def happened(events: list[Happening]) -> list[str]:
    return [event.event for event in events if isinstance(event, DeviceEvent)]


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[ModuleBus]:
    bus = ModuleBus(tmp_path / "sensors0", Modules([Module("sensor-1", 1), Module("sensor-2", 2)]))
    bus.port.plug()
    yield bus
    bus.port.unplug()


async def test_a_door_is_heard_over_a_real_port(line: ModuleBus) -> None:
    branch = Branch("sensor_modbus", line.port.path, sensor(1, **PATIENT), sensor(2, **PATIENT))

    async with branch.open():
        await branch.told("sensor-2", "ok")
        line.modules["sensor-2"].contacts[0] = True
        await branch.happened("door_open")

    assert branch.session.report().bad_frames == 0


@pytest.mark.parametrize("echo", [True, False])
async def test_an_adapter_that_hears_itself_harms_nothing_and_is_silent_once_configured(
    line: ModuleBus, echo: bool
) -> None:
    line.modules["sensor-1"].fault = "echo"
    branch = Branch("sensor_modbus", line.port.path, sensor(1, **PATIENT), sensor(2, **PATIENT), echo=echo)

    async with branch.open():
        await branch.told("sensor-2", "ok")
        line.modules["sensor-2"].contacts[0] = True
        await branch.happened("door_open")

    assert (branch.session.report().bad_frames == 0) is echo


async def test_unplugged_and_plugged_in_again_sensors_are_heard_within_three_seconds(line: ModuleBus) -> None:
    branch = Branch("sensor_modbus", line.port.path, sensor(1, **PATIENT), sensor(2, **PATIENT))

    async with branch.open():
        await branch.told("sensor-1", "ok")
        await branch.told("sensor-2", "ok")
        line.port.unplug()
        await branch.told("sensor-2", "unknown")
        line.port.plug()
        await branch.told("sensor-1", "ok", times=2)
        await branch.told("sensor-2", "ok", times=2)

    assert LOCAL_S + in_seconds(ASK_EVERY) < 3, "what a link waits of its own accord"


async def test_a_ups_loses_mains_over_a_real_port_and_finds_them_again(tmp_path: Path) -> None:
    line = UpsLine(tmp_path / "ups0", Ups())
    line.port.plug()
    branch = Branch("ups_megatec", line.port.path, Device("ups-1", "ups", load("ups_megatec").Settings()), baud=2400)

    async with branch.open():
        await branch.told("ups-1", "ok")
        line.ups.mains = False
        await branch.happened("mains_lost")
        await branch.told("ups-1", "degraded")
        line.ups.mains = True
        await branch.happened("mains_lost", "mains_back")
        line.ups.silent = True
        await branch.told("ups-1", "unknown", times=2)  # it was heard once, at the beginning
        line.ups.silent = False
        await branch.told("ups-1", "ok", times=3)
    line.port.unplug()
