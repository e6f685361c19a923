"""Facts of a window: pauses without a reason, and services that last longer than their class does."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.instant import seconds
from edge.core.triage.moment import Moment, Number
from edge.core.triage.window_facts import FACTS, KNOWN_FROM, longer_than, rank
from edge.core.waiting.durations import Durations
from tests.core.triage.branch import play, policy, records, states
from tests.play import Play, at

VALUES = {fact.name: fact for fact in FACTS}


def law(*durations_s: float) -> Durations:
    found = Durations()
    for duration_s in durations_s:
        found.add(duration_s, 1.0)
    return found


@given(st.lists(st.floats(1, 9000), min_size=1, max_size=30), st.floats(0, 0.999))
def test_the_rank_of_a_quantile_is_its_share(durations_s: list[float], share: float) -> None:
    found = law(*durations_s)
    quantile_s = longer_than(found, share)

    assert rank(found, quantile_s) >= share - 1e-9
    assert rank(found, max(quantile_s - 0.01, 0.0)) <= share + 1e-4 + 0.01


def test_beyond_all_that_were_seen_the_rank_is_one() -> None:
    assert rank(law(100.0, 200.0), 5000.0) == 1.0
    assert rank(law(100.0), 1e9) == 1.0


def service_rank(scene: Play, clock: str) -> float:
    return float(VALUES["service_rank"].value(Moment(scene.hall, scene.engine.policy, at(clock)), "1"))


def test_until_a_class_is_known_its_law_is_exponential_about_its_mean() -> None:
    scene = play(policy("long-service"))

    assert service_rank(scene, "9:04") == pytest.approx(1 - exp(-1))  # 240 s are typical for cash


def test_a_class_that_is_known_speaks_for_itself() -> None:
    scene = play(policy("long-service"))
    for _ in range(round(KNOWN_FROM) + 1):
        scene.hall.learnt.of_class("cash").served.add(3000.0, 1.0)
    assert service_rank(scene, "9:20") == 0.0
    record = records(scene.until("10:30"))[0]

    assert record.at > at("9:48")  # hardly one in twenty lasts longer than fifty minutes
    assert record.because["service"] == {"ticket": "S1", "service": "cash"}


def test_a_class_of_long_services_is_given_its_time() -> None:
    scene = play(policy("long-service"))
    scene.issue("9:01", "B1", "account")
    scene.call("9:02", "B1", "1")

    assert states(scene.until("9:31:57")) == []
    (record,) = records(scene.until("9:32"))
    assert record.at - at("9:02") == pytest.approx(seconds(600 * 2.9957323), abs=60)


def learn(scene: Play, count: int, duration_s: float) -> None:
    for _ in range(count):
        scene.hall.learnt.of_class("cash").served.add(duration_s, 1.0)


def test_what_others_of_its_class_have_taken_ends_a_prompt_when_it_is_learnt() -> None:
    scene = play(policy("long-service"), windows=3)
    learn(scene, round(KNOWN_FROM), 100.0)
    assert ("long-service.1.1", "raised") in states(scene.until("9:20"))

    assert states(scene.serve("9:25", "S2", "2")) == [("long-service.2.1", "cleared")]
    assert set(states(scene.serve("9:25", "S3", "3"))) == {
        ("long-service.1.1", "cleared"),
        ("long-service.3.1", "cleared"),
    }


def test_and_begins_one() -> None:
    scene = play(policy("long-service"), windows=2)
    learn(scene, round(KNOWN_FROM), 3000.0)
    scene.until("9:25")
    learn(scene, 1000, 100.0)

    assert [(r.prompt, r.state, r.at) for r in records(scene.serve("9:26", "S2", "2"))] == [
        ("long-service.1.1", "raised", at("9:26"))
    ]


def test_a_ticket_of_which_only_the_call_was_heard_gets_its_class_and_its_time() -> None:
    scene = play(policy("long-service"))
    scene.call("9:01", "X1", "1")
    assert states(scene.until("9:22")) == [("long-service.1.1", "raised")]

    assert states(scene.issue("9:23", "X1", "account")) == [("long-service.1.1", "cleared")]


def test_a_share_counts_from_the_time_that_a_rule_wants_at_least() -> None:
    scene = play(policy("long-service"))
    (share,) = policy("long-service").rules[0].given
    moments = [Moment(scene.hall, scene.engine.policy, at(clock)) for clock in ("9:19:59", "9:20")]

    assert [share.fact.value(moment, "1") for moment in moments] == [0.0, pytest.approx(1 - exp(-5))]
    assert isinstance(share.fact, Number)
    assert share.fact.when is not None
    assert [share.fact.when(moment, "1", seconds(0.95)) for moment in moments] == [
        at("9:20"),
        pytest.approx(at("9:00") + seconds(240 * 2.9957323), abs=60),
    ]


def test_an_idle_window_serves_nobody() -> None:
    scene = play(policy("long-service"))
    scene.serve("9:05", "S1", "1")

    assert service_rank(scene, "9:40") == 0.0
    assert states(scene.until("12:00")) == []


def test_at_a_closed_window_nobody_knows_whether_the_service_goes_on() -> None:
    scene = play(policy("long-service"))
    scene.until("9:20")

    assert states(scene.close("9:21", "1")) == [("long-service.1.1", "cleared")]
    assert service_rank(scene, "9:40") == 0.0
    assert states(scene.until("12:00")) == []


def test_an_end_that_is_never_heard_of_is_told_of_on_one_day_and_no_other() -> None:
    scene = play(policy("long-service"))
    told = records(scene.until("23:00"))
    for day in range(3, 7):
        scene.date = f"2026-03-0{day}"
        told += records(scene.until("23:00"))

    assert {record.prompt for record in told} == {"long-service.1.1"}
    assert (told[-1].state, told[-1].at) == ("expired", at("4:00", "2026-03-03"))


def test_the_call_of_another_ends_the_service_and_begins_a_new_one() -> None:
    scene = play(policy("long-service"))
    scene.issue("9:10", "A1")
    scene.until("9:20")
    (cleared,) = records(scene.call("9:21", "A1", "1"))
    assert (cleared.prompt, cleared.state) == ("long-service.1.1", "cleared")

    assert [(r.prompt, r.at) for r in records(scene.until("9:45"))] == [("long-service.1.2", at("9:41"))]


def test_a_ticket_taken_over_by_another_window_frees_the_first() -> None:
    scene = play(policy("long-service"), windows=2)
    scene.until("9:20")
    found = states(scene.call("9:21", "S1", "2"))

    assert set(found) == {("long-service.1.1", "cleared"), ("long-service.2.1", "cleared")}


def test_a_pause_with_a_reason_is_explained() -> None:
    scene = play(policy("pause-reason"), windows=2)
    scene.pause("9:10", "1", "cash")
    scene.pause("9:11", "2")
    scene.resume("9:13", "2")
    scene.pause("9:14", "2")

    (record,) = records(scene.until("9:30"))
    assert (record.prompt, record.at, record.to) == ("pause-reason.2.1", at("9:17"), ("supervisor",))


def test_a_closed_window_owes_no_reason() -> None:
    scene = play(policy("pause-reason"))
    scene.pause("9:10", "1")
    scene.until("9:13")

    assert states(scene.close("9:14", "1")) == [("pause-reason.1.1", "cleared")]
