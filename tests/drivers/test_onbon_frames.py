import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._framing import crc16_arc
from drivers._onbon_frames import ALL_SILENT, MOST_BODY, Frame, FrameReader, answer, encode
from edge.driver import BadFrame

PING = bytes.fromhex("a5a5a5a5a5a5a5a501000080000000000000fe020500a20001000068f85a")
ACK = bytes.fromhex("a5a5a5a5a5a5a5a5a50080feff000000000000fe020500a00000000014ac5a")

frames = st.builds(
    Frame,
    dst=st.integers(0, 0xFFFF),
    src=st.integers(0, 0xFFFF),
    reserved=st.binary(min_size=3, max_size=3),
    barcode_option=st.integers(0, 1),
    check_mode=st.integers(0, 1),
    cmd_group=st.integers(0, 0xFF),
    cmd=st.integers(0, 0xFF),
    response_or_error=st.integers(0, 0xFF),
    data=st.binary(max_size=80),
)


def read(*chunks: bytes) -> list[Frame | BadFrame]:
    reader = FrameReader()
    return [one for chunk in chunks for one in reader.feed(chunk)]


def one_by_one(data: bytes) -> list[bytes]:
    return [bytes((byte,)) for byte in data]


def vectors(shared: Path) -> list[dict[str, Any]]:
    return list(json.loads((shared / "vectors/onbon_bx5k.json").read_text(encoding="utf-8"))["vectors"])


def test_every_published_frame_comes_back_byte_for_byte(shared: Path) -> None:
    for vector in vectors(shared):
        data = bytes.fromhex(vector["hex"])
        for chunks in ([data], one_by_one(data)):
            (frame,) = read(*chunks)
            if vector["name"].startswith("BROKEN"):
                assert isinstance(frame, BadFrame), vector["name"]
            else:
                assert isinstance(frame, Frame), vector["name"]
                assert encode(frame) == data, vector["name"]


def test_every_published_frame_says_what_its_vector_says(shared: Path) -> None:
    names = (
        "dst",
        "src",
        "barcode_option",
        "check_mode",
        "display_mode",
        "device_type",
        "protocol",
        "cmd_group",
        "cmd",
    )
    for vector in vectors(shared):
        (frame,) = read(bytes.fromhex(vector["hex"]))
        if isinstance(frame, Frame):
            fields = vector["fields"]
            assert [getattr(frame, name) for name in names] == [fields[name] for name in names], vector["name"]
            assert frame.data.hex() == fields["data_hex"]
            assert frame.reserved.hex() == fields["reserved_hex"]
            assert frame.reserved2.hex() == fields["reserved2_hex"]
            assert frame.response_or_error == fields["response_or_error"]


def test_a_ping_is_the_makers_ping() -> None:
    assert encode(Frame(cmd_group=0xA2, cmd=0x00)) == PING


def test_a_card_says_ack_as_the_maker_prints_it() -> None:
    request = Frame(dst=0xFFFE, cmd_group=0xA3, cmd=0x06)

    assert encode(answer(request)) == ACK
    assert answer(request, 5).command == (0xA0, 0x01)


def test_one_head_byte_is_head_enough_and_further_tails_count_as_one() -> None:
    (frame, ping) = read(PING[7:] + b"\x5a\x5a" + PING)

    assert frame == Frame(cmd_group=0xA2, cmd=0x00, a5_count=1)
    assert ping == Frame(cmd_group=0xA2, cmd=0x00)
    assert isinstance(frame, Frame)
    assert encode(frame) == PING[7:]


def test_reserved_bytes_travel_escaped() -> None:
    frame = Frame(cmd_group=0xA2, cmd=0x00, data=b"\xa5\xa6\x5a\x5b")

    assert b"\xa6\x02\xa6\x01\x5b\x02\x5b\x01" in encode(frame)
    assert read(encode(frame)) == [frame]


def test_reading_goes_on_after_noise() -> None:
    assert read(b"noise" + PING + b"more", b" noise" + PING) == [
        BadFrame("bytes outside any frame"),
        Frame(cmd_group=0xA2, cmd=0x00),
        BadFrame("bytes outside any frame"),
        Frame(cmd_group=0xA2, cmd=0x00),
    ]


def test_a_frame_cut_off_by_the_next_is_bad_and_the_next_is_read() -> None:
    (cut_off, frame) = read(PING[:15] + PING)

    assert cut_off == BadFrame("a frame is cut off by the next one", PING[8:15])
    assert frame == Frame(cmd_group=0xA2, cmd=0x00)


def test_a_frame_that_does_not_end_is_bad_and_takes_no_room() -> None:
    reader = FrameReader()
    found = [one for _ in range(1000) for one in reader.feed(b"\xa5" if _ == 0 else b"x" * 100)]

    assert found == [BadFrame("a frame of more than 4096 bytes", b"x" * 64)]
    assert reader.waiting == 0


def test_a_head_that_does_not_end_takes_no_room() -> None:
    reader = FrameReader()

    assert reader.feed(b"\xa5" * 100_000) == []
    assert reader.waiting < 1000
    assert [type(one) for one in reader.feed(PING)] == [Frame]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("a65a", "an escape that does not exist"),
        ("00115a", "a body of 2 bytes; accepted: 21 to 2048"),
        ("01000080000000000200fe020500a20001000068f85a", "check mode 2; accepted: 0 to 1"),
        ("01000080000000000000fe020500a20001000068f95a", "the check is f968, of these bytes it would be f868"),
        ("01000080000000010000fe020500a20001000068f85a", "a body too short for its bar code"),
    ],
)
def test_a_bad_frame_says_what_is_wrong_with_it(body: str, reason: str) -> None:
    (one,) = read(b"\xa5" + bytes.fromhex(body))

    assert isinstance(one, BadFrame)
    assert one.reason == reason


def test_a_length_that_is_not_true_is_refused_even_under_a_good_check() -> None:
    body = bytearray(PING[8:-3])
    body[12] = 7
    (one,) = read(b"\xa5" + bytes(body) + crc16_arc(bytes(body)).to_bytes(2, "little") + b"\x5a")

    assert isinstance(one, BadFrame)
    assert one.reason == "the data length is 7, there are 5 bytes"


def test_a_frame_longer_than_any_card_takes_is_not_written() -> None:
    assert len(encode(Frame(cmd_group=0, cmd=0, data=bytes(MOST_BODY - 21)))) > MOST_BODY
    with pytest.raises(ValueError, match="the frame has 2049 bytes; accepted: at most 2048"):
        encode(Frame(dst=ALL_SILENT, cmd_group=0, cmd=0, data=bytes(MOST_BODY - 20)))


@given(frames)
def test_any_frame_comes_back(frame: Frame) -> None:
    assert read(encode(frame)) == [frame]
    assert read(*one_by_one(encode(frame))) == [frame]


pieces = st.lists(st.sampled_from([b"\xa5", b"\x5a", b"\xa6\x02", PING, PING[4:20], b"x"])).map(b"".join)


@given(st.binary(max_size=200) | pieces)
def test_any_bytes_are_read_alike_however_they_are_cut(data: bytes) -> None:
    assert read(data) == read(*one_by_one(data))


@given(frames, st.data())
def test_one_changed_byte_never_makes_another_frame(frame: Frame, draw: st.DataObject) -> None:
    data = encode(frame)
    head = len(data) - len(data.lstrip(b"\xa5"))
    place = draw.draw(st.integers(head, len(data) - 2), label="place")
    changed = bytearray(data)
    changed[place] ^= draw.draw(st.integers(1, 255), label="flip")

    assert [one for one in read(bytes(changed)) if isinstance(one, Frame)] == []
