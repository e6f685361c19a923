import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._modbus_json import Frames

BYTES = st.integers(0, 255)
QUESTIONS = st.fixed_dictionaries(
    {"unit": BYTES, "function": st.integers(1, 4), "first": st.integers(0, 0xFFFF), "count": st.integers(0, 125)}
)
REFUSALS = st.fixed_dictionaries({"unit": BYTES, "function": st.integers(1, 4), "exception": BYTES})


def test_every_published_frame_is_read_and_written_byte_for_byte(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/modbus.json").read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) >= 6
    for vector in vectors:
        (item,) = Frames().decode([bytes.fromhex(vector["hex"])])

        assert "bad_frame" not in item, vector["name"]
        assert Frames().encode(item).hex() == vector["hex"]
        assert item["unit"] == vector["fields"].get("unit", 1)


@given(QUESTIONS | REFUSALS)
def test_a_frame_comes_back_as_it_was_and_any_change_changes_it(item: dict[str, Any]) -> None:
    frame = Frames().encode(item)

    assert Frames().decode([frame]) == [item]
    for key, value in item.items():
        changed = Frames().encode(item | {key: value - 1 if value > 1 else value + 1})
        assert changed[:-2] != frame[:-2]
        assert changed[-2:] != frame[-2:]


def test_frames_that_follow_one_another_are_told_apart() -> None:
    stream = bytes.fromhex("01020000000879cc010201c22019018202c161")

    assert Frames().decode([stream[:5], stream[5:]]) == [
        {"unit": 1, "function": 2, "first": 0, "count": 8},
        {"unit": 1, "function": 2, "data_hex": "c2"},
        {"unit": 1, "function": 2, "exception": 2},
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("0102", "2 bytes, too few for a frame"),
        ("010201c22018", "the check is 2018, of these bytes it would be 2019"),
        ("01020000000879cd", "the check is 79cd, of these bytes it would be 79cc"),
        ("0106000100020000", "function 6 is none that reads"),
        ("0186020000", "function 6 is none that reads"),
        ("0104700000", "5 bytes of a frame that does not end"),
    ],
)
def test_what_is_no_frame_says_why(data: str, reason: str) -> None:
    assert Frames().decode([bytes.fromhex(data)]) == [{"bad_frame": reason}]


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"unit": 1, "function": 2, "first": 0}, "lacks 'count'"),
        ({"unit": 1, "function": 3, "first": 0, "count": 126}, "'count' is 126; accepted with function 3: 0 to 125"),
        ({"unit": 256, "function": 2, "first": 0, "count": 8}, "'unit' is 256; accepted: 0 to 255"),
        ({"unit": 1, "function": 2, "data_hex": "00" * 252}, "252 bytes long; accepted: 251 at most"),
        ({"unit": 1, "function": 2, "exception": 2, "count": 1}, "unknown field 'count'"),
    ],
)
def test_what_cannot_be_a_frame_is_one_clear_sentence(item: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Frames().encode(item)
