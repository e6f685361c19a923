"""Secondary triage as a branch would see it: who is told what, when, and when nobody is."""

from typing import Any

import pytest
from msgspec.structs import replace

from edge.core.instant import seconds
from edge.core.policy import DevicePlan
from edge.core.triage.desk import Prompt
from tests.core.triage.branch import (
    crowd,
    leave,
    play,
    policy,
    records,
    repeats,
    states,
    unconfigured,
    with_staff,
)
from tests.play import at

ONE = "secondary-triage.hall.1"
TWO = "secondary-triage.hall.2"
TRIAGE = policy("secondary-triage")


def test_the_fifteenth_ticket_fires_at_that_very_step() -> None:
    scene = play(TRIAGE)

    assert states(crowd(scene, "9:00:30", 14)) == []
    (record,) = records(scene.issue("9:00:31", "A15"))
    assert (record.prompt, record.state, record.at) == (ONE, "raised", at("9:00:31"))
    assert record.priority == "high"
    assert record.to == ("lobby_manager",)
    assert record.zone == "waiting"
    assert record.about == {"kind": "hall", "id": "hall"}
    assert record.text.zh == "现有15位等候，请到座位区问需求"
    assert record.because == {
        "longest_wait_s": 1.0, "waiting": 15, "met": ["waiting"], "usable_devices": ["recycler-1"],
    }  # fmt: skip
    assert record.deadline == record.at + seconds(300)


def test_a_wait_of_ten_minutes_fires_at_that_very_microsecond() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01:00.25", 2)

    assert states(scene.until("9:11:00.249999")) == []
    (record,) = records(scene.until("9:12"))
    assert (record.prompt, record.state, record.at) == (ONE, "raised", at("9:11:00.25"))
    assert record.text.en == "Longest wait 10 min; ask who would like a device"
    assert record.tickets == ("A1", "A2")


def test_the_longest_waiting_are_named_first_and_no_more_than_eight() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:10", 3, service="corporate")
    crowd(scene, "9:00:20", 2, first=4, needs=("elderly",))
    crowd(scene, "9:00:30", 9, first=6)
    (record,) = records(scene.issue("9:00:31", "A15"))

    assert record.tickets == tuple(f"A{n}" for n in range(6, 14))


def test_what_acting_would_change_is_told_with_its_interval() -> None:
    scene = play(TRIAGE)
    (record,) = records(crowd(scene, "9:00:30", 15))
    wait = record.expect["wait_p50_s"]

    assert wait["with"] < wait["now"]
    assert wait["p10"] <= wait["with"] <= wait["p90"]
    assert record.expect["leave"] == {"cash": 4}, "of the eight who are named, as many as usually agree"
    told = record.expect["ticket"]
    assert told["id"] not in record.tickets
    assert told["p10"] <= told["with"] <= told["p90"]
    assert told["with"] < told["now"]


def held(scene: Any, clock: str = "9:00:30", count: int = 15, **more: Any) -> str | None:
    (record,) = records(crowd(scene, clock, count, **more))
    assert record.state == "held"
    assert scene.hall.desk.watch("secondary-triage", "hall").held_by == record.held_by
    return record.held_by


def test_it_is_held_when_nobody_else_waits() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 1)
    (record,) = records(scene.until("9:11"))

    assert (record.state, record.held_by) == ("held", "nobody-else-waits")


@pytest.mark.parametrize("state", ["down", "unknown"])
def test_it_is_held_while_the_device_does_not_work(state: str) -> None:
    assert held(play(TRIAGE, device=state)) == "no-usable-device"


def test_it_is_held_while_the_device_was_never_heard_of() -> None:
    assert held(play(TRIAGE, device=None)) == "no-usable-device"


def test_it_is_held_when_the_device_has_been_silent_for_too_long() -> None:
    quiet = replace(TRIAGE, devices={"recycler-1": DevicePlan("recycler-1", "recycler", stale=seconds(60))})

    assert states(crowd(play(quiet), "9:01", 15)) == [(ONE, "raised")]
    assert held(play(quiet), "9:01:00.000001") == "no-usable-device"


@pytest.mark.parametrize("event", ["cash_out", "cash_full", "cash_not_dispensed"])
def test_it_is_held_while_the_device_is_empty_full_or_suspect(event: str) -> None:
    scene = play(TRIAGE)
    scene.trouble("9:00:01", "recycler-1", event)

    assert held(scene) == "no-usable-device"


