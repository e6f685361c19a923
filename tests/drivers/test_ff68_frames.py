"""FF 68 frames: every published one both ways, any bytes in any chunks, nothing that a sum does not cover."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._ff68_frames import LONGEST, SHORTEST, Frame, FrameReader, Frames, encode, frame_from_json, frame_to_json
from edge.driver import BadFrame
from edge.sim.devices.call_terminal_ff68 import framed

CALL_NEXT = bytes.fromhex("ff6803036803010c1016")

frames = st.builds(
    Frame, addr=st.integers(0, 0xFF), func=st.sampled_from((1, 2, 3, 5, 0x11, 0xFF)), data=st.binary(max_size=8)
)
ANY = st.one_of(frames, st.builds(Frame, st.integers(0, 0xFF), st.just(2), st.binary(min_size=6, max_size=6)))


def read(*chunks: bytes, longest: int = LONGEST) -> list[Frame | BadFrame]:
    reader = FrameReader(longest)
    return [one for chunk in chunks for one in reader.feed(chunk)]


def one_by_one(data: bytes) -> list[bytes]:
    return [bytes((byte,)) for byte in data]


def test_every_published_frame_comes_back_byte_for_byte(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/call_terminal_ff68.json").read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) >= 12
    for vector in vectors:
        data = bytes.fromhex(vector["hex"])
        (item,) = Frames().decode([data])
        assert Frames().encode(item) == data, vector["name"]
        assert item["addr"] == vector["fields"]["addr"]


def test_a_display_a_rating_and_keys_say_what_they_say() -> None:
    assert Frames().decode([bytes.fromhex("ff6808086801020a0a0a0000012216")]) == [
        {"addr": 1, "func": 2, "waiting": "---", "ticket": "001"}
    ]
    assert Frames().decode([bytes.fromhex("ff680303680311021616")]) == [{"addr": 3, "func": 17, "value": 2}]
    assert Frames().decode([CALL_NEXT]) == [{"addr": 3, "func": 1, "data_hex": "0c"}]


@given(ANY)
def test_any_frame_comes_back_by_bytes_and_by_json(frame: Frame) -> None:
    assert read(encode(frame)) == [frame]
    assert frame_from_json(frame_to_json(frame)) == frame


@given(ANY)
def test_a_frame_is_what_somebody_else_builds_by_the_description(frame: Frame) -> None:
    assert encode(frame) == framed(frame.addr, frame.func, frame.data)


@given(ANY, st.data())
def test_changing_any_value_changes_frame_and_sum(frame: Frame, data: st.DataObject) -> None:
    item = frame_to_json(frame)
    key = data.draw(st.sampled_from(sorted(item)))
    item[key] = _other(item[key])
    try:
        changed = frame_from_json(item)
    except ValueError:
        return  # a display is of function 2 alone
    assert encode(changed) != encode(frame)
    assert encode(changed)[-2] != encode(frame)[-2] or len(changed.data) != len(frame.data)


def _other(value: Any) -> Any:
    if isinstance(value, int):
        return (value + 1) % 256
    if len(value) == 3:
        return ("1" if value[0] != "1" else "2") + value[1:]
    return value + "07"


@given(st.lists(st.one_of(st.binary(max_size=12), ANY.map(encode)), max_size=8))
def test_chunks_change_nothing(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    assert read(*one_by_one(stream)) == read(stream) == read(*pieces)


@given(st.binary(max_size=10), st.integers(1, 0xFF), st.integers(0, 9))
def test_a_broken_frame_is_none_and_the_next_one_is_found(noise: bytes, flip: int, place: int) -> None:
    broken = bytearray(CALL_NEXT)
    broken[place] ^= flip
    found = read(bytes(broken) + noise + CALL_NEXT + CALL_NEXT, longest=8)
    assert found[-1] == Frame(3, 1, b"\x0c")
    assert all(encode(one) in bytes(broken) + noise + CALL_NEXT * 2 for one in found if isinstance(one, Frame))


def test_a_frame_inside_a_broken_one_is_found() -> None:
    assert read(CALL_NEXT[:6] + CALL_NEXT) == [
        BadFrame("the sum is 03, of these bytes it would be 6a", bytes.fromhex("ff68030368" + "03ff680303")),
        Frame(3, 1, b"\x0c"),
    ]


def test_noise_is_told_once_until_a_frame_comes() -> None:
    noise = b"Hello world\r\n" * 3
    assert [type(one) for one in read(*one_by_one(noise + CALL_NEXT + noise))] == [BadFrame, Frame, BadFrame]


def test_a_length_over_the_longest_is_no_head() -> None:
    long = encode(Frame(3, 1, bytes(20)))
    assert read(long) == [Frame(3, 1, bytes(20))]
    assert not any(isinstance(one, Frame) for one in read(long, longest=8))


def test_what_waits_is_less_than_a_frame() -> None:
    reader = FrameReader(8)
    for _ in range(100):
        reader.feed(b"\xff\x68\x08\x08\x68" + bytes(7))
        assert reader.waiting < 8 + 7


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"addr": 3}, "lacks 'func'"),
        ({"addr": 256, "func": 1}, "'addr' is 256; accepted: 0 to 255"),
        ({"addr": 3, "func": 2, "ticket": "12"}, "'ticket' is '12'; accepted: three digits"),
        ({"addr": 3, "func": 1, "ticket": "012"}, "'ticket' has no place here"),
        ({"addr": 3, "func": 17, "value": 256}, "'value' is 256; accepted: 0 to 255"),
        ({"addr": 3, "func": 17, "value": 1, "data_hex": "01"}, "'data_hex' has no place beside 'value'"),
        ({"addr": 3, "func": 1, "data_hex": "00" * 254}, "the frame has 254 bytes of data; accepted: at most 253"),
        ({"addr": 3, "func": 1, "sum": 4}, "unknown field 'sum'"),
    ],
)
def test_what_is_no_frame_is_one_sentence(item: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Frames().encode(item)


def test_lengths_are_those_of_the_protocol() -> None:
    assert (Frame(1, 3).length, Frame(1, 1, b"\x0c").length) == (SHORTEST, 3)
    assert Frames().decode([CALL_NEXT[:7]]) == [{"bad_frame": "7 bytes of a frame that does not end"}]
