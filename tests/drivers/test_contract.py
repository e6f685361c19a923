"""What every driver must hold to, whatever its device: found by its file alone, as are the captures it must read."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge import driver as drivers
from edge.core import instant, wire
from edge.driver import Answer, BadFrame, Device, Driver, Received, Reply, Request

CAPTURES = Path(__file__).resolve().parent.parent / "captures"
PAGES = CAPTURES.parent.parent / "docs/devices"
AT = instant.parse("2026-01-05T09:00:00+00:00")
HEARD = [name for name in drivers.names() if {"sound"} == drivers.load(name).MEDIUM]
"""Drivers of what people hear: nothing comes from there, so that there is nothing to capture."""

STREAMS = [name for name in drivers.names() if drivers.load(name).MEDIUM & {"serial", "tcp"}]
MESSAGES = frozenset({".mqtt", ".ws"})
MOST_HELD = 16 * 1024
ASKED = ">"


def device(name: str, table: dict[str, Any]) -> Device:
    """The device that a capture's own file describes, else the driver's example."""
    model = drivers.load(name).Settings
    example = model.model_json_schema().get("examples", [{}])[0]
    return Device(
        id=table.get("id", "device-1"),
        kind=table.get("kind", "atm"),
        settings=model.model_validate(table.get("settings", example)),
        address=table.get("address"),
        window=table.get("window"),
    )


def fresh(name: str) -> Driver:
    return drivers.load(name).create([device(name, {})])


def messages(capture: Path) -> Iterator[tuple[str, bytes]]:
    """Topic and bytes, chunk by chunk: raw, in hexadecimal lines, a WebSocket's messages a line each, or as
    mosquitto_sub -v prints.

    A hexadecimal line that begins with `>` is what we asked; its topic is `>`.
    """
    if capture.suffix == ".bin":
        yield "", capture.read_bytes()
        return
    for line in capture.read_text(encoding="utf-8").splitlines():
        if capture.suffix == ".mqtt":
            topic, _, payload = line.partition(" ")
            yield topic, payload.encode()
        elif capture.suffix == ".ws":
            yield "", line.encode()
        elif not line.startswith("#"):
            yield line[:1].strip("0123456789abcdef"), bytes.fromhex(line.removeprefix(ASKED))


def captures() -> list[Path]:
    return sorted(path for path in CAPTURES.rglob("*") if path.suffix in {".bin", ".hex", ".mqtt", ".ws"})


def said(received: list[Received]) -> list[dict[str, Any]]:
    return [_said(one) for one in received]


def _said(one: Received) -> dict[str, Any]:
    match one:
        case BadFrame():
            return {"bad_frame": one.reason}
        case Answer():
            return {"answer": one.data.hex()}
        case Reply():
            blank = {"blank": True} if one.blank else {}
            return {"reply": one.address, "ok": one.ok, "detail": one.detail, **blank}
        case _:
            return json.loads(wire.line(wire.publish(one, UTC)))  # type: ignore[no-any-return]


def fed(driver: Driver, chunks: list[bytes], topic: str = "") -> list[dict[str, Any]]:
    return [one for chunk in chunks for one in said(driver.receive(chunk, AT, topic))]


def played(capture: Path, *, bytewise: bool = False) -> list[dict[str, Any]]:
    """What a fresh driver makes of a capture, each chunk whole or a byte at a time."""
    own = capture.with_suffix(".toml")
    table = tomllib.loads(own.read_text(encoding="utf-8")) if own.exists() else {}
    one = device(capture.parent.name, table)
    driver = drivers.load(capture.parent.name).create([one])
    found = []
    for topic, data in messages(capture):
        if topic == ASKED:
            driver.asked(Request(one.address or 0, data, expects=True))
        else:
            found += fed(driver, [bytes((byte,)) for byte in data] if bytewise else [data], topic)
    return found


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges)]


def held(value: object, seen: set[int]) -> int:
    """Bytes and texts that an object keeps, however deep."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, bytes | bytearray | str):
        return len(value)
    if isinstance(value, dict):
        return sum(held(one, seen) for pair in value.items() for one in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return sum(held(one, seen) for one in value)
    return held(vars(value), seen) if hasattr(value, "__dict__") else 0


def test_there_are_drivers() -> None:
    boards = {"led_onbon_bx", "led_cpower", "led_alpha"}
    counters = {"call_terminal_ff68", "announcer"}
    others = {"lines", "mqtt_json", "atm_mqtt", "atm_xfs4iot", "sensor_modbus", "ups_megatec"}
    assert (boards | counters | others).issubset(drivers.names())


@pytest.mark.parametrize("name", drivers.names())
def test_a_driver_offers_what_the_loader_expects(name: str) -> None:
    module = drivers.load(name)

    assert module.MEDIUM.issubset({"serial", "tcp", "websocket", "mqtt", "sound"})
    assert module.Settings.model_config.get("extra") == "forbid"
    assert isinstance(fresh(name), Driver)


@pytest.mark.parametrize("name", drivers.names())
def test_a_driver_has_its_page_and_its_capture(name: str) -> None:
    assert (PAGES / f"{name}.md").exists()
    assert name in HEARD or any(capture.parent.name == name for capture in captures())


@pytest.mark.parametrize("name", drivers.names())
def test_the_configuration_on_a_page_is_sound(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    for table in tomllib.loads(block)["devices"].values():
        assert table["driver"] == name
        drivers.load(name).Settings.model_validate(table["settings"])


@pytest.mark.parametrize("capture", captures(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_capture_gives_its_golden_events(capture: Path) -> None:
    golden = capture.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()

    assert played(capture) == [json.loads(line) for line in golden]


@pytest.mark.parametrize(
    "capture", [path for path in captures() if path.suffix not in MESSAGES], ids=lambda path: path.name
)
def test_a_capture_gives_the_same_events_one_byte_at_a_time(capture: Path) -> None:
    assert played(capture, bytewise=True) == played(capture)


@pytest.mark.parametrize("name", drivers.names())
@settings(max_examples=50)
@given(data=st.binary(max_size=300), topic=st.sampled_from(["", "a", "atm/device-1/status", "queue/issued"]))
def test_no_bytes_make_a_driver_raise(name: str, data: bytes, topic: str) -> None:
    fed(fresh(name), [data], topic)


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=50)
@given(data=st.data())
def test_chunking_changes_nothing(name: str, data: st.DataObject) -> None:
    pieces = [chunk for path in captures() if path.parent.name == name for _, chunk in messages(path)]
    piece = st.binary(max_size=40) | st.sampled_from(pieces)
    stream = b"".join(data.draw(st.lists(piece, max_size=6), label="stream"))
    places = data.draw(st.lists(st.integers(0, 1000)), label="places")

    assert fed(fresh(name), cut(stream, places)) == fed(fresh(name), [stream])


@pytest.mark.parametrize("name", drivers.names())
@pytest.mark.parametrize("byte", [b"\x00", b"A", b"\xa5", b"\xa5A", b"{", b'"', b"\x02"])
def test_what_a_driver_holds_is_bounded(name: str, byte: bytes) -> None:
    driver = fresh(name)
    for _ in range(64):
        driver.receive(byte * 1024, AT)
    driver.receive(byte[:1] + byte[1:] * 65536, AT)

    assert held(driver, set()) < MOST_HELD
