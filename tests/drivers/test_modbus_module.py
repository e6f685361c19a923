from typing import Any

from drivers._modbus_frames import HOLDING, INPUT_REGISTERS, Answer, Read
from drivers._modbus_module import Module, Settings
from edge.core.events import DeviceStatus
from edge.core.instant import SECOND
from edge.driver import Device, Received, Reply


def module(**settings: Any) -> Module:
    return Module(Device("sensor-1", "sensor", Settings.model_validate(settings), address=3))


def value(name: str, register: int, table: str = "input") -> dict[str, Any]:
    return {"name": name, "register": register, "table": table}


def states(said: list[Received]) -> list[str]:
    return [one.state for one in said if isinstance(one, DeviceStatus)]


def test_neighbouring_registers_are_one_question_and_others_are_not() -> None:
    values = [value("a", 7), value("b", 2), value("c", 1), value("d", 1, "holding"), value("e", 3), value("f", 3)]

    assert module(values=values).reads == [
        Read(3, HOLDING, 1, 1),
        Read(3, INPUT_REGISTERS, 1, 3),
        Read(3, INPUT_REGISTERS, 7, 1),
    ]


def test_two_values_may_stand_in_one_register() -> None:
    one = module(values=[value("celsius", 1), {**value("fahrenheit", 1), "scale": 1.8, "offset": 32}])
    (read,) = one.reads

    (_, status) = list(one.answered(read, Answer(b"\x00\x14"), 0))

    assert isinstance(status, DeviceStatus)
    assert status.detail == "celsius 20, fahrenheit 68"


def test_parts_are_unknown_until_something_is() -> None:
    one = module(contacts=[{"input": 0, "name": "door", "event": "door_open"}], values=[value("a", 1)])

    (status,) = one.status(0)
    assert status.parts == {"door": "unknown", "a": "unknown"}


def test_a_gateway_that_reaches_nobody_has_the_question_tried_again() -> None:
    one = module(values=[value("a", 1)])
    (read,) = one.reads

    assert list(one.answered(read, Answer(b"", exception=11), 0)) == [
        Reply(3, ok=False, detail="gateway: the device does not respond")
    ]


def test_every_trouble_is_named_until_it_ends() -> None:
    one = module(values=[value("a", 1), value("b", 9)])
    first, second = one.reads
    list(one.answered(first, Answer(b"", exception=2), 0))
    (_, status) = list(one.answered(second, Answer(b"", exception=99), 0))
    list(one.astray("answers twice", 0))

    assert isinstance(status, DeviceStatus)
    assert status.detail == "register 1: exception 2, illegal data address; register 9: exception 99, unknown"
    assert states(list(one.answered(first, Answer(b"\x00\x01"), SECOND))) == ["degraded"]
    assert states(list(one.answered(second, Answer(b"\x00\x01"), 59 * SECOND))) == ["degraded"]
    assert states(list(one.answered(second, Answer(b"\x00\x01"), 60 * SECOND))) == ["ok"]
