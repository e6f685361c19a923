import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from drivers._megatec_lines import INFORMATION, RATING, STATUS, Frames, Rating, Status, parse

PAPER = b"(208.4 140.0 208.4 034 59.9 2.05 35.0 00110000"
FIELDS = {"in_v": "input_v", "fault_v": "fault_v", "out_v": "output_v", "load_pct": "load_percent", "freq": "input_hz"}
FIELDS |= {"batt_v": "battery_v", "temp": "temperature_c", "utility_fail": "mains_lost", "battery_low": "battery_low"}
FIELDS |= {"bypass_or_avr": "passed_by", "ups_failed": "failed", "standby": "standby", "test": "testing"}
FIELDS |= {"shutdown": "shutting_down"}


def status(line: bytes = PAPER) -> Status:
    said = parse(STATUS, line)
    assert isinstance(said, Status)
    return said


def test_every_published_line_is_read_and_written_byte_for_byte(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/megatec.json").read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) >= 2
    for vector in vectors:
        said = status(vector["rx"].rstrip("\r").encode())

        assert said.encode().decode() == vector["rx"]
        assert vector["tx"].encode() == STATUS
        for field, wanted in vector["fields"].items():
            assert field == "beeper" or getattr(said, FIELDS[field]) == wanted


def test_ratings_and_names_are_read_and_written() -> None:
    rating, name = b"#220.0 007 24.00 50.0", b"#MegaTec         M1000K     V001203.12"

    assert parse(RATING, rating) == Rating(220.0, 7, "24.00", 50.0)
    for question, line in ((RATING, rating), (INFORMATION, name)):
        said = parse(question, line)
        assert said is not None
        assert said.encode() == line + b"\r"


@pytest.mark.parametrize("gap", [b"@", b"@@@.@", b"---.-"])
def test_what_a_ups_does_not_know_is_none(gap: bytes) -> None:
    assert status(PAPER.replace(b"140.0", gap)).fault_v is None
    assert status(PAPER.replace(b"034", gap)).load_percent is None


@pytest.mark.parametrize(
    "line",
    [
        PAPER[:-1],
        PAPER[1:],
        PAPER + b"0",
        PAPER.replace(b" 2.05", b""),
        PAPER.replace(b"2.05", b"205"),
        PAPER + b" ",
        PAPER.replace(b"034", b"03 4"),
        PAPER.replace(b"00110000", b"00210000"),
        PAPER.replace(b"00110000", b"@@@@@@@@"),
        PAPER.replace(b"208.4", b"2o8.4"),
        PAPER.replace(b" ", b"  "),
        b"#220.0 007 24.00 50.0",
        b"",
    ],
)
def test_a_line_that_is_not_well_formed_is_no_answer(line: bytes) -> None:
    assert parse(STATUS, line) is None


@pytest.mark.parametrize("volts", ["13.6", "2.27", "06.8", "2.00"])
def test_the_voltage_of_the_battery_has_one_digit_or_two_behind_the_point(volts: str) -> None:
    line = b"(229.8 229.8 230.1 012 50.0 %b 25.0 00001001" % volts.encode()

    assert status(line).battery_v == float(volts)
    assert status(line).encode() == line + b"\r"


@given(st.integers(0, 9999), st.integers(0, 999), st.integers(0, 255), st.booleans())
def test_any_status_comes_back_as_it_was_and_any_change_changes_the_line(
    tenths: int, load: int, bits: int, known: bool
) -> None:
    item: dict[str, Any] = asdict(status()) | {
        "input_v": tenths / 10 if known else "---.-",
        "load_percent": load,
        "bits": f"{bits:08b}",
        "battery": "27.4",
    }
    line = Frames().encode(item)

    assert Frames().decode([line]) == [item]
    assert Frames().encode(item | {"bits": f"{bits ^ 1:08b}"}) != line
    assert Frames().encode(item | {"load_percent": (load + 1) % 1000}) != line


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"ask": "S01"}, "'ask' is 'S01'; accepted: Q1, I, F"),
        ({"rated_v": 220.0}, "lacks 'rated_a'"),
        (asdict(status()) | {"input_v": 208.44}, "'input_v' is 208.44: the line has no room for that"),
        (asdict(status()) | {"bits": "2"}, "that makes no line of this protocol: "),
        (asdict(status()) | {"load_percent": "much"}, "no number or text that the line can hold"),
        ({"maker": "A", "model": "B", "version": "C" * 11}, "that makes no line of this protocol: "),
        (asdict(status()) | {"load_percent": "034"}, "no number or text that the line can hold"),
        (asdict(status()) | {"load": 1}, "unknown field 'load'"),
    ],
)
def test_what_no_line_can_say_is_refused(item: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Frames().encode(item)


@pytest.mark.parametrize(
    "line",
    [
        b"(237.1 237.1 237.1 008 50.1 27.1 --.- 00001001",
        b"(000.0 238.1 228.0 001 00.0 25.7 --.- 10001001",
        b"(208.4 @@@.@ 208.4 @@@ @@.@ @ 35.0 00110000",
        b"#220.0 000 024.0 50.0",
        b"#220.0 @@@ 24.00 50.0",
        b"#220.0 007 --.-- 50.0",
        b"#-------------   ------     VT12046Q  ",
    ],
)
def test_lines_in_use_come_back_byte_for_byte_with_what_the_ups_does_not_know(line: bytes) -> None:
    (item,) = Frames().decode([line + b"\r"])

    assert "bad_frame" not in item
    assert Frames().encode(item) == line + b"\r"


def test_what_is_not_known_may_be_left_open() -> None:
    item = asdict(status()) | {"temperature_c": None, "battery": None}

    assert Frames().encode(item) == b"(208.4 140.0 208.4 034 59.9 @ @ 00110000\r"


def test_questions_lines_and_what_is_neither_are_shown() -> None:
    assert Frames().decode([b"Q1\rS01\r", b"#220"]) == [
        {"ask": "Q1"},
        {"bad_frame": "no line of this protocol: b'S01'"},
        {"bad_frame": "4 bytes of a line that does not end"},
    ]
    assert Frames().encode({"ask": "F"}) == RATING
