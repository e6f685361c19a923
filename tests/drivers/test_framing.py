from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._framing import Body, Enclosed, Escapes, Lines, bad, crc16_arc, shown, sum16
from edge.driver import BadFrame

ESCAPES = Escapes({b"\xa5": b"\xa6\x02", b"\xa6": b"\xa6\x01"})


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges)]


def fed(chunks: list[bytes], end: bytes = b"\n", limit: int = 8) -> list[bytes | BadFrame]:
    lines = Lines(end, limit)
    return [one for chunk in chunks for one in lines.feed(chunk)]


def test_a_line_is_what_stands_before_its_end() -> None:
    assert fed([b"one\ntwo\n"]) == [b"one", b"two"]


def test_half_a_line_waits_for_its_other_half() -> None:
    assert fed([b"on", b"e", b"\n"]) == [b"one"]


def test_an_end_of_two_bytes_may_come_in_two_chunks() -> None:
    assert fed([b"one\r", b"\ntwo\r\n"], b"\r\n") == [b"one", b"two"]


def test_a_line_as_long_as_the_limit_is_a_line() -> None:
    assert fed([b"12345678\n"]) == [b"12345678"]


def test_a_line_too_long_is_one_bad_frame_and_the_next_line_is_read() -> None:
    assert fed([b"123456789 and on\nnext\n"]) == [BadFrame("a line of more than 8 bytes", b"12345678"), b"next"]


def test_a_line_that_never_ends_is_one_bad_frame_and_takes_no_room() -> None:
    lines = Lines(b"\r\n", 8)
    found = [one for _ in range(1000) for one in lines.feed(b"x" * 100)]

    assert found == [BadFrame("a line of more than 8 bytes", b"xxxxxxxx")]
    assert len(lines._rest) <= 9


@given(st.text(alphabet="ab\r\n", max_size=60), st.lists(st.integers(0, 60)), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_chunking_changes_no_line(text: str, places: list[int], end: bytes) -> None:
    data = text.encode()

    assert fed(cut(data, places), end) == fed([data], end)


def test_crc16_arc_of_the_check_string() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D
    assert crc16_arc(b"") == 0


def test_sum16_keeps_sixteen_bits() -> None:
    assert sum16(b"\xff" * 258) == 258 * 255 - 65536


def test_reserved_bytes_travel_as_escapes() -> None:
    assert ESCAPES.escape(b"\x01\xa5\xa6\x02") == b"\x01\xa6\x02\xa6\x01\x02"


@given(st.binary())
def test_escapes_come_back(data: bytes) -> None:
    assert ESCAPES.unescape(ESCAPES.escape(data)) == data


@pytest.mark.parametrize("data", [b"\xa5", b"\xa6", b"\xa6\x03", b"ok\xa6\xa6"])
def test_what_no_escape_makes_is_refused(data: bytes) -> None:
    assert ESCAPES.unescape(data) is None


def test_a_bad_frame_keeps_what_a_log_line_can_show() -> None:
    assert bad("noise", b"x" * 1000) == BadFrame("noise", b"x" * 64)


def test_a_quoted_value_is_never_longer_than_half_a_line() -> None:
    assert shown("short") == "'short'"
    assert len(shown("x" * 1000)) == 60


def enclosed(*chunks: bytes) -> list[Body | BadFrame]:
    reader = Enclosed(b"<", b">", least=3, most=8)
    return [one for chunk in chunks for one in reader.feed(chunk)]


def test_a_body_is_what_stands_between_head_and_tail() -> None:
    assert enclosed(b"<one>>", b"<<<tw", b"o>") == [Body(b"one", 1), Body(b"two", 3)]


def test_reading_begins_again_at_the_next_head() -> None:
    assert enclosed(b"noise<half<one>more") == [
        BadFrame("bytes outside any frame"),
        BadFrame("a frame is cut off by the next one", b"half"),
        Body(b"one", 1),
        BadFrame("bytes outside any frame"),
    ]


def test_of_short_bodies_in_a_row_one_is_handed_out() -> None:
    assert enclosed(b"<><a><bc<d<ok!><x><y>") == [Body(b"", 1), Body(b"ok!", 1), Body(b"x", 1)]


def test_a_body_that_does_not_end_is_bad_once() -> None:
    assert enclosed(b"<123456", b"789 and on", b" and on") == [BadFrame("a frame of more than 8 bytes", b"12345678")]


@given(st.text(alphabet="<>abcdef", max_size=60), st.lists(st.integers(0, 60)))
def test_chunking_changes_no_body(text: str, places: list[int]) -> None:
    data = text.encode()

    assert enclosed(*cut(data, places)) == enclosed(data)
