"""What rules about prompts ask: whether anybody has answered, and how urgent it is."""

from __future__ import annotations

import pytest

from edge.core.triage.facts import FACTS
from edge.core.triage.moment import Moment
from tests.core.triage.branch import crowd, play, policy, with_staff

ONE = "secondary-triage.hall.1"
TRIAGE = policy("secondary-triage")


@pytest.mark.parametrize(
    ("action", "until", "answer"),
    [
        (None, "9:05:59", "awaited"),
        (None, "9:06", "none"),
        ("acknowledge", "9:06", "given"),
        ("shelve", "9:06", "given"),
        ("escalate", "9:06", "given"),
        ("escalate", "9:07", "none"),
    ],
)
def test_an_answer_is_awaited_until_the_prompt_goes_on_without_one(action: str | None, until: str, answer: str) -> None:
    scene = play(TRIAGE)
    crowd(scene, "9:01", 15)
    if action is not None:
        scene.act("9:02", action, ONE, reason="so", minutes=30)
    scene.until(until)
    moment = Moment(scene.hall, TRIAGE, scene.hall.now)

    assert FACTS["answer"].value(moment, ONE) == answer
    assert FACTS["prompt_priority"].value(moment, ONE) == "high"


def test_where_it_is_not_known_who_is_there_an_answer_is_only_awaited() -> None:
    nobody = with_staff(TRIAGE)
    scene = play(nobody)
    crowd(scene, "9:01", 15)
    scene.until("9:10")

    assert FACTS["answer"].value(Moment(scene.hall, nobody, scene.hall.now), ONE) == "awaited"


def test_what_is_held_back_was_told_to_nobody() -> None:
    scene = play(TRIAGE, device="down")
    crowd(scene, "9:01", 15)

    assert FACTS["answer"].value(Moment(scene.hall, TRIAGE, scene.hall.now), ONE) == "given"
