"""The driver against an end that nobody here wrote: pymodbus as the module, two pseudo-terminals as the cable."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from edge.config.links import SerialLink, TcpLink
from edge.config.load import Bus
from edge.core.events import DeviceEvent, DeviceStatus
from edge.driver import Device, load
from edge.shell.clock import Clock
from edge.shell.session import Session
from edge.sim.devices.pty import Port
from tests.fakes import FakeInbox
from tests.processes import free_port

SPEED = 5.0
CONTACTS = [
    {"input": 0, "name": "cabinet", "event": "tamper"},
    {"input": 1, "name": "back-door", "event": "door_open", "normally": "closed"},
    {"input": 7, "name": "rope", "event": "water"},
]
CLIMATE = [
    {"name": "humidity", "register": 0, "table": "holding", "scale": 0.1, "unit": "%"},
    {"name": "temperature", "register": 1, "table": "holding", "scale": 0.1, "unit": "°C"},
]
"""Renke's and JXCT's probe: 48.6 % and -9.7 °C are 486 and FF9F."""


def sensor(unit: int, **settings: Any) -> Device:
    table = {"deadline_s": 5.0, "every_s": 1.0, **settings}
    return Device(f"sensor-{unit}", "sensor", load("sensor_modbus").Settings.model_validate(table), address=unit)


def modules() -> list[Any]:
    """Unit 1 has eight contacts, of which 1 and 7 are closed, unit 2 the probe's two registers, unit 4 another one."""
    bits = [False, True, False, False, False, False, False, True] + [False] * 8
    inputs, coils = (
        [SimData(0, values=bits, datatype=DataType.BITS)],
        [SimData(0, values=[False], datatype=DataType.BITS)],
    )
    registers = [SimData(0, values=0, datatype=DataType.REGISTERS)]
    contacts = SimDevice(1, simdata=(coils, inputs, registers, registers))
    probe = SimDevice(2, simdata=[SimData(0, values=[486, 0xFF9F], datatype=DataType.REGISTERS)])
    return [contacts, probe, SimDevice(4, simdata=[SimData(0, values=[1], datatype=DataType.REGISTERS)])]


class Branch:
    """A session of the driver's, and what it has said."""

    def __init__(self, link: SerialLink | TcpLink, *devices: Device) -> None:
        self.clock = Clock(speed=SPEED)
        self.inbox = FakeInbox(self.clock)
        self.session = Session(Bus(link, "sensor_modbus", devices), self.inbox, clock=self.clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.session.serve())
            try:
                yield
            finally:
                task.cancel()

    def told(self, device: str) -> list[DeviceStatus]:
        return [event for event in self.inbox.events if isinstance(event, DeviceStatus) and event.device == device]

    async def until(self, device: str, state: str, detail: str) -> None:
        await self.inbox.until(lambda _: any((one.state, one.detail) == (state, detail) for one in self.told(device)))


@pytest.fixture
async def cable(tmp_path: Path) -> AsyncIterator[tuple[Path, Path]]:
    """The two ends of a serial cable."""

    def to_them(data: bytes) -> None:
        theirs.write(data)

    def to_us(data: bytes) -> None:
        ours.write(data)

    ours, theirs = Port(tmp_path / "ours", to_them), Port(tmp_path / "theirs", to_us)
    ours.plug()
    theirs.plug()
    yield ours.path, theirs.path
    ours.unplug()
    theirs.unplug()


@asynccontextmanager
async def serving(server: Any) -> AsyncIterator[None]:
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        await server.shutdown()


async def heard(branch: Branch) -> None:
    """What pymodbus answers is what its modules hold, and what they lack is refused by its own exception."""
    async with branch.open():
        await branch.inbox.until(lambda events: any(isinstance(event, DeviceEvent) for event in events))
        await branch.until("sensor-2", "ok", "humidity 48.6 %, temperature -9.7 °C")
        await branch.until("sensor-3", "degraded", "inputs 0 to 7: exception 4, device failure")  # it has no unit 3
        await branch.until("sensor-4", "degraded", "register 99: exception 2, illegal data address")

    events = [(one.device, one.event) for one in branch.inbox.events if isinstance(one, DeviceEvent)]
    assert events == [("sensor-1", "water")]
    assert branch.told("sensor-1")[-1].parts == {"cabinet": "ok", "back-door": "ok", "rope": "water"}
    assert branch.session.report().bad_frames == 0


def sensors() -> list[Device]:
    missing = [{"name": "pressure", "register": 99, "table": "holding"}]
    with_contacts = [sensor(unit, contacts=CONTACTS) for unit in (1, 3)]
    return [*with_contacts, sensor(2, values=CLIMATE), sensor(4, values=missing)]


async def test_pymodbus_is_heard_over_a_serial_line(cable: tuple[Path, Path]) -> None:
    ours, theirs = cable
    server = ModbusSerialServer(modules(), framer=FramerType.RTU, port=str(theirs), baudrate=9600)
    async with serving(server):
        await heard(Branch(SerialLink(str(ours)), *sensors()))


async def test_pymodbus_is_heard_through_a_converter_that_passes_the_bytes_on() -> None:
    port = free_port()
    server = ModbusTcpServer(modules(), framer=FramerType.RTU, address=("127.0.0.1", port))
    async with serving(server):
        await heard(Branch(TcpLink("127.0.0.1", port), *sensors()))


def test_frames_are_those_of_pymodbus() -> None:
    from pymodbus.framer.rtu import FramerRTU
    from pymodbus.pdu import DecodePDU
    from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
    from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

    frames = vars(load("sensor_modbus"))["FRAMES"]
    framer = FramerRTU(DecodePDU(is_server=True))
    kinds = {
        1: ReadCoilsRequest,
        2: ReadDiscreteInputsRequest,
        3: ReadHoldingRegistersRequest,
        4: ReadInputRegistersRequest,
    }
    for function, kind in kinds.items():
        for unit, first, count in ((1, 0, 8), (247, 0x300, 16), (17, 0xFFF0, 1)):
            theirs = framer.buildFrame(kind(address=first, count=count, dev_id=unit))
            assert frames.encode({"unit": unit, "function": function, "first": first, "count": count}) == theirs
