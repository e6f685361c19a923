"""The simulator's branch and the daemon's are the same one, and what its devices say is what the daemon reads."""

import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pytest

from edge import config, driver, resources
from edge.config import Loaded
from edge.core import events as ev
from edge.sim import premises
from edge.sim.day import Day
from edge.sim.demo import BOARDS_PORT, QUEUE_PORT, Places, demo_config
from edge.sim.devices import atm, call_terminal, dispenser
from edge.sim.scenarios import SCENARIOS

DEMO = resources.config_dir() / "demo.toml"
EventType = TypeVar("EventType", bound=ev.Occurrence)


@cache
def demo() -> Loaded:
    return config.load(DEMO)


@pytest.fixture(scope="module")
def week() -> list[ev.Happening]:
    """A day of every scenario."""
    return [event for scenario in SCENARIOS.values() for event in Day(scenario, 1)]


def bus_driver(device: str) -> driver.Driver:
    bus = next(bus for bus in demo().buses if device in [one.id for one in bus.devices])
    return driver.load(bus.driver).create(bus.devices)


def same(one: Any, other: ev.Happening) -> bool:
    """Whether two events say the same; the device's own time is beside the point."""
    fields = frozenset(type(other).__struct_fields__) - {"device_at", "extra"}
    return type(one) is type(other) and all(getattr(one, name) == getattr(other, name) for name in fields)


def test_both_delivered_configurations_pass_every_check() -> None:
    assert demo().branch.branch.id == premises.BRANCH
    assert config.load(resources.config_dir() / "branch.toml").branch.windows


def test_the_demo_has_a_device_of_every_driver() -> None:
    assert {bus.driver for bus in demo().buses} == set(driver.names())


def test_windows_classes_devices_and_staff_are_the_same() -> None:
    branch = demo().branch
    assert {id: table.services for id, table in branch.windows.items()} == {
        id: position.services for id, position in premises.WINDOWS.items()
    }
    assert {id: frozenset(table.self_service) for id, table in branch.services.items()} == {
        id: kind.machines for id, kind in premises.CLASSES.items()
    }
    machines = {id: table.kind for id, table in branch.devices.items() if table.kind in ("atm", "recycler", "kiosk")}
    assert machines == {id: machine.kind for id, machine in premises.MACHINES.items()}
    boards = {id: table.address for id, table in branch.devices.items() if table.kind == "board"}
    assert boards == premises.BOARDS
    assert {post.role: (id,) for id, post in premises.STAFF.items()}.items() <= branch.staff.items()
    assert set(branch.staff["teller"]) == {position.teller for position in premises.WINDOWS.values()}
    assert (branch.branch.open, branch.branch.close) == (premises.OPENS, premises.CLOSES)
    assert (branch.branch.org, branch.branch.timezone) == (premises.ORG, premises.ZONE.key)


def test_every_line_of_the_queue_machine_is_read_as_what_it_says(week: list[ev.Happening]) -> None:
    codec = bus_driver(premises.QUEUE_MACHINE)
    told = [(event, said) for event in week if (said := dispenser.line(event)) is not None]
    assert {event.type for event, _ in told} == {"ticket.issued", "ticket.cancelled", "device.status"}
    for event, said in told:
        (read,) = codec.receive(f"{said}\r\n".encode(), event.at)
        assert same(read, event), said


def test_every_message_of_the_call_terminals_is_read_as_what_it_says(week: list[ev.Happening]) -> None:
    codec = bus_driver("terminals")
    told = [(event, said) for event in week if (said := call_terminal.message(event, "2026-03-16T09:00:00+08:00"))]
    assert len({event.type for event, _ in told}) == 10
    for event, (topic, item) in told:
        (read,) = codec.receive(_json(item), event.at, topic)
        assert same(read, event), item
        assert not isinstance(read, driver.Answer | driver.BadFrame | driver.Reply)
        assert read.device_at == "2026-03-16T09:00:00+08:00"


def test_every_message_of_the_machines_is_read_as_what_it_says(week: list[ev.Happening]) -> None:
    codecs = {id: bus_driver(id) for id in premises.MACHINES if id != premises.XFS4IOT_MACHINE}
    told = [(event, said) for event in week if (said := atm.message(event, "2026-03-16T09:00:00+08:00"))]
    assert {event.type for event, _ in told} == {"device.status", "device.event"}
    for event, (topic, item) in islice(told, 0, None, 7):  # there are many, and they are all alike
        assert isinstance(event, ev.DeviceStatus | ev.DeviceEvent)
        if event.device in codecs:
            (read,) = codecs[event.device].receive(_json(item), event.at, topic)
            assert same(read, event), item


def test_the_demo_puts_ports_broker_and_memory_where_they_are(tmp_path: Path) -> None:
    base = tomllib.loads(DEMO.read_text(encoding="utf-8"))
    places = Places(
        pty_dir=tmp_path / "pty",
        voice_dir=tmp_path / "voice",
        machine="ws://127.0.0.1:41884/",
        printer="tcp://127.0.0.1:41885",
        broker_url="mqtt://127.0.0.1:41883",
        state_dir=tmp_path / "state",
        listen="127.0.0.1:0",
    )
    made = demo_config(base, places)
    branch = config.Branch.model_validate(made)
    links = {id: table.link for id, table in branch.devices.items()}
    assert links["queue-1"] == f"serial://{tmp_path}/pty/{QUEUE_PORT}?baud=9600"
    assert links["board-lobby"] == f"serial://{tmp_path}/pty/{BOARDS_PORT}?baud=57600"
    assert links["atm-1"] == "mqtt:atm/atm-1/status"
    assert links["recycler-2"] == "ws://127.0.0.1:41884/"
    assert links["voice-1"] == f"sound:default?player={tmp_path}/voice/player"
    assert branch.devices["voice-1"].settings["clips"] == f"{tmp_path}/voice/clips"
    assert links["printer-1"] == "tcp://127.0.0.1:41885"
    assert branch.broker is not None
    assert branch.hq is not None
    assert (branch.broker.url, branch.hq.url) == ("mqtt://127.0.0.1:41883", "mqtt://127.0.0.1:41883")
    assert branch.state.dir == tmp_path / "state"
    assert base == tomllib.loads(DEMO.read_text(encoding="utf-8")), "what it was made of stays as it was"


def _json(item: Mapping[str, Any]) -> bytes:
    from pydantic_core import to_json

    return to_json(item)
