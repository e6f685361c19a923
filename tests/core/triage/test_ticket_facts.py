"""Facts of one ticket, and the rules on them beyond their stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.core.events import TicketServed
from edge.core.instant import seconds
from tests.core.triage.branch import crowd, play, policy, records, states
from tests.core.triage.stories import rate, told_until
from tests.play import Play, at

if TYPE_CHECKING:
    from edge.core.commands import Command


def absent(scene: Play, clock: str, *tickets: str) -> list[tuple[str, str]]:
    found: list[Command] = []
    for ticket in tickets:
        scene.call(clock, ticket, "1")
        found += scene.no_show(clock, ticket, "1")
    return states(found)


# -- who did not come --------------------------------------------------------------------------------------------------


def test_the_fifth_absent_within_ten_minutes_is_looked_for_and_the_next_ones_are_not() -> None:
    scene = play(policy("no-show-search"))
    crowd(scene, "9:01", 9)
    assert absent(scene, "9:02", "A1", "A2", "A3", "A4") == []
    assert absent(scene, "9:11:59", "A5") == [("no-show-search.A5.1", "raised")]
    assert absent(scene, "9:11:59", "A6", "A7") == []


def test_the_window_slides() -> None:
    scene = play(policy("no-show-search"))
    crowd(scene, "9:01", 9)
    absent(scene, "9:02", "A1", "A2", "A3", "A4")

    assert absent(scene, "9:12", "A5") == []  # the four are ten minutes ago
    assert absent(scene, "9:13", "A6", "A7", "A8", "A9") == [("no-show-search.A9.1", "raised")]


def test_a_count_of_its_own_is_the_rules_key() -> None:
    scene = play(policy("no-show-search", no_show_search={"count": 2}))
    crowd(scene, "9:01", 2)

    assert absent(scene, "9:02", "A1", "A2") == [("no-show-search.A2.1", "raised")]


def test_the_search_is_over_when_the_customer_is_called_again() -> None:
    scene = play(policy("no-show-search"))
    scene.issue("9:01", "A1", needs=("disabled",))
    (raised,) = records(scene.call("9:02", "A1", "1") + scene.no_show("9:03", "A1", "1"))
    assert raised.because["absent"] == ["A1"]
    assert raised.because["ticket"]["needs"] == ["disabled"]

    assert states(scene.recall("9:05", "A1", "1")) == []  # an ended ticket is not called by a recall
    assert states(scene.call("9:06", "A1", "1")) == [("no-show-search.A1.1", "cleared")]


# -- waits beyond what was told ----------------------------------------------------------------------------------------


def test_without_a_forecast_at_issue_nothing_was_told() -> None:
    scene = Play(policy("long-wait"))
    scene.open("9:00", "1", "cash")
    scene.issue("9:00", "A1")

    assert scene.hall.tickets["A1"].told_until is None
    assert states(scene.until("16:00")) == []


def test_a_forecast_of_yesterday_was_told_to_nobody_today() -> None:
    scene = play(policy("long-wait"))
    scene.date = "2026-03-03"
    scene.issue("0:30", "A1")  # before the day's first forecast

    assert scene.hall.tickets["A1"].told_until is None


def test_what_was_told_is_the_p90_of_the_next_ticket_at_issue() -> None:
    scene = play(policy("long-wait"))
    crowd(scene, "9:01", 4)
    scene.until("9:02")
    told = scene.hall.outlook.next["cash"].p90_s
    scene.issue("9:02", "B1")

    assert told is not None
    assert scene.hall.tickets["B1"].told_until == at("9:02") + seconds(told)


def test_each_ticket_has_its_own_wait_and_those_called_in_time_are_silent() -> None:
    scene = play(policy("long-wait"))
    scene.issue("9:01", "A1")
    scene.issue("9:02", "A2")
    scene.call("9:05", "A1", "1")
    due = told_until(scene, "A2")

    record = records(scene.until("12:00"))[0]
    assert (record.prompt, record.at) == ("long-wait.A2.1", due)


# -- ratings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rating", "raised"), [(1, True), (2, True), (3, False), (5, False)])
def test_a_rating_at_the_end_of_the_service_counts_as_one_that_comes_later(rating: Any, raised: bool) -> None:
    scene = play(policy("bad-rating"))
    found = records(scene.feed(TicketServed(at=at("9:05"), ticket="S1", window="1", rating=rating)))

    assert [(r.prompt, r.to) for r in found] == [("bad-rating.S1.1", ("lobby_manager", "supervisor"))] * raised


def test_every_bad_rating_is_its_own() -> None:
    scene = play(policy("bad-rating"), windows=2)
    scene.serve("9:05", "S1", "1")
    scene.serve("9:05", "S2", "2")

    assert states(rate(scene, "9:06", "S1", 1)) == [("bad-rating.S1.1", "raised")]
    (record,) = records(rate(scene, "9:06", "S2", 1))
    assert record.text.zh == "2号窗得差评，请在客户走前问清"
    assert states(rate(scene, "9:07", "S1", 4)) == [("bad-rating.S1.1", "cleared")]


def test_one_that_is_over_at_the_instant_of_its_deadline_goes_to_nobody_else() -> None:
    """Ten minutes after the rating its giver has left, and ten minutes are two deadlines of five."""
    scene = play(policy("bad-rating"))
    scene.serve("9:05", "S1", "1")
    rate(scene, "9:06", "S1", 1)

    assert [(r.state, r.to) for r in records(scene.until("9:15:59"))] == [("escalated", ("branch_head",))]
    assert states(scene.until("9:16")) == [("bad-rating.S1.1", "cleared")]


def test_who_rates_again_may_be_asked_for_as_long_again() -> None:
    scene = play(policy("bad-rating"))
    scene.serve("9:05", "S1", "1")
    rate(scene, "9:06", "S1", 2)
    assert states(rate(scene, "9:12", "S1", 1)) == [("bad-rating.S1.1", "escalated")]

    last = records(scene.until("9:40"))[-1]
    assert (last.state, last.at) == ("cleared", at("9:22"))


def test_a_rating_of_nobody_is_ignored() -> None:
    scene = play(policy("bad-rating"))

    assert states(rate(scene, "9:06", "X1", 1)) == []
    assert "X1" not in scene.hall.tickets


# -- calls no voice brings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("need", "raised"), [("deaf", True), ("foreign", True), ("elderly", False), ("infant", False)])
def test_only_those_are_fetched_whom_a_voice_does_not_reach(need: Any, raised: bool) -> None:
    scene = play(policy("assist-called"))
    scene.issue("9:01", "A1", needs=(need,))

    assert states(scene.call("9:05", "A1", "1")) == [("assist-called.A1.1", "raised")] * raised


def test_a_service_that_ends_soon_needs_nobody_to_fetch() -> None:
    scene = play(policy("assist-called"))
    scene.issue("9:01", "A1", needs=("deaf",))
    scene.issue("9:01", "A2")
    scene.call("9:05", "A1", "1")

    assert states(scene.call("9:06", "A2", "1")) == [("assist-called.A1.1", "cleared")]


def test_a_need_goes_with_its_ticket() -> None:
    scene = play(policy("assist"))
    scene.issue("9:01", "A1", needs=("elderly",))

    assert states(scene.cancel("9:02", "A1")) == [("assist.A1.1", "cleared")]


# -- on to another business --------------------------------------------------------------------------------------------


def test_what_was_told_at_issue_was_the_wait_for_the_first_call() -> None:
    scene = play(policy("long-wait"))
    scene.issue("9:01", "A1")
    scene.issue("9:02", "A2")
    assert told_until(scene, "A1") < at("11:00")
    scene.call("11:00", "A1", "1")

    assert states(scene.transfer("11:01", "A1", service="account")) == []
    assert all(prompt != "long-wait.A1.2" for prompt, _ in states(scene.until("16:00")))


def test_a_small_amount_is_the_business_it_came_for() -> None:
    scene = play(policy("low-value-cash"))
    scene.issue("9:01", "A0")
    scene.issue("9:02", "A1", amount_band="small")
    scene.call("9:03", "A1", "1")
    assert scene.hall.tickets["A1"].amount_band == "small"
    assert states(scene.transfer("9:04", "A1", service="coins")) == []
    assert scene.hall.tickets["A1"].amount_band is None


# -- sent back ---------------------------------------------------------------------------------------------------------


def test_only_the_window_that_served_it_sends_a_ticket_back() -> None:
    scene = play(policy("returned-ticket"), windows=2)

    assert states(scene.transfer("9:05", "S1", service="account")) == []
    assert states(scene.transfer("9:06", "S2", window="1")) == []
    scene.call("9:07", "S2", "1")
    assert states(scene.transfer("9:08", "S2", window="1")) == [("returned-ticket.S2.1", "raised")]
