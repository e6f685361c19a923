"""The day's prompts counted: raised, held by which guard, acted on or not, by rule, hour and priority."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge import snapshot
from edge.core import score, tally
from edge.core.report import PublishFigures
from edge.core.tally import FIRINGS
from tests.core.triage.branch import crowd, leave, play, policy
from tests.play import Play, at, of

if TYPE_CHECKING:
    from edge.core.report import PromptCounts

TRIAGE = "secondary-triage"


def counted(scene: Play) -> PromptCounts:
    counts = tally.told(scene.hall)
    assert counts is not None
    return counts


def test_what_was_raised_and_what_became_of_it_is_counted_by_rule() -> None:
    scene = play(policy(TRIAGE))
    crowd(scene, "9:01", 15)
    scene.until("9:06")
    scene.act("9:07", "done", f"{TRIAGE}.hall.1")
    counts = counted(scene).rules[TRIAGE]

    assert (counts.raised, counts.escalated, counts.acted, counts.ended) == (1, 1, 1, {"done": 1})


def test_each_guard_is_counted_with_what_it_held_and_what_it_ended() -> None:
    scene = play(policy(TRIAGE), device="down")
    crowd(scene, "9:01", 15)
    scene.device("9:02", "recycler-1")
    scene.device("9:03", "recycler-1", "down")
    counts = counted(scene).rules[TRIAGE]

    assert counts.held == {"no-usable-device": 1}
    assert (counts.raised, counts.withdrawn, counts.ended) == (1, {"no-usable-device": 1}, {"withdrawn": 1})


def test_hours_count_by_priority() -> None:
    scene = play(policy(TRIAGE, "device-down"))
    crowd(scene, "9:01", 15)
    scene.device("10:30", "recycler-1", "down")

    hours = [(h.since, h.urgent, h.high, h.normal, h.silent) for h in counted(scene).hours]
    assert hours == [(at("9:00"), 0, 1, 0, 0), (at("10:00"), 0, 0, 1, 0)]


def test_what_only_came_back_from_a_shelf_is_not_raised_twice() -> None:
    scene = play(policy(TRIAGE))
    crowd(scene, "9:01", 15)
    scene.act("9:02", "shelve", f"{TRIAGE}.hall.1", reason="busy", minutes=15)
    scene.until("9:20")

    assert counted(scene).rules[TRIAGE].raised == 1


def test_a_rule_acted_on_less_than_half_the_time_is_named_over_fifty_firings_and_not_before() -> None:
    for answered, named in ((24, ("device-down",)), (25, ())):
        scene = play(policy("device-down"))
        for days in range(5):
            scene.date = f"2026-03-{2 + days:02}"
            for number in range(10):
                all_so_far = 10 * days + number
                scene.device(f"{9 + number}:00:10", "recycler-1", "down")
                if all_so_far < answered:
                    scene.act(f"{9 + number}:00:20", "acknowledge", f"device-down.recycler-1.{all_so_far + 1}")
                assert counted(scene).review == ()
                scene.device(f"{9 + number}:00:30", "recycler-1")
        assert len(scene.hall.learnt.acted["device-down"]) == FIRINGS
        assert counted(scene).review == named


def test_a_declined_prompt_was_not_acted_on_and_a_silent_one_asks_nothing() -> None:
    scene = play(policy(TRIAGE, "assist"))
    crowd(scene, "9:01", 15)
    scene.act("9:02", "decline", f"{TRIAGE}.hall.1", reason="no")
    scene.issue("9:03", "B1", needs=("elderly",))
    scene.cancel("9:04", "B1")

    assert scene.hall.learnt.acted == {TRIAGE: [False]}
    assert counted(scene).rules["assist"].ended == {"cleared": 1}


def test_the_figures_come_each_hour_and_survive_a_restart() -> None:
    scene = play(policy(TRIAGE), device="down")
    crowd(scene, "9:01", 15)
    again = Play(policy(TRIAGE), snapshot.load_hall(snapshot.dump(scene.hall)))
    (told,) = of(PublishFigures, again.until("10:00"))

    assert told == of(PublishFigures, scene.until("10:00"))[0]
    assert told.prompts.rules[TRIAGE].held == {"no-usable-device": 1}


def test_a_new_day_begins_with_nothing_and_the_old_one_is_told_whole() -> None:
    scene = play(policy(TRIAGE))
    crowd(scene, "9:01", 15)
    leave(scene, "9:03", *range(1, 16))
    scene.date = "2026-03-03"
    figures = of(PublishFigures, scene.until("9:00"))

    assert figures[-1].date == "2026-03-02"
    assert figures[-1].prompts.rules[TRIAGE].ended == {"cleared": 1}
    assert tally.told(scene.hall) is None
    assert score.tell(scene.hall) == []


def test_what_expires_with_the_day_is_counted_in_it() -> None:
    scene = play(policy(TRIAGE))
    crowd(scene, "9:01", 15)
    scene.date = "2026-03-03"
    figures = of(PublishFigures, scene.until("9:00"))

    assert figures[-1].prompts.rules[TRIAGE].ended == {"expired": 1}
