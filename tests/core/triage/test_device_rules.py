"""The rules about devices in play: when they speak and when not, what ends them, and nobody is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from edge.core.commands import PublishPrompt, RepeatPrompt
from edge.core.events import DeviceEvent
from edge.core.instant import seconds
from edge.core.outputs import ShowOnBoard
from edge.core.policy import DevicePlan, Policy
from edge.core.wording import Text
from tests.core.triage.branch import STAFF, play, policy, records, repeats, states, with_staff
from tests.play import at, of

if TYPE_CHECKING:
    from edge.core.commands import Command
    from edge.core.events import DeviceKind
    from tests.play import Play

R = "recycler-1"


def machines(*plans: tuple[str, DeviceKind], stale_s: int = 1_000_000) -> Policy:
    """A branch with these devices and all rules about devices that end by a state."""
    devices = {id: DevicePlan(id, kind, stale=seconds(stale_s)) for id, kind in plans}
    return replace(policy("all-devices-down", "device-unknown", "device-down"), devices=devices)


# -- no cash: nobody is left alone -------------------------------------------------------------------------------------

NO_CASH = policy("cash-not-dispensed")
CASH = f"cash-not-dispensed.{R}"


def withheld(scene: Play, clock: str) -> list[Command]:
    return scene.trouble(clock, R, "cash_not_dispensed")


def test_a_second_customer_is_told_of_within_the_cool_down_after_a_check() -> None:
    scene = play(NO_CASH)
    withheld(scene, "9:01")
    scene.act("9:02", "device_checked", R, result="ok")

    assert states(withheld(scene, "9:02:01")) == [(f"{CASH}.2", "raised")]


@pytest.mark.parametrize("ending", ["done", "decline"])
def test_a_second_customer_is_told_of_though_nobody_has_checked_the_machine(ending: str) -> None:
    scene = play(NO_CASH)
    withheld(scene, "9:01")
    scene.act("9:02", ending, f"{CASH}.1", reason="seen to")
    (record,) = records(withheld(scene, "9:03"))

    assert (record.prompt, record.state, record.because["cash_withheld"]) == (f"{CASH}.2", "raised", 2)


def test_a_second_customer_is_told_of_though_somebody_has_the_prompt_in_hand() -> None:
    scene = play(NO_CASH)
    withheld(scene, "9:01")
    scene.act("9:01:10", "acknowledge", f"{CASH}.1")
    (record,) = records(withheld(scene, "9:04"))

    assert (record.prompt, record.state, record.by, record.to) == (f"{CASH}.1", "raised", None, ("lobby_manager",))
    assert (record.because["cash_withheld"], record.deadline) == (2, at("9:05"))
    assert repeats(scene.until("9:04:20")) == [f"{CASH}.1"]


def test_a_prompt_still_called_out_is_said_again_at_once_and_goes_on_up_its_ladder() -> None:
    scene = play(NO_CASH)
    withheld(scene, "9:01")
    scene.until("9:02:10")
    told = withheld(scene, "9:02:11")

    assert (repeats(told), states(told)) == ([f"{CASH}.1"], [])
    (again,) = of(RepeatPrompt, told)
    assert (again.record.state, again.record.to, again.record.because["cash_withheld"]) == (
        "escalated", ("branch_head",), 2,
    )  # fmt: skip
    assert [(r.at, r.to) for r in records(scene.until("9:03"))] == [(at("9:03"), ("any_staff",))]


def test_the_same_case_told_again_is_no_second_customer() -> None:
    scene = play(NO_CASH)
    withheld(scene, "9:01")
    scene.act("9:01:05", "acknowledge", f"{CASH}.1")

    assert of(PublishPrompt, withheld(scene, "9:01:10")) == []
    assert of(PublishPrompt, scene.device("9:01:30", R, "degraded")) == []
    assert of(PublishPrompt, scene.until("12:00")) == []


def test_nothing_more_is_said_of_a_case_that_was_seen_to() -> None:
    scene = play(NO_CASH)
    withheld(scene, "9:01")
    scene.act("9:02", "done", f"{CASH}.1")

    assert of(PublishPrompt, scene.until("16:00")) == []


def test_one_trouble_does_not_hide_another() -> None:
    scene = play(policy("cash-not-dispensed", "tamper"))
    withheld(scene, "9:01")

    assert states(scene.trouble("9:01:30", R, "tamper")) == [(f"tamper.{R}.1", "raised")]
    assert set(scene.hall.desk.prompts) == {f"{CASH}.1", f"tamper.{R}.1"}
    found = states(scene.act("9:01:40", "device_checked", R, result="ok"))
    assert set(found) == {(f"{CASH}.1", "done"), (f"tamper.{R}.1", "done")}


# -- a card kept -------------------------------------------------------------------------------------------------------

CARDS = policy("card-retained")
CARD = f"card-retained.{R}"


def test_a_card_kept_goes_to_the_lobby_manager_and_up_to_the_branch_head() -> None:
    scene = play(CARDS)
    (record,) = records(scene.trouble("9:01", R, "card_retained"))

    assert (record.prompt, record.priority, record.to, record.zone) == (
        f"{CARD}.1", "high", ("lobby_manager",), "self-service",
    )  # fmt: skip
    assert record.text.zh == f"{R}号机留卡，请致歉并登记联系办法"
    assert [(r.at, r.to) for r in records(scene.until("9:30"))] == [
        (at("9:06"), ("supervisor",)),
        (at("9:11"), ("branch_head",)),
        (at("9:16"), ("any_staff",)),
        (at("9:21"), ("headquarters",)),
    ]


def test_neither_a_status_nor_a_check_nor_a_new_day_speaks_with_the_customer() -> None:
    scene = play(CARDS)
    scene.trouble("9:01", R, "card_retained")
    scene.act("9:01:01", "acknowledge", f"{CARD}.1")

    assert states(scene.device("9:02", R, "down")) == states(scene.device("9:03", R)) == []
    assert states(scene.act("9:04", "device_checked", R, result="ok")) == []
    scene.date = "2026-03-03"
    assert states(scene.issue("9:00", "A1")) == []
    assert states(scene.act("9:01", "done", f"{CARD}.1")) == [(f"{CARD}.1", "done")]
    assert of(PublishPrompt, scene.until("16:00")) == []


@pytest.mark.parametrize("ending", ["done", "decline"])
def test_a_second_card_within_the_cool_down_is_another_customer(ending: str) -> None:
    scene = play(CARDS)
    scene.trouble("9:01", R, "card_retained")
    scene.act("9:02", ending, f"{CARD}.1", reason="it came out again")
    (record,) = records(scene.trouble("9:03", R, "card_retained"))

    assert (record.prompt, record.state, record.because["cards_kept"]) == (f"{CARD}.2", "raised", 2)


def test_a_second_card_is_raised_again_where_somebody_is_busy_with_the_first() -> None:
    scene = play(CARDS)
    scene.trouble("9:01", R, "card_retained")
    scene.act("9:01:30", "acknowledge", f"{CARD}.1")

    assert states(scene.trouble("9:02", R, "card_retained")) == [(f"{CARD}.1", "raised")]


def test_no_detail_of_a_card_reaches_a_prompt() -> None:
    scene = play(CARDS)
    scene.device("9:00:30", R, detail="card 6222020012345678")
    event = DeviceEvent(at=at("9:01"), device=R, event="card_retained", detail="6222020012345678, Wang")
    (record,) = records(scene.feed(event))

    assert "6222" not in repr(record)
    assert "Wang" not in repr(record)
    assert record.because["device"] == {"kind": "recycler", "state": "ok", "parts": {}}


def test_a_machine_that_leaves_the_branch_and_comes_again_starts_anew() -> None:
    scene = play(CARDS)
    scene.trouble("9:01", R, "card_retained")
    scene.act("9:02", "done", f"{CARD}.1")
    scene.engine.adopt(replace(CARDS, devices={}))
    scene.engine.adopt(CARDS)

    assert states(scene.device("9:30", R)) == []
    assert states(scene.trouble("9:31", R, "card_retained")) == [(f"{CARD}.2", "raised")]


# -- tampering ---------------------------------------------------------------------------------------------------------

QUIET = replace(
    policy("tamper"),
    devices={R: DevicePlan(R, "recycler"), "board-1": DevicePlan("board-1", "board", shows="lobby")},
    words={"L01": Text("早上好，请先取号", "Good morning"), "L21": Text("机器旁电话勿信", "no numbers")},
)


@pytest.mark.parametrize(
    ("event", "zh"),
    [
        ("tamper", f"{R}号机异常震动，勿声张，先看监控"),
        ("vibration", f"{R}号机异常震动，勿声张，先看监控"),
        ("door_open", f"{R}号机被打开，勿声张，先看监控"),
    ],
)
def test_tampering_is_told_on_handhelds_alone(event: str, zh: str) -> None:
    scene = play(with_staff(QUIET, guard=("sg-1",), **STAFF))
    scene.until("9:00:59")
    shown = scene.hall.boards["board-1"].shown
    told = scene.trouble("9:01", R, event)
    (record,) = records(told)

    assert (record.priority, record.to, record.text.zh) == ("urgent", ("guard", "branch_head"), zh)
    assert {type(command) for command in told} == {PublishPrompt}
    later = scene.until("10:00")
    assert of(ShowOnBoard, told + later) == []
    assert scene.hall.boards["board-1"].shown == shown
    assert [r.to for r in records(later)] == [("lobby_manager",), ("any_staff",), ("headquarters",)]


def test_where_no_guard_is_on_duty_the_branch_head_is_told() -> None:
    assert records(play(QUIET).trouble("9:01", R, "tamper"))[0].to == ("branch_head",)


def test_a_door_opened_in_service_alarms_nobody() -> None:
    scene = play(QUIET)
    scene.device("9:01", R, "down", parts={"operator_switch": "supervisor"})

    assert of(PublishPrompt, scene.trouble("9:02", R, "door_open")) == []


def test_what_shakes_on_is_one_prompt_and_what_comes_after_the_check_another_at_once() -> None:
    scene = play(QUIET)
    scene.trouble("9:01", R, "vibration")
    scene.act("9:01:10", "acknowledge", f"tamper.{R}.1", "bh-1")
    for clock in ("9:01:30", "9:05", "9:09"):
        assert of(PublishPrompt, scene.trouble(clock, R, "vibration")) == []
    assert states(scene.act("9:10", "device_checked", R, "bh-1", result="ok")) == [(f"tamper.{R}.1", "done")]

    assert states(scene.trouble("9:10:01", R, "vibration")) == [(f"tamper.{R}.2", "raised")]


@pytest.mark.parametrize("ending", ["done", "decline"])
def test_what_shakes_after_it_was_waved_off_is_told_when_the_cool_down_is_over(ending: str) -> None:
    scene = play(QUIET)
    scene.trouble("9:01", R, "vibration")
    scene.act("9:02", ending, f"tamper.{R}.1", reason="the cleaner")
    assert of(PublishPrompt, scene.trouble("9:05", R, "vibration")) == []

    (record,) = records(scene.until("9:12"))
    assert (record.prompt, record.at) == (f"tamper.{R}.2", at("9:12"))


# -- supplies ----------------------------------------------------------------------------------------------------------


def test_low_cash_goes_to_whoever_keeps_the_cash_until_it_is_refilled() -> None:
    scene = play(policy("cash-low"))
    scene.device("9:00:30", R, parts={"cash": "ok"})
    assert states(scene.device("9:01", R, parts={"cash": "high"})) == []
    (record,) = records(scene.device("9:02", R, parts={"cash": "low"}))

    assert (record.prompt, record.priority, record.to) == (f"cash-low.{R}.1", "normal", ("supervisor",))
    assert record.because == {
        "cash_short": 1, "met": ["cash_short"],
        "device": {"kind": "recycler", "state": "ok", "parts": {"cash": "low"}},
    }  # fmt: skip
    assert states(scene.trouble("9:02", R, "cash_low")) == []
    assert states(scene.device("9:03", R, "unknown", detail="link lost")) == []
    assert [(r.at, r.to) for r in records(scene.until("9:17"))] == [(at("9:17"), ("branch_head",))]
    assert states(scene.device("9:30", R, parts={"cash": "ok"})) == [(f"cash-low.{R}.1", "cleared")]


def test_an_order_for_cash_is_followed_by_another_prompt_only_when_it_has_run_out() -> None:
    scene = play(policy("cash-low"))
    scene.device("9:01", R, parts={"cash": "low"})
    scene.act("9:02", "done", f"cash-low.{R}.1", "os-1")
    assert of(PublishPrompt, scene.until("9:30")) == []

    assert states(scene.device("9:31", R, parts={"cash": "out"})) == [(f"cash-low.{R}.2", "raised")]


def test_a_sensor_that_trembles_is_told_of_once_in_a_cool_down() -> None:
    scene = play(policy("cash-low"))
    found: list[Command] = []
    for minute in range(1, 9):
        found += scene.device(f"9:{minute:02}", R, parts={"cash": "low"})
        found += scene.device(f"9:{minute:02}:30", R, parts={"cash": "ok"})

    assert states(found) == [(f"cash-low.{R}.1", "raised"), (f"cash-low.{R}.1", "cleared")]


def test_a_machine_without_parts_reports_and_is_checked() -> None:
    scene = play(policy("cash-low"))
    assert states(scene.trouble("9:01", R, "cash_low")) == [(f"cash-low.{R}.1", "raised")]
    assert states(scene.device("9:02", R)) == []
    assert states(scene.act("9:03", "device_checked", R, "os-1", result="ok")) == [(f"cash-low.{R}.1", "cleared")]
    assert states(scene.trouble("9:04", R, "cash_low")) == []

    assert [(r.prompt, r.at) for r in records(scene.until("9:14"))] == [(f"cash-low.{R}.2", at("9:13"))]


def test_a_check_fills_no_machine_that_says_it_is_low() -> None:
    scene = play(policy("cash-low", "cash-not-dispensed"))
    scene.device("9:01", R, parts={"cash": "low"})
    withheld(scene, "9:02")

    assert states(scene.act("9:02:30", "device_checked", R, result="ok")) == [(f"{CASH}.1", "done")]
    assert f"cash-low.{R}.1" in scene.hall.desk.prompts


def test_a_declined_prompt_of_a_machine_without_parts_does_not_silence_it_for_good() -> None:
    scene = play(policy("cash-low"))
    scene.trouble("9:01", R, "cash_low")
    scene.act("9:02", "decline", f"cash-low.{R}.1", "os-1", reason="no cash today")
    assert of(PublishPrompt, scene.until("12:00")) == []

    assert states(scene.trouble("12:01", R, "cash_low")) == [(f"cash-low.{R}.2", "raised")]


@pytest.mark.parametrize(
    ("device", "kind", "zone"),
    [("kiosk-1", "kiosk", "self-service"), ("p-1", "printer", "self-service"), ("queue", "dispenser", "door")],
)
def test_low_paper_is_listed_and_never_said_again(device: str, kind: str, zone: str) -> None:
    scene = play(policy("paper-low"))
    scene.device("9:00:30", device, kind=kind)
    (record,) = records(scene.trouble("9:01", device, "paper_low"))

    assert (record.prompt, record.priority, record.to) == (f"paper-low.{device}.1", "silent", ("lobby_manager",))
    assert (record.zone, record.text.zh, record.deadline) == (zone, f"{device}纸将用尽，请更换", None)
    assert of(PublishPrompt, scene.until("16:00")) == []
    assert states(scene.device("16:01", device, kind=kind, parts={"paper": "ok"})) == [
        (f"paper-low.{device}.1", "cleared")
    ]


# -- lost machines -----------------------------------------------------------------------------------------------------


def test_a_silent_machine_is_told_of_at_the_instant_it_becomes_unknown() -> None:
    scene = play(replace(machines((R, "recycler"), stale_s=60), rules=policy("device-unknown").rules))
    assert states(scene.until("9:01")) == []
    (record,) = records(scene.until("9:01:01"))

    assert (record.prompt, record.at) == (f"device-unknown.{R}.1", at("9:01:00.000001"))
    assert (record.priority, record.to) == ("normal", ("lobby_manager", "supervisor"))
    assert [(r.at, r.to) for r in records(scene.until("9:16:30"))] == [(at("9:16:00.000001"), ("branch_head",))]
    assert states(scene.device("9:17", R, "degraded")) == [(f"device-unknown.{R}.1", "cleared")]


@pytest.mark.parametrize(("kind", "told"), [("kiosk", True), ("printer", True), ("board", False), ("sensor", False)])
def test_only_machines_customers_use_are_withdrawn_from_offers(kind: str, *, told: bool) -> None:
    scene = play(policy("device-unknown"))
    scene.device("9:01", "x", kind=kind)

    assert bool(states(scene.device("9:02", "x", "unknown", kind))) is told


def test_a_machine_that_was_down_and_falls_silent_is_told_of_once() -> None:
    scene = play(machines((R, "recycler"), ("atm-1", "atm")))
    assert states(scene.device("9:01", R, "down")) == [(f"device-down.{R}.1", "raised")]

    assert states(scene.device("9:02", R, "unknown")) == []


def test_a_lost_machine_that_says_it_is_down_changes_its_prompt() -> None:
    scene = play(machines((R, "recycler"), ("atm-1", "atm")))
    scene.device("9:01", R, "unknown")

    assert states(scene.device("9:02", R, "down")) == [
        (f"device-down.{R}.1", "raised"),
        (f"device-unknown.{R}.1", "cleared"),
    ]


def test_a_device_that_leaves_the_branch_takes_its_prompts_along() -> None:
    whole = policy("card-retained", "cash-low", "cash-not-dispensed", "device-unknown", "paper-low", "tamper")
    scene = play(whole)
    for event in ("card_retained", "cash_low", "cash_not_dispensed", "paper_low", "tamper"):
        scene.trouble("9:01", R, event)
    scene.device("9:01", R, "unknown")
    assert len(scene.hall.desk.prompts) == len(whole.rules)

    found = states(scene.engine.adopt(replace(whole, devices={})))
    assert found == [(f"{rule.id}.{R}.1", "withdrawn") for rule in whole.rules]
    assert of(PublishPrompt, scene.until("16:00")) == []


LOST = replace(
    machines((R, "recycler"), ("atm-1", "atm"), ("atm-2", "atm"), ("kiosk-1", "kiosk")),
    rules=policy("device-unknown").rules,
)


def switch_fails() -> Play:
    """Four machines have been heard of at nine; three are lost from 9:01 on, ten seconds apart."""
    scene = play(LOST)
    for id, kind in (("atm-1", "atm"), ("atm-2", "atm"), ("kiosk-1", "kiosk")):
        scene.device("9:00", id, kind=kind)
    assert states(scene.device("9:01", R, "unknown")) == [(f"device-unknown.{R}.1", "raised")]
    (held, told) = scene.device("9:01:10", "atm-2", "unknown", kind="atm")[-2:]
    assert isinstance(told, RepeatPrompt)
    assert not told.aloud
    assert told.record.text.zh == f"{R}及另1台失联，暂不推荐"
    assert isinstance(held, PublishPrompt)
    assert (held.record.state, held.record.held_by) == ("held", "lost-together")
    scene.device("9:01:20", "atm-1", "unknown", kind="atm")
    return scene


def test_machines_lost_together_are_one_prompt_that_says_how_many_and_which() -> None:
    prompt = switch_fails().hall.desk.prompts[f"device-unknown.{R}.1"]

    assert prompt.text.en == f"{R} and 2 more lost contact; not offered"
    assert (prompt.because["lost_together"], prompt.because["lost_machines"]) == (3, [R, "atm-2", "atm-1"])
    assert (prompt.state, prompt.raised_at) == ("raised", at("9:01"))


def test_one_that_is_lost_later_is_another_matter() -> None:
    scene = switch_fails()

    assert states(scene.device("9:03:21", "kiosk-1", "unknown", kind="kiosk")) == [
        ("device-unknown.kiosk-1.1", "raised")
    ]


def test_the_prompt_says_fewer_when_some_are_back_and_is_over_with_the_first() -> None:
    scene = switch_fails()
    (told,) = of(RepeatPrompt, scene.device("9:02", "atm-2", kind="atm"))
    assert told.record.because["lost_machines"] == [R, "atm-1"]
    assert states(scene.device("9:03", R)) == [(f"device-unknown.{R}.1", "cleared")]

    (record,) = records(scene.until("9:05"))
    assert (record.prompt, record.at, record.text.zh) == (
        "device-unknown.atm-1.1", at("9:04"), "atm-1失联，暂不向客户推荐"
    )  # fmt: skip


def test_when_all_are_back_within_a_minute_of_the_first_nothing_more_is_said() -> None:
    scene = switch_fails()
    scene.device("9:05", R)
    scene.device("9:05:30", "atm-1", kind="atm")
    scene.device("9:05:59", "atm-2", kind="atm")

    assert states(scene.until("9:30")) == []


def test_what_was_seen_to_is_not_raised_again_because_others_were_lost_with_it() -> None:
    scene = switch_fails()
    scene.act("9:02", "done", f"device-unknown.{R}.1")

    assert states(scene.until("10:00")) == []


# -- all machines ------------------------------------------------------------------------------------------------------

ALL = "all-devices-down.hall"
TWO = replace(machines((R, "recycler"), ("atm-1", "atm")), rules=policy("all-devices-down").rules)


def test_the_last_machine_that_fails_is_told_of_once_until_one_is_usable() -> None:
    scene = play(TWO)
    scene.device("9:01", "atm-1", kind="atm")
    assert states(scene.device("9:02", R, "down")) == []
    (record,) = records(scene.device("9:03", "atm-1", "down", kind="atm"))

    assert (record.prompt, record.priority, record.to) == (f"{ALL}.1", "high", ("lobby_manager", "branch_head"))
    assert record.because == {
        "machines": "all-down", "met": ["machines"], "unusable_devices": {"atm-1": "down", R: "down"},
    }  # fmt: skip
    assert states(scene.device("9:03:10", "atm-1", "unknown", kind="atm")) == []
    assert states(scene.device("9:04", R, "degraded")) == [(f"{ALL}.1", "cleared")]
    assert states(scene.device("9:05", R, "down")) == []
    assert [(r.prompt, r.at) for r in records(scene.until("9:14"))] == [(f"{ALL}.2", at("9:14"))]


@pytest.mark.parametrize("event", ["cash_out", "cash_not_dispensed", "tamper"])
def test_what_nobody_may_be_sent_to_is_of_no_use_whatever_it_says(event: str) -> None:
    scene = play(TWO)
    scene.device("9:01", "atm-1", "down", kind="atm")

    assert states(scene.trouble("9:02", R, event)) == [(f"{ALL}.1", "raised")]


def test_it_climbs_to_the_supervisor_and_headquarters() -> None:
    scene = play(TWO)
    scene.device("9:01", "atm-1", "down", kind="atm")
    scene.device("9:02", R, "down")

    assert [(r.at, r.to) for r in records(scene.until("9:20"))] == [
        (at("9:07"), ("supervisor",)),
        (at("9:12"), ("any_staff",)),
        (at("9:17"), ("headquarters",)),
    ]


def test_after_a_start_no_machine_that_may_work_is_called_down() -> None:
    scene = play(TWO, device=None)
    assert states(scene.device("9:00:01", "atm-1", "unknown", kind="atm", detail="link lost")) == []
    assert states(scene.device("9:00:02", R, "unknown", detail="link lost")) == []
    assert states(scene.device("9:00:20", R, "down")) == []

    assert states(scene.device("9:00:30", "atm-1", "down", kind="atm")) == [(f"{ALL}.1", "raised")]


def test_a_machine_that_is_lost_while_the_others_are_down_is_not_known_to_be_down() -> None:
    scene = play(TWO)
    scene.device("9:01", "atm-1", kind="atm")
    scene.device("9:02", R, "down")

    assert states(scene.device("9:03", "atm-1", "unknown", kind="atm")) == []
    assert states(scene.device("9:04", "atm-1", "down", kind="atm")) == [(f"{ALL}.1", "raised")]


def test_a_branch_without_machines_has_none_that_are_down() -> None:
    scene = play(replace(TWO, devices={}), device=None)

    assert states(scene.device("9:01", "board-1", "unknown", kind="board")) == []
    assert states(scene.device("9:02", "printer-1", "down", kind="printer")) == []


def test_the_last_machine_leaving_the_configuration_ends_it() -> None:
    scene = play(replace(TWO, devices={R: TWO.devices[R]}))
    scene.device("9:01", R, "down")

    assert states(scene.engine.adopt(replace(TWO, devices={}))) == [(f"{ALL}.1", "cleared")]


def test_what_is_still_down_in_the_morning_is_told_anew() -> None:
    scene = play(replace(TWO, devices={R: TWO.devices[R]}))
    scene.device("9:01", R, "down")
    scene.date = "2026-03-03"

    assert states(scene.issue("0:30", "A1"))[-2:] == [(f"{ALL}.1", "expired"), (f"{ALL}.2", "raised")]
