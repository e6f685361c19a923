"""What staff do about prompts: taken, done, declined, handed on; and what is ignored, with the reason."""

from typing import Any

import pytest

from edge.core.commands import Ignore
from tests.core.triage.branch import crowd, ignored, leave, play, policy, records, repeats, states, unconfigured
from tests.play import at

ONE = "secondary-triage.hall.1"
CASH = "cash-not-dispensed.recycler-1.1"
TRIAGE = policy("secondary-triage")


def test_an_unknown_prompt_is_ignored() -> None:
    assert ignored(play(TRIAGE).act("9:01", "done", ONE)) == ["done: no such prompt is open"]


def test_an_ended_prompt_is_ignored() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    leave(scene, "9:02", *range(1, 8))

    assert ignored(scene.act("9:03", "acknowledge", ONE)) == ["acknowledge: no such prompt is open"]


def test_a_refusal_that_a_tap_can_meet_has_a_key_for_the_pages() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    scene.act("9:02", "acknowledge", ONE)
    gone = scene.act("9:02", "done", "secondary-triage.hall.9")
    taken = scene.act("9:02", "acknowledge", ONE, staff="lg-1")

    assert [c.key for c in (*gone, *taken) if isinstance(c, Ignore)] == ["not_open", "taken"]


def test_a_held_prompt_is_nobodys_to_act_on() -> None:
    scene = play(unconfigured("secondary-triage"))
    crowd(scene, "9:01", 15)

    assert ignored(scene.act("9:02", "done", ONE)) == ["done: held back by class-not-on-device, nobody was told"]


def test_a_second_acknowledgement_is_ignored_and_says_who_has_it() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    scene.act("9:02", "acknowledge", ONE)

    assert ignored(scene.act("9:02", "acknowledge", ONE, staff="lg-1")) == ["acknowledge: acknowledged already by lm-1"]


def test_a_decline_wants_a_reason() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)

    assert ignored(scene.act("9:02", "decline", ONE)) == ["decline: a prompt is declined with a reason"]
    assert states(scene.act("9:02", "decline", ONE, reason="no")) == [(ONE, "declined")]


def test_handing_on_brings_it_to_the_next_rung_until_nobody_is_left() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    found = [record for _ in range(3) for record in records(scene.act("9:02", "escalate", ONE))]

    assert [(r.state, r.to, r.by) for r in found] == [
        ("escalated", ("branch_head",), "lm-1"),
        ("escalated", ("any_staff",), "lm-1"),
        ("escalated", ("headquarters",), "lm-1"),
    ]
    assert ignored(scene.act("9:02", "escalate", ONE)) == ["escalate: nobody is left above"]


def test_an_acknowledged_prompt_may_still_be_handed_on() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    scene.act("9:02", "acknowledge", ONE)
    (record,) = records(scene.act("9:03", "escalate", ONE))

    assert (record.state, record.to) == ("escalated", ("branch_head",))
    assert states(scene.until("9:08")) == [(ONE, "escalated")]


def test_shelved_it_is_silent_and_comes_back_when_it_is_still_so() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    (record,) = records(scene.act("9:02", "shelve", ONE, reason="in_hand", minutes=15))
    assert (record.state, record.by, record.reason, record.deadline) == ("shelved", "lm-1", "in_hand", at("9:17"))

    assert repeats(found := scene.until("9:16:59.999999")) + states(found) == []
    (back,) = records(scene.until("9:17"))
    assert (back.state, back.to, back.by, back.deadline) == ("raised", ("lobby_manager",), None, at("9:22"))
    assert states(scene.until("9:22")) == [(ONE, "escalated")]


def test_shelved_it_goes_with_its_tickets_and_may_be_taken_before() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    scene.act("9:02", "shelve", ONE, reason="in_hand", minutes=15)
    assert states(scene.act("9:03", "acknowledge", ONE)) == [(ONE, "acknowledged")]
    assert states(scene.until("9:18")) == []

    scene.act("9:19", "shelve", ONE, reason="in_hand", minutes=15)
    assert states(leave(scene, "9:20", *range(1, 16)))[-1] == (ONE, "withdrawn")
    assert states(scene.until("9:40")) == []


