import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._onbon_json import Frames

FRAMES = Frames()
WELCOME = (
    "a5a5a5a5a5a5a5a5feff0080000000000000fe022c00a306010000000123000000800000808020000000000a0000000002010100020a"
    "08000000bbb6d3adb9e2c1d93c495a"
)
SMALL = {"w_raw": 2, "h": 16}


def decode(*chunks: bytes) -> dict[str, Any]:
    (item,) = FRAMES.decode(chunks)
    return item


def published(shared: Path) -> Iterator[tuple[str, bytes]]:
    for vector in json.loads((shared / "vectors/onbon_bx5k.json").read_text(encoding="utf-8"))["vectors"]:
        yield vector["name"], bytes.fromhex(vector["hex"])


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


def test_the_makers_welcome_is_spelt_out() -> None:
    item = decode(bytes.fromhex(WELCOME))

    assert item["areas"][0]["text"] == "欢迎光临"
    assert item["areas"][0]["w_raw"] == 0x8000 | 128
    assert "data_hex" not in item


def test_every_published_frame_comes_back_from_its_json(shared: Path) -> None:
    for name, data in published(shared):
        for chunks in ([data], [data[at : at + 1] for at in range(len(data))]):
            item = decode(*chunks)
            assert ("bad_frame" in item) == name.startswith("BROKEN"), name
            if "bad_frame" not in item:
                assert FRAMES.encode(json.loads(json.dumps(item))) == data, name


def test_changing_any_value_changes_frame_and_check(shared: Path) -> None:
    for name, data in published(shared):
        item = decode(data)
        if "bad_frame" in item:
            continue
        for path, value in leaves(item):
            other = value ^ 1 if isinstance(value, int) else value[:-1] + "0" if value[-1:] == "1" else value[:-1] + "1"
            if value == "":
                other = "00"
            changed = FRAMES.encode(with_leaf(item, path, other))
            assert changed != data, (name, path)
            assert changed[-3:-1] != data[-3:-1], (name, path)


def test_every_area_of_a_card_is_deleted_by_a_count_without_a_list() -> None:
    frame = bytes.fromhex("a5a5a5a5a5a5a5a501000080000000000000fe020700a306010200ff0067cc5a")

    assert decode(frame)["delete_count"] == 255
    assert "delete_ids" not in decode(frame)
    assert FRAMES.encode(decode(frame)) == frame


def test_a_text_that_is_no_gbk_is_kept_as_bytes() -> None:
    item = decode(bytes.fromhex(WELCOME))
    area = {key: value for key, value in item["areas"][0].items() if key != "text"}
    item["areas"] = [{**area, "data_hex": "ff00"}]

    assert decode(FRAMES.encode(item)) == item


def test_a_head_of_unusual_length_is_said() -> None:
    item = decode(bytes.fromhex(WELCOME)[6:])

    assert item["a5_count"] == 2
    assert FRAMES.encode(item).hex() == WELCOME[12:]


def test_a_frame_that_does_not_end_is_bad() -> None:
    assert FRAMES.decode([bytes.fromhex(WELCOME)[:20]]) == [{"bad_frame": "20 bytes of a frame that does not end"}]


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"cmd": 6}, "lacks 'cmd_group'"),
        ({"cmd_group": 1, "cmd": 2, "check_mode": 2}, "'check_mode' is 2; accepted: 0 to 1"),
        ({"cmd_group": 1, "cmd": 2, "data_len": 5}, "unknown field 'data_len'; accepted: dst, src, reserved_hex, "),
        ({"cmd_group": 1, "cmd": 2, "areas": [], "data_hex": ""}, "'data_hex' has no place beside 'areas'"),
        ({"cmd_group": 1, "cmd": 2, "areas": 5}, "'areas' is no list of objects"),
        ({"cmd_group": 1, "cmd": 2, "areas": [{}]}, "areas[0]: lacks 'w_raw'"),
        ({"cmd_group": 1, "cmd": 2, "areas": [{**SMALL, "text": 5}]}, "areas[0]: 'text' is 5; accepted: text"),
        ({"cmd_group": 1, "cmd": 2, "areas": [{**SMALL, "text": "😀"}]}, "areas[0]: 'text' has '😀', which GBK"),
        ({"cmd_group": 1, "cmd": 2, "areas": [{"text": "", "data_hex": ""}]}, "areas[0]: 'text' and 'data_hex' are"),
        ({"cmd_group": 1, "cmd": 2, "delete_ids": [256]}, "'delete_ids' is [256]; accepted: a list of numbers"),
        ({"cmd_group": 1, "cmd": 2, "delete_ids": [1], "delete_count": 2}, "'delete_count' is 2; accepted: 1"),
        ({"cmd_group": 1, "cmd": 2, "delete_count": 256}, "'delete_count' is 256; accepted: 0 to 255"),
    ],
)  # fmt: skip
def test_json_that_is_no_frame_is_one_sentence(item: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        FRAMES.encode(item)


values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
names = st.sampled_from(
    ["cmd", "dst", "areas", "delete_ids", "delete_count", "data_hex", "reserved_hex", "barcode_option"]
)


def encoded(item: dict[str, Any]) -> bytes | str:
    try:
        return FRAMES.encode(item)
    except ValueError as fault:
        return str(fault)


@given(st.dictionaries(names, values | st.lists(st.dictionaries(st.text(max_size=5), values, max_size=2), max_size=2)))
def test_any_json_is_a_frame_or_a_sentence(item: dict[str, Any]) -> None:
    made = encoded({"cmd_group": 0xA3, "cmd": 6, **item})

    assert "\n" not in made if isinstance(made, str) else "bad_frame" not in decode(made)