def test_it_is_held_when_those_who_could_use_a_device_have_a_need() -> None:
    assert held(play(TRIAGE), needs=("pregnant",)) == "ticket-has-need"


def test_it_is_held_when_the_classes_cannot_be_done_on_a_device() -> None:
    assert held(play(TRIAGE), service="corporate") == "class-not-on-device"


def test_it_is_held_when_everybody_has_declined() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:10", 2)
    scene.act("9:00:11", "customer_declined", "A1")
    scene.act("9:00:11", "customer_declined", "A2")

    assert held(scene, first=3, count=13, service="corporate") == "ticket-declined"


def test_without_configuration_nothing_can_be_diverted() -> None:
    scene = play(unconfigured("secondary-triage"))

    assert held(scene) == "class-not-on-device"


def test_held_is_said_once_an_episode_and_raised_under_the_same_number_when_the_guard_lets_go() -> None:
    scene = play(TRIAGE, device="down")
    held(scene)

    assert states(crowd(scene, "9:00:40", 5, first=16)) == []
    assert states(scene.device("9:00:45", "recycler-1")) == [(ONE, "raised")]


def test_one_prompt_an_episode_whichever_arm_fires_next() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    scene.act("9:01:10", "acknowledge", ONE)
    found = []
    for minute in range(2, 30):
        found += crowd(scene, f"9:{minute:02}:30", 1, first=minute + 20)

    assert states(found) == []


def test_it_lasts_between_reset_and_threshold_and_is_cleared_below_both() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)

    assert states(leave(scene, "9:00:40", 1, 2, 3, 4, 5)) == []
    (record,) = records(leave(scene, "9:00:41", 6))
    assert (record.prompt, record.state) == (ONE, "cleared")
    assert record.outcome == {"open_s": 11.0, "waiting": 9, "longest_wait_s": 11.0}


def test_one_who_has_waited_for_seven_minutes_keeps_the_episode_open() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    scene.act("9:01", "acknowledge", ONE)

    assert states(leave(scene, "9:07:30", *range(1, 14))) == []
    assert states(leave(scene, "9:07:32", 14)) == [(ONE, "withdrawn")]  # one waits alone


def test_after_an_episode_it_is_silent_for_the_cool_down() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    leave(scene, "9:00:40", *range(1, 16))

    assert states(crowd(scene, "9:02", 15, first=16)) == []
    (record,) = records(scene.until("9:11"))
    assert (record.prompt, record.at) == (TWO, at("9:10:40"))


def test_unless_it_is_worse_than_when_it_last_fired() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    leave(scene, "9:00:40", *range(1, 16))
    crowd(scene, "9:02", 15, first=16)

    assert states(scene.issue("9:02:10", "A99")) == [(TWO, "raised")]


def test_after_the_cool_down_it_fires_as_at_first() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    leave(scene, "9:00:40", *range(1, 16))

    assert states(crowd(scene, "9:20", 15, first=20)) == [(TWO, "raised")]


def test_done_ends_the_prompt_and_the_same_condition_comes_back_only_cooled_down_and_worse() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    (record,) = records(scene.act("9:01", "done", ONE))
    assert (record.state, record.by) == ("done", "lm-1")

    assert states(crowd(scene, "9:02", 10, first=16)) == []
    (again,) = records(scene.until("9:12"))
    assert (again.prompt, again.at) == (TWO, at("9:11"))


def test_a_decline_is_final_for_the_episode() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    (record,) = records(scene.act("9:01", "decline", ONE, reason="crowd leaves at ten"))
    assert (record.state, record.reason) == ("declined", "crowd leaves at ten")

    assert states(crowd(scene, "9:30", 20, first=16)) == []
    leave(scene, "9:30:10", *range(1, 36))
    assert states(crowd(scene, "10:00", 15, first=40)) == [(TWO, "raised")]


def test_it_is_withdrawn_when_its_device_fails_and_comes_back_with_it() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    (record,) = records(scene.device("9:00:40", "recycler-1", "down"))
    assert (record.prompt, record.state, record.held_by) == (ONE, "withdrawn", "no-usable-device")

    assert states(scene.device("9:00:50", "recycler-1")) == []
    scene.device("9:00:55", "recycler-1", "down")
    assert states(crowd(scene, "9:01", 1, first=16)) == []
    assert states(scene.device("9:01:10", "recycler-1")) == [(TWO, "raised")]


