from typing import Any

import pytest
from pydantic import ValidationError

from drivers._sensing import Contact, Moving, Settling, Value
from edge.core.instant import SECOND


def contact(**table: Any) -> Settling:
    return Settling(Contact.model_validate({"input": 0, "name": "door", "event": "door_open", **table}))


def value(**table: Any) -> Moving:
    return Moving(Value.model_validate({"name": "temperature", "register": 1, "scale": 0.1, **table}))


def figures(moving: Moving, *contents: int) -> list[str]:
    said = []
    for content in contents:
        moving.read(content)
        said.append(str(moving))
    return said


def parts(moving: Moving, *contents: int) -> list[str]:
    said = []
    for content in contents:
        moving.read(content)
        said.append(moving.part)
    return said


def test_a_change_counts_when_readings_have_agreed_for_long_enough() -> None:
    door = contact(debounce_s=1.0)

    assert [door.read(at * SECOND // 2, closed=True) for at in range(4)] == [False, False, True, False]
    assert door.active


def test_a_single_reading_that_is_taken_back_is_no_change() -> None:
    door = contact()
    readings = [False, True, False, True, False]

    assert not any(door.read(at * SECOND, closed=closed) for at, closed in enumerate(readings))
    assert door.active is False


def test_without_a_debounce_the_first_reading_counts_and_only_beginnings_are_told() -> None:
    door = contact(debounce_s=0)

    assert [door.read(0, closed=closed) for closed in (True, True, False, True)] == [True, False, False, True]


def test_a_contact_that_rests_closed_alarms_when_it_opens() -> None:
    door = contact(normally="closed", debounce_s=0)

    assert [door.read(0, closed=closed) for closed in (True, False)] == [False, True]


def test_a_doubt_makes_a_change_settle_anew() -> None:
    door = contact(debounce_s=1.0)
    door.read(0, closed=True)
    door.doubt()

    assert not door.read(SECOND, closed=True)
    assert door.read(2 * SECOND, closed=True)


def test_a_figure_is_told_anew_when_it_has_moved_by_a_step() -> None:
    assert figures(value(step=0.5, unit="°C"), 305, 309, 310, 306, 305) == [
        "temperature 30.5 °C",
        "temperature 30.5 °C",
        "temperature 31 °C",
        "temperature 31 °C",
        "temperature 30.5 °C",
    ]


def test_registers_are_signed_unless_they_are_not() -> None:
    assert figures(value(), 0xFF9F) == ["temperature -9.7"]
    assert figures(value(signed=False, scale=1, offset=-40), 0xFF9F) == ["temperature 6.54e+04"]


def test_a_limit_is_passed_at_itself_and_taken_back_a_step_inside() -> None:
    assert parts(value(low=5, high=35, step=1), 349, 350, 345, 340, 51, 50, 55, 61) == [
        "ok",
        "high",
        "high",
        "ok",
        "ok",
        "low",
        "low",
        "ok",
    ]


def test_a_register_without_a_reading_is_no_figure() -> None:
    moving = value(absent=0x8000)

    assert parts(moving, 200, 0x8000) == ["ok", "unknown"]
    assert str(moving) == ""


def test_limits_that_leave_no_room_are_refused() -> None:
    with pytest.raises(ValidationError, match="low is 20 and high 21: with step 1 nothing lies between"):
        value(low=20, high=21)
