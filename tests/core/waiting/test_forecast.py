import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.hall import Hall, Ticket
from edge.core.policy import Policy
from edge.core.waiting import NextWait, Outlook, Wait, forecast, look, wait_of, what_if
from edge.core.waiting.learnt import Leaving
from tests.core.waiting.halls import NO_POLICY, NOON, busy_hall, next_wait, policy_of, queue, taught, waits, window

CLASSES = ("cash", "account", "loan")
POLICIES = (
    NO_POLICY,
    policy_of({"1": ("cash",), "2": ("cash", "account")}, typical_s=240.0),
)

duration_s = st.floats(0.0, 20_000.0)
services = st.lists(st.sampled_from(CLASSES), min_size=1, max_size=3, unique=True)
windows = st.tuples(st.sampled_from(["open", "open", "paused", "closed"]), services, st.none() | duration_s)
tickets = st.tuples(
    st.sampled_from(CLASSES),
    st.sampled_from(["ordinary", "silver", "gold", "private"]),
    duration_s,
    st.sampled_from([None, None, None, "1", "9"]),
)


@st.composite
def halls(draw: Any) -> Hall:
    """Any hall: windows in any state, tickets of any kind, and any past."""
    hall = Hall(now=NOON, day=1)
    for service, at, lasted_s in draw(
        st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from("123"), duration_s))
    ):
        taught(hall, service, lasted_s, at=at)
    for number, (state, takes, busy_s) in enumerate(draw(st.lists(windows, max_size=6)), 1):
        window(hall, str(number), *takes, state=state, busy_s=busy_s, free_s=draw(duration_s))
    for number, (service, tier, waited_s, aimed) in enumerate(draw(st.lists(tickets, max_size=15)), 1):
        queue(hall, f"T{number}", service=service, tier=tier, waited_s=waited_s, for_window=aimed)
    leaving = hall.learnt.leaving
    leaving.left = draw(st.floats(0.0, 50.0))
    leaving.waited_s = leaving.left * draw(st.floats(30.0, 5000.0))
    for gap_s in draw(st.lists(duration_s, max_size=5)):
        hall.learnt.gaps.expose(0.0, gap_s)
        hall.learnt.gaps.end(gap_s, 0.99)
    return hall


def sane(wait: Wait | NextWait) -> bool:
    figures = (wait.p10_s, wait.p50_s, wait.p90_s, wait.mean_s)
    if None in figures:
        return figures == (None, None, None, None) and isinstance(wait, NextWait) and wait.reason is not None
    p10_s, p50_s, p90_s, mean_s = (figure for figure in figures if figure is not None)
    return 0.0 <= p10_s <= p50_s <= p90_s < math.inf and 0.0 <= mean_s < math.inf


@settings(deadline=None)
@given(halls(), st.sampled_from(POLICIES))
def test_every_figure_of_any_hall_is_finite_in_order_and_not_negative(hall: Hall, policy: Policy) -> None:
    outlook = forecast(hall, policy, NOON)
    assert all(sane(wait) for wait in outlook.tickets.values())
    assert all(sane(wait) for wait in outlook.next.values())
    assert outlook.next.keys() >= hall.services.keys()
    if not policy.configured:
        assert outlook.tickets.keys() == hall.waiting.keys()


@settings(deadline=None)
@given(halls(), st.sampled_from(POLICIES))
def test_one_ticket_is_told_what_the_forecast_says(hall: Hall, policy: Policy) -> None:
    outlook = forecast(hall, policy, NOON)
    assert {id: wait_of(hall, policy, id, NOON) for id in outlook.tickets} == outlook.tickets


@settings(deadline=None)
@given(halls(), st.sampled_from(POLICIES))
def test_a_look_is_the_forecast_with_or_without_its_tickets(hall: Hall, policy: Policy) -> None:
    whole = forecast(hall, policy, NOON)
    assert look(hall, policy, NOON) == Outlook(NOON, whole.next)
    assert look(hall, policy, NOON, tickets=True) == whole


@settings(deadline=None)
@given(halls(), st.sampled_from(POLICIES))
def test_asking_changes_nothing_and_the_same_hall_gives_the_same_answer(hall: Hall, policy: Policy) -> None:
    before = repr(hall)
    first = forecast(hall, policy, NOON)
    what_if(hall, policy, NOON, open_windows=("1", "9"), extra_windows=2, leave={"cash": 3})
    assert forecast(hall, policy, NOON) == first
    assert repr(hall) == before


