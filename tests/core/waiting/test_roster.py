from datetime import UTC, time
from math import inf

import pytest

from edge.core.hall import Hall
from edge.core.policy import Calendar, Policy, WindowPlan
from edge.core.waiting import what_if
from edge.core.waiting.roster import Roster
from tests.core.waiting.halls import NOON, ago, busy_hall, queue, taught, waits, window

LUNCH = ((time(9), time(12, 30)), (time(13, 30), time(17)))


def branch(**hours: tuple[tuple[time, time], ...]) -> Policy:
    """A branch open from nine to five whose windows A, B … take cash and have these hours."""
    return Policy(
        windows={id: WindowPlan(id, ("cash",), spans) for id, spans in hours.items()},
        calendar=Calendar(UTC, time(9), time(17)),
        configured=True,
    )


def test_hours_are_told_in_seconds_from_now() -> None:
    roster = Roster(Hall(), branch(A=LUNCH, B=((time(9), time(11)), (time(14), time(15)))), NOON)
    assert roster.spans("A") == [(-3 * 3600.0, 1800.0), (5400.0, inf)]
    assert roster.spans("B") == [(7200.0, 10800.0)]
    assert roster.spans("nobody") == []


def test_who_is_there_when_the_branch_closes_stays_until_all_are_served() -> None:
    evening = NOON + 6 * 3600 * 1_000_000
    assert Roster(Hall(), branch(A=LUNCH), evening).spans("A")[-1][1] == inf


def test_classes_whose_only_window_has_gone_by_its_hours_wait_for_somebody_to_come() -> None:
    hall = busy_hall(windows=0, waiting=0)
    window(hall, "A", "cash", busy_s=60)
    window(hall, "B", "cash", "loan", free_s=600, since=ago(2 * 3600))
    queue(hall, "T1")
    queue(hall, "L1", service="loan")
    plans = {"A": WindowPlan("A", ("cash",), ((time(9), time(17)),))}
    plans["B"] = WindowPlan("B", ("cash", "loan"), ((time(9), time(11, 30)),))
    said = waits(hall, Policy(windows=plans, calendar=Calendar(UTC, time(9), time(17)), configured=True))
    assert 0.0 < said["T1"].mean_s < said["L1"].mean_s < 3600.0


def test_a_queue_longer_than_the_time_to_lunch_waits_for_the_end_of_lunch() -> None:
    hall = busy_hall(windows=0, waiting=0)
    taught(hall, "cash", 180.0, times=50)
    for id in "AB":
        window(hall, id, busy_s=60)
    queue(hall, *(f"T{n}" for n in range(40)))
    always, lunch = branch(A=((time(9), time(17)),), B=((time(9), time(17)),)), branch(A=LUNCH, B=LUNCH)
    assert waits(hall, lunch)["T5"].mean_s == pytest.approx(waits(hall, always)["T5"].mean_s, rel=0.01)
    assert waits(hall, lunch)["T30"].mean_s > waits(hall, always)["T30"].mean_s + 3000.0
    first = next(wait for wait in waits(hall, lunch).values() if wait.mean_s > 1800.0)
    assert first.mean_s == pytest.approx(5400.0, abs=1.0)


def test_a_window_that_is_to_come_shortens_the_waits_that_last_until_then() -> None:
    hall = busy_hall(windows=0, waiting=0)
    window(hall, "A", busy_s=60)
    queue(hall, *(f"T{n}" for n in range(20)))
    alone = branch(A=((time(9), time(17)),))
    soon = branch(A=((time(9), time(17)),), B=((time(12, 20), time(17)),))
    assert waits(hall, soon)["T2"].mean_s == pytest.approx(waits(hall, alone)["T2"].mean_s)
    assert waits(hall, soon)["T19"].mean_s < 0.75 * waits(hall, alone)["T19"].mean_s


def test_a_pause_lasts_until_the_next_hours() -> None:
    hall = Hall(now=NOON, day=1)
    window(hall, "A", state="paused", changed_at=ago(60))
    queue(hall, "T1")
    assert waits(hall, branch(A=((time(9), time(11, 59)), (time(13), time(17)))))["T1"].mean_s == pytest.approx(3600.0)


def test_a_window_that_works_on_after_its_hours_is_counted_on() -> None:
    policy = branch(A=((time(9), time(11, 30)),), B=((time(9), time(17)),))
    hall = busy_hall(windows=0, waiting=0)
    window(hall, "B", busy_s=100)
    queue(hall, *(f"T{n}" for n in range(10)))
    window(hall, "A", busy_s=3000)
    about_to_go = waits(hall, policy)["T9"].mean_s
    window(hall, "A", busy_s=300)
    stays = waits(hall, policy)["T9"].mean_s
    assert stays < 0.7 * about_to_go


def test_a_window_opened_by_hand_counts_from_now_whatever_its_plan() -> None:
    policy = branch(A=((time(9), time(17)),), B=((time(15), time(17)),))
    hall = busy_hall(windows=0, waiting=0)
    window(hall, "A", busy_s=60)
    queue(hall, *(f"T{n}" for n in range(10)))
    before = what_if(hall, policy, NOON).tickets["T9"].mean_s
    assert what_if(hall, policy, NOON, open_windows=("B",)).tickets["T9"].mean_s < 0.7 * before
