"""FF 68 boxes: keys become events, each answered at once; what they are told is the ticket they speak of."""

import asyncio
from typing import Any

import pytest
import structlog
from pydantic import ValidationError

from drivers.call_terminal_ff68 import Settings, create
from edge.core.events import (
    DeviceEvent,
    DeviceStatus,
    Occurrence,
    TicketNoShow,
    TicketRated,
    TicketRecalled,
    TicketTransferred,
    WindowPaused,
    WindowResumed,
)
from edge.core.instant import Instant, seconds
from edge.core.outputs import Page, ShowOnBoard, ShowOnCounter
from edge.core.wording import Text
from edge.driver import Answer, BadFrame, CannotEncode, Device, Driver, Received
from edge.shell.connection import Connection
from edge.shell.health import Health
from edge.shell.logs import Bounded
from edge.sim.devices.call_terminal_ff68 import ABANDON, CALL_NEXT, PAUSE, RECALL, TRANSFER, framed
from tests.fakes import FakeClock, FakeInbox, FakePipe

EVALUATE, CANCEL, ONE_METRE, HANG, CALL_BACK = b"\x0b", b"\x0e", b"\x11", b"\x00\x0f", b"\x03\x0f"


def box(number: int = 3, *, window: str | None = "", **settings: Any) -> Device:
    at = str(number) if window == "" else window
    return Device(f"terminal-{number}", "terminal", Settings.model_validate(settings), address=number, window=at)


class Line:
    """A driver and what its boxes send, a second apart unless told otherwise."""

    def __init__(self, *devices: Device) -> None:
        self.driver: Driver = create(devices or (box(),))
        self.at: Instant = 0

    def hear(self, data: bytes, after_s: float = 1.0) -> list[Received]:
        self.at += seconds(after_s)
        return self.driver.receive(data, self.at)

    def press(self, keys: bytes, number: int = 3, function: int = 1, after_s: float = 1.0) -> list[Received]:
        """What follows from the keys, beside the answer, which is their own frame."""
        frame = framed(number, function, keys)
        answer, *rest = self.hear(frame, after_s)
        assert answer == Answer(frame)
        return [one for one in rest if not isinstance(one, DeviceStatus)]

    def rate(self, value: int, number: int = 3) -> list[Received]:
        answer, *rest = self.hear(framed(number, 0x11, bytes((value,))))
        assert answer == Answer(framed(number, 0x01, bytes((value,))))
        return [one for one in rest if not isinstance(one, DeviceStatus)]

    def show(self, ticket: str | None, waiting: int = 0, number: int = 3, **more: Any) -> list[str]:
        """The frames that go out, in hexadecimal without head, lengths and end."""
        request = self.driver.encode(ShowOnCounter(f"terminal-{number}", ticket, waiting, self.at, **more))
        assert not request.expects
        return [frame[5:-2].hex(" ") for frame in (request.data, *request.then)]

    def states(self, after_s: float = 1.0) -> list[tuple[str, str, str]]:
        """What is told of the boxes when time has passed."""
        self.at += seconds(after_s)
        told = self.driver.overdue(self.at)
        return [(one.device, one.state, one.detail) for one in told if isinstance(one, DeviceStatus)]


def reasons(received: list[Received]) -> list[str]:
    return [one.reason if isinstance(one, BadFrame) else repr(one) for one in received]


def events(received: list[Received]) -> list[str]:
    return [one.event if isinstance(one, DeviceEvent) else repr(one) for one in received]


def test_call_next_is_a_request_and_no_call() -> None:
    line = Line()
    assert line.press(CALL_NEXT) == [DeviceEvent(at=line.at, device="terminal-3", event="call_next")]


def test_keys_about_a_ticket_are_about_the_one_the_window_serves() -> None:
    line = Line(box(transfers={"1": {"service": "account"}, "12": {"window": "5"}}))
    line.show("A012")

    assert line.press(RECALL) == [TicketRecalled(at=line.at, ticket="A012", window="3")]
    assert line.press(ABANDON) == [TicketNoShow(at=line.at, ticket="A012", window="3")]
    assert line.press(b"\x01" + TRANSFER) == [TicketTransferred(at=line.at, ticket="A012", service="account")]
    assert line.press(b"\x01\x02" + TRANSFER) == [TicketTransferred(at=line.at, ticket="A012", window="5")]


async def test_after_a_reconnect_keys_are_about_the_ticket_before_the_box_has_been_told() -> None:
    boxes, clock, pipe = [box(2), box(3)], FakeClock(), FakePipe()
    inbox, log = FakeInbox(clock), structlog.get_logger()
    connection = Connection(
        pipe=pipe,
        driver=create(boxes),
        devices=boxes,
        inbox=inbox,
        clock=clock,
        health=Health(boxes, unheard=[]),
        log=log,
        bad=Bounded(log, clock),
        desired={one.id: ShowOnCounter(one.id, f"A01{one.address}", 4, 0) for one in boxes},
    )
    pipe.say(framed(3, 1, RECALL))
    running = asyncio.ensure_future(connection.run())
    await inbox.until(lambda told: any(isinstance(one, TicketRecalled) for one in told))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert framed(3, 2, b"\x0a\x0a\x0a\x00\x01\x03") not in b"".join(pipe.written), "it has not been told yet"
    assert [one.ticket for one in inbox.events if isinstance(one, TicketRecalled)] == ["A013"]


