"""How near a ticket is to its call, and the check of forms that hangs on it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from edge.core.aspects import EVERYTHING
from edge.core.policy import WindowPlan
from edge.core.triage import review
from edge.core.triage.moment import Moment
from edge.core.triage.turn_facts import near
from tests.core.triage.branch import crowd, leave, play, policy, states
from tests.core.triage.stories import STORIES
from tests.play import Play

(STORY,) = [story for story in STORIES if story.rule == "form-check"]


def forms(scene: Play, ahead: float = 2) -> dict[str, int]:
    return dict(near(Moment(scene.hall, scene.engine.policy, scene.hall.now), ahead))


def test_ahead_are_those_who_compete_for_a_window_in_calling_order() -> None:
    scene = play(STORY.branch())
    scene.issue("9:01", "A1", "account")
    assert forms(scene) == {"A1": 0}

    crowd(scene, "9:02", 2, first=2)
    scene.issue("9:03", "A9", "account")
    assert forms(scene) == {"A1": 0, "A9": 3}
    assert forms(scene, ahead=1) == {"A1": 0}
    scene.issue("9:04", "V1", "account", tier="gold")
    assert forms(scene) == {"V1": 0, "A1": 1}


def test_who_waits_for_other_windows_is_not_ahead() -> None:
    plans = {"1": WindowPlan("1", ("cash",)), "2": WindowPlan("2", ("account", "corporate"))}
    scene = Play(replace(STORY.branch(), windows=plans))
    crowd(scene, "9:01", 9)

    assert states(scene.issue("9:02", "B1", "account")) == [("form-check.B1.1", "raised")]


def test_whoever_comes_to_the_front_is_looked_at_however_the_others_left() -> None:
    scene = play(STORY.branch())
    crowd(scene, "9:01", 3)
    scene.issue("9:02", "B1", "account")
    scene.issue("9:02", "B2", "account")

    assert states(leave(scene, "9:03", 2)) == [("form-check.B1.1", "raised")]
    assert states(scene.call("9:04", "A1", "1")) == [("form-check.B2.1", "raised")]
    assert states(scene.issue("9:05", "V1", tier="private")) == [("form-check.B2.1", "cleared")]


def test_a_branch_without_forms_looks_at_none() -> None:
    scene = play(policy("form-check"))
    scene.issue("9:01", "A1", "account")

    assert forms(scene) == {}


ACTS = st.sampled_from(["cash", "account", "gold", "priority", "call", "leave"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(ACTS, st.integers(0, 20)), max_size=40))
def test_looking_at_everybody_would_find_nothing_more(acts: list[tuple[str, int]]) -> None:
    scene = play(STORY.branch())
    for number, (act, place) in enumerate(acts):
        clock, waiting = f"9:{1 + number:02}", list(scene.hall.waiting)
        some = waiting[place % len(waiting)] if waiting else "S1"
        if act == "priority":
            scene.act(clock, "priority", some, tier="private", reason="unwell")
        elif act == "call":
            scene.call(clock, some, "1")
        elif act == "leave":
            scene.cancel(clock, some)
        else:
            service = "account" if act == "gold" else act
            scene.issue(clock, f"A{number}", service, tier="gold" if act == "gold" else "ordinary")
        assert review(scene.hall, scene.engine.policy, EVERYTHING, scene.hall.now) == []
