"""Triage as a whole: the other rules in play, restarts, new days, new configurations, wakes too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from edge.core.aspects import EVERYTHING
from edge.core.engine import Engine
from edge.core.events import Tick
from edge.core.instant import seconds
from edge.core.triage import review, wake
from edge.core.triage.desk import Desk
from tests.core.triage.branch import crowd, leave, play, policy, records, states, unconfigured
from tests.play import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.commands import Command
    from edge.core.events import Event
    from tests.play import Play

ALL = policy()


# -- no usable device --------------------------------------------------------------------------------------------------


def test_without_a_usable_device_the_lobby_manager_is_asked_to_think_of_a_window() -> None:
    scene = play(policy("secondary-triage", "triage-no-device"), device="down")
    found = records(crowd(scene, "9:01", 15))

    assert [(r.prompt, r.state) for r in found] == [
        ("secondary-triage.hall.1", "held"),
        ("triage-no-device.hall.1", "raised"),
    ]
    assert found[1].to == ("lobby_manager", "branch_head")
    assert found[1].because["unusable_devices"] == {"recycler-1": "down"}


def test_it_fires_at_the_instant_of_the_wait_as_well() -> None:
    scene = play(policy("secondary-triage", "triage-no-device"), device="down")
    crowd(scene, "9:01", 2)

    assert [(r.rule, r.at) for r in records(scene.until("9:11"))] == [
        ("secondary-triage", at("9:11")),
        ("triage-no-device", at("9:11")),
    ]


def test_when_the_device_is_back_diversion_takes_its_place() -> None:
    scene = play(policy("secondary-triage", "triage-no-device"), device="down")
    crowd(scene, "9:01", 15)

    assert states(scene.device("9:02", "recycler-1")) == [
        ("secondary-triage.hall.1", "raised"),
        ("triage-no-device.hall.1", "cleared"),
    ]


def test_a_device_that_fails_turns_one_prompt_into_the_other() -> None:
    scene = play(policy("secondary-triage", "triage-no-device"))
    crowd(scene, "9:01", 15)

    assert states(scene.device("9:02", "recycler-1", "down")) == [
        ("secondary-triage.hall.1", "withdrawn"),
        ("triage-no-device.hall.1", "raised"),
    ]


# -- paused windows ----------------------------------------------------------------------------------------------------


def test_a_full_hall_with_a_paused_window_wants_an_explanation() -> None:
    scene = play(policy("paused-windows"), windows=2)
    scene.pause("9:00:10", "2", "long business")
    assert states(crowd(scene, "9:01", 14)) == []
    (record,) = records(scene.issue("9:01:10", "A15"))

    assert (record.state, record.to, record.zone) == ("raised", ("lobby_manager",), "counter")
    assert record.text.zh == "15人等候，停1窗，原因见详情，请说明"
    assert record.because["pauses"] == [{"window": "2", "reason": "long business", "for_s": 60.0}]


def test_the_pause_may_come_after_the_crowd_and_ends_the_prompt() -> None:
    scene = play(policy("paused-windows"), windows=2)
    crowd(scene, "9:01", 15)

    assert states(scene.pause("9:02", "2")) == [("paused-windows.hall.1", "raised")]
    assert states(scene.pause("9:02:10", "1")) == []
    assert states(scene.resume("9:03", "2")) == []
    assert states(scene.resume("9:03:10", "1")) == [("paused-windows.hall.1", "cleared")]


# -- one more window ---------------------------------------------------------------------------------------------------


def test_a_class_no_device_can_do_asks_for_a_window_when_triage_is_due() -> None:
    scene = play(policy("secondary-triage", "add-window"))
    assert states(crowd(scene, "9:00:00.1", 14, service="corporate")) == []
    held, raised = records(scene.issue("9:00:00.2", "A15", "corporate"))

    assert (held.rule, held.held_by) == ("secondary-triage", "class-not-on-device")
    assert (raised.rule, raised.state, raised.to) == ("add-window", "raised", ("branch_head",))
    assert raised.because["met"] == ["triage_held_by"]
    assert raised.expect["window"] == "2"
    wait = raised.expect["wait_p50_s"]
    assert wait["now"] - wait["with"] >= 180
    assert wait["p10"] <= wait["with"] <= wait["p90"]
    now, then = round(wait["now"] / 60), round(wait["with"] / 60)
    assert raised.text.zh == f"多开一窗，预计等候由{now}降到{then}分"


def test_a_forecast_over_its_target_fires_when_it_has_held_for_a_minute() -> None:
    scene = play(policy("add-window"))
    assert states(crowd(scene, "9:01", 14)) == []
    (record,) = records(scene.until("9:03"))

    assert record.at == at("9:02:00.25")
    assert record.because["met"] == ["next_wait_s"]
    assert record.because["next_wait_s"] >= 900


def test_a_forecast_that_falls_within_the_minute_does_not_fire() -> None:
    scene = play(policy("add-window"))
    crowd(scene, "9:01", 14)
    leave(scene, "9:01:30", *range(1, 14))

    assert states(scene.until("9:10")) == []


def test_it_is_cleared_only_when_the_forecast_has_been_lower_for_two_minutes() -> None:
    scene = play(policy("add-window"))
    crowd(scene, "9:01", 14)
    scene.until("9:03")
    leave(scene, "9:04", *range(1, 15))

    (record,) = records(scene.until("9:10"))
    assert (record.state, record.at) == ("cleared", at("9:06:00.25"))


def test_opening_the_named_window_is_doing_what_was_asked() -> None:
    scene = play(policy("add-window"))
    crowd(scene, "9:01", 14)
    scene.until("9:03")

    assert states(scene.open("9:04", "3", "cash")) == []
    assert states(scene.open("9:05", "2", "cash")) == [("add-window.hall.1", "done")]


def test_it_is_held_when_every_window_is_open() -> None:
    scene = play(policy("add-window", add_window={"min_gain_s": 10}), windows=3)
    crowd(scene, "9:01", 40)
    (record,) = records(scene.until("9:03"))

    assert (record.state, record.held_by) == ("held", "no-window-to-open")
    assert states(scene.pause("9:04", "3")) == [("add-window.hall.1", "raised")]


def test_it_is_held_when_one_more_window_gains_too_little() -> None:
    scene = play(policy("add-window", add_window={"min_gain_s": 100_000}))
    crowd(scene, "9:01", 14)
    (record,) = records(scene.until("9:30"))

    assert (record.state, record.held_by) == ("held", "gain-too-small")


def test_without_configuration_one_more_window_may_be_one_nobody_spoke_of() -> None:
    scene = play(unconfigured("secondary-triage", "add-window"), device=None)
    raised = records(crowd(scene, "9:00:01", 15))[-1]

    assert (raised.rule, raised.state) == ("add-window", "raised")
    assert "window" not in raised.expect


# -- devices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "kind", "state", "zh", "zone"),
    [
        ("atm-1", "atm", "down", "atm-1号机停用，请改引别台并挂牌", "self-service"),
        ("kiosk-1", "kiosk", "down", "kiosk-1号机停用，请改引别台并挂牌", "self-service"),
        ("board-1", "board", "unknown", "board-1屏失联，请留意叫号并当面提醒", "counter"),
        ("board-1", "board", "down", "board-1屏失联，请留意叫号并当面提醒", "counter"),
        ("ups-1", "ups", "down", "ups-1故障，请查看或报修", "office"),
    ],
)
def test_each_kind_of_device_that_is_down_has_its_words(device: str, kind: str, state: str, zh: str, zone: str) -> None:
    scene = play(policy("device-down"))
    (record,) = records(scene.device("9:01", device, state, kind))

    assert (record.prompt, record.state) == (f"device-down.{device}.1", "raised")
    assert (record.text.zh, record.zone) == (zh, zone)
    assert record.about == {"kind": "device", "id": device}
    assert record.because["device"] == {"kind": kind, "state": state, "parts": {}}


@pytest.mark.parametrize(("kind", "state"), [("atm", "degraded"), ("atm", "unknown"), ("dispenser", "down")])
def test_a_device_that_works_or_has_its_own_rule_is_not_down(kind: str, state: str) -> None:
    assert states(play(policy("device-down")).device("9:01", "x-1", state, kind)) == []


def test_down_and_then_silent_is_not_repaired() -> None:
    scene = play(policy("device-down"))
    scene.device("9:01", "recycler-1", "down")

    assert states(scene.device("9:02", "recycler-1", "unknown")) == []
    assert states(scene.device("9:03", "recycler-1", "degraded")) == [("device-down.recycler-1.1", "cleared")]


def test_a_device_that_flaps_is_told_of_once_in_ten_minutes() -> None:
    scene = play(policy("device-down"))
    found: list[Command] = []
    for second in range(10, 60, 10):
        found += scene.device(f"9:01:{second}", "recycler-1", "down")
        found += scene.device(f"9:01:{second + 5}", "recycler-1", "ok")
    assert states(found) == [("device-down.recycler-1.1", "raised"), ("device-down.recycler-1.1", "cleared")]

    scene.device("9:02", "recycler-1", "down")
    (record,) = records(scene.until("9:12"))
    assert (record.prompt, record.state, record.at) == ("device-down.recycler-1.2", "raised", at("9:11:15"))


def test_every_device_has_its_own_prompt() -> None:
    scene = play(policy("device-down"))
    scene.device("9:01", "recycler-1", "down")

    assert states(scene.device("9:01", "kiosk-1", "down", "kiosk")) == [("device-down.kiosk-1.1", "raised")]


def test_a_queue_machine_is_lost_by_its_status_and_never_by_silence() -> None:
    scene = play(policy("dispenser-lost"))
    assert states(scene.device("9:01", "queue", "ok", "dispenser")) == []
    assert states(scene.until("16:00")) == []

    (record,) = records(scene.device("16:01", "queue", "unknown", "dispenser"))
    assert (record.state, record.to, record.zone) == ("raised", ("lobby_manager", "supervisor"), "door")
    assert states(scene.device("16:02", "queue", "ok", "dispenser")) == [("dispenser-lost.queue.1", "cleared")]


def test_only_withheld_cash_is_withheld_cash() -> None:
    scene = play(policy("cash-not-dispensed"))

    assert states(scene.trouble("9:01", "recycler-1", "card_retained")) == []
    assert states(scene.trouble("9:02", "recycler-1", "cash_not_dispensed")) != []
    assert states(scene.trouble("9:02:30", "recycler-1", "cash_not_dispensed")) == []


# -- restarts, days, configurations ------------------------------------------------------------------------------------


def restarted(scene: Play) -> Play:
    """The same hall after its desk has been through a snapshot."""
    scene.hall.desk = json.decode(json.encode(scene.hall.desk), type=Desk)
    return scene


def a_day(scene: Play, keep: Any) -> list[Command]:
    """A rough quarter of a day with every state of a prompt in it; `keep` stands between any two events."""
    out: list[Command] = []
    steps: list[Callable[[], list[Command]]] = [
        lambda: crowd(scene, "9:01", 14),
        lambda: scene.pause("9:02", "2", "cash"),
        lambda: crowd(scene, "9:03", 3, first=15),
        lambda: scene.act("9:04", "acknowledge", "secondary-triage.hall.1"),
        lambda: scene.act("9:04:30", "customer_declined", "A1"),
        lambda: scene.device("9:05", "recycler-1", "down"),
        lambda: scene.trouble("9:06", "recycler-1", "cash_not_dispensed"),
        lambda: scene.device("9:09", "recycler-1"),
        lambda: scene.act("9:10", "device_checked", "recycler-1", result="ok"),
        lambda: scene.act("9:12", "decline", "paused-windows.hall.1", reason="told already"),
        lambda: leave(scene, "9:30", *range(1, 18)),
        lambda: scene.device("9:45", "recycler-1", "down"),
        lambda: crowd(scene, "9:46", 20, first=30),
        lambda: scene.device("9:47", "recycler-1"),
        lambda: scene.device("9:50", "queue", "unknown", "dispenser"),
        lambda: scene.act("9:51", "done", "dispenser-lost.queue.1"),
        lambda: scene.until("10:15"),
    ]
    for step in steps:
        keep(scene)
        out += step()
    return out


def test_a_restart_between_any_two_events_changes_nothing() -> None:
    plain = a_day(play(ALL, windows=2), lambda _: None)
    through_snapshots = a_day(play(ALL, windows=2), restarted)

    assert through_snapshots == plain
    seen = {record.state for record in records(plain)}
    assert {"raised", "held", "acknowledged", "escalated", "done", "declined", "withdrawn", "cleared"} <= seen


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 120 * 60), max_size=8))
def test_ticks_change_nothing(seconds_past_nine: list[int]) -> None:
    """Time told more often is the same time."""
    ticks = sorted(at("9:00") + seconds(second) for second in seconds_past_nine)
    feed = Engine.feed

    def with_ticks(engine: Engine, event: Event) -> list[Command]:
        due = [at for at in ticks if engine.hall.now <= at <= event.at]
        return [c for at in due for c in feed(engine, Tick(at=at))] + feed(engine, event)

    plain = a_day(play(ALL, windows=2), lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "feed", with_ticks)
        assert a_day(play(ALL, windows=2), lambda _: None) == plain


ROOMS = st.sampled_from(["rule", "prompt", "fact", "elsewhere"])
KEYS = st.sampled_from([
    "secondary-triage.hall", "add-window.hall", "triage-no-device.hall", "device-down.recycler-1", "device-down.gone",
    "longest_wait_s", "waiting", "secondary-triage.hall.1", "paused-windows.hall.1", "", "nothing",
])  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(ROOMS, KEYS), max_size=4))
def test_wakes_too_many_change_nothing(wakes: list[tuple[str, str]]) -> None:
    extra: list[Command] = []

    def disturb(scene: Play) -> None:
        for room, key in wakes:
            extra.extend(wake(scene.hall, ALL, key, room, scene.hall.now))

    assert a_day(play(ALL, windows=2), disturb) == a_day(play(ALL, windows=2), lambda _: None)
    assert extra == []


def test_reviewing_again_changes_nothing() -> None:
    aspects = [1 << place for place in range(EVERYTHING.bit_length())]

    def again(scene: Play) -> None:
        for changed in {*(one | other for one in aspects for other in aspects), EVERYTHING}:
            assert review(scene.hall, ALL, changed, scene.hall.now) == []

    assert a_day(play(ALL, windows=2), again) == a_day(play(ALL, windows=2), lambda _: None)


def test_a_new_day_closes_yesterdays_queue_and_keeps_its_broken_devices() -> None:
    scene = play(policy("secondary-triage", "device-down"))
    scene.device("9:00:30", "kiosk-1", "down", "kiosk")
    crowd(scene, "9:01", 15)
    scene.date = "2026-03-03"
    found = records(scene.until("9:00"))

    assert ("secondary-triage.hall.1", "expired") in [(r.prompt, r.state) for r in found]
    assert list(scene.hall.desk.prompts) == ["device-down.kiosk-1.1"]
    scene.device("9:00", "recycler-1")
    assert states(crowd(scene, "9:01", 15)) == [("secondary-triage.hall.2", "raised")]


def test_a_rule_that_is_no_more_takes_its_prompts_along() -> None:
    scene = play(policy("secondary-triage", "device-down"))
    crowd(scene, "9:01", 15)
    scene.device("9:01", "kiosk-1", "down", "kiosk")

    assert states(scene.engine.adopt(policy("device-down"))) == [("secondary-triage.hall.1", "withdrawn")]
    assert scene.hall.desk.live == []
    assert states(scene.engine.adopt(policy("secondary-triage", "device-down"))) == [
        ("secondary-triage.hall.2", "raised")
    ]


def test_a_new_threshold_counts_at_once() -> None:
    scene = play(policy("secondary-triage", secondary_triage={"waiting": 30}))
    crowd(scene, "9:01", 20)

    assert states(scene.engine.adopt(policy("secondary-triage"))) == [("secondary-triage.hall.1", "raised")]
