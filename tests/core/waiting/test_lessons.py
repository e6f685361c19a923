import pytest

from edge.core.hall import Hall
from edge.core.waiting import called, left, service_ended
from edge.core.waiting.capacity import taken
from edge.core.waiting.learnt import PASSED_MOST
from edge.core.waiting.lessons import takes
from edge.core.waiting.turnaround import Turnaround
from tests.core.waiting.halls import NO_POLICY, NOON, ago, busy_hall, next_wait, queue, waits, window


def end(hall: Hall, id: str, outcome: str = "served") -> None:
    at_window = hall.windows[id]
    ticket = hall.tickets[at_window.ticket or ""]
    service_ended(hall, NO_POLICY, ticket, at_window, NOON, outcome=outcome)  # type: ignore[arg-type]
    at_window.ticket, at_window.free_since = None, NOON


def call(hall: Hall, ticket: str, id: str, at: int = NOON) -> None:
    del hall.waiting[ticket]
    called(hall, NO_POLICY, hall.tickets[ticket], hall.windows[id], at)


def test_a_service_that_ends_is_learnt_for_its_class_and_window() -> None:
    hall = busy_hall(windows=2)
    end(hall, "1")
    assert hall.learnt.classes["cash"].served.total_s == 120.0
    assert hall.learnt.windows["1"].cells["cash"].total == 120.0
    assert next_wait(hall).sample == 1


@pytest.mark.parametrize("outcome", ["no_show", "moved"])
def test_a_ticket_that_was_not_served_tells_nothing_about_service_times(outcome: str) -> None:
    hall = busy_hall(windows=2)
    end(hall, "1", outcome)
    assert hall.learnt.classes["cash"].served.weight == 0.0
    assert hall.learnt.classes["cash"].brief == 1.0
    assert hall.learnt.classes["cash"].brief_s == 120.0
    assert next_wait(hall).sample == 0


def test_the_figures_are_good_once_the_class_is_known_from_the_day_and_low_again_the_next() -> None:
    hall = Hall(now=NOON, day=1)
    for _ in range(5):
        assert hall.learnt.day != 1 or next_wait(hall).confidence == "low"
        window(hall, "1", busy_s=100)
        end(hall, "1")
    assert (next_wait(hall).sample, next_wait(hall).confidence) == (5, "good")
    hall.day = 2
    assert (next_wait(hall).sample, next_wait(hall).confidence) == (0, "low")
    window(hall, "1", busy_s=100)
    end(hall, "1")
    assert next_wait(hall).sample == 1


def test_an_end_forgotten_until_the_next_morning_teaches_nothing() -> None:
    hall = busy_hall(windows=1)
    hall.windows["1"].since = ago(15 * 3600)
    end(hall, "1")
    assert "cash" not in hall.learnt.classes


def test_the_gap_between_an_end_and_the_next_call_is_learnt_while_people_wait() -> None:
    hall = busy_hall(windows=1)
    for count in range(30):
        queue(hall, f"N{count}", waited_s=600)
        window(hall, "1", free_s=20)
        call(hall, f"N{count}", "1")
    assert hall.learnt.gaps.weight == pytest.approx(30, rel=0.05)
    assert Turnaround(hall.learnt).mean_s() == pytest.approx(20.0, rel=0.25)


def test_a_window_with_nobody_to_call_has_no_gap() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", free_s=1800)
    queue(hall, "T1", waited_s=0)
    call(hall, "T1", "1")
    assert hall.learnt.gaps.weight == 0.0


def test_a_call_counts_against_the_free_windows_that_let_its_ticket_wait() -> None:
    hall = busy_hall(windows=1, waiting=1)
    window(hall, "2", free_s=600)
    window(hall, "3", "loan", free_s=600)
    window(hall, "4", busy_s=10)
    call(hall, "T1", "1")
    assert hall.learnt.windows["2"].missed_s == 60.0
    assert "3" not in hall.learnt.windows
    assert "4" not in hall.learnt.windows


def test_the_same_seconds_count_once_and_a_call_clears_them() -> None:
    hall = busy_hall(windows=1, waiting=2)
    window(hall, "2", free_s=600)
    call(hall, "T1", "1")
    call(hall, "T2", "1")
    assert hall.learnt.windows["2"].missed_s == 60.0
    queue(hall, "T3", waited_s=5)
    call(hall, "T3", "2")
    assert hall.learnt.windows["2"].missed_s == 0.0


def test_people_who_leave_are_learnt_by_the_time_all_have_waited() -> None:
    hall = busy_hall(windows=1, waiting=2)
    left(hall, NO_POLICY, hall.tickets["T1"], NOON)
    call(hall, "T2", "1")
    assert hall.learnt.leaving.left == pytest.approx(1.0, rel=0.01)
    assert hall.learnt.leaving.waited_s == pytest.approx(119.0, rel=0.01)


def test_a_ticket_of_an_unknown_class_teaches_nothing() -> None:
    hall = busy_hall(windows=1)
    hall.tickets["at-1"].service = ""
    end(hall, "1")
    assert hall.learnt.classes == {}


def test_a_ticket_for_a_window_is_taken_by_it_alone() -> None:
    hall = busy_hall(windows=2, waiting=1)
    hall.tickets["T1"].for_window = "2"
    assert not takes(hall.windows["1"], hall.tickets["T1"])
    assert takes(hall.windows["2"], hall.tickets["T1"])


def test_a_window_that_always_passes_over_a_class_does_not_take_it() -> None:
    hall = busy_hall(windows=2, waiting=0)
    for id in ("1", "2"):
        hall.windows[id].services = ("cash", "loan")
    queue(hall, "L1", service="loan", waited_s=900)
    before = waits(hall)["L1"].mean_s
    for number in range(PASSED_MOST):
        queue(hall, f"C{number}", waited_s=50)
        called(hall, NO_POLICY, hall.tickets[f"C{number}"], hall.windows["1"], NOON)
        del hall.waiting[f"C{number}"]
    assert waits(hall)["L1"].mean_s > 1.3 * before
    assert taken(hall)["1"] == ("cash",)
    called(hall, NO_POLICY, hall.tickets["L1"], hall.windows["1"], NOON)
    assert taken(hall)["1"] == ("cash", "loan")


def test_a_higher_tier_that_goes_first_passes_nobody_over() -> None:
    hall = busy_hall(windows=1, waiting=0)
    hall.windows["1"].services = ("cash", "loan")
    queue(hall, "L1", service="loan", waited_s=900)
    for number in range(9):
        queue(hall, f"G{number}", waited_s=50, tier="gold")
        called(hall, NO_POLICY, hall.tickets[f"G{number}"], hall.windows["1"], NOON)
        del hall.waiting[f"G{number}"]
    assert not hall.learnt.at_window("1").passed


def test_a_class_that_every_window_passes_over_is_still_taken_by_all() -> None:
    hall = busy_hall(windows=2, waiting=0)
    for id in ("1", "2"):
        hall.windows[id].services = ("cash", "loan")
    queue(hall, "L1", service="loan", waited_s=900)
    before = waits(hall)["L1"].mean_s
    for id in ("1", "2"):
        hall.learnt.at_window(id).passed["loan"] = PASSED_MOST
    assert waits(hall)["L1"].mean_s == before
