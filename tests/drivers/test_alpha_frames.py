import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._alpha_frames import MOST_BODY, Acknowledgement, Command, Found, Frame, FrameReader, acknowledge, encode
from edge.driver import BadFrame

PRIORITY = bytes.fromhex("0000000000015a30310241301b266141303031033031454104")
RESET = bytes.fromhex("0000000000015a303002452c04")

free = st.binary(max_size=30).map(lambda data: bytes(byte for byte in data if byte > 4))
one = st.binary(min_size=1, max_size=1).filter(lambda byte: byte > b"\x04")
commands = st.one_of(
    st.builds(Command, st.builds(bytes.__add__, one, free), checksum=st.just(True)),
    st.builds(Command, st.builds(bytes.__add__, one, free), checksum=st.just(False), etx=st.booleans()),
)
frames = st.builds(
    Frame,
    commands=st.lists(commands, min_size=1, max_size=3).map(tuple),
    type=one,
    address=st.builds(bytes.__add__, one, one),
    nuls=st.integers(0, 20),
)


def read(*chunks: bytes) -> list[Found]:
    reader = FrameReader()
    return [one for chunk in chunks for one in reader.feed(chunk)]


def one_by_one(data: bytes) -> list[bytes]:
    return [bytes((byte,)) for byte in data]


def test_every_frame_at_hand_comes_back_byte_for_byte(shared: Path) -> None:
    for vector in json.loads((shared / "vectors/alpha.json").read_text(encoding="utf-8"))["vectors"]:
        data = bytes.fromhex(vector["hex"])
        for chunks in ([data], one_by_one(data)):
            (frame,) = read(*chunks)
            assert isinstance(frame, Frame), vector["name"]
            assert encode(frame) == data, vector["name"]
            assert [command.data.decode() for command in frame.commands] == vector["fields"]["cmds"], vector["name"]
            assert frame.commands[0].checksum == vector["fields"].get("cs", True), vector["name"]
            assert frame.address.decode() == vector["fields"].get("addr", "00"), vector["name"]


def test_commands_may_be_nested() -> None:
    frame = Frame((Command(b"E,"), Command(b"A0", checksum=False), Command(b"AA", checksum=False, etx=False)))

    assert encode(frame) == b"\0\0\0\0\0\x01Z00\x02E,\x030076\x02A0\x03\x02AA\x04"
    assert read(encode(frame)) == [frame]


def test_an_acknowledgement_is_two_bytes_outside_any_frame() -> None:
    assert read(b"\x06\x40", b"\x15", b"\x50") == [
        Acknowledgement(taken=True, status=0x40),
        Acknowledgement(taken=False, status=0x50),
    ]
    assert acknowledge(Acknowledgement(taken=False, status=0x50)) == b"\x15\x50"


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (b"\x06\x80", ["bytes outside any frame"]),
        (b"\x06" + RESET[:5], ["an acknowledgement without its status"]),
        (b"noise \xff", ["bytes outside any frame"]),
        (PRIORITY[:12] + RESET[5:], ["a frame is cut off by the next one", ""]),
        (PRIORITY[:12] + RESET, ["a frame is cut off by the next one", ""]),
        (PRIORITY[:-2] + b"B\x04", ["the sum is b'01EB', of these bytes it would be 01EA"]),
        (PRIORITY[:-5] + b"1ea\x04", ["the sum is b'1ea', of these bytes it would be 01EA"]),
        (b"\x01Z0\x04", ["a frame without type, address and a command behind 02"]),
        (b"\x01Z00A\x04", ["a frame without type, address and a command behind 02"]),
        (b"\x01Z\x0200\x02A\x04", ["a frame without type, address and a command behind 02"]),
        (b"\x01Z00\x02\x02A\x04", ["a command without a code"]),
    ],
)
def test_what_is_no_frame_says_why(data: bytes, reasons: list[str]) -> None:
    found = read(data)

    assert [one.reason if isinstance(one, BadFrame) else "" for one in found] == reasons
    assert found == read(*one_by_one(data))


def test_a_frame_that_does_not_end_takes_no_room() -> None:
    reader = FrameReader()
    found = [one for turn in range(1000) for one in reader.feed(b"\x01" if turn == 0 else b"x" * 100)]

    assert found == [BadFrame(f"a frame of more than {MOST_BODY} bytes", b"x" * 64)]
    assert reader.waiting == 0


@pytest.mark.parametrize(
    "frame",
    [
        Frame(()),
        Frame((Command(b""),)),
        Frame((Command(b"A\x03"),)),
        Frame((Command(b"A"),), type=b"ZZ"),
        Frame((Command(b"A"),), address=b"\x0101"),
        Frame((Command(b"A"),), address=b"\x011"),
        Frame((Command(b"x" * MOST_BODY),)),
    ],
)
def test_what_would_be_read_otherwise_is_not_written(frame: Frame) -> None:
    with pytest.raises(ValueError, match=r"accepted|has"):
        encode(frame)


@given(frames)
def test_any_frame_comes_back(frame: Frame) -> None:
    assert read(encode(frame)) == [frame]
    assert read(*one_by_one(encode(frame))) == [frame]


pieces = st.lists(
    st.sampled_from([b"\0\0", b"\x01", b"\x04", b"\x06@", b"\x15", PRIORITY, PRIORITY[4:20], b"x" * 3000])
)


@given(st.binary(max_size=200) | pieces.map(b"".join))
def test_any_bytes_are_read_alike_however_they_are_cut(data: bytes) -> None:
    assert read(data) == read(*one_by_one(data))


@given(frames, st.data())
def test_one_changed_byte_under_a_checksum_never_makes_another_command(frame: Frame, draw: st.DataObject) -> None:
    data = bytearray(encode(Frame(tuple(Command(command.data) for command in frame.commands), nuls=0)))
    place = draw.draw(st.integers(5, len(data) - 2), label="place")
    data[place] ^= draw.draw(st.integers(1, 255), label="flip")

    for found in read(bytes(data)):
        if isinstance(found, Frame):
            for command in found.commands:
                whole = any(command.data == one.data for one in frame.commands)
                assert whole or not command.checksum, "a sum that is right of other bytes"
