import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._cpower_json import Frames

FRAMES = Frames()
GO_ON = "a56832ff7b0114000000120000050000030700ff00d5fdb3a3cda8d0d0008609ae"
CALL = {"protocol_code": 0x7B}


def decode(*chunks: bytes) -> dict[str, Any]:
    (item,) = FRAMES.decode(chunks)
    return item


def leaves(item: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(item, dict | list):
        for key, value in item.items() if isinstance(item, dict) else enumerate(item):
            yield from leaves(value, (*path, key))
    else:
        yield path, item


def with_leaf(item: Any, path: tuple[Any, ...], value: object) -> Any:
    changed = copy.deepcopy(item)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def other(value: Any) -> Any:
    """A value of the same kind and size."""
    if isinstance(value, int):
        return value ^ 1
    return value[:-1] + ("0" if value[-1] == "1" else "1") if value else "00"


def published(shared: Path) -> Iterator[tuple[str, bytes]]:
    for vector in json.loads((shared / "vectors/cpower.json").read_text(encoding="utf-8"))["vectors"]:
        yield vector["name"], bytes.fromhex(vector["hex"])
    windows = {"windows": [{"x": 0, "y": 0, "width": 192, "height": 32}, {"width": 8, "height": 9}]}
    yield "two windows", FRAMES.encode({**CALL, "cc": 1, **windows})


def test_a_published_text_is_spelt_out() -> None:
    item = decode(bytes.fromhex(GO_ON))

    assert item["text"] == "正常通行"
    assert (item["window"], item["font"], item["green"]) == (0, 7, 255)
    assert "rest_hex" not in item


def test_every_published_frame_comes_back_from_its_json(shared: Path) -> None:
    for name, data in published(shared):
        for chunks in ([data], [data[at : at + 1] for at in range(len(data))]):
            assert FRAMES.encode(json.loads(json.dumps(decode(*chunks)))) == data, name


def test_changing_any_value_changes_frame_and_sum(shared: Path) -> None:
    for name, data in published(shared):
        item = decode(data)
        for path, value in leaves(item):
            changed = FRAMES.encode(with_leaf(item, path, other(value)))
            assert changed[1:-3] != data[1:-3], (name, path)
            assert changed[-3:-1] != data[-3:-1], (name, path)


def test_a_text_that_is_no_gbk_is_kept_as_bytes() -> None:
    item = {key: value for key, value in decode(bytes.fromhex(GO_ON)).items() if key != "text"} | {"text_hex": "ff80"}

    assert decode(FRAMES.encode(item)) == item


def test_a_frame_that_does_not_end_is_bad() -> None:
    assert FRAMES.decode([bytes.fromhex(GO_ON)[:9]]) == [{"bad_frame": "9 bytes of a frame that does not end"}]


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({}, "lacks 'protocol_code'"),
        ({"protocol_code": 256}, "'protocol_code' is 256; accepted: 0 to 255"),
        ({**CALL, "cc": 7, "rest_hex": ""}, "'rest_hex' has no place beside 'cc'"),
        ({**CALL, "cc": "7"}, "'cc' is '7'; accepted: 0 to 255"),
        ({**CALL, "len": 5}, "unknown field 'len'; accepted here: data_hex"),
        ({**CALL, "cc": 7, "cc_data_hex": "0"}, "'cc_data_hex' is '0'; accepted: an even number"),
        ({**CALL, "cc": 7, "cc_data_hex": "", "text": ""}, "unknown field 'text'; accepted here: cc_data_hex"),
        ({**CALL, "cc": 1, "windows": 5}, "'windows' is a list of objects, and stands alone"),
        ({**CALL, "cc": 1, "windows": [{"width": 1}]}, "windows[0]: lacks 'height'"),
        ({**CALL, "cc": 1, "windows": []}, "0 windows; accepted: 1 to 8"),
        ({**CALL, "cc": 18, "text": "", "text_hex": ""}, "'text' and 'text_hex' are the same bytes"),
        ({**CALL, "cc": 18, "text": "😀"}, "'text' has '😀', which GBK has not"),
        ({**CALL, "cc": 18, "text": 5}, "'text' is 5; accepted: text"),
        ({**CALL, "cc": 18, "speed": 5, "colour": 1}, "unknown field 'colour'; accepted: window, effect"),
    ],
)
def test_json_that_is_no_frame_is_one_sentence(item: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        FRAMES.encode(item)


values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
names = st.sampled_from(
    ["cc", "card_id", "windows", "text", "text_hex", "cc_data_hex", "data_hex", "packet_no", "font"]
)


def encoded(item: dict[str, Any]) -> bytes | str:
    try:
        return FRAMES.encode(item)
    except ValueError as fault:
        return str(fault)


@given(st.dictionaries(names, values | st.lists(st.dictionaries(st.text(max_size=5), values, max_size=2), max_size=2)))
def test_any_json_is_a_frame_or_a_sentence(item: dict[str, Any]) -> None:
    made = encoded({**CALL, **item})

    assert "\n" not in made if isinstance(made, str) else "bad_frame" not in decode(made)