@pytest.mark.parametrize(
    ("detail", "why"),
    [
        ({"minutes": 15}, "a prompt is shelved with a reason"),
        ({"reason": " ", "minutes": 15}, "a prompt is shelved with a reason"),
        ({"reason": "in_hand"}, "'minutes' is None; accepted: 1 to 60"),
        ({"reason": "in_hand", "minutes": 61}, "'minutes' is 61; accepted: 1 to 60"),
        ({"reason": "in_hand", "minutes": 0}, "'minutes' is 0; accepted: 1 to 60"),
        ({"reason": "in_hand", "minutes": True}, "'minutes' is True; accepted: 1 to 60"),
        ({"reason": "in_hand", "minutes": "15"}, "'minutes' is '15'; accepted: 1 to 60"),
    ],
)
def test_shelving_has_a_reason_and_an_end(detail: dict[str, Any], why: str) -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)

    assert ignored(scene.act("9:02", "shelve", ONE, **detail)) == [f"shelve: {why}"]


def test_an_urgent_prompt_is_not_shelved() -> None:
    scene = play(policy("cash-not-dispensed"))
    scene.trouble("9:00:30", "recycler-1", "cash_not_dispensed")

    found = scene.act("9:01", "shelve", CASH, reason="in_hand", minutes=15)
    assert ignored(found) == ["shelve: an urgent prompt is not shelved"]


def test_a_machine_found_in_order_settles_its_prompt() -> None:
    scene = play(policy("cash-not-dispensed"))
    scene.trouble("9:00:30", "recycler-1", "cash_not_dispensed")
    (record,) = records(scene.act("9:01", "device_checked", "recycler-1", result="ok"))

    assert (record.prompt, record.state, record.by) == (CASH, "done", "lm-1")
    assert states(scene.trouble("9:06", "recycler-1", "cash_not_dispensed")) == [
        ("cash-not-dispensed.recycler-1.2", "raised")
    ]


def test_a_machine_found_faulty_is_taken_care_of_and_stays_suspect() -> None:
    scene = play(policy("cash-not-dispensed"))
    scene.trouble("9:00:30", "recycler-1", "cash_not_dispensed")
    (record,) = records(scene.act("9:00:40", "device_checked", "recycler-1", result="faulty"))

    assert (record.state, record.by) == ("acknowledged", "lm-1")
    assert states(scene.act("9:10", "device_checked", "recycler-1", result="ok")) == [(CASH, "done")]


def test_an_answer_without_a_prompt_finds_the_one_that_names_the_ticket() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    (record,) = records(scene.act("9:02", "customer_declined", "A3"))

    assert (record.prompt, record.state) == (ONE, "acknowledged")
    assert record.outcome == {"asked": 1, "accepted": 0, "declined": 1}
    assert "A3" not in record.tickets


def test_an_answer_is_taken_also_when_its_prompt_is_long_over() -> None:
    """What customers agree to is learnt from it, and nobody is asked twice; only the question would come too late."""
    scene = play(TRIAGE)
    crowd(scene, "9:01", 3)

    for answer in ("customer_accepted", "customer_declined"):
        assert ignored(scene.act("9:02", answer, "A3", prompt=ONE)) == []
    assert scene.hall.tickets["A3"].declined


def test_an_answer_to_no_prompt_is_nothing_to_prompts() -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 3)

    assert states(scene.act("9:02", "customer_declined", "A3")) == []
    assert ignored(scene.act("9:02", "asked", "A3", prompt=ONE)) == [f"asked: no prompt {ONE} is open"]
    assert states(scene.act("9:02", "asked", "A99", prompt=ONE)) == []


def test_a_prompt_about_one_ticket_is_done_when_its_customer_was_asked_and_names_nobody_else() -> None:
    scene = play(policy("low-value-cash"))
    scene.issue("9:01", "A1", "cash")
    scene.issue("9:01", "A2", "cash", amount_band="small")
    one = "low-value-cash.A2.1"

    assert ignored(scene.act("9:02", "asked", "A1", prompt=one)) == [f"asked: prompt {one} is not about this ticket"]
    (record,) = records(scene.act("9:02", "asked", "A2", prompt=one))
    assert (record.state, record.by, record.tickets) == ("done", "lm-1", ())
