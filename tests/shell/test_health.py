import pytest

from edge.core.events import DeviceEvent, DeviceKind, DeviceStatus, TicketIssued
from edge.driver import Device
from edge.shell.health import Health


def device(id: str, kind: DeviceKind) -> Device:
    return Device(id, kind, None)


def said(statuses: list[DeviceStatus]) -> list[tuple[str, str, str]]:
    return [(status.device, status.state, status.detail) for status in statuses]


def health(*devices: Device, unheard: tuple[str, ...] = ()) -> Health:
    return Health(devices, unheard=unheard)


def test_a_lost_link_is_told_once_for_each_of_its_devices() -> None:
    link = health(device("board-1", "board"), device("atm-1", "atm"))

    assert said(link.lost(5)) == [("board-1", "unknown", "link lost"), ("atm-1", "unknown", "link lost")]
    assert link.lost(6) == []


def test_an_open_link_speaks_for_a_queue_machine_but_not_for_an_atm() -> None:
    link = health(device("kiosk-queue", "dispenser"), device("atm-1", "atm"))
    link.lost(5)

    assert said(link.open((), 6)) == [("kiosk-queue", "ok", "link back")]
    assert link.open((), 7) == []


def test_an_open_link_does_not_speak_for_a_board_that_was_asked() -> None:
    link = health(device("board-1", "board"))
    link.lost(5)

    assert link.open({"board-1"}, 6) == []
    assert said(link.answered("board-1", 7)) == [("board-1", "ok", "link back")]


def test_at_the_beginning_it_speaks_for_those_nobody_vouches_for() -> None:
    link = health(device("queue", "dispenser"), device("printer", "printer"), unheard=("queue",))

    assert said(link.open((), 1)) == [("queue", "ok", "link back")]


def test_a_link_that_is_the_device_itself_is_down_with_its_reason_until_it_answers() -> None:
    link = health(device("voice-1", "announcer"))

    assert said(link.down("there is no such sound device", 1)) == [("voice-1", "down", "there is no such sound device")]
    assert link.down("there is no such sound device", 2) == []
    assert said(link.answered("voice-1", 3)) == [("voice-1", "ok", "link back")]


def test_silence_is_told_once_and_taken_back_by_an_answer() -> None:
    link = health(device("board-1", "board"))

    assert said(link.unanswered("board-1", 1)) == [("board-1", "unknown", "no answer")]
    assert link.unanswered("board-1", 2) == []
    assert said(link.answered("board-1", 3)) == [("board-1", "ok", "link back")]
    assert link.answered("board-1", 4) == []


def test_a_device_that_refuses_is_degraded() -> None:
    link = health(device("board-1", "board"))

    assert said(link.refused("board-1", "out of memory", 1)) == [("board-1", "degraded", "refused: out of memory")]
    assert said(link.unanswered("board-1", 2)) == [("board-1", "unknown", "no answer")]


def test_a_flaw_is_told_in_the_place_of_well_being_until_it_is_gone() -> None:
    link = health(device("board-1", "board"))
    link.lost(1)

    link.note("board-1", "page", "cut")
    link.note("board-1", "state", "dim")
    assert said(link.answered("board-1", 2)) == [("board-1", "degraded", "cut; dim")]
    assert link.answered("board-1", 3) == []
    link.note("board-1", "page", "")
    assert said(link.answered("board-1", 4)) == [("board-1", "degraded", "dim")]
    assert said(link.lost(5)) == [("board-1", "unknown", "link lost")]
    assert said(link.open((), 6)) == [("board-1", "degraded", "dim")]
    link.note("board-1", "state", "")
    assert said(link.answered("board-1", 7)) == [("board-1", "ok", "in order again")]


def test_what_is_not_answered_speaks_of_flaws_alone() -> None:
    link = health(device("sign", "board"), unheard=("sign",))

    assert link.sent("sign", 1) == []
    link.note("sign", "page", "cut")
    assert said(link.sent("sign", 2)) == [("sign", "degraded", "cut")]
    link.note("sign", "page", "")
    assert said(link.sent("sign", 3)) == [("sign", "ok", "in order again")]
    assert link.sent("sign", 4) == []


def test_a_devices_own_word_stands() -> None:
    link = health(device("queue", "dispenser"))
    link.lost(1)

    own = DeviceStatus(at=2, device="queue", kind="dispenser", state="down")

    assert link.heard([own], 2) == []
    assert link.open((), 3) == []


@pytest.mark.parametrize(
    ("kind", "speaks_for_it"),
    [("dispenser", True), ("board", True), ("announcer", True), ("atm", False), ("sensor", False), ("ups", False)],
)
def test_an_event_is_a_sign_of_life_of_those_who_never_report(kind: DeviceKind, speaks_for_it: bool) -> None:
    link = health(device("it", kind))
    link.lost(1)

    told = link.heard([DeviceEvent(at=2, device="it", event="paper_low")], 2)

    assert said(told) == ([("it", "ok", "link back")] if speaks_for_it else [])


def test_an_event_without_a_device_speaks_for_the_only_one_on_the_link() -> None:
    ticket = TicketIssued(at=2, ticket="A1", service="cash")
    alone = health(device("queue", "dispenser"))
    shared = health(device("queue", "dispenser"), device("printer", "printer"))
    alone.lost(1)
    shared.lost(1)

    assert said(alone.heard([ticket], 2)) == [("queue", "ok", "link back")]
    assert shared.heard([ticket], 2) == []


def test_an_event_of_a_strangers_is_no_sign() -> None:
    link = health(device("queue", "dispenser"), device("board", "board"))
    link.lost(1)

    assert link.heard([DeviceEvent(at=2, device="stranger", event="tamper")], 2) == []
    assert link.heard([DeviceStatus(at=2, device="stranger", kind="atm", state="ok")], 2) == []


def test_a_device_whose_answers_are_none_is_degraded_and_says_why() -> None:
    link = health(device("sensor-1", "sensor"))

    assert said(link.misheard("sensor-1", "the answer's checksum is wrong", 5)) == [
        ("sensor-1", "degraded", "the answer's checksum is wrong")
    ]
    assert link.misheard("sensor-1", "the answer's checksum is wrong", 6) == []
    assert said(link.answered("sensor-1", 7)) == [("sensor-1", "ok", "link back")]
