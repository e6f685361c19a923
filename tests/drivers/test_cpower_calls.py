import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._cpower_calls import (
    PURE_TEXT,
    SPLIT,
    Call,
    PureText,
    Window,
    pack,
    pack_text,
    pack_windows,
    unpack,
    unpack_text,
    unpack_windows,
)

EXAMPLE = bytes.fromhex("130000001200000100000302ff00006162630d63626100")  # the paper's example 2 of call 12


def test_the_papers_example_is_a_text_for_window_0() -> None:
    call = unpack(EXAMPLE)

    assert call is not None
    assert call.cc == PURE_TEXT
    text = PureText(align=1, speed=0, stay_s=3, font=2, red=255, text=b"abc\rcba")
    assert unpack_text(call.data) == text
    assert pack(Call(cc=PURE_TEXT, data=pack_text(text))) == EXAMPLE


def test_windows_are_big_endian() -> None:
    data = pack_windows((Window(x=1, y=2, width=0x0102, height=32),))

    assert data.hex() == "01" + "0001" + "0002" + "0102" + "0020"
    assert unpack_windows(data) == (Window(x=1, y=2, width=0x0102, height=32),)
    assert unpack(pack(Call(cc=SPLIT, data=data))) == Call(cc=SPLIT, data=data)


def test_a_packet_behind_the_first_carries_data_alone() -> None:
    assert unpack(bytes.fromhex("02000101abcd")) == Call(packet_no=1, last_packet_no=1, data=b"\xab\xcd")
    assert unpack(bytes(4)) == Call()


@pytest.mark.parametrize("rest", ["", "010000", "02000000ab", "00000000ab"])
def test_a_length_that_is_not_true_is_no_call(rest: str) -> None:
    assert unpack(bytes.fromhex(rest)) is None


@pytest.mark.parametrize("data", [b"", bytes(10), bytes(11) + b"ab\0c", bytes(10) + b"abc"])
def test_a_text_that_does_not_end_where_it_should_is_none(data: bytes) -> None:
    assert unpack_text(data) is None


@pytest.mark.parametrize("data", [b"", b"\0", b"\x01" + bytes(7), b"\x09" + bytes(72)])
def test_windows_that_are_not_as_many_as_said_are_none(data: bytes) -> None:
    assert unpack_windows(data) is None


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="a byte 00, which would end it"):
        pack_text(PureText(text=b"a\0b"))
    with pytest.raises(ValueError, match="0 windows; accepted: 1 to 8"):
        pack_windows(())
    with pytest.raises(ValueError, match="65537 bytes of a call; accepted: at most 65535"):
        pack(Call(cc=1, data=bytes(65536)))


@given(st.binary(max_size=60))
def test_any_data_come_back_or_are_none(data: bytes) -> None:
    call, windows, text = unpack(data), unpack_windows(data), unpack_text(data)

    assert call is None or pack(call) == data
    assert windows is None or pack_windows(windows) == data
    assert text is None or pack_text(text) == data
