from datetime import UTC, time

import pytest

from edge.core.hall import Hall
from edge.core.instant import SECOND
from edge.core.policy import Calendar, Policy, WindowPlan
from edge.core.waiting import what_if
from edge.core.waiting.capacity import COMING_S, PAUSE_S
from edge.core.waiting.learnt import AtWindow
from tests.core.waiting.halls import NO_POLICY, NOON, ago, busy_hall, next_wait, policy_of, queue, waits, window


def planned(*hours: tuple[time, time], **calendar: time) -> Policy:
    policy = policy_of({"1": ("cash",)}, calendar=Calendar(UTC, **calendar))
    return Policy(
        services=policy.services,
        windows={"1": WindowPlan("1", ("cash",), hours)},
        calendar=policy.calendar,
        configured=True,
    )


def test_a_free_window_means_a_wait_of_seconds() -> None:
    hall = Hall(now=NOON)
    window(hall, "1")
    assert 0.0 < (next_wait(hall).mean_s or 0.0) < 30.0


def test_a_window_that_lets_people_wait_has_probably_left() -> None:
    hall = busy_hall(windows=2, waiting=1)
    busy_only = waits(hall)["T1"].mean_s
    window(hall, "3", free_s=900)
    just_free = waits(hall)["T1"].mean_s
    hall.learnt.windows["3"] = AtWindow(missed_s=840.0, until=ago(60))
    long_silent = waits(hall)["T1"].mean_s
    assert just_free < 0.7 * busy_only
    assert 0.8 * busy_only < long_silent <= busy_only
    assert next_wait(hall).windows == 2


def test_an_idle_window_with_nobody_waiting_is_no_suspect() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", free_s=7200)
    assert next_wait(hall).windows == 1
    assert 0.0 < (next_wait(hall).mean_s or 0.0) < 30.0


def test_a_window_that_was_silent_before_it_was_opened_again_starts_afresh() -> None:
    hall = busy_hall(windows=1, waiting=1)
    window(hall, "2", free_s=5)
    hall.learnt.windows["2"] = AtWindow(missed_s=3600.0, until=ago(600))
    assert next_wait(hall).windows == 2


def test_a_service_far_longer_than_usual_still_ends_within_reason() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", busy_s=6 * 3600)
    assert 60.0 < (next_wait(hall).mean_s or 0.0) < 900.0


def test_paused_windows_come_back() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", busy_s=60)
    window(hall, "2", state="paused")
    queue(hall, *(f"T{n}" for n in range(20)))
    one_window = Hall(now=NOON)
    window(one_window, "1", busy_s=60)
    queue(one_window, *(f"T{n}" for n in range(20)))
    alone_s = waits(one_window)["T0"].mean_s
    assert 0.8 * alone_s < waits(hall)["T0"].mean_s < alone_s  # half an hour is a mean: it may come any moment
    assert waits(hall)["T19"].mean_s < 0.9 * waits(one_window)["T19"].mean_s


def test_a_pause_is_no_longer_for_the_people_who_wait_meanwhile() -> None:
    said = []
    for waited_s in (60.0, 3600.0):
        hall = busy_hall(windows=1, waiting=0)
        window(hall, "2", state="paused", free_s=3600)
        queue(hall, *(f"T{n}" for n in range(20)), waited_s=waited_s)
        said.append(waits(hall)["T19"])
    assert said[0] == said[1]


def test_a_paused_window_finishes_its_ticket_and_counts_for_nothing_now() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", state="paused", busy_s=60)
    assert next_wait(hall).windows == 0
    assert (next_wait(hall).mean_s or 0.0) >= min(COMING_S, PAUSE_S)


def test_where_everybody_is_away_somebody_is_fetched() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", state="paused", changed_at=ago(7 * 3600))
    queue(hall, "T1", waited_s=30)
    assert waits(hall)["T1"].mean_s == pytest.approx(COMING_S + 30.0)


def test_a_class_whose_windows_closed_is_forecast_with_their_coming() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", state="closed")
    window(hall, "2", state="closed")
    queue(hall, "T1", "T2", "T3", waited_s=10)
    said = waits(hall)
    assert 100.0 < said["T1"].mean_s < 400.0
    assert said["T3"].mean_s > said["T1"].mean_s
    assert next_wait(hall).windows == 0


def test_a_class_nobody_has_served_yet_is_forecast_with_one_window_coming() -> None:
    hall = Hall(now=NOON)
    queue(hall, "T1", waited_s=0)
    assert waits(hall)["T1"].mean_s == pytest.approx(COMING_S)


def test_planned_windows_come_when_their_hours_say_so() -> None:
    hall = Hall(now=NOON)
    queue(hall, "T1", waited_s=0)
    at_half_past = planned((time(9), time(11, 30)), (time(12, 30), time(17)))
    assert waits(hall, at_half_past)["T1"].mean_s == pytest.approx(1800.0)
    assert waits(hall, planned((time(9), time(17))))["T1"].mean_s == pytest.approx(COMING_S)
    assert waits(hall, planned((time(8), time(9))))["T1"].mean_s == pytest.approx(COMING_S)
    assert waits(hall, planned(open=time(13), close=time(17)))["T1"].mean_s == pytest.approx(3600.0)


def test_a_configured_window_that_is_closed_does_not_count_while_another_is_open() -> None:
    policy = policy_of({"1": ("cash",), "2": ("cash",)})
    hall = busy_hall(windows=1)
    assert waits(hall, policy)["T4"].mean_s == pytest.approx(waits(hall, policy_of({"1": ("cash",)}))["T4"].mean_s)


def test_opening_a_paused_or_closed_window_helps_and_opening_an_open_one_does_not() -> None:
    hall = busy_hall(windows=1)
    window(hall, "2", state="paused")
    window(hall, "3", state="closed")
    before = what_if(hall, NO_POLICY, NOON).tickets["T4"].mean_s
    assert what_if(hall, NO_POLICY, NOON, open_windows=("1",)).tickets["T4"].mean_s == pytest.approx(before)
    for id in ("2", "3"):
        assert what_if(hall, NO_POLICY, NOON, open_windows=(id,)).tickets["T4"].mean_s < 0.8 * before


def test_a_window_known_from_the_plan_alone_can_be_opened() -> None:
    hall = busy_hall(windows=1)
    policy = policy_of({"1": ("cash",), "9": ("cash", "account")})
    before = waits(hall, policy)["T4"].mean_s
    assert what_if(hall, policy, NOON, open_windows=("9",)).tickets["T4"].mean_s < before
    assert what_if(hall, policy, NOON, open_windows=("no such window",)).tickets["T4"].mean_s == before


def test_silence_is_counted_in_exact_time() -> None:
    hall = busy_hall(windows=1, waiting=1)
    window(hall, "2", free_s=600)
    hall.learnt.windows["2"] = AtWindow(missed_s=0.0, until=NOON - 300 * SECOND)
    hall.tickets["T1"].waiting_since = ago(600)
    hall.waiting["T1"] = ago(600)
    assert next_wait(hall).windows == 1
