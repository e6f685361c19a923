"""A step costs what its facts cost: rules are looked at only when one of theirs has crossed a level."""

from typing import Any

import pytest

from edge.core.triage import hearing
from edge.core.triage.watching import look
from tests.core.triage.branch import crowd, play, policy

BRANCH = policy("add-window", "paused-windows", "secondary-triage", "triage-no-device")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules about the hall that are looked at, in order."""
    seen: list[str] = []

    def noted(moment: Any, rule: Any, object_id: str, out: Any) -> None:
        seen.append(rule.id)
        look(moment, rule, object_id, out)

    monkeypatch.setattr(hearing, "look", noted)
    return seen


def test_between_two_levels_nobody_looks(looks: list[str]) -> None:
    scene = play(BRANCH)
    crowd(scene, "9:00:00.1", 2)
    looks.clear()

    crowd(scene, "9:00:00.2", 7, first=3)
    assert looks == []


def test_at_a_level_those_look_who_care_for_it_and_readers_after_them(looks: list[str]) -> None:
    scene = play(BRANCH, device="down")
    crowd(scene, "9:00:00.1", 14)
    looks.clear()

    scene.issue("9:00:00.2", "A15")
    assert looks == ["paused-windows", "secondary-triage", "add-window", "triage-no-device"]


def test_while_a_prompt_is_open_and_nothing_crosses_a_level_nobody_looks(looks: list[str]) -> None:
    scene = play(BRANCH)
    crowd(scene, "9:00:00.1", 16)
    looks.clear()

    crowd(scene, "9:00:00.2", 40, first=17)
    assert looks == []


def test_a_guard_is_listened_to_while_the_condition_is_met(looks: list[str]) -> None:
    scene = play(BRANCH)
    crowd(scene, "9:00:00.1", 15)
    looks.clear()

    scene.device("9:00:00.2", "recycler-1", "down")
    assert looks == ["secondary-triage", "add-window", "triage-no-device"]
