import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._alpha_json import Frames

FRAMES = Frames()
PRIORITY = "0000000000015a30310241301b266141303031033031454104"
WRITE = {"cmd": "A", "label": "0", "position": "0", "mode": "b", "text": "A001"}


def decode(*chunks: bytes) -> dict[str, Any]:
    (item,) = FRAMES.decode(chunks)
    return item


def published(shared: Path) -> Iterator[tuple[str, bytes]]:
    for vector in json.loads((shared / "vectors/alpha.json").read_text(encoding="utf-8"))["vectors"]:
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


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value ^ 1 if isinstance(value, int) else value[:-1] + chr(ord(value[-1]) ^ 1)


def test_a_text_is_spelt_out() -> None:
    (command,) = decode(bytes.fromhex(PRIORITY))["cmds"]

    assert command == {"cmd": "A", "label": "0", "position": "&", "mode": "a", "text": "A001", "checksum": True}


def test_every_frame_at_hand_comes_back_from_its_json(shared: Path) -> None:
    for name, data in published(shared):
        for chunks in ([data], [data[at : at + 1] for at in range(len(data))]):
            assert FRAMES.encode(json.loads(json.dumps(decode(*chunks)))) == data, name


def test_changing_any_value_changes_the_frame_and_that_of_a_command_its_sum(shared: Path) -> None:
    for name, data in published(shared):
        item = decode(data)
        for path, value in leaves(item):
            changed = FRAMES.encode(with_leaf(item, path, other(value)))
            assert changed != data, (name, path)
            if path[0] == "cmds" and item["cmds"][0]["checksum"]:
                assert changed[-5:] != data[-5:], (name, path)


def test_what_is_unusual_is_said() -> None:
    item = {"type": "^", "addr": "0A", "nuls": 9, "cmds": [{**WRITE, "checksum": False, "etx": True}]}

    assert decode(FRAMES.encode(item)) == item


def test_an_acknowledgement_has_its_own_words() -> None:
    assert decode(b"\x15\x50") == {"taken": False, "status": 0x50}
    assert FRAMES.encode({"taken": False, "status": 0x50}) == b"\x15\x50"


def test_a_frame_that_does_not_end_is_bad() -> None:
    assert FRAMES.decode([bytes.fromhex(PRIORITY)[:9]]) == [{"bad_frame": "4 bytes of a frame that does not end"}]


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({}, "'cmds' is a list of objects"),
        ({"cmds": [5]}, "'cmds' is a list of objects"),
        ({"cmds": [], "len": 1}, "unknown field 'len'; accepted: type, addr, cmds, nuls"),
        ({"cmds": []}, "a frame has one character of type, two of address and a command at least"),
        ({"cmds": [{"cmd": "E"}], "addr": "1"}, "a frame has one character of type"),
        ({"cmds": [{"cmd": "E"}], "nuls": -1}, "'nuls' is -1; accepted: 0 to 255"),
        ({"cmds": [{"cmd": "E"}], "type": 5}, "'type' is 5; accepted: text"),
        ({"cmds": [{"data": "E"}]}, "cmds[0]: lacks 'cmd'"),
        ({"cmds": [{"cmd": "EE"}]}, "cmds[0]: 'cmd' is 'EE'; accepted: one character"),
        ({"cmds": [{"cmd": "E", "sum": 1}]}, "cmds[0]: unknown field 'sum'; accepted: cmd, data, label"),
        ({"cmds": [{"cmd": "E", "checksum": 1}]}, "cmds[0]: 'checksum' is 1; accepted: true or false"),
        ({"cmds": [{"cmd": "E", "etx": True}]}, "cmds[0]: 'etx' has no place here"),
        ({"cmds": [{"cmd": "A", "label": "0"}]}, "cmds[0]: lacks 'position'"),
        (
            {"cmds": [{**WRITE, "data": ""}]},
            "cmds[0]: 'data' has no place beside 'label'",
        ),
        ({"cmds": [{**WRITE, "mode": "n0"}]}, "cmds[0]: 'label', 'position' and 'mode' are one character each"),
        ({"cmds": [{**WRITE, "text": "水"}]}, "cmds[0]: 'text' has '水'; accepted: one byte a character"),
        ({"cmds": [{**WRITE, "text": "\x04"}]}, "a command has a byte at least, and none from 00 to 04"),
        ({"taken": True, "status": 0}, "'status' is 0; accepted: 64 to 127"),
        ({"taken": 1, "status": 64}, "'taken' is 1; accepted: true or false"),
        ({"taken": True, "status": 64, "cmds": []}, "unknown field 'cmds'; accepted: taken, status"),
    ],
)
def test_json_that_is_no_frame_is_one_sentence(item: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        FRAMES.encode(item)


values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
fields = st.dictionaries(st.sampled_from(["cmd", "data", "label", "text", "checksum", "etx", "x"]), values, max_size=4)


def encoded(item: dict[str, Any]) -> bytes | str:
    try:
        return FRAMES.encode(item)
    except ValueError as fault:
        return str(fault)


@given(
    st.dictionaries(st.sampled_from(["type", "addr", "nuls", "taken", "status"]), values), st.lists(fields, max_size=2)
)
def test_any_json_is_a_frame_or_a_sentence(item: dict[str, Any], commands: list[dict[str, Any]]) -> None:
    made = encoded({**item, "cmds": commands})

    assert "\n" not in made if isinstance(made, str) else "bad_frame" not in decode(made)