def test_it_is_withdrawn_when_its_tickets_have_left_and_names_others_while_there_are() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 10)
    crowd(scene, "9:00:30", 15, first=11, service="corporate")
    found = leave(scene, "9:00:40", *range(1, 9))
    assert (states(found), repeats(found)) == ([], [ONE])
    assert open_prompt(scene).tickets == ("A9", "A10")

    (record,) = records(leave(scene, "9:00:44", 9, 10))
    assert (record.state, record.held_by) == ("withdrawn", "class-not-on-device")


def test_one_who_comes_and_is_called_at_once_raises_nothing() -> None:
    scene = play(TRIAGE)
    held(scene, service="corporate")

    assert states(scene.issue("9:01", "A20")) == []
    assert states(scene.call("9:01:05", "A20", "1")) == []
    assert states(scene.issue("9:02", "A21")) == []
    (record,) = records(scene.until("9:05"))
    assert (record.state, record.at, record.tickets) == ("raised", at("9:03"), ("A21",))


def test_nobody_is_pressed_when_the_hall_empties() -> None:
    scene = play(policy("secondary-triage", secondary_triage={"reset_waiting": 0, "reset_wait_s": 0}))
    crowd(scene, "9:00:30", 15)
    (*_, record) = records(leave(scene, "9:00:40", *range(1, 15)))

    assert (record.state, record.held_by) == ("withdrawn", "nobody-else-waits")


def test_whoever_was_asked_is_named_no_more_and_when_all_were_it_is_done() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 3)
    crowd(scene, "9:00:30", 12, first=4, service="corporate")

    (asked,) = records(scene.act("9:00:40", "asked", "A1", prompt=ONE))
    assert (asked.state, asked.by, asked.tickets) == ("acknowledged", "lm-1", ("A2", "A3"))
    (declined,) = records(scene.act("9:00:50", "customer_declined", "A2", prompt=ONE))
    assert declined.tickets == ("A3",)
    (done,) = records(scene.act("9:00:55", "customer_accepted", "A3", prompt=ONE))
    assert (done.state, done.by) == ("done", "lm-1")
    assert done.outcome is not None
    assert {name: done.outcome[name] for name in ("asked", "accepted", "declined")} == {
        "asked": 3, "accepted": 1, "declined": 1,
    }  # fmt: skip


def test_a_ticket_found_to_have_a_need_is_named_no_more() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    found = scene.act("9:00:40", "need_added", "A1", need="elderly")

    assert (states(found), repeats(found)) == ([], [ONE])
    assert open_prompt(scene).tickets == tuple(f"A{n}" for n in range(2, 10))


def test_who_may_not_be_asked_any_more_is_named_no_more() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)

    assert repeats(scene.act("9:00:40", "customer_declined", "A1", prompt="low-value-cash.A1.1")) == [ONE]
    assert repeats(scene.transfer("9:00:50", "A2", service="corporate")) == [ONE]
    assert repeats(scene.call("9:00:55", "A3", "1")) == [], "a name that waits no more harms nobody"
    assert repeats(scene.transfer("9:00:58", "A3", window="1")) == [ONE], "sent back, it goes straight to the window"
    assert open_prompt(scene).tickets == tuple(f"A{n}" for n in range(4, 12))


def test_match_all_wants_both_arms() -> None:
    scene = play(policy("secondary-triage", secondary_triage={"match": "all"}))
    crowd(scene, "9:01", 15)

    (record,) = records(scene.until("9:11"))
    assert record.at == at("9:11")
    assert record.because["met"] == ["longest_wait_s", "waiting"]


def test_a_rule_switched_off_says_nothing() -> None:
    scene = play(policy("secondary-triage", secondary_triage={"enabled": False}))

    assert states(crowd(scene, "9:01", 30)) == []


def test_with_no_lobby_manager_the_branch_head_is_told() -> None:
    scene = play(with_staff(TRIAGE, branch_head=("bh-1",)))
    (record,) = records(crowd(scene, "9:00:30", 15))

    assert record.to == ("branch_head",)


def open_prompt(scene: Any) -> Prompt:
    prompt: Prompt = scene.hall.desk.prompts[ONE]
    return prompt


def test_the_watch_is_live_only_while_the_condition_is() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:00:30", 15)
    assert scene.hall.desk.live == ["secondary-triage"]
    assert open_prompt(scene).state == "raised"

    leave(scene, "9:00:40", *range(1, 15))
    assert scene.hall.desk.live == []
