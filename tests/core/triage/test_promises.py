"""What prompts said acting would change, held against the call of the customer they spoke of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge import snapshot
from edge.core.commands import PublishPrompt, RepeatPrompt, SettlePrompt
from edge.core.triage.promises import MOST
from tests.core.triage.branch import crowd, ignored, leave, play, policy, records, states
from tests.play import Play, of

if TYPE_CHECKING:
    from edge.core.commands import Command, PromptRecord

ONE = "secondary-triage.hall.1"
TRIAGE = policy("secondary-triage")
WINDOW = policy("add-window")


def raised(scene: Play, commands: list[Command]) -> tuple[PromptRecord, dict[str, Any]]:
    """The prompt just raised, and what it says of one customer."""
    (record,) = records(commands)
    told = record.expect["ticket"]
    assert set(told) == {"id", "now", "now_p10", "now_p90", "with", "p10", "p90"}
    return record, told


def triage() -> tuple[Play, dict[str, Any]]:
    scene = play(TRIAGE)
    return scene, raised(scene, crowd(scene, "9:00:30", 15))[1]


def one_more_window() -> tuple[Play, dict[str, Any]]:
    """Raised at 9:02:00.25: window 2 could be opened."""
    scene = play(WINDOW)
    crowd(scene, "9:01", 14)
    return scene, raised(scene, scene.until("9:03"))[1]


def came(command: Command) -> dict[str, Any]:
    assert isinstance(command, PublishPrompt)
    outcome = command.record.outcome
    assert outcome is not None
    found: dict[str, Any] = outcome["ticket"]
    return found


def test_it_speaks_of_one_who_stays_and_whom_acting_helps() -> None:
    scene, told = triage()

    assert told["id"] in scene.hall.waiting
    assert told["id"] not in scene.hall.desk.prompts[ONE].tickets
    assert told["with"] < told["now"]
    assert told["now_p10"] <= told["now"] <= told["now_p90"]


def test_the_call_settles_it_and_the_last_record_tells() -> None:
    scene, told = triage()
    scene.act("9:02", "customer_accepted", "A1", prompt=ONE)
    assert states(scene.call("9:12:30", told["id"], "1")) == []  # the prompt is open: its end will tell
    (done,) = records(scene.act("9:13", "done", ONE))

    assert done.outcome is not None
    assert done.outcome["ticket"] == {
        "id": told["id"], "waited": 720.0, "acted": True, "acted_after": 90.0,
        "p10": told["p10"], "p90": told["p90"], "within": told["p10"] <= 720.0 <= told["p90"],
        "now": told["now"], "now_p10": told["now_p10"], "now_p90": told["now_p90"],
    }  # fmt: skip
    assert scene.hall.desk.promises == {}


def test_a_prompt_that_is_over_is_told_once_more_when_the_call_comes() -> None:
    scene, told = triage()
    scene.act("9:02", "customer_accepted", "A1", prompt=ONE)
    (done,) = records(scene.act("9:03", "done", ONE))
    assert done.outcome is not None
    assert "ticket" not in done.outcome

    (settled,) = of(SettlePrompt, scene.call("9:12:30", told["id"], "1"))
    assert settled.record.state == "done"
    assert settled.record.outcome.items() >= {"asked": 1, "accepted": 1, "declined": 0}.items()
    assert came(settled)["waited"] == 720.0
    assert of(SettlePrompt, scene.call("9:13", "A2", "1")) == []


def test_nobody_acted_so_it_is_held_against_what_was_said_of_doing_nothing() -> None:
    scene, told = triage()
    scene.act("9:02", "customer_declined", "A1", prompt=ONE)
    scene.act("9:03", "done", ONE)
    (settled,) = of(SettlePrompt, scene.call("9:12:30", told["id"], "1"))
    found = came(settled)

    assert (found["acted"], found["acted_after"]) == (False, None)
    assert (found["p10"], found["p90"]) == (told["now_p10"], told["now_p90"])


def test_an_answer_that_comes_after_the_end_is_still_counted() -> None:
    scene, told = triage()
    for number in range(1, 16):
        scene.act("9:02", "asked", f"A{number}", prompt=ONE)
    assert ONE not in scene.hall.desk.prompts
    assert ignored(scene.act("9:02:30", "customer_accepted", "A1", prompt=ONE)) == []

    (settled,) = of(SettlePrompt, scene.call("9:12:30", told["id"], "1"))
    assert came(settled)["acted"]
    assert settled.record.outcome["accepted"] == 1


def test_one_more_window_counts_when_it_has_opened_whatever_was_tapped() -> None:
    scene, told = one_more_window()
    assert states(scene.open("9:04:00.25", "2", "cash")) == [("add-window.hall.1", "done")]
    (settled,) = of(SettlePrompt, scene.call("9:12:00.25", told["id"], "2"))

    assert came(settled).items() >= {"waited": 600.0, "acted": True, "acted_after": 120.0}.items()


def test_done_without_a_window_is_not_acting() -> None:
    scene, told = one_more_window()
    scene.act("9:04", "done", "add-window.hall.1")
    (settled,) = of(SettlePrompt, scene.call("9:12", told["id"], "1"))

    assert came(settled)["acted"] is False


def test_a_window_that_opens_long_after_came_by_itself() -> None:
    scene, told = one_more_window()
    scene.open("9:07:00.26", "2", "cash")
    (settled,) = of(SettlePrompt, scene.call("9:12", told["id"], "2"))

    assert came(settled)["acted"] is False


def test_a_window_that_opens_soon_after_somebody_took_the_prompt_was_asked_for() -> None:
    scene, told = one_more_window()
    scene.act("9:04", "acknowledge", "add-window.hall.1")
    scene.open("9:08", "2", "cash")
    (settled,) = of(SettlePrompt, scene.call("9:12", told["id"], "2"))

    assert came(settled).items() >= {"acted": True, "p10": told["p10"], "p90": told["p90"]}.items()


def test_one_more_window_is_acting_though_another_has_closed_meanwhile() -> None:
    scene, told = one_more_window()
    scene.open("9:03", "2", "cash")
    scene.pause("9:04", "1")
    (settled,) = of(SettlePrompt, scene.call("9:12", told["id"], "2"))

    assert came(settled)["acted"] is True


@pytest.mark.parametrize(("clock", "as_acted"), [("9:08:59", True), ("9:09:01", False)])
def test_who_is_called_before_what_was_taken_on_can_have_come_is_held_against_acting(
    clock: str, *, as_acted: bool
) -> None:
    scene, told = one_more_window()
    scene.act("9:04", "done", "add-window.hall.1")
    (settled,) = of(SettlePrompt, scene.call(clock, told["id"], "1"))
    low, high = ("p10", "p90") if as_acted else ("now_p10", "now_p90")

    assert came(settled).items() >= {"acted": False, "p10": told[low], "p90": told[high]}.items()


def test_nobody_who_declines_is_acting() -> None:
    scene, told = one_more_window()
    scene.act("9:04", "decline", "add-window.hall.1", reason="nobody is free")
    (settled,) = of(SettlePrompt, scene.call("9:05", told["id"], "1"))

    assert came(settled)["p90"] == told["now_p90"]


def test_who_leaves_before_the_call_leaves_it_unknown() -> None:
    scene, told = triage()
    scene.act("9:03", "done", ONE)
    (settled,) = of(SettlePrompt, leave(scene, "9:10", int(told["id"][1:])))

    assert (came(settled)["waited"], came(settled)["within"]) == (None, None)
    assert scene.hall.tally.expected.known == 0


def test_it_is_counted_in_the_days_figures_once() -> None:
    scene, told = triage()
    scene.act("9:02", "customer_accepted", "A1", prompt=ONE)
    scene.act("9:03", "done", ONE)
    scene.call("9:12:30", told["id"], "1")
    expected = scene.hall.tally.expected

    assert (expected.known, expected.acted) == (1, 1)
    assert expected.within == (told["p10"] <= 720.0 <= told["p90"])
    beyond = max(told["p10"] - 720.0, 0.0) + max(720.0 - told["p90"], 0.0)
    assert expected.score_s == pytest.approx(told["p90"] - told["p10"] + 10.0 * beyond)


def test_a_new_day_forgets_what_nobody_will_know() -> None:
    scene, _ = triage()
    scene.act("9:03", "done", ONE)
    scene.date = "2026-03-03"
    scene.until("9:00")

    assert scene.hall.desk.promises == {}


def test_a_restart_between_end_and_call_changes_nothing() -> None:
    scene, told = triage()
    scene.act("9:02", "customer_accepted", "A1", prompt=ONE)
    scene.act("9:03", "done", ONE)
    again = Play(TRIAGE, snapshot.load_hall(snapshot.dump(scene.hall)))

    assert again.call("9:12:30", told["id"], "1") == scene.call("9:12:30", told["id"], "1")


def test_what_is_followed_is_bounded() -> None:
    scene, _ = triage()
    promise = scene.hall.desk.promises[ONE]
    scene.hall.desk.promises = {f"x.{number}": promise for number in range(MOST)}
    leave(scene, "9:01", *range(1, 16))
    crowd(scene, "9:30", 15, first=30)

    assert len(scene.hall.desk.promises) <= MOST


def test_handhelds_are_not_told_of_a_prompt_that_is_over() -> None:
    assert not issubclass(SettlePrompt, RepeatPrompt)
    assert issubclass(SettlePrompt, PublishPrompt)
