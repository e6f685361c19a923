"""Devices: silence is not health, suspicion stays until somebody looked, and only changes are published."""

from edge.core.commands import PublishDevice
from edge.core.instant import seconds
from edge.core.policy import DevicePlan, Policy
from tests.play import Play, of


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
