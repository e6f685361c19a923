import re
from typing import Any

import pytest
from pydantic import ValidationError

from drivers.lines import EXAMPLE, LineDriver, Settings
from edge.core.events import DeviceEvent, TicketCalled, TicketIssued, TicketServed, WindowOpened
from edge.driver import BadFrame, CannotEncode, Device

AT = 1_700_000_000_000_000
CALL = {"pattern": r"^C,(?P<ticket>\w+)$", "event": "ticket.called", "template": "C,{ticket}"}


def driver(*lines: dict[str, Any], window: str | None = None, **settings: Any) -> LineDriver:
    table = {"lines": lines, **settings} if lines else {**EXAMPLE, **settings}
    return LineDriver([Device("queue-1", "dispenser", Settings.model_validate(table), window=window)])


def test_each_line_is_an_event() -> None:
    assert driver().receive(b"T,A001,1\nC,A001,3\nE,paper\n", AT) == [
        TicketIssued(at=AT, ticket="A001", service="cash"),
        TicketCalled(at=AT, ticket="A001", window="3"),
        DeviceEvent(at=AT, device="queue-1", event="paper_low"),
    ]


def test_half_a_line_does_not_survive_a_reconnect() -> None:
    assert driver().receive(b"T,A001,", AT) == []
    assert driver().receive(b"1\n", AT) == [BadFrame("a line no pattern matches", b"1")]


def test_a_line_in_two_chunks_is_one_event() -> None:
    one = driver()

    assert one.receive(b"T,A0", AT) == []
    assert one.receive(b"01,1\n", AT) == [TicketIssued(at=AT, ticket="A001", service="cash")]


def test_a_carriage_return_before_a_line_feed_is_no_part_of_the_line() -> None:
    assert driver().receive(b"C,A001,3\r\n", AT) == [TicketCalled(at=AT, ticket="A001", window="3")]


def test_empty_and_ignored_lines_leave_no_trace() -> None:
    assert driver().receive(b"\n\r\n# hello\n", AT) == []


def test_a_line_no_pattern_matches_is_bad_and_the_next_is_read() -> None:
    assert driver().receive(b"X,1\nE,paper\n", AT) == [
        BadFrame("a line no pattern matches", b"X,1"),
        DeviceEvent(at=AT, device="queue-1", event="paper_low"),
    ]


def test_a_word_that_no_table_has_is_named() -> None:
    assert driver().receive(b"T,A001,9\n", AT) == [BadFrame("ticket.issued: 'service' is '9'; accepted: 1, 2")]


def test_a_line_too_long_is_bad_before_any_pattern_sees_it() -> None:
    (one,) = driver(CALL, max_line=16).receive(b"C," + b"A" * 15 + b"\n", AT)

    assert one == BadFrame("a line of more than 16 bytes", b"C," + b"A" * 14)


def test_the_first_pattern_that_matches_wins() -> None:
    served = {"pattern": r"^C,(?P<ticket>A\w+)$", "event": "ticket.served"}

    assert driver(served, CALL, window="3").receive(b"C,A1\nC,B1\n", AT) == [
        TicketServed(at=AT, ticket="A1", window="3"),
        TicketCalled(at=AT, ticket="B1", window="3"),
    ]


def test_a_group_that_took_no_part_is_left_out() -> None:
    served = {"pattern": r"^S,(?P<ticket>\w+)(?:,(?P<rating>[1-5]))?$", "event": "ticket.served"}

    assert driver(served, window="3").receive(b"S,A1\nS,A2,5\n", AT) == [
        TicketServed(at=AT, ticket="A1", window="3"),
        TicketServed(at=AT, ticket="A2", window="3", rating=5),
    ]


def test_gbk_text_is_read_as_gbk() -> None:
    issued = {
        "pattern": r"^(?P<ticket>\w+) (?P<service>\w+)$",
        "event": "ticket.issued",
        "values": {"service": {"对私": "cash"}},
    }
    line = "A001 对私\n".encode("gbk")

    assert driver(issued, encoding="gbk").receive(line, AT) == [TicketIssued(at=AT, ticket="A001", service="cash")]
    assert driver(issued).receive(line, AT) == [BadFrame("a line that is not utf-8", line[:-1])]


