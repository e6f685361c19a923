"""Facts of arrivals, and the rules on them beyond their stories."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from edge.core.triage.arrival_facts import group
from edge.core.triage.facts import FACTS
from edge.core.triage.moment import Moment, bound
from tests.core.triage.branch import crowd, play, policy, records, states, unconfigured
from tests.core.triage.stories import STORIES, one_a_minute
from tests.play import Play, at

STORY = {story.rule: story for story in STORIES}


def value(scene: Play, fact: str, clock: str, **keys: float) -> float | str:
    moment = Moment(scene.hall, scene.engine.policy, at(clock))
    return bound(FACTS[fact], keys).value(moment, "hall") if keys else FACTS[fact].value(moment, "hall")


def test_arrivals_are_those_of_the_window_the_rule_names() -> None:
    scene = play(policy())
    crowd(scene, "9:01", 3)
    crowd(scene, "9:04", 2, first=10)

    assert [value(scene, "arrivals", clock) for clock in ("9:04", "9:05", "9:06", "9:09")] == [6, 5, 2, 0]
    assert value(scene, "arrivals", "9:05", window_s=120) == 2


def test_a_group_is_the_class_most_came_for() -> None:
    scene = play(policy())
    crowd(scene, "9:01", 3, service="account")

    assert value(scene, "group_tickets", "9:02") == 3
    assert value(scene, "group_share", "9:02") == pytest.approx(0.75)
    assert group(Moment(scene.hall, scene.engine.policy, at("9:02")), 1200) == ("account", 3, 4)
    assert group(Moment(scene.hall, scene.engine.policy, at("12:00")), 1200) == ("", 0, 0)


def test_an_opening_crowd_needs_opening_hours() -> None:
    scene = play(policy("opening-crowd"))
    assert states(crowd(scene, "9:05", 40)) == []
    assert states(crowd(play(unconfigured("opening-crowd"), device=None), "9:05", 40)) == []


def test_who_comes_before_opening_or_after_its_window_is_no_opening_crowd() -> None:
    chosen = STORY["opening-crowd"].branch()
    early = Play(chosen)
    crowd(early, "8:50", 30)
    assert states(early.until("9:30")) == []
    late = Play(chosen)
    crowd(late, "9:00", 19)
    assert states(crowd(late, "9:10:01", 30, first=50)) == []
    assert states(crowd(Play(chosen), "9:10", 20)) == [("opening-crowd.hall.1", "raised")]


def test_a_group_is_none_when_as_many_come_for_other_things() -> None:
    scene = play(STORY["group-arrival"].branch())
    crowd(scene, "9:01", 6, service="corporate")
    assert states(crowd(scene, "9:02", 12, first=20)) == []  # 13 of 19 are 68 %
    assert states(crowd(scene, "9:03", 2, first=40)) == [("group-arrival.hall.1", "raised")]


def test_a_quiet_hour_has_no_surge_below_its_least_number() -> None:
    scene = play(STORY["surge"].branch())
    scene.until("10:00")

    assert states(crowd(scene, "10:01", 9)) == []
    assert states(crowd(scene, "10:01", 1, first=50)) == [("surge.hall.1", "raised")]


def test_in_the_first_half_hour_of_an_unknown_branch_nothing_is_a_surge() -> None:
    scene = play(STORY["surge"].branch())

    assert states(crowd(scene, "9:29", 60)) == []


def test_a_surge_is_measured_by_what_is_usual_for_the_half_hour() -> None:
    scene = Play(STORY["surge"].branch())
    for date in ("2026-03-02", "2026-03-09"):
        scene.date = date
        for minute in range(30):
            crowd(scene, f"9:{minute:02}", 3, first=3 * minute)
        crowd(scene, "9:30", 1, first=200)
    scene.date = "2026-03-16"
    crowd(scene, "9:00", 1)

    assert [r.rule for r in records(crowd(scene, "9:20", 28, first=10))] == []  # 15 in five minutes are usual
    assert [r.rule for r in records(crowd(scene, "9:20", 2, first=50))] == ["surge"]


def test_the_surge_lasts_until_it_has_been_lower_for_five_minutes() -> None:
    scene = play(STORY["surge"].branch())
    one_a_minute(scene, 40)
    crowd(scene, "9:41", 7)
    cleared = records(scene.until("10:30"))[-1]

    # 7.7 are half as many again as usual: 11 in the window, 10 from 9:42, 9 from 9:43, 8 from 9:44, 7 from 9:45 on
    assert (cleared.state, cleared.at) == ("cleared", at("9:50"))


def test_a_surge_ends_once_whatever_comes_after_it_in_its_cool_down() -> None:
    scene = play(STORY["surge-end"].branch())
    one_a_minute(scene, 40)
    crowd(scene, "9:41", 7)
    assert [(r.rule, r.state) for r in records(scene.until("9:51"))][-2:] == [
        ("surge", "cleared"), ("surge-end", "raised"),
    ]  # fmt: skip
    crowd(scene, "9:52", 11, first=100)  # as many again: in the cool-down, and no worse
    found = records(scene.until("10:20"))

    assert [r.state for r in found if r.rule == "surge-end"] == []
    assert "surge-end.hall.2" not in scene.hall.desk.prompts


def test_the_end_of_a_surge_nobody_was_told_of_is_no_news() -> None:
    scene = play(STORY["surge-end"].branch(surge={"min_tickets": 1000}))
    one_a_minute(scene, 40)
    crowd(scene, "9:41", 30)

    assert states(scene.until("11:00")) == []


def test_rules_with_other_windows_listen_to_other_facts() -> None:
    fact = FACTS["arrivals"]

    assert bound(fact, {"window_s": 300}).signal == "arrivals@300"
    assert bound(fact, {"window_s": 600}).signal == "arrivals@600"
    assert bound(FACTS["waiting"], {"window_s": 300}) is FACTS["waiting"]


def test_a_second_surge_is_told_when_the_cool_down_is_over() -> None:
    scene = play(replace(STORY["surge"].branch()))
    one_a_minute(scene, 40)
    crowd(scene, "9:41", 7)
    scene.until("10:00")

    assert states(crowd(scene, "10:00", 20, first=100)) == [("surge.hall.2", "raised")]
