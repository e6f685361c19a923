from typing import Any

import pytest
from pydantic import ValidationError

from drivers._modbus_frames import Read, checked
from drivers.sensor_modbus import Settings, create
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import SECOND, Instant
from edge.driver import BadFrame, Device, Driver, Received, Reply, Request

CONTACTS = [
    {"input": 0, "name": "door", "event": "door_open", "debounce_s": 0},
    {"input": 7, "name": "rope", "event": "water"},
]
VALUES = [
    {"name": "temperature", "register": 1, "scale": 0.1, "high": 35},
    {"name": "humidity", "register": 2, "scale": 0.1},
    {"name": "dew", "register": 9, "table": "holding"},
]


def module(address: int | None = 1, **settings: Any) -> Device:
    given = settings or {"contacts": CONTACTS}
    return Device(f"sensor-{address}", "sensor", Settings.model_validate(given), address=address)


class Bus:
    """A driver and a line: each answer is what the module sends to the question it is asked."""

    def __init__(self, *devices: Device) -> None:
        self.driver: Driver = create(devices)
        self.at: Instant = 0

    def turn(self, *answers: bytes) -> list[Received]:
        """A second passes; the questions of this turn get these answers in order, empty for none."""
        said: list[Received] = []
        questions = self.driver.poll(self.at)
        for question, answer in zip(questions, [*answers, *[b""] * len(questions)], strict=False):
            said += self.exchange(question, answer)
        self.at += SECOND
        return said

    def exchange(self, question: Request, answer: bytes) -> list[Received]:
        self.driver.asked(question)
        said = self.driver.receive(answer, self.at)
        if not any(isinstance(one, Reply) for one in said):
            self.reason = self.driver.unanswered(question)
        return said


def bits(unit: int, byte: int) -> bytes:
    return checked(bytes((unit, 2, 1, byte)))


def registers(unit: int, function: int, *contents: int) -> bytes:
    data = b"".join(content.to_bytes(2, "big") for content in contents)
    return checked(bytes((unit, function, len(data))) + data)


def events(said: list[Received]) -> list[tuple[str, str]]:
    return [(one.event, one.detail) for one in said if isinstance(one, DeviceEvent)]


def statuses(said: list[Received]) -> list[tuple[str, str]]:
    return [(one.state, one.detail) for one in said if isinstance(one, DeviceStatus)]


def test_contacts_are_asked_at_every_turn_and_values_when_they_are_due() -> None:
    driver = create([module(1, contacts=CONTACTS, values=VALUES, every_s=3), module(2)])
    asked = [[request.data for request in driver.poll(at * SECOND)] for at in range(4)]
    contacts = [Read(1, 2, 0, 8).encode(), Read(2, 2, 0, 8).encode()]
    values = [Read(1, 3, 9, 1).encode(), Read(1, 4, 1, 2).encode()]

    assert asked[0] == asked[3] == [contacts[0], *values, contacts[1]]
    assert asked[1] == asked[2] == contacts


def test_coils_and_another_first_address_are_asked_as_configured() -> None:
    (request,) = create([module(5, contacts=CONTACTS, read_contacts="coils", first_contact=16, inputs=16)]).poll(0)

    assert request.data == Read(5, 1, 16, 16).encode()
    assert (request.address, request.expects, request.tries) == (5, True, 3)
    assert request.gap_bytes * 10 >= 3.5 * 11
    assert request.gap_s == 0.00175


def test_a_contact_is_an_event_when_it_begins_and_a_part_while_it_lasts() -> None:
    bus = Bus(module())

    assert events(bus.turn(bits(1, 0))) == []
    said = bus.turn(bits(1, 1))
    assert events(said) == [("door_open", "door")]
    (status,) = [one for one in said if isinstance(one, DeviceStatus)]
    assert status.parts == {"door": "door_open", "rope": "ok"}
    assert bus.turn(bits(1, 1)) == [Reply(1, ok=True)]
    assert statuses(bus.turn(bits(1, 0))) == [("ok", "")]


def test_a_contact_with_a_debounce_needs_two_readings() -> None:
    bus = Bus(module())

    assert [events(bus.turn(bits(1, byte))) for byte in (0, 0x80, 0, 0x80, 0x80)] == [
        [],
        [],
        [],
        [],
        [("water", "rope")],
    ]


