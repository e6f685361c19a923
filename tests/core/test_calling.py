"""Calls of preferred customers in a row, and those who did not come."""

from __future__ import annotations

from edge.core.calling import ABSENT_KEPT
from tests.core.triage.branch import policy
from tests.play import Play, at


def rows(scene: Play, *calls: tuple[str, str]) -> list[int]:
    """How many in a row after each call of a ticket at a window."""
    found = []
    for ticket, window in calls:
        scene.call("9:05", ticket, window)
        found.append(scene.hall.calling.preferred)
    return found


def hall(scene: Play) -> Play:
    for ticket, tier in (("V1", "gold"), ("V2", "silver"), ("V3", "private"), ("A1", "ordinary"), ("A2", "ordinary")):
        scene.issue("9:00", ticket, tier=tier)
    return scene


def test_an_ordinary_call_begins_the_row_anew() -> None:
    calls = (("V1", "1"), ("V2", "1"), ("A1", "1"), ("V3", "2"))

    assert rows(hall(Play()), *calls) == [1, 2, 0, 1]


def test_while_nobody_ordinary_waits_nobody_is_passed_over() -> None:
    scene = Play()
    scene.issue("9:00", "V1", tier="gold")

    assert rows(scene, ("V1", "1")) == [0]


def test_a_window_that_takes_no_ordinary_class_passes_nobody_over_where_that_is_configured() -> None:
    scene = Play(policy())
    scene.open("9:00", "1", "wealth")
    scene.issue("9:00", "A1")
    scene.issue("9:00", "V1", "wealth", tier="gold")
    assert rows(scene, ("V1", "1")) == [0]

    scene.open("9:06", "2", "cash", "wealth")
    scene.issue("9:06", "V2", "wealth", tier="gold")
    scene.call("9:07", "V2", "2")
    assert scene.hall.calling.preferred == 1


def test_those_who_did_not_come_are_remembered_for_the_day_and_not_without_end() -> None:
    scene = Play()
    for number in range(ABSENT_KEPT + 2):
        scene.call("9:01", f"A{number}", "1")
        scene.no_show("9:01", f"A{number}", "1")
    assert len(scene.hall.calling.absent) == ABSENT_KEPT
    assert scene.hall.calling.absent[-1] == (at("9:01"), f"A{ABSENT_KEPT + 1}")

    scene.date = "2026-03-03"
    scene.issue("9:00", "B1")
    assert scene.hall.calling.absent == []


def test_one_who_comes_after_all_is_absent_no_more() -> None:
    scene = Play()
    scene.issue("9:00", "A1")
    scene.call("9:01", "A1", "1")
    scene.no_show("9:02", "A1", "1")
    assert scene.hall.tickets["A1"].absent_at == at("9:02")

    scene.call("9:04", "A1", "2")
    assert scene.hall.tickets["A1"].absent_at is None
