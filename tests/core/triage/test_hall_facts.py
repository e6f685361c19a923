"""Facts of the hall as a whole, and the rules on them beyond their stories."""

from __future__ import annotations

from datetime import time

import pytest
from msgspec.structs import replace

from edge.core.policy import Calendar
from edge.core.triage.facts import FACTS
from edge.core.triage.hall_facts import last_done
from edge.core.triage.moment import Moment
from tests.core.triage.branch import crowd, leave, play, records, states, unconfigured
from tests.core.triage.stories import STORIES
from tests.play import Play, at

STORY = {story.rule: story for story in STORIES}


def test_the_breaker_counts_the_ordinary_tier_alone_and_follows_the_queue() -> None:
    scene = play(STORY["fairness"].branch())
    scene.issue("9:00:10", "V1", tier="gold")
    scene.issue("9:01", "A1")
    scene.issue("9:05", "A2")
    scene.call("9:30", "A1", "1")

    record = records(scene.until("9:40"))[0]
    assert (record.rule, record.at) == ("fairness", at("9:35"))
    assert record.because["ordinary_wait_s"] == 1800.0


def test_a_third_call_in_a_row_is_no_second_prompt() -> None:
    scene = play(STORY["vip-cap"].branch())
    for ticket in ("V1", "V2", "V3"):
        scene.issue("9:01", ticket, tier="gold")
    scene.issue("9:01", "A1")
    found = [state for number in (1, 2, 3) for state in states(scene.call("9:02", f"V{number}", "1"))]

    assert found == [("vip-cap.hall.1", "raised")]


def test_within_the_cool_down_only_a_worse_row_is_told() -> None:
    scene = play(STORY["vip-cap"].branch())
    for number in range(8):
        scene.issue("9:01", f"V{number}", tier="gold")
        scene.issue("9:01", f"A{number}")
    for ticket in ("V0", "V1", "A0", "V2"):
        scene.call("9:02", ticket, "1")

    assert states(scene.call("9:03", "V3", "1")) == []
    assert states(scene.call("9:04", "V4", "1")) == [("vip-cap.hall.2", "raised")]


def test_a_second_unhappy_customer_is_told_as_soon_as_the_first_was_seen_to() -> None:
    scene = play(STORY["unhappy-customer"].branch())
    scene.act("9:05", "raise", "complaint", level=2, zone="waiting")
    assert states(scene.act("9:06", "raise", "complaint", level=2, zone="counter")) == []
    scene.act("9:07", "done", "unhappy-customer.hall.1")

    (record,) = records(scene.until("9:08"))
    assert (record.prompt, record.at) == ("unhappy-customer.hall.2", at("9:07:10"))
    assert record.text.zh == "柜台有客户不悦，请先去倾听"
    assert record.text.en == "Unhappy customer in the counter area; go and listen"


@pytest.mark.parametrize(
    ("rule", "target", "figure"),
    [("unhappy-customer", "complaint", "unhappy_customer"), ("referral", "referral", "referred")],
)
def test_what_is_reported_is_said_with_its_place_and_with_whom_it_is_about(rule: str, target: str, figure: str) -> None:
    scene = play(STORY[rule].branch())
    (record,) = records(scene.act("9:05", "raise", target, level=2, zone="counter", ticket="S1", window="1"))

    assert (record.zone, record.because[figure]) == ("counter", {"ticket": "S1", "window": "1"})


@pytest.mark.parametrize("rule", ["unhappy-customer", "turn-away", "referral"])
def test_what_nobody_closes_passes_after_half_an_hour(rule: str) -> None:
    scene = play(STORY[rule].branch())
    STORY[rule].fire(scene)

    assert [(r.state, r.at) for r in records(scene.until("9:40"))][-1] == ("cleared", at("9:36"))


# -- the lobby's staff -------------------------------------------------------------------------------------------------