def test_a_line_may_end_otherwise() -> None:
    assert driver(CALL, window="3", line_end="\x03").receive(b"C,A1\x03C,A2\x03", AT) == [
        TicketCalled(at=AT, ticket="A1", window="3"),
        TicketCalled(at=AT, ticket="A2", window="3"),
    ]


def test_devices_that_share_a_link_are_tried_in_order() -> None:
    def counter(id: str, window: str) -> Device:
        line = {"pattern": rf"^{window},(?P<ticket>\w+)$", "event": "ticket.called"}
        return Device(id, "terminal", Settings.model_validate({"lines": [line]}), window=window)

    both = LineDriver([counter("terminal-1", "1"), counter("terminal-2", "2")])

    assert both.receive(b"2,A1\n", AT) == [TicketCalled(at=AT, ticket="A1", window="2")]


@pytest.mark.parametrize("line", [b"T,A001,1\n", b"C,A001,3\n", b"E,paper\n"])
def test_an_event_is_written_as_the_line_it_came_from(line: bytes) -> None:
    one = driver()
    (event,) = one.receive(line, AT)

    assert not isinstance(event, BadFrame)
    assert one.encode_event(event) == line  # type: ignore[arg-type]  # no Reply comes from lines


def test_a_list_is_written_with_commas() -> None:
    opened = {"pattern": r"^O (?P<services>\S+)$", "event": "window.opened", "template": "O {services}"}

    event = WindowOpened(at=AT, window="3", services=("cash", "account"))

    assert driver(opened, window="3").encode_event(event) == b"O cash,account\n"


@pytest.mark.parametrize(
    "event",
    [
        TicketServed(at=AT, ticket="A001", window="3"),  # no rule
        TicketCalled(at=AT, ticket="A 001", window="3"),  # would not come back
        TicketIssued(at=AT, ticket="A001", service="loan"),  # no word for it
        TicketIssued(at=AT, ticket="A001", service="cash", tier="gold"),  # the line has no place for it
    ],
)
def test_an_event_no_line_can_say_is_refused(event: TicketServed | TicketCalled | TicketIssued) -> None:
    with pytest.raises(CannotEncode, match=f"no template writes this {event.type}"):
        driver().encode_event(event)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"lines": []}, "at least 1 item"),
        (
            {"lines": [{**CALL, "pattern": "C(?P<ticket>"}]},
            "is no regular expression: missing ), unterminated subpattern",
        ),
        ({"lines": [{**CALL, "event": "ticket.cald"}]}, "there is no event 'ticket.cald'"),
        ({"lines": [{**CALL, "pattern": "(?P<ticket>.)(?P<colour>.)"}]}, "ticket.called has no field 'colour'"),
        ({"lines": [{**CALL, "pattern": "(?P<window>.)"}]}, "ticket.called needs ticket"),
        ({"lines": [{**CALL, "template": "C,{number}"}]}, "template 'C,{number}' wants 'number', which is no group"),
        ({"lines": [{**CALL, "template": "C,{}"}]}, "template 'C,{}' wants"),
        ({"lines": [CALL], "ignore": ["("]}, "is no regular expression"),
        ({"lines": [CALL], "encoding": "utf-16"}, "'utf-16' is no encoding that contains ASCII"),
        ({"lines": [CALL], "encoding": "rot13"}, "'rot13' is no encoding that contains ASCII"),
        ({"lines": [CALL], "encoding": "klingon"}, "'klingon' is no encoding that contains ASCII"),
        ({"lines": [CALL], "line_end": "END"}, "'END' may be part of a character"),
        ({"lines": [CALL], "line_end": ""}, "at least 1 character"),
        ({"lines": [CALL], "max_line": 5000}, "less than or equal to 4096"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(fault)):
        Settings.model_validate(settings)