@pytest.mark.parametrize("keys", [RECALL, ABANDON, b"\x01" + TRANSFER])
def test_without_a_ticket_they_mean_nothing_and_are_answered_all_the_same(keys: bytes) -> None:
    line = Line()
    line.show("A012")
    line.show(None)

    (reason,) = reasons(line.press(keys))
    assert reason.endswith("at terminal-3, and its window serves no ticket")


@pytest.mark.parametrize("digits", [b"", b"\x02", b"\x01\x00"])
def test_a_transfer_nobody_has_described_is_named(digits: bytes) -> None:
    line = Line(box(transfers={"1": {"service": "account"}}))
    line.show("A012")

    (reason,) = reasons(line.press(digits + TRANSFER))
    assert reason.startswith("transfer to ")
    assert reason.endswith("'transfers' of terminal-3 names no such place")


def test_pause_pauses_once_and_a_call_resumes() -> None:
    line = Line()
    assert line.press(PAUSE) == [WindowPaused(at=line.at, window="3")]
    assert line.press(PAUSE) == []
    resumed, called = line.press(CALL_NEXT)
    assert resumed == WindowResumed(at=line.at, window="3")
    assert events([called]) == ["call_next"]
    assert events(line.press(CALL_NEXT)) == ["call_next"]


def test_a_window_that_was_paused_elsewhere_is_resumed_too() -> None:
    line = Line()
    line.show(None, paused=True)
    assert [type(one) for one in line.press(CALL_NEXT)] == [WindowResumed, DeviceEvent]

    line.press(PAUSE)
    line.show(None, paused=False)
    assert [type(one) for one in line.press(CALL_NEXT)] == [DeviceEvent]


@pytest.mark.parametrize(("value", "rating"), [(0, 4), (1, 5), (2, 2), (3, 1), (9, 1)])
def test_a_rating_is_of_the_ticket_at_the_window(value: int, rating: Any) -> None:
    line = Line()
    line.show("A012")
    assert line.rate(value) == [TicketRated(at=line.at, ticket="A012", window="3", rating=rating)]


def test_a_rating_after_the_service_is_of_the_last_ticket() -> None:
    line = Line(box(ratings=[5, 3, 1]))
    line.show("A012")
    line.show(None)
    assert line.rate(1) == [TicketRated(at=line.at, ticket="A012", window="3", rating=3)]


def test_a_rating_of_nobody_is_named() -> None:
    assert reasons(Line().rate(1)) == ["a rating, and no ticket has been at this window since the line is open"]


@pytest.mark.parametrize("keys", [EVALUATE, CANCEL])
def test_some_keys_are_only_answered(keys: bytes) -> None:
    assert Line().press(keys) == []


@pytest.mark.parametrize(("keys", "event"), [(HANG, "hang"), (CALL_BACK, "call_back"), (ONE_METRE, "one_metre_line")])
def test_other_keys_are_told_as_what_happened_at_the_box(keys: bytes, event: str) -> None:
    assert events(Line().press(keys)) == [event]


@pytest.mark.parametrize("keys", [b"\x05\x0f", b"\x0f", b"\x14", b"\x07"])
def test_a_key_that_does_not_exist_is_answered_and_named(keys: bytes) -> None:
    (reason,) = reasons(Line().press(keys))
    assert reason == f"keys {keys.hex(' ')}: no such key"


@pytest.mark.parametrize("function", [0x00, 0x01, 0x02, 0x10, 0xFF])
def test_any_function_but_that_of_ratings_is_of_keys_and_is_named_in_the_state(function: int) -> None:
    line = Line()
    (_, status, key) = line.hear(framed(3, function, CALL_NEXT))
    assert isinstance(status, DeviceStatus)
    assert (status.state, status.detail) == ("ok", f"heard, keys by function {function:02x}")
    assert events([key]) == ["call_next"]
    assert [type(one) for one in line.hear(framed(3, function, CALL_NEXT))] == [Answer, DeviceEvent]


def test_a_frame_that_comes_again_at_once_is_answered_and_is_one_press() -> None:
    line = Line()
    assert events(line.press(CALL_NEXT)) == ["call_next"]
    assert [line.press(CALL_NEXT, after_s=0.2) for _ in range(5)] == [[]] * 5
    assert events(line.press(CALL_NEXT, after_s=0.6)) == ["call_next"]


def test_our_own_answer_does_not_answer_itself_for_ever() -> None:
    line = Line()
    line.press(CALL_NEXT)
    (reason,) = reasons(line.hear(framed(3, 1, CALL_NEXT), after_s=0.01))
    assert reason.startswith("our own answer comes back")
    assert line.press(CALL_NEXT, after_s=0.02) == []


