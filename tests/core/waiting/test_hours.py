"""Without a roster the hours of the windows are learnt, by weekday once that is known."""

from math import inf

import pytest

from edge.core.hall import Hall
from edge.core.instant import local, seconds
from edge.core.waiting import Learnt, forecast, look
from edge.core.waiting.hours import SLOT_S, WINDOWS_MOST, Kept, LearntHours
from edge.core.waiting.roster import Roster
from tests.core.waiting.halls import NO_POLICY, NOON, queue, taught, window

DAY = local(NOON, NO_POLICY.calendar.zone).toordinal()
DAY_S = 86400.0
NINE, NOON_S, ONE, FIVE = (hour * 3600.0 for hour in (9, 12, 13, 17))
LUNCH = [(NINE, NOON_S), (ONE, FIVE)]
ALL_DAY = [(NINE, FIVE)]


def days(*kept: dict[str, list[tuple[float, float]]]) -> LearntHours:
    """One day after the other, from a Monday on, at which the windows were there within these hours."""
    found = LearntHours()
    for count, hours in enumerate(kept):
        for slot in range(32, 72):
            at_s = slot * SLOT_S
            there = [id for id, spans in hours.items() if any(start <= at_s < end for start, end in spans)]
            found.look(DAY + count, slot, NOON + seconds(count * DAY_S + at_s), there)
    return found


def test_two_days_are_not_enough_and_three_are() -> None:
    day = {"1": LUNCH}
    assert days(day, day).of_day(DAY + 9) == {}
    assert days(day, day, day).of_day(DAY + 9) == {"1": LUNCH}


def test_a_window_without_regular_hours_is_in_no_plan() -> None:
    kept = days(*[{"1": ALL_DAY, "2": ALL_DAY if count % 2 else [(NINE, NOON_S)]} for count in range(8)])
    assert kept.of_day(DAY + 9).keys() == {"1"}


def test_a_weekday_that_is_known_speaks_for_itself() -> None:
    weeks = [{"1": LUNCH if count % 7 == 5 else ALL_DAY} for count in range(28)]
    kept = days(*weeks)
    assert kept.of_day(DAY + 28 + 5) == {"1": LUNCH}
    assert kept.of_day(DAY + 28) == {"1": ALL_DAY}


def test_hours_that_change_are_learnt_anew() -> None:
    kept = days(*[{"1": ALL_DAY}] * 21, *[{"1": LUNCH}] * 70)
    assert kept.of_day(DAY + 100) == {"1": LUNCH}


def test_what_nobody_looked_at_teaches_nothing() -> None:
    kept = days({"1": ALL_DAY}, {"1": ALL_DAY}, {"1": ALL_DAY}, {}, {"1": ALL_DAY})
    looked = days({"1": ALL_DAY}, {"1": ALL_DAY}, {"1": ALL_DAY})
    before = looked.of_day(DAY + 9)
    looked.look(DAY + 40, 40, NOON + seconds(40 * DAY_S), ["1"])
    assert looked.of_day(DAY + 9) == before == {"1": ALL_DAY}
    assert kept.windows["1"][7].looks[40] > looked.windows["1"][7].looks[40]


def learnt_of_days(count: int) -> Learnt:
    """A branch of two windows, one of which goes to lunch, looked at through so many days."""
    hall = Hall()
    for day in range(count):
        for slot in range(32, 72):
            at = NOON + seconds((day - count) * DAY_S - NOON_S + slot * SLOT_S)
            away = NOON_S <= slot * SLOT_S < ONE
            hall.now = at
            window(hall, "1", free_s=0)
            window(hall, "2", free_s=0, state="paused" if away else "open")
            look(hall, NO_POLICY, at)
    return hall.learnt


def test_lunch_is_known_without_a_roster() -> None:
    told = {}
    for count in (1, 5):
        hall = Hall(learnt=learnt_of_days(count))
        hall.now = NOON - seconds(300)
        taught(hall, "cash", 240.0, times=50)
        for id in ("1", "2"):
            window(hall, id, busy_s=420)
        queue(hall, *(f"T{n}" for n in range(20)), waited_s=400)
        told[count] = forecast(hall, NO_POLICY, hall.now).tickets["T19"].mean_s
    assert told[5] > 1.25 * told[1]


def test_a_window_that_always_comes_at_one_is_expected_before_it_has_opened() -> None:
    waits = {}
    for known in (False, True):
        hall = Hall(now=NOON)
        if known:
            hall.learnt.hours = days(*[{"2": [(ONE, FIVE)]}] * 4)
            hall.learnt.hours.look(DAY + 4, 40, NOON, [])
        taught(hall, "cash", 240.0, at="2", times=50)
        window(hall, "1", busy_s=60)
        queue(hall, *(f"T{n}" for n in range(40)))
        waits[known] = forecast(hall, NO_POLICY, NOON).tickets["T39"].mean_s
    assert waits[True] < 0.8 * waits[False]


def test_its_size_is_bounded_and_another_division_of_the_day_is_refused() -> None:
    kept = days(*[{f"{count}-{n}": ALL_DAY for n in range(40)} for count in range(4)])
    assert len(kept.windows) == WINDOWS_MOST
    with pytest.raises(ValueError, match="quarters"):
        Kept(looks=[1.0])


def test_the_last_to_go_stays_until_everybody_has_been_served() -> None:
    hall = Hall(now=NOON)
    hall.learnt.hours = days(*[{"1": ALL_DAY, "2": [(NINE, FIVE - SLOT_S)], "3": [(NINE, NOON_S)]}] * 4)
    for id in "123":
        window(hall, id)
    roster = Roster(hall, NO_POLICY, NOON - seconds(3600.0))
    assert [roster.spans(id)[0][1] for id in "123"] == [inf, inf, 3600.0]