def test_a_closed_contact_may_read_as_zero() -> None:
    bus = Bus(module(1, contacts=CONTACTS[:1], closed_reads=0))

    assert events(bus.turn(bits(1, 0xFF))) == []
    assert events(bus.turn(bits(1, 0xFE))) == [("door_open", "door")]


def test_a_module_that_changes_nothing_says_so_now_and_then() -> None:
    bus = Bus(module(1, contacts=CONTACTS, report_s=3))

    assert [len(statuses(bus.turn(bits(1, 0)))) for _ in range(7)] == [1, 0, 0, 1, 0, 0, 1]


def test_values_are_figures_and_parts() -> None:
    bus = Bus(module(1, values=VALUES[:2], every_s=1))

    assert statuses(bus.turn(registers(1, 4, 305, 486))) == [("ok", "temperature 30.5, humidity 48.6")]
    (status,) = [one for one in bus.turn(registers(1, 4, 350, 486)) if isinstance(one, DeviceStatus)]
    assert status.parts == {"temperature": "high", "humidity": "ok"}


def test_an_exception_is_named_until_the_registers_are_there_again() -> None:
    bus = Bus(module(1, contacts=CONTACTS, values=VALUES[:2], every_s=1))
    refused = checked(b"\x01\x84\x02")

    said = bus.turn(bits(1, 0), refused)
    assert statuses(said)[-1] == ("degraded", "registers 1 to 2: exception 2, illegal data address")
    assert [one for one in said if isinstance(one, Reply)] == [Reply(1, ok=True)] * 2
    assert statuses(bus.turn(bits(1, 0), refused)) == []
    assert statuses(bus.turn(bits(1, 0), registers(1, 4, 305, 486))) == [("ok", "temperature 30.5, humidity 48.6")]


def test_a_busy_module_is_asked_again() -> None:
    assert Bus(module()).turn(checked(b"\x01\x82\x06")) == [Reply(1, ok=False, detail="busy")]


def test_after_a_silence_the_whole_status_is_told_though_nothing_changed() -> None:
    bus = Bus(module())
    bus.turn(bits(1, 0))
    bus.turn(b"")

    assert statuses(bus.turn(bits(1, 0))) == [("ok", "")]


def test_a_wrong_checksum_is_no_reading_and_is_named() -> None:
    bus = Bus(module())
    bus.turn(bits(1, 0))

    said = bus.turn(bits(1, 0)[:3] + b"\x01" + bits(1, 0)[4:])

    assert said == []
    assert bus.reason == "the answer's checksum is wrong"


def test_a_device_that_answers_anothers_question_gives_no_reading_and_is_named() -> None:
    bus = Bus(module(1), module(2))
    bus.turn(bits(1, 0), bits(2, 0))

    said = bus.turn(bits(2, 1))

    assert events(said) == []
    assert isinstance(said[0], BadFrame)
    assert statuses(said) == [("degraded", "address 2 answers too late, or when 1 is asked")]


def test_two_devices_of_one_address_raise_nothing_that_only_one_of_them_says() -> None:
    bus = Bus(module(1, contacts=[CONTACTS[1]]))
    bus.turn(bits(1, 0))
    said = [one for _ in range(20) for one in bus.turn(bits(1, 0x80) + bits(1, 0))]

    assert events(said) == []
    assert ("degraded", "address 1 answers twice: have two devices that address?") in statuses(said)


def test_a_trouble_of_the_line_is_forgotten_after_a_minute_without() -> None:
    bus = Bus(module())
    bus.turn(bits(1, 0) * 2)

    said = [one for _ in range(61) for one in bus.turn(bits(1, 0))]

    assert statuses(said)[-1] == ("ok", "")
    assert {state for state, _ in statuses(said)} == {"degraded", "ok"}


def test_a_module_without_an_address_has_the_factorys() -> None:
    assert create([module(None)]).poll(0)[0].address == 1


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({}, "contacts and values are both empty; name at least one of either"),
        ({"contacts": [CONTACTS[0], {**CONTACTS[1], "name": "door"}]}, "two contacts or values have one name"),
        ({"contacts": [CONTACTS[0], {**CONTACTS[1], "input": 0}]}, "two contacts are on one input"),
        ({"contacts": CONTACTS, "inputs": 4}, "a contact is on input 7; accepted with inputs = 4: 0 to 3"),
        ({"values": [{**VALUES[0], "register": 70000}]}, "less than or equal to 65535"),
        ({"contacts": [{**CONTACTS[0], "event": "Door Open"}]}, "String should match pattern"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Settings.model_validate(settings)