@settings(deadline=None)
@given(halls(), st.sampled_from(POLICIES))
def test_where_nobody_gives_up_one_more_window_makes_nobody_later(hall: Hall, policy: Policy) -> None:
    hall.learnt.leaving = Leaving()  # who would have left stays for the new window, and then for others too
    before = forecast(hall, policy, NOON)
    for change in (
        what_if(hall, policy, NOON, extra_windows=1),
        what_if(hall, policy, NOON, open_windows=tuple(id for id, w in hall.windows.items() if w.state == "closed")),
    ):
        for id, wait in before.tickets.items():
            assert change.tickets[id].mean_s <= wait.mean_s + 1e-6
        for service, newcomer in before.next.items():
            if newcomer.mean_s is not None:
                assert (change.next[service].mean_s or 0.0) <= newcomer.mean_s + 1e-6


@settings(deadline=None)
@given(halls())
def test_positions_are_places_in_the_calling_order(hall: Hall) -> None:
    window(hall, "1")
    for open_window in hall.windows.values():
        open_window.services = CLASSES
    for ticket in hall.tickets.values():
        ticket.for_window = None
    positions = [wait.position for wait in forecast(hall, NO_POLICY, NOON).tickets.values()]
    assert positions == list(range(1, len(hall.waiting) + 1))


def test_a_wait_falls_when_a_window_opens_and_rises_when_one_pauses() -> None:
    hall = busy_hall(windows=2)
    before = waits(hall)["T4"].p50_s
    window(hall, "3", busy_s=10)
    assert waits(hall)["T4"].p50_s < before
    hall.windows["3"].state = hall.windows["2"].state = "paused"
    assert waits(hall)["T4"].p50_s > before


def test_who_has_more_people_ahead_waits_longer() -> None:
    said = list(waits(busy_hall(waiting=30)).values())
    assert [wait.position for wait in said] == list(range(1, 31))
    assert all(one.mean_s < two.mean_s for one, two in pairwise(said))


def test_a_cold_branch_of_four_minute_services_is_told_by_queue_length() -> None:
    said = waits(busy_hall(windows=4, waiting=8, busy_s=0))
    assert said["T8"].mean_s == pytest.approx(8 * 245.0 / 4, rel=0.1)
    assert said["T8"].p10_s < 0.6 * said["T8"].p50_s
    assert said["T8"].p90_s > 1.5 * said["T8"].p50_s


def test_what_is_learnt_moves_the_figures_and_narrows_them() -> None:
    cold, warm = busy_hall(busy_s=0), busy_hall(busy_s=0)
    taught(warm, "cash", 400.0, 500.0, 600.0, times=50)
    before, after = waits(cold)["T4"], waits(warm)["T4"]
    assert after.mean_s > 1.8 * before.mean_s
    assert (after.p90_s - after.p10_s) / after.mean_s < 0.8 * (before.p90_s - before.p10_s) / before.mean_s


def test_who_does_not_wait_has_no_wait() -> None:
    hall = busy_hall(waiting=1)
    assert wait_of(hall, NO_POLICY, "at-1", NOON) is None
    assert wait_of(hall, NO_POLICY, "nobody", NOON) is None


def test_only_a_class_that_no_configured_window_takes_has_no_figures() -> None:
    policy = policy_of({"1": ("cash",)})
    hall = busy_hall(windows=1, waiting=1)
    queue(hall, "L1", service="loan")
    assert "L1" not in waits(hall, policy)
    assert wait_of(hall, policy, "L1", NOON) is None
    refused = next_wait(hall, "loan", policy)
    assert refused == NextWait(None, None, None, None, 0, 0, "low", "no configured window takes this class")
    assert next_wait(hall, "cash", policy).reason is None
    assert next_wait(hall, "loan").mean_s is not None
    window(hall, "7", "loan")
    assert next_wait(hall, "loan", policy).mean_s is not None


def test_every_class_the_configuration_or_an_open_window_names_is_told() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", "cash", "account")
    hall.services.clear()
    assert forecast(hall, policy_of({"1": ("deposit",)}), NOON).next.keys() == {"deposit", "cash", "account"}


def test_a_window_more_without_a_free_one_shortens_the_wait_by_its_share() -> None:
    hall = busy_hall(windows=3, waiting=12)
    before = forecast(hall, NO_POLICY, NOON).next["cash"].mean_s or 0.0
    after = what_if(hall, NO_POLICY, NOON, extra_windows=1).next["cash"].mean_s or 0.0
    assert 0.6 * before < after < 0.8 * before


def test_a_ticket_called_but_never_issued_is_served_like_any_other() -> None:
    hall = busy_hall(windows=1, waiting=1)
    hall.tickets["at-1"] = Ticket(id="at-1", service="", state="serving", window="1")
    assert waits(hall)["T1"].mean_s > 60.0
    del hall.tickets["at-1"]
    assert waits(hall)["T1"].mean_s > 60.0
