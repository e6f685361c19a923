"""A prompt's life: said again, escalated rung by rung, taken, ended; and all of it over a restart."""

from edge.core.instant import seconds
from edge.core.triage import standing
from tests.core.triage.branch import crowd, leave, play, policy, records, repeats, states, unconfigured, with_staff
from tests.play import at

ONE = "secondary-triage.hall.1"
CASH = "cash-not-dispensed.recycler-1.1"
TRIAGE = policy("secondary-triage")
URGENT = policy("cash-not-dispensed")


def test_high_is_said_again_after_two_minutes_and_escalated_after_five() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)

    assert repeats(scene.until("9:02:59.999999")) == []
    assert repeats(scene.until("9:03")) == [ONE]
    assert repeats(scene.until("9:05")) == [ONE]
    (record,) = records(scene.until("9:06"))
    assert (record.state, record.to, record.at) == ("escalated", ("branch_head",), at("9:06"))
    assert record.deadline == at("9:11")


def test_a_repeat_says_the_record_unchanged() -> None:
    scene = play(TRIAGE)
    (raised,) = records(crowd(scene, "9:01", 15))
    (again,) = [command.record for command in scene.until("9:03") if hasattr(command, "record")]

    assert again == raised


def test_the_ladder_ends_at_headquarters_and_stays_there() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    steps = [(r.at, r.to, r.deadline) for r in records(scene.until("12:00"))]

    assert steps == [
        (at("9:06"), ("branch_head",), at("9:11")),
        (at("9:11"), ("any_staff",), at("9:16")),
        (at("9:16"), ("headquarters",), None),
    ]


def test_urgent_is_said_again_every_twenty_seconds_and_escalated_every_minute() -> None:
    scene = play(URGENT)
    (record,) = records(scene.trouble("9:00:30", "recycler-1", "cash_not_dispensed"))
    assert (record.prompt, record.priority, record.at) == (CASH, "urgent", at("9:00:30"))
    assert record.text.zh == "recycler-1号机未出钞，速去陪同，勿拨陌生号"

    found = scene.until("9:01:29.999999")
    assert (repeats(found), states(found)) == ([CASH, CASH], [])
    assert [(r.at, r.to) for r in records(scene.until("9:10"))] == [
        (at("9:01:30"), ("branch_head",)),
        (at("9:02:30"), ("any_staff",)),
        (at("9:03:30"), ("headquarters",)),
    ]


def test_the_guard_is_asked_before_the_branch_head_where_one_is_on_duty() -> None:
    scene = play(with_staff(URGENT, lobby_manager=("lm-1",), guard=("sg-1",), branch_head=("bh-1",)))
    scene.trouble("9:00:30", "recycler-1", "cash_not_dispensed")

    assert [r.to for r in records(scene.until("9:02:30"))] == [("guard",), ("branch_head",)]


def test_normal_makes_no_sound_again_and_is_escalated_after_a_quarter_of_an_hour() -> None:
    scene = play(policy("device-down"))
    (record,) = records(scene.device("9:00:30", "recycler-1", "down"))
    found = scene.until("9:15:30")

    assert record.deadline == at("9:15:30")
    assert repeats(found) == []
    assert [(r.state, r.to) for r in records(found)] == [("escalated", ("supervisor",))]


def test_whoever_acknowledges_silences_it() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    (record,) = records(scene.act("9:02", "acknowledge", ONE))
    found = scene.until("10:00")

    assert (record.state, record.by, record.deadline) == ("acknowledged", "lm-1", None)
    assert (repeats(found), states(found)) == ([], [])


def test_an_acknowledged_prompt_is_cleared_with_its_condition() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    scene.act("9:02", "acknowledge", ONE)
    (record,) = records(leave(scene, "9:03", *range(1, 7)))

    assert (record.state, record.by) == ("cleared", "lm-1")


def test_without_configuration_nobody_is_passed_over() -> None:
    scene = play(unconfigured("paused-windows"))
    scene.pause("9:00:10", "1")
    (record,) = records(crowd(scene, "9:01", 15))

    assert record.to == ("lobby_manager",)


def test_of_several_roles_those_on_duty_are_told() -> None:
    scene = play(with_staff(policy(), branch_head=("bh-1",)), device="down")
    found = {r.rule: r for r in records(crowd(scene, "9:01", 15))}

    assert found["triage-no-device"].to == ("branch_head",)


def test_standing_prompts_are_painted_again_as_they_stand() -> None:
    scene = play(policy("device-down", "secondary-triage", "triage-no-device"), device="down")
    crowd(scene, "9:01", 15)
    scene.act("9:02", "acknowledge", "triage-no-device.hall.1")
    painted = [(command.record.prompt, command.record.state) for command in standing(scene.hall)]

    assert painted == [("device-down.recycler-1.1", "raised"), ("triage-no-device.hall.1", "acknowledged")]


def test_deadlines_count_from_the_instant_of_the_raise() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01:00.5", 2)
    (record,) = records(scene.until("9:11:01"))

    assert record.deadline == at("9:11:00.5") + seconds(300)
