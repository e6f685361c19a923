"""Arrivals: what is remembered of them, what is learnt, what is expected."""

from __future__ import annotations

import pytest

from edge.core import footfall
from edge.core.footfall import KEPT, KEPT_AT_MOST, SLOTS, Usual
from edge.core.hall import Hall
from edge.core.instant import SECOND, seconds
from edge.core.policy import Policy
from tests.play import Play, at

ANY = Policy()


def day_of(date: str, *clocks: str, scene: Play | None = None) -> Play:
    """A day with an arrival at each of these times."""
    scene = scene or Play()
    scene.date = date
    for number, clock in enumerate(clocks):
        scene.issue(clock, f"{date}-{number}")
    return scene


def test_arrivals_are_counted_after_an_instant_and_between_two() -> None:
    found = day_of("2026-03-02", "9:00", "9:01", "9:01", "9:02").hall.footfall

    assert [found.since(at(clock)) for clock in ("8:59", "9:00", "9:01", "9:02")] == [4, 3, 1, 0]
    assert found.between(at("9:01"), at("9:02")) == 3
    assert found.between(at("9:00"), at("9:00")) == 1
    assert found.oldest_after(at("9:00")) == at("9:01")
    assert found.oldest_after(at("9:02")) is None
    assert found.classes_since(at("9:00")) == {"cash": 3}


def test_no_more_is_kept_than_two_hours_and_so_many() -> None:
    scene = day_of("2026-03-02", "9:00", "9:30", "11:00")
    assert scene.hall.footfall.recent[0] == (at("9:30"), "cash")

    hall = Hall(day=1)
    for number in range(KEPT_AT_MOST + 10):
        footfall.came(hall, ANY, "cash", number)
    assert len(hall.footfall.recent) == KEPT_AT_MOST
    assert hall.footfall.recent[-1][0] == KEPT_AT_MOST + 9
    assert hall.footfall.drawn == KEPT_AT_MOST + 10


def test_a_half_hour_of_a_weekday_is_known_when_it_was_seen_twice() -> None:
    usual = Usual()
    usual.learn(3, 10)
    assert usual.expected(3) is None

    usual.learn(3, 20)
    assert usual.expected(3) == pytest.approx((0.8 * 10 + 20) / 1.8)


def test_half_hours_in_which_nobody_came_are_learnt_as_such() -> None:
    scene = day_of("2026-03-02", "9:00", "9:10", "10:40")
    day_of("2026-03-03", "9:00", scene=scene)
    usual = scene.hall.learnt.usual

    assert usual.total[18:22] == [2.0, 0.0, 0.0, 1.0]
    assert usual.weight[17:23] == [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]


def test_what_is_usual_outweighs_the_day_so_far() -> None:
    scene = Play()
    for date in ("2026-03-02", "2026-03-09"):
        day_of(date, *(f"9:{minute:02}" for minute in range(0, 30, 5)), scene=scene)
    day_of("2026-03-16", "9:00", scene=scene)

    assert footfall.expected(scene.hall, ANY, at("9:10", "2026-03-16"), seconds(300)) == pytest.approx(1.0)
    assert footfall.expected(scene.hall, ANY, at("9:20", "2026-03-16"), seconds(1200)) == pytest.approx(4.0)


def test_the_day_so_far_speaks_after_half_an_hour_and_without_the_window_itself() -> None:
    scene = day_of("2026-03-02", *(f"9:{minute:02}" for minute in range(40)))
    hall = scene.hall

    assert footfall.expected(hall, ANY, at("9:29:59.9"), seconds(300)) is None
    assert footfall.expected(hall, ANY, at("9:39"), seconds(300)) == pytest.approx(35 / 34 * 5)


def test_the_hours_before_the_first_customer_are_no_part_of_what_is_usual() -> None:
    scene = Play()
    scene.device("4:30", "recycler-1")
    day_of("2026-03-02", *(f"9:{minute:02}" for minute in range(40)), scene=scene)

    assert scene.hall.day_began == at("4:30")
    assert footfall.expected(scene.hall, ANY, at("9:29:59.9"), seconds(300)) is None
    assert footfall.expected(scene.hall, ANY, at("9:39"), seconds(300)) == pytest.approx(35 / 34 * 5)


def test_of_nothing_there_is_no_ratio() -> None:
    scene = day_of("2026-03-02", "9:00")

    assert footfall.expected(scene.hall, ANY, at("12:00"), seconds(300)) == 1.0


def test_a_week_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=f"a week has {SLOTS} slots, not 2"):
        Usual(weight=[0.0, 0.0])


def test_what_is_kept_is_two_hours() -> None:
    assert KEPT == 7200 * SECOND
