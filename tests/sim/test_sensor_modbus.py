"""Simulated Modbus modules: what the standard says they do, and the faults that real lines have."""

import pytest

from edge import driver
from edge.core.events import DeviceEvent
from edge.core.instant import SECOND
from edge.driver import Device, Driver
from edge.sim.devices.sensor_modbus import Fault, Module, Modules

CONTACTS = [{"input": 1, "name": "door", "event": "door_open"}]
VALUES = [{"name": "temperature", "register": 1, "scale": 0.1}]


def sensors(*units: int) -> Driver:
    module = driver.load("sensor_modbus")
    settings = module.Settings.model_validate({"contacts": CONTACTS, "values": VALUES})
    return module.create([Device(f"sensor-{unit}", "sensor", settings, address=unit) for unit in units])


def questions(*units: int) -> list[bytes]:
    return [request.data for request in sensors(*units).poll(0)]


def said(codec: Driver, modules: Modules, at: int) -> list[str]:
    """The events of one turn."""
    events = []
    for request in codec.poll(at * SECOND):
        codec.asked(request)
        for answer in modules.receive(request.data):
            received = codec.receive(answer, at * SECOND)
            events += [one.event for one in received if isinstance(one, DeviceEvent)]
        codec.unanswered(request)
    return events


def test_a_closed_contact_becomes_its_event() -> None:
    codec, modules = sensors(1, 2), Modules([Module("one", 1), Module("two", 2, inputs={1: 305})])
    assert said(codec, modules, 0) == []
    modules.modules["two"].contacts[1] = True
    assert [said(codec, modules, at) for at in (1, 2, 3)] == [[], ["door_open"], []]


def test_questions_may_come_a_byte_at_a_time_and_behind_noise() -> None:
    modules = Modules([Module("one", 1)])
    answers = [one for byte in b"\x00\x13" + questions(1)[0] for one in modules.receive(bytes((byte,)))]
    assert [answer.hex() for answer in answers] == ["01020100a188"]
    assert modules.bad_frames == 2


def test_a_register_that_is_not_there_is_refused() -> None:
    assert [answer.hex() for answer in Modules([Module("one", 1)]).receive(questions(1)[1])] == ["018402c2c1"]


@pytest.mark.parametrize(("fault", "answers"), [("", 1), ("silent", 0), ("garbled", 1), ("twice", 2), ("everybody", 2)])
def test_a_fault_is_what_it_is_called(fault: Fault, answers: int) -> None:
    modules = Modules([Module("one", 1), Module("two", 2, fault=fault)])
    if fault == "everybody":
        assert len(list(modules.receive(questions(1)[0]))) == answers
    else:
        assert len(list(modules.receive(questions(2)[0]))) == answers
    assert modules.modules["two"].asked == (fault != "everybody")


def test_a_line_that_hears_itself_gives_the_question_first() -> None:
    modules = Modules([Module("one", 1, fault="echo")])
    (question, *_) = questions(1)
    assert next(modules.receive(question)) == question
