"""Watches: what is remembered, for how long, and when it asks to be woken."""

import pytest
from msgspec.structs import replace

from edge.core.instant import seconds
from edge.core.triage.watching import PATIENCE, REARMS
from tests.core.triage.branch import crowd, ignored, leave, play, policy, records, states
from tests.play import at


@pytest.mark.parametrize(
    ("ending", "at_once", "cooled", "worse", "both"),
    [
        ("cleared", False, True, True, True),
        ("withdrawn", False, True, True, True),
        ("done", False, False, False, True),
        ("expired", False, False, False, True),
        ("declined", False, False, False, False),
    ],
)
def test_when_the_next_prompt_may_come(ending: str, *, at_once: bool, cooled: bool, worse: bool, both: bool) -> None:
    rearms = REARMS[ending]  # type: ignore[index]  # one of the endings

    found = [rearms(False, False), rearms(True, False), rearms(False, True), rearms(True, True)]
    assert found == [at_once, cooled, worse, both]


def test_at_rest_nothing_is_remembered() -> None:
    scene = play(policy("add-window", "paused-windows", "secondary-triage", "triage-no-device", "vip-cap", "assist"))
    crowd(scene, "9:00:10", 5)

    assert scene.hall.desk.watches == {}


def test_the_longest_wait_is_awaited_and_followed_as_the_queue_moves() -> None:
    scene = play(policy("secondary-triage"))
    crowd(scene, "9:01", 1)
    crowd(scene, "9:02", 1, first=2)
    assert scene.hall.agenda.due["fact:longest_wait_s"] == at("9:10")  # of S1, called meanwhile: nobody had to ask
    scene.until("9:10")
    assert scene.hall.agenda.due["fact:longest_wait_s"] == at("9:11")

    leave(scene, "9:10:30", 1)
    assert scene.hall.agenda.due["fact:longest_wait_s"] == at("9:12")
    leave(scene, "9:10:40", 2)
    assert "fact:longest_wait_s" not in scene.hall.agenda.due


def test_a_guard_that_takes_forecasts_is_asked_once_a_minute() -> None:
    scene = play(policy("add-window", add_window={"min_gain_s": 100_000}))
    crowd(scene, "9:01", 14)
    (record,) = records(scene.until("9:02:00.25"))

    assert record.held_by == "gain-too-small"
    watch = scene.hall.desk.attend("add-window", "hall")
    assert watch.rest_until == record.at + PATIENCE
    crowd(scene, "9:02:30", 1, first=15)
    assert watch.rest_until == record.at + PATIENCE
    scene.until("9:04")
    assert watch.rest_until == record.at + 2 * PATIENCE


def test_a_withdrawn_prompt_comes_again_when_its_guard_has_let_go_and_the_cool_down_is_over() -> None:
    scene = play(policy("secondary-triage"))
    crowd(scene, "9:01", 15)
    (gone,) = records(scene.device("9:02", "recycler-1", "down"))
    assert states(scene.device("9:03", "recycler-1")) == []

    (again,) = records(scene.until("9:12"))
    assert (again.prompt, again.state) == ("secondary-triage.hall.2", "raised")
    assert again.at == min(gone.at + seconds(600), at("9:11"))


def test_an_episode_within_the_cool_down_that_says_nothing_does_not_prolong_it() -> None:
    scene = play(policy("paused-windows"), windows=2)
    scene.pause("9:00:01", "2")
    crowd(scene, "9:00:10", 15)
    leave(scene, "9:01", *range(1, 16))
    crowd(scene, "9:05", 15, first=20)
    leave(scene, "9:06", *range(20, 35))
    crowd(scene, "9:10", 15, first=40)

    (record,) = records(scene.until("9:11:30"))
    assert (record.prompt, record.at) == ("paused-windows.hall.2", at("9:11"))


def test_in_shadow_it_is_recorded_as_if_raised_and_nobody_is_told() -> None:
    scene = play(policy("secondary-triage", secondary_triage={"mode": "shadow"}))
    (record,) = records(crowd(scene, "9:01", 15))

    assert (record.prompt, record.state, record.held_by) == ("secondary-triage.hall.1", "held", "shadow")
    assert record.tickets[0] == "A1"
    assert record.to == ("lobby_manager",)
    assert states(scene.until("9:09")) == []
    assert ignored(scene.act("9:09", "done", record.prompt)) == ["done: held back by shadow, nobody was told"]


def test_in_shadow_the_cool_down_is_kept_as_if_somebody_had_been_told() -> None:
    scene = play(replace(policy("secondary-triage"), shadow=True))
    crowd(scene, "9:01", 15)
    assert states(leave(scene, "9:02", *range(1, 9)))[-1] == ("secondary-triage.hall.1", "cleared")
    assert states(crowd(scene, "9:03", 8, first=20)) == []
