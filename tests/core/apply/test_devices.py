"""Devices: silence is not health, suspicion stays until somebody looked, and only changes are published."""

import pytest

from edge.core.apply.devices import reported
from edge.core.aspects import NOTHING, STOCK
from edge.core.commands import Command, EndDevice, PublishDevice
from edge.core.events import DeviceEvent, DeviceKind, DeviceStatus
from edge.core.instant import seconds
from edge.core.policy import DevicePlan, Policy
from tests.play import Play, at, of


def test_a_device_whose_last_line_is_older_than_its_stale_time_is_unknown_at_that_instant() -> None:
    play = Play(Policy(devices={"r-1": DevicePlan("r-1", "recycler", stale=seconds(90))}))
    play.device("9:00", "r-1")
    play.until("9:01:30")
    assert play.hall.devices["r-1"].state == "ok"

    told = of(PublishDevice, play.until("9:01:30.000001"))

    assert [(command.state, command.detail) for command in told] == [("unknown", "silent")]


def test_a_longer_stale_time_that_is_taken_on_is_waited_for() -> None:
    play = Play(Policy(devices={"r-1": DevicePlan("r-1", "recycler", stale=seconds(60))}))
    play.device("9:00", "r-1")
    play.engine.adopt(Policy(devices={"r-1": DevicePlan("r-1", "recycler", stale=seconds(90))}))
    play.until("9:01:30")
    assert play.hall.devices["r-1"].state == "ok"

    play.until("9:02")

    assert play.hall.devices["r-1"].state == "unknown"


def test_reporting_again_in_time_keeps_it_known() -> None:
    play = Play()
    for minute in range(10):
        play.device(f"9:{minute:02}", "r-1")

    assert play.hall.devices["r-1"].state == "ok"


def test_a_queue_machine_that_says_nothing_is_not_lost() -> None:
    play = Play()
    play.device("9:00", "queue", kind="dispenser")
    play.until("17:00")

    assert play.hall.devices["queue"].state == "ok"


def plans(*kinds: DeviceKind) -> Policy:
    return Policy(devices={f"{kind}-1": DevicePlan(f"{kind}-1", kind, stale=seconds(90)) for kind in kinds})


def test_a_device_of_which_only_events_are_heard_is_lost_by_its_silence() -> None:
    play = Play(plans("atm"))
    play.trouble("9:00", "atm-1", "transaction")
    play.trouble("9:01", "atm-1", "transaction")
    atm = play.hall.devices["atm-1"]
    play.until("9:02:30")
    assert (atm.lost, atm.unheard) == (False, True)

    told = of(PublishDevice, play.until("9:02:30.000001"))

    assert [(command.state, command.detail) for command in told] == [("unknown", "silent")]
    assert (atm.lost, atm.lost_at) == (True, at("9:02:30.000001"))


@pytest.mark.parametrize("policy", [Policy(), plans("dispenser")], ids=["its kind is not known", "a queue machine"])
def test_silence_after_an_event_means_nothing_of_what_need_not_speak(policy: Policy) -> None:
    play = Play(policy)
    play.trouble("9:00", "dispenser-1", "paper_low")
    play.until("17:00")

    assert not play.hall.devices["dispenser-1"].lost


def test_what_turns_out_to_be_a_queue_machine_is_not_lost_by_its_silence() -> None:
    play = Play()
    play.device("9:00", "queue", kind="kiosk")
    play.device("9:01", "queue", kind="dispenser")
    play.until("17:00")

    assert play.hall.devices["queue"].state == "ok"


def test_a_first_status_after_an_event_is_published_whatever_it_says() -> None:
    play = Play(plans("atm"))
    play.trouble("9:00", "atm-1", "transaction")

    assert of(PublishDevice, play.device("9:01", "atm-1", "unknown", kind="atm"))
    assert play.hall.devices["atm-1"].lost_at == at("9:01")


def test_the_same_status_again_is_not_published_again() -> None:
    play = Play()

    assert of(PublishDevice, play.device("9:00", "r-1"))
    assert not of(PublishDevice, play.device("9:00:30", "r-1"))
    assert of(PublishDevice, play.device("9:01", "r-1", parts={"cash": "low"}))


