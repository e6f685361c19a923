from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._onbon_frames import BRIGHTNESS, SET_TIME, STATUS, Frame, encode
from drivers._onbon_upkeep import (
    Status,
    Upkeep,
    ask_status,
    brightness_at,
    read_status,
    set_brightness,
    set_time,
    times_of_day,
)
from edge.core.instant import SECOND, from_datetime

BEIJING = timezone(timedelta(hours=8))
DAY = {"07:30": 12, "18:00": 5}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=BEIJING)
MINUTE = 60 * SECOND


def upkeep(plan: Mapping[str, int] = DAY, *, every_s: int = 60, keeps_time: bool = True) -> Upkeep:
    return Upkeep(3, zone=BEIJING, ask_every=every_s * SECOND, brightness=plan, keeps_time=keeps_time)


def status(at: int, **changed: Any) -> Status:
    """A card in order at noon and after, but for what is changed."""
    clock = datetime.fromtimestamp(at / SECOND, BEIJING).replace(tzinfo=None)
    return Status(**{"lit": True, "brightness": 12, "clock": clock, **changed})


def commands(card: Upkeep, at: int) -> list[tuple[int, int]]:
    return [frame.command for frame in card.due(at)]


def test_the_time_is_set_as_in_the_makers_example() -> None:
    friday = datetime(2013, 1, 25, 11, 17, 26, tzinfo=UTC)

    assert encode(set_time(1, friday)).hex() == (
        "a5a5a5a5a5a5a5a501000080000000000000fe020d00a2030108001320012511172605b03f5a"
    )


def test_a_brightness_is_forced() -> None:
    assert set_brightness(3, 12) == Frame(dst=3, cmd_group=0xA3, cmd=2, data=b"\x01\x0c")


def test_the_status_is_asked_for_as_in_a_published_frame() -> None:
    assert encode(ask_status(1)).hex() == "a5a5a5a5a5a5a5a501000080000000000000fe020500a1020100002d405a"


def test_a_status_says_state_brightness_and_clock() -> None:
    data = bytes.fromhex("010c2620030201090405" + "00" * 40)

    assert read_status(data) == Status(lit=True, brightness=12, clock=datetime(2026, 3, 2, 9, 4, 5))  # noqa: DTZ001
    assert read_status(b"\x02\x00") == Status(lit=False, brightness=0, clock=None)
    assert read_status(bytes.fromhex("010cff20030201090405")) == Status(lit=True, brightness=12, clock=None)
    assert read_status(b"\x01") is None


@pytest.mark.parametrize(
    ("behind", "areas"),
    [
        ("00", frozenset[int]()),
        ("0105", {5}),
        ("020001", {0, 1}),
        ("02", None),
        ("0100", None),
        ("", None),
    ],
)
def test_a_status_names_the_dynamic_areas_where_all_of_it_is_there(behind: str, areas: set[int] | None) -> None:
    rest = "00" * (28 if areas is not None else 27)
    found = read_status(bytes.fromhex("010c2620030201090405" + "00" * 7 + behind + rest))

    assert found is not None
    assert found.areas == areas


def test_a_card_that_has_lost_our_area_is_blank_and_told_three_times_at_most() -> None:
    card = Upkeep(3, zone=BEIJING, ask_every=60 * SECOND, brightness={}, keeps_time=False, area=1)

    def blank(*areas: int) -> bool:
        return card.blank(status(from_datetime(NOON), areas=frozenset(areas)))

    assert not card.blank(status(from_datetime(NOON), areas=None)), "nothing is known of one that does not say"
    assert not blank(0, 1)
    assert [blank(0), blank(), blank(), blank(), blank()] == [True, True, True, False, False]
    assert not blank(1)
    assert blank(0)


@given(st.binary(max_size=60))
def test_any_data_are_a_status_or_none(data: bytes) -> None:
    assert (read_status(data) is None) == (len(data) < 2)