def test_the_gap_counts_from_opening_and_ends_at_closing() -> None:
    scene = Play(STORY["coverage-gap"].branch())
    scene.act("8:30", "sign_in", "t-1", "t-1", role="teller")
    (record,) = records(scene.until("9:02"))
    assert (record.at, record.to) == (at("9:02"), ("any_staff",))

    found = records(scene.until("18:00"))
    assert (found[-1].state, found[-1].at) == ("cleared", at("17:00"))


def test_where_nobody_signs_in_or_nothing_is_configured_nothing_is_known() -> None:
    scene = play(STORY["coverage-gap"].branch())
    assert states(scene.until("12:00")) == []
    blind = play(unconfigured("coverage-gap"), device=None)
    blind.act("9:01", "sign_in", "t-1", "t-1", role="teller")
    assert states(blind.until("12:00")) == []


def test_a_gap_of_less_than_two_minutes_is_none() -> None:
    scene = play(STORY["coverage-gap"].branch())
    scene.act("9:01", "sign_in", "lm-1")
    scene.act("9:10", "sign_out", "lm-1")
    scene.act("9:11:59", "sign_in", "lm-1")

    assert states(scene.until("12:00")) == []


# -- the end of the day ------------------------------------------------------------------------------------------------


def test_the_last_is_done_when_the_queue_has_been_served() -> None:
    scene = play(STORY["closing-forecast"].branch())
    assert last_done(Moment(scene.hall, scene.engine.policy, at("9:00"))) is None
    crowd(scene, "16:51", 10)
    scene.until("16:51:10")
    done = last_done(Moment(scene.hall, scene.engine.policy, at("16:51:10")))

    assert done is not None
    assert at("17:20") < done < at("17:50")  # ten services of some four minutes


def test_it_names_the_time_and_what_one_more_window_would_change() -> None:
    story = STORY["closing-forecast"]
    scene = story.begin()
    (record,) = [r for r in records(story.fire(scene)) if r.rule == "closing-forecast"]

    assert record.text.zh.startswith("预计17:")
    assert record.text.zh.endswith("办完，晚于闭店")
    assert record.because["closing_over_s"] >= 60
    assert record.expect["wait_p50_s"]["with"] < record.expect["wait_p50_s"]["now"]


def test_without_a_closing_time_nobody_is_late() -> None:
    story = STORY["closing-forecast"]
    chosen = replace(story.branch(), calendar=Calendar(open=time(9)))

    assert states(story.fire(story.begin(chosen))) == []


def test_a_forecast_that_is_over_for_less_than_a_minute_is_none() -> None:
    scene = play(STORY["closing-forecast"].branch())
    crowd(scene, "16:51", 10)
    leave(scene, "16:51:40", *range(1, 11))

    assert states(scene.until("17:30")) == []


# -- lulls -------------------------------------------------------------------------------------------------------------


def test_before_a_window_opens_it_is_not_quiet_but_closed() -> None:
    scene = Play(STORY["education-idle"].branch())
    scene.issue("8:00", "A1")
    scene.until("8:59")
    scene.open("9:00", "1", "cash")

    (record,) = records(scene.until("9:20"))
    assert (record.rule, record.at) == ("education-idle", at("9:15"))


def test_a_third_who_waits_for_a_moment_ends_the_quiet() -> None:
    scene = play(STORY["education-idle"].branch())
    crowd(scene, "9:10", 3)
    leave(scene, "9:11", 1, 2, 3)

    assert [r.at for r in records(scene.until("9:40"))] == [at("9:26")]


def test_the_lull_is_as_quiet_as_the_rule_says() -> None:
    scene = play(STORY["education-idle"].branch(education_idle={"quiet_waiting": 0}))
    scene.issue("9:10", "A1")

    assert states(scene.until("10:00")) == []
    assert FACTS["lull"].value(Moment(scene.hall, scene.engine.policy, at("10:00")), "hall") == "yes"