def test_cash_not_dispensed_makes_a_device_suspect_until_somebody_found_it_good() -> None:
    play = Play()
    play.device("9:00", "r-1")
    play.trouble("9:01", "r-1", "cash_not_dispensed")
    assert play.hall.devices["r-1"].suspect == "cash_not_dispensed"

    play.device("9:02", "r-1")
    play.act("9:03", "device_checked", "r-1", result="faulty")
    assert play.hall.devices["r-1"].suspect

    play.act("9:04", "device_checked", "r-1", result="ok")
    assert not play.hall.devices["r-1"].suspect


def test_what_ran_out_is_lacking_until_a_sound_status() -> None:
    play = Play()
    play.device("9:00", "r-1")
    play.trouble("9:01", "r-1", "cash_out")
    assert play.hall.devices["r-1"].lacks == ("cash",)
    play.device("9:02", "r-1", parts={"cash": "out"})
    assert play.hall.devices["r-1"].lacks == ("cash",)

    play.device("9:03", "r-1", parts={"cash": "ok"})

    assert not play.hall.devices["r-1"].lacks


def test_unknown_device_events_are_kept_and_ignored() -> None:
    play = Play()
    play.device("9:00", "r-1")
    play.trouble("9:01", "r-1", "made_a_noise")

    assert play.hall.devices["r-1"].state == "ok"
    assert not play.hall.devices["r-1"].suspect


def troubles(play: Play, name: str) -> tuple[int, bool]:
    trouble = play.hall.devices["r-1"].troubles[name]
    return trouble.count, trouble.open


@pytest.mark.parametrize(
    ("event", "name", "same_s"),
    [
        ("cash_not_dispensed", "cash", 20),
        ("card_retained", "card", 20),
        ("vibration", "tamper", 60),
        ("tamper", "tamper", 60),
        ("door_open", "door", 60),
    ],
)
def test_each_case_is_counted_once_however_often_it_is_told(event: str, name: str, same_s: int) -> None:
    play = Play()
    first, last = at("9:00"), at("9:00") + seconds(same_s) - 1
    for when in (first, last, 2 * last - first):
        play.feed(DeviceEvent(at=when, device="r-1", event=event))
    assert troubles(play, name) == (1, True)

    play.feed(DeviceEvent(at=2 * last - first + seconds(same_s), device="r-1", event=event))
    assert troubles(play, name) == (2, True)


def test_a_check_settles_what_a_look_can_settle_and_no_customers_card() -> None:
    play = Play()
    for event in ("cash_not_dispensed", "card_retained", "vibration", "door_open"):
        play.trouble("9:00", "r-1", event)
    play.act("9:01", "device_checked", "r-1", result="faulty")
    assert all(trouble.open for trouble in play.hall.devices["r-1"].troubles.values())

    play.act("9:02", "device_checked", "r-1", result="ok")

    assert {name: trouble.open for name, trouble in play.hall.devices["r-1"].troubles.items()} == {
        "cash": False, "card": True, "tamper": False, "door": False,
    }  # fmt: skip


def test_what_comes_after_a_check_is_another_case_however_soon() -> None:
    play = Play()
    play.trouble("9:00", "r-1", "vibration")
    play.act("9:00:05", "device_checked", "r-1", result="ok")
    play.trouble("9:00:06", "r-1", "vibration")

    assert troubles(play, "tamper") == (2, True)


@pytest.mark.parametrize("switch", ["maintenance", "supervisor"])
def test_a_door_opened_in_service_is_no_trouble(switch: str) -> None:
    play = Play()
    play.device("9:00", "r-1", parts={"operator_switch": switch})
    play.trouble("9:01", "r-1", "door_open")
    assert not play.hall.devices["r-1"].troubles

    play.device("9:02", "r-1", parts={"operator_switch": "ok"})
    play.trouble("9:03", "r-1", "door_open")
    assert troubles(play, "door") == (1, True)


@pytest.mark.parametrize(
    ("event", "suspect"),
    [("tamper", True), ("vibration", True), ("door_open", True), ("card_retained", False), ("paper_low", False)],
)
def test_what_may_be_an_attack_bars_the_device_until_somebody_has_looked(event: str, *, suspect: bool) -> None:
    play = Play()
    play.trouble("9:00", "r-1", event)

    assert (play.hall.devices["r-1"].suspect == event) is suspect


def test_parts_tell_how_short_a_device_is_until_they_say_otherwise() -> None:
    play = Play()
    play.device("9:00", "r-1", parts={"cash": "low"})
    play.trouble("9:00", "r-1", "cash_low")
    assert play.hall.devices["r-1"].short == {"cash": 1}

    play.device("9:01", "r-1", "unknown", detail="link lost")
    assert play.hall.devices["r-1"].short == {"cash": 1}
    play.device("9:02", "r-1", parts={"cash": "out"})
    assert play.hall.devices["r-1"].short == {"cash": 2}
    play.device("9:03", "r-1", parts={"cash": "ok"})
    assert play.hall.devices["r-1"].short == {}