def test_a_box_of_no_window_says_nothing_for_anybody() -> None:
    line = Line(box(window=None))
    assert reasons(line.press(CALL_NEXT)) == ["terminal-3 belongs to no window, so nothing follows from its keys"]


# ---- what is shown ----


def test_ticket_waiting_and_beep_are_a_frame_each_and_the_ticket_comes_last() -> None:
    assert Line().show("A012", 7, beep=True) == [
        "03 02 00 00 07 0a 0a 0a",
        "03 02 0a 0a 0a 00 01 02",
        "03 03",
    ]


def test_without_a_ticket_the_number_of_those_who_wait_comes_last() -> None:
    assert Line().show(None, 12) == ["03 02 0a 0a 0a 0a 0a 0a", "03 02 00 01 02 0a 0a 0a"]


def test_both_in_one_frame_where_it_is_so_configured() -> None:
    assert Line(box(together=True)).show("B105", 12) == ["03 02 00 01 02 01 00 05"]


@pytest.mark.parametrize(("ticket", "digits"), [("A1234", "02 03 04"), ("7", "00 00 07"), ("VIP007", "00 00 07")])
def test_a_screen_of_three_digits_shows_the_last_three(ticket: str, digits: str) -> None:
    assert Line().show(ticket)[-1] == f"03 02 0a 0a 0a {digits}"


def test_a_ticket_without_a_number_cannot_be_shown_and_is_a_flaw() -> None:
    request = create([box()]).encode(ShowOnCounter("terminal-3", "VIP", 1, 0))
    assert request.flaw == "the ticket has no number to show"


def test_more_than_the_screen_holds_is_the_most_it_holds() -> None:
    assert Line().show(None, 1234)[-1] == "03 02 09 09 09 0a 0a 0a"


def test_a_box_is_told_at_its_own_address_and_not_while_the_line_is_busy() -> None:
    request = create([box(3), box(7)]).encode(ShowOnCounter("terminal-7", None, 0, 0))
    assert (request.address, request.data[5]) == (7, 7)
    assert request.idle_s > 10 * 10 / 9600, "a key frame of ten bytes passes"
    assert request.gap_s > 0


def test_other_commands_and_other_boxes_are_none_of_ours() -> None:
    driver = create([box()])
    with pytest.raises(CannotEncode, match="no terminal 'terminal-3' on this line takes a page"):
        driver.encode(ShowOnBoard("terminal-3", Page("call", Text("", "")), 0))
    with pytest.raises(CannotEncode, match="no terminal 'other'"):
        driver.encode(ShowOnCounter("other", None, 0, 0))


# ---- what is wrong with the line ----


def test_a_quiet_line_says_nothing_of_its_boxes() -> None:
    assert Line(*map(box, range(1, 31))).states(3600) == []


def test_broken_frames_degrade_every_box_of_the_line_for_a_while_and_are_no_events() -> None:
    line = Line(box(1), box(2))
    broken = framed(1, 1, CALL_NEXT)[:-2] + b"\x00\x16"
    for _ in range(2):
        assert not any(isinstance(one, Answer | Occurrence) for one in line.hear(broken))
    assert line.states() == []
    line.hear(broken)

    trouble = "broken frames on the line: two boxes at one address, or a bad cable?"
    assert line.states() == [(f"terminal-{n}", "degraded", trouble) for n in (1, 2)]
    assert line.states(50) == []
    assert line.states(10) == [(f"terminal-{n}", "ok", "in order again") for n in (1, 2)]


def test_a_box_first_heard_while_the_line_is_troubled_stays_degraded() -> None:
    line = Line()
    for _ in range(3):
        line.hear(framed(3, 1, CALL_NEXT)[:-2] + b"\x00\x16")
    line.states()
    (_, status, _) = line.hear(framed(3, 1, CALL_NEXT))
    assert isinstance(status, DeviceStatus)
    assert status.state == "degraded"


def test_an_address_that_is_none_of_ours_is_not_answered_and_is_named() -> None:
    line = Line(box(1), box(2))
    assert reasons(line.hear(framed(7, 1, CALL_NEXT))) == [
        "a frame of address 7, which is none of ours; there are: 1, 2"
    ]
    trouble = "a box at address 7 is on the line and is none of ours"
    assert line.states() == [(f"terminal-{n}", "degraded", trouble) for n in (1, 2)]
    assert [state for _, state, _ in line.states(60)] == ["ok", "ok"]


def test_a_lone_box_without_an_address_has_the_factory_s() -> None:
    lone = Device("terminal", "terminal", Settings(), window="1")
    (answer, *_) = create([lone]).receive(framed(1, 1, CALL_NEXT), 0)
    assert isinstance(answer, Answer)


@pytest.mark.parametrize(
    "settings",
    [
        {"transfers": {"123": {"service": "cash"}}},
        {"transfers": {"a": {"service": "cash"}}},
        {"transfers": {"1": {}}},
        {"transfers": {"1": {"service": "cash", "window": "2"}}},
        {"ratings": []},
        {"ratings": [6]},
        {"gap_s": -1},
        {"poll_s": 1},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(settings)
