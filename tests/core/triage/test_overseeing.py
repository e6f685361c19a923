"""What follows when nobody answers: the next role is asked to take over, once, and whoever answers has done so."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from edge import snapshot
from edge.core.instant import seconds
from edge.core.triage.desk import prompt_id
from tests.core.triage.branch import crowd, ignored, leave, play, policy, records, repeats, states, with_staff
from tests.play import Play, at

ONE = "secondary-triage.hall.1"
TAKE = prompt_id("takeover", ONE, 1)
BRANCH = policy("secondary-triage", "takeover")


def unanswered() -> Play:
    """It is six minutes past nine: the lobby manager has not answered for five minutes."""
    scene = play(BRANCH)
    crowd(scene, "9:01", 15)
    scene.until("9:06")
    return scene


def test_the_next_role_is_asked_in_words_at_the_instant_the_prompt_comes_to_it() -> None:
    scene = play(BRANCH)
    crowd(scene, "9:01", 15)
    gone_on, taken_over = records(scene.until("9:06"))

    assert (gone_on.prompt, gone_on.state, gone_on.to) == (ONE, "escalated", ("branch_head",))
    assert (taken_over.prompt, taken_over.state, taken_over.to) == (TAKE, "raised", ("branch_head",))
    assert (taken_over.at, taken_over.priority, taken_over.zone) == (at("9:06"), "high", "waiting")
    assert taken_over.about == {"kind": "prompt", "id": ONE}
    assert taken_over.text.zh == "上一位未回应，请您接手：现有15位等候，请到座位区问需求"
    assert taken_over.text.en == "No answer above; please take over: 15 waiting; go to the seats and ask what they need"
    assert taken_over.because["subject"] == {"rule": "secondary-triage", "object": "hall", "open_s": 300.0}


def test_it_goes_along_to_everybody_above_and_is_one_prompt() -> None:
    found = [r for r in records(unanswered().until("12:00")) if r.rule == "takeover"]

    assert [(r.prompt, r.state, r.to, r.at) for r in found] == [
        (TAKE, "escalated", ("any_staff",), at("9:11")),
        (TAKE, "escalated", ("headquarters",), at("9:16")),
    ]


def test_it_is_said_again_after_two_minutes_until_headquarters_has_it() -> None:
    scene = unanswered()

    assert TAKE in repeats(scene.until("9:08"))
    scene.until("9:16")
    assert repeats(scene.until("12:00")) == []


@pytest.mark.parametrize(
    ("action", "state"),
    [("acknowledge", "acknowledged"), ("done", "done"), ("shelve", "shelved"), ("escalate", "escalated")],
)
@pytest.mark.parametrize("target", [ONE, TAKE])
def test_whoever_answers_either_of_the_two_has_taken_over(action: str, state: str, target: str) -> None:
    scene = unanswered()
    found = states(scene.act("9:07", action, target, "bh-1", role="branch_head", reason="here", minutes=15))

    assert found == [(ONE, state), (TAKE, "done")]
    assert "takeover" not in {rule.partition(".")[0] for rule in scene.hall.desk.prompts}
    assert scene.hall.desk.watch("takeover", ONE) is None or not scene.hall.desk.attend("takeover", ONE).met


def test_who_declines_to_take_over_leaves_the_prompt_to_those_above() -> None:
    scene = unanswered()
    assert states(scene.act("9:07", "decline", TAKE, "bh-1", reason="away")) == [(TAKE, "declined")]

    assert states(scene.until("9:11")) == [(ONE, "escalated")]


def test_it_does_not_outlive_the_prompt_and_nothing_is_remembered_of_it() -> None:
    scene = unanswered()

    assert states(leave(scene, "9:07", *range(1, 7))) == [(ONE, "cleared"), (TAKE, "cleared")]
    assert scene.hall.desk.watches["takeover"] == {}


def test_what_came_back_from_a_shelf_and_is_not_answered_again_asks_again() -> None:
    scene = unanswered()
    scene.act("9:07", "shelve", ONE, reason="busy", minutes=15)
    found = states(scene.until("9:30"))

    assert found == [(ONE, "raised"), (ONE, "escalated"), (prompt_id("takeover", ONE, 2), "raised")]


def test_nobody_is_said_not_to_answer_where_nobody_is_known() -> None:
    scene = play(with_staff(BRANCH))
    crowd(scene, "9:01", 15)

    assert [r for r in records(scene.until("10:00")) if r.rule == "takeover"] == []


def test_a_prompt_that_can_wait_asks_nobody_to_take_over() -> None:
    scene = play(policy("device-down", "takeover"))
    scene.device("9:01", "recycler-1", "down")

    assert {r.rule for r in records(scene.until("12:00"))} == {"device-down"}


def test_a_prompt_at_a_device_goes_on_overnight_and_so_does_the_one_about_it() -> None:
    scene = play(policy("card-retained", "takeover"))
    scene.trouble("9:01", "recycler-1", "card_retained")
    scene.until("9:06")
    open_before = sorted(scene.hall.desk.prompts)
    scene.date = "2026-03-03"
    scene.issue("9:00", "A1")

    assert sorted(scene.hall.desk.prompts) == open_before
    assert len(open_before) == 2


def test_yesterdays_takes_its_own_along() -> None:
    scene = unanswered()
    scene.date = "2026-03-03"
    found = states(scene.until("4:00"))

    assert found[-2:] == [(ONE, "expired"), (TAKE, "cleared")]
    assert scene.hall.desk.watches["takeover"] == {}


def test_a_rule_switched_off_takes_the_prompts_about_its_prompts_along() -> None:
    scene = unanswered()

    assert states(scene.engine.adopt(policy("takeover"))) == [(ONE, "withdrawn"), (TAKE, "withdrawn")]
    assert ignored(scene.act("9:08", "acknowledge", TAKE)) != []


def test_it_is_tuned_and_switched_off_as_any_rule() -> None:
    scene = play(replace(BRANCH, rules=policy("secondary-triage", "takeover", takeover={"enabled": False}).rules))
    crowd(scene, "9:01", 15)

    assert [r.rule for r in records(scene.until("9:30"))] == ["secondary-triage"] * 3


def test_over_a_restart_it_stays_what_it_was() -> None:
    scene = unanswered()
    again = Play(BRANCH, snapshot.load_hall(snapshot.dump(scene.hall)))

    assert again.until("12:00") == scene.until("12:00")


def test_urgent_prompts_are_followed_rung_by_rung() -> None:
    scene = play(policy("cash-not-dispensed", "takeover"))
    scene.trouble("9:01", "recycler-1", "cash_not_dispensed")
    found = [r for r in records(scene.until("9:05")) if r.rule == "takeover"]

    assert [(r.state, r.to, r.at - at("9:01")) for r in found] == [
        ("raised", ("branch_head",), seconds(60)),
        ("escalated", ("any_staff",), seconds(120)),
        ("escalated", ("headquarters",), seconds(180)),
    ]


def test_it_goes_with_the_machine_its_prompt_is_about() -> None:
    rules = policy("tamper", "takeover")
    scene = play(rules)
    scene.device("9:01", "atm-1", kind="atm")
    scene.trouble("9:01:30", "atm-1", "tamper")
    told = records(scene.until("9:05"))
    (take,) = {record.prompt for record in told if record.rule == "takeover"}
    (tampered,) = {record.prompt for record in told if record.rule == "tamper"}

    found = states(scene.engine.adopt(replace(rules, devices={})))
    assert found == [(tampered, "withdrawn"), (take, "withdrawn")]
    assert ignored(scene.act("9:06", "done", take)) == ["done: no such prompt is open"]