def test_where_no_part_tells_the_reports_are_counted_until_somebody_has_looked() -> None:
    play = Play()
    for event in ("paper_low", "paper_out", "cash_full"):
        play.trouble("9:00", "r-1", event)
    play.device("9:01", "r-1")
    assert play.hall.devices["r-1"].short == {"paper": 2}

    play.act("9:02", "device_checked", "r-1", result="ok")
    assert play.hall.devices["r-1"].short == {}


def test_the_same_status_again_may_be_news_after_a_report() -> None:
    play = Play()
    policy = Policy()
    play.device("9:00", "r-1", parts={"cash": "ok"})
    play.trouble("9:01", "r-1", "cash_low")
    again = DeviceStatus(at=at("9:02"), device="r-1", kind="recycler", state="ok", parts={"cash": "ok"})
    out: list[Command] = []

    assert reported(play.hall, policy, again, out) == STOCK
    assert (out, play.hall.devices["r-1"].short) == ([], {})
    assert reported(play.hall, policy, again, out) == NOTHING


def test_the_last_known_state_outlives_the_silence() -> None:
    play = Play()
    play.device("9:00", "r-1", "unknown")
    assert play.hall.devices["r-1"].said == ""

    play.device("9:01", "r-1", "down")
    play.until("9:05")
    assert (play.hall.devices["r-1"].state, play.hall.devices["r-1"].said) == ("unknown", "down")


def test_a_silent_device_at_which_something_happens_is_as_it_last_said() -> None:
    play = Play(plans("recycler"))
    play.device("9:00", "recycler-1", "degraded")
    play.until("9:05")
    recycler = play.hall.devices["recycler-1"]
    assert recycler.lost

    assert of(PublishDevice, play.trouble("9:05", "recycler-1", "not_done")) == [], "our own link's word is not its own"
    told = of(PublishDevice, play.trouble("9:06", "recycler-1", "transaction"))

    assert [(command.state, command.detail) for command in told] == [("degraded", "")]
    assert [command.state for command in of(PublishDevice, play.until("9:08"))] == ["unknown"], "and silent again"


def test_one_that_said_itself_that_it_does_not_know_is_not_cured_by_an_event() -> None:
    play = Play(plans("recycler"))
    play.device("9:00", "recycler-1")
    play.device("9:01", "recycler-1", "unknown", detail="link lost")

    assert of(PublishDevice, play.trouble("9:02", "recycler-1", "transaction")) == []
    assert play.hall.devices["recycler-1"].lost


def test_one_that_never_said_how_it_is_is_lost_no_more_when_something_happens_at_it() -> None:
    play = Play(plans("atm"))
    play.trouble("9:00", "atm-1", "transaction")
    play.until("9:05")
    play.trouble("9:06", "atm-1", "transaction")
    atm = play.hall.devices["atm-1"]

    assert (atm.state, atm.lost, atm.unheard) == ("unknown", False, True)


def test_a_name_that_no_configuration_knows_is_forgotten_when_a_day_has_passed_without_it() -> None:
    play = Play(Policy(devices={"r-1": DevicePlan("r-1", "recycler")}, configured=True))
    play.device("9:00", "r-1")
    play.device("9:00", "r-\x7f", "down")
    told = []
    for date in ("2026-03-03", "2026-03-04"):
        play.date = date
        told.append(of(EndDevice, play.issue("9:00", "A1")))
        play.cancel("9:01", "A1")

    assert told == [[], [EndDevice("r-\x7f")]]
    assert list(play.hall.devices) == ["r-1"]
    assert not any("r-\x7f" in key for key in play.hall.agenda.due)


def test_devices_that_a_new_configuration_does_not_name_are_told_to_be_gone() -> None:
    plans = {id: DevicePlan(id, "recycler") for id in ("r-1", "r-2")}
    play = Play(Policy(devices=plans, configured=True))
    play.device("9:00", "r-1")
    play.device("9:00", "r-2")

    assert of(EndDevice, play.engine.adopt(Policy(devices={"r-1": plans["r-1"]}, configured=True))) == [
        EndDevice("r-2")
    ]
