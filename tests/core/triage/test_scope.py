"""Which objects a step is about: those and no others are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from edge.core import triage
from edge.core.agenda import Wake
from edge.core.triage import scope
from edge.core.triage.watching import look
from tests.core.triage.branch import crowd, delivered, play, policy, states
from tests.play import Play, at

BRANCH = policy()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(kind, object) of every look at what is not the hall."""
    seen: list[tuple[str, str]] = []

    def noted(moment: Any, rule: Any, object_id: str, out: Any) -> None:
        seen.append((rule.about, object_id))
        look(moment, rule, object_id, out)

    monkeypatch.setattr(triage, "look", noted)
    return seen


def test_with_sixty_waiting_a_ticket_is_looked_at_alone(looks: list[tuple[str, str]]) -> None:
    scene = play(BRANCH, windows=2)
    crowd(scene, "9:01", 60)
    looks.clear()

    scene.issue("9:02", "B1", needs=("elderly",))
    assert set(looks) == {("ticket", "B1")}
    looks.clear()
    scene.call("9:03", "A7", "2")
    assert set(looks) == {("ticket", "A7"), ("ticket", "S2"), ("window", "2")}


def test_a_call_concerns_the_window_that_served_the_ticket_before(looks: list[tuple[str, str]]) -> None:
    scene = play(BRANCH, windows=2)
    looks.clear()

    scene.call("9:03", "S1", "2")
    assert {id for kind, id in looks if kind == "window"} == {"1", "2"}


def test_a_number_drawn_again_concerns_the_window_that_served_it_until_then() -> None:
    scene = play(policy("long-service"))
    scene.issue("23:30", "A1")
    scene.call("23:35", "A1", "1")
    scene.date = "2026-03-03"
    assert states(scene.issue("0:01", "B1"))[-1] == ("long-service.1.3", "raised")

    assert states(scene.issue("0:02", "A1")) == [("long-service.1.3", "cleared")]


def test_a_device_that_comes_back_concerns_everybody_it_was_held_back_for(looks: list[tuple[str, str]]) -> None:
    scene = play(BRANCH, device="down")
    crowd(scene, "9:01", 3, amount_band="small")
    scene.issue("9:01", "B1")
    looks.clear()

    scene.device("9:02", "recycler-1")
    assert {id for kind, id in looks if kind == "ticket"} == {"A1", "A2", "A3"}
    assert {id for kind, id in looks if kind == "device"} == {"recycler-1"}


@pytest.mark.parametrize("key", ["outlook", "prompt:x", "device:x"])
def test_a_wake_concerns_its_own_device_or_none(key: str) -> None:
    found = scope.of(Play().hall, Wake(0, key))

    assert found == ({"device": ("x",)} if key == "device:x" else {})


def test_a_new_day_concerns_everything() -> None:
    assert scope.of(Play().hall, Wake(0, "day")) is None


def test_tickets_that_matter_wait_are_served_or_are_remembered() -> None:
    scene = play(policy("bad-rating"))
    crowd(scene, "9:01", 2)
    scene.cancel("9:02", "A1")
    scene.serve("9:03", "S1", "1")
    (rule,) = delivered("bad-rating")
    assert scope.objects(scene.hall, rule) == ("A2",)

    scene.hall.desk.attend("bad-rating", "S1").met = True
    assert scope.objects(scene.hall, rule) == ("A2", "S1")


@pytest.mark.parametrize(
    ("kind", "id", "known"),
    [
        ("hall", "hall", True), ("hall", "x", False), ("ticket", "S1", True), ("ticket", "x", False),
        ("window", "1", True), ("window", "9", False), ("device", "recycler-1", True), ("device", "x", False),
        ("service", "cash", True), ("service", "x", False),
    ],
)  # fmt: skip
def test_what_the_hall_knows(kind: Any, id: str, known: bool) -> None:
    assert scope.exists(play(BRANCH).hall, kind, id) is known


def test_only_the_latest_counts_of_prompts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triage, "COUNTS_KEPT", 2)
    scene = play(policy("assist"))
    for number in (1, 2, 3):
        scene.issue("9:01", f"A{number}", needs=("infant",))
    scene.date = "2026-03-03"
    scene.issue("9:00", "B1")

    assert list(scene.hall.desk.watches["assist"]) == ["A2", "A3"]
    assert [watch.count for watch in scene.hall.desk.watches["assist"].values()] == [1, 1]
    assert at("9:00", "2026-03-03") == scene.hall.now