@pytest.mark.parametrize(
    ("time", "level"), [("00:00", 5), ("07:29", 5), ("07:30", 12), ("17:59", 12), ("18:00", 5), ("23:59", 5)]
)
def test_brightness_goes_by_the_time_of_day(time: str, level: int) -> None:
    assert brightness_at(DAY, datetime.fromisoformat(f"2026-03-02T{time}")) == level


def test_without_a_plan_no_brightness_is_wanted() -> None:
    assert brightness_at({}, NOON) is None


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ({"24:00": 5}, "'24:00' is no time of day; accepted: 00:00 to 23:59"),
        ({"7:30": 5}, "'7:30' is no time of day"),
        ({"07:30": 16}, "the brightness from 07:30 on is 16; accepted: 0 to 15"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(plan: dict[str, int], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        times_of_day(plan)


def test_a_card_with_something_to_keep_is_asked_at_once_and_then_every_minute() -> None:
    card, at = upkeep(), from_datetime(NOON)

    assert commands(card, at) == [STATUS]
    assert commands(card, at + MINUTE - 1) == []
    assert commands(card, at + MINUTE) == [STATUS]


def test_a_card_with_nothing_to_keep_is_asked_when_a_minute_has_passed() -> None:
    card, at = upkeep({}, keeps_time=False), from_datetime(NOON)

    assert commands(card, at) == []
    assert commands(card, at + MINUTE) == [STATUS]
    assert card.heard(status(at, brightness=3, clock=None), at) == ""
    assert commands(card, at + MINUTE) == []


def test_a_card_that_is_never_asked_is_never_told() -> None:
    card, at = upkeep(every_s=0), from_datetime(NOON)

    card.heard(status(at, brightness=3), at)
    assert commands(card, at + MINUTE) == []


def test_what_is_not_as_it_should_be_is_told_and_seen_to_be_mended() -> None:
    card, at = upkeep(), from_datetime(NOON)
    commands(card, at)

    assert card.heard(status(at, brightness=3, clock=datetime(2020, 1, 1)), at) == ""  # noqa: DTZ001
    assert list(card.due(at)) == [set_brightness(3, 12), set_time(3, NOON)]
    assert commands(card, at) == []
    assert card.heard(status(at), at) == ""
    assert commands(card, at + 1) == []


def test_a_clock_a_little_off_is_left_alone() -> None:
    card, at = upkeep(), from_datetime(NOON)
    commands(card, at)

    card.heard(status(at - 30 * SECOND), at)
    assert commands(card, at) == []
    card.heard(status(at - 31 * SECOND), at)
    assert commands(card, at) == [SET_TIME]


def test_a_new_brightness_is_told_when_its_time_has_come() -> None:
    card, at = upkeep(), from_datetime(NOON.replace(hour=17, minute=59))
    commands(card, at)
    card.heard(status(at), at)
    assert commands(card, at) == []

    card.heard(status(at + MINUTE), at + MINUTE)
    assert list(card.due(at + MINUTE)) == [set_brightness(3, 5), ask_status(3)]


def test_a_card_that_does_not_obey_is_told_three_times_and_then_said_to_be_so() -> None:
    card, at = upkeep(), from_datetime(NOON)
    told, said = [], []
    for turn in range(6):
        now = at + turn * MINUTE
        said.append(card.heard(status(now, brightness=3, clock=None), now))
        told += [command for command in commands(card, now) if command != STATUS]

    assert told == [BRIGHTNESS, SET_TIME] * 3
    assert said[:3] == ["", "", ""]
    assert said[3] == "the brightness stays at 3, not 12; the clock does not take the time"
    evening = from_datetime(NOON.replace(hour=18))
    assert card.heard(status(evening, brightness=3), evening) == ""
    assert commands(card, evening)[0] == BRIGHTNESS


def test_a_dark_screen_is_said_and_its_brightness_left_alone() -> None:
    card, at = upkeep(), from_datetime(NOON)
    commands(card, at)

    assert card.heard(status(at, lit=False, brightness=0), at) == "the screen is switched off"
    assert commands(card, at) == []
