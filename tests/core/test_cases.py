"""Cases as far as rules ask: what is grave, what passes by itself, what is closed."""

from __future__ import annotations

from typing import Any

import pytest

from edge.core.cases import OPEN_AT_MOST
from edge.core.commands import Ignore
from tests.play import Play, at, of


def sorts(scene: Play) -> list[str]:
    return [case.sort for case in scene.hall.cases.open.values()]


@pytest.mark.parametrize(
    ("kind", "detail", "sort"),
    [
        ("complaint", {}, "complaint"),
        ("complaint", {"level": 3}, "complaint"),
        ("complaint", {"level": "2"}, "precursor-2"),
        ("complaint", {"level": 1}, "precursor-1"),
        ("complaint", {"level": "very"}, "complaint"),
        ("complaint", {"level": True}, "complaint"),
        ("emergency", {"plan": "E08"}, "emergency"),
        ("referral", {"level": 1}, "referral"),
    ],
)
def test_how_grave_a_case_is(kind: str, detail: dict[str, Any], sort: str) -> None:
    scene = Play()
    scene.act("9:00", "raise", kind, **detail)

    assert sorts(scene) == [sort]


def test_no_kind_of_case_is_ignored_with_what_is_accepted() -> None:
    scene = Play()
    (ignored,) = of(Ignore, scene.act("9:00", "raise", "party"))

    assert ignored.reason.startswith("raise: no kind of case; accepted: card, complaint,")
    assert sorts(scene) == []


def test_where_it_is_must_be_a_place_and_never_a_person() -> None:
    scene = Play()
    scene.act("9:00", "raise", "referral", zone="waiting")
    scene.act("9:01", "raise", "referral", zone="Mr Wang")

    assert [case.zone for case in scene.hall.cases.open.values()] == ["waiting", "hall"]


def test_whom_it_is_about_must_be_a_ticket_and_a_window_and_never_a_person() -> None:
    scene = Play()
    scene.open("9:00", "1", "cash")
    scene.issue("9:00", "A1")
    scene.act("9:00", "raise", "referral", ticket="A1", window="1")
    scene.act("9:01", "raise", "referral", ticket="Mr Wang", window=["1"])

    assert [(case.ticket, case.window) for case in scene.hall.cases.open.values()] == [("A1", "1"), (None, None)]


def test_the_latest_of_a_sort_is_the_one_that_is_not_over() -> None:
    cases = Play()
    cases.act("9:00", "raise", "referral")
    cases.act("9:10", "raise", "referral")
    found = cases.hall.cases

    assert [getattr(found.latest("referral", at(clock)), "number", None) for clock in ("9:10", "9:39:59", "9:40")] == [
        2, 2, None,
    ]  # fmt: skip


def test_a_case_is_closed_by_its_id_or_the_latest_of_its_kind() -> None:
    scene = Play()
    scene.act("9:00", "raise", "complaint", level=2)
    scene.act("9:01", "raise", "complaint")
    first = next(iter(scene.hall.cases.open))

    scene.act("9:02", "close", "complaint")
    assert sorts(scene) == ["precursor-2"]
    scene.act("9:03", "close", first)
    assert sorts(scene) == []
    assert scene.act("9:04", "close", first) == []


def test_a_new_day_keeps_what_somebody_has_to_close() -> None:
    scene = Play()
    for kind, level in (("complaint", 3), ("emergency", 3), ("complaint", 2), ("turn_away", 3)):
        scene.act("9:00", "raise", kind, level=level)
    scene.date = "2026-03-03"
    scene.issue("9:00", "A1")

    assert sorts(scene) == ["complaint", "emergency"]
    scene.act("9:01", "raise", "turn_away")
    assert scene.hall.cases.open[next(reversed(scene.hall.cases.open))].number == 1


def test_of_too_many_the_passing_ones_go_first() -> None:
    scene = Play()
    scene.act("9:00", "raise", "emergency")
    for _ in range(OPEN_AT_MOST + 5):
        scene.act("9:01", "raise", "referral")

    assert len(scene.hall.cases.open) == OPEN_AT_MOST
    assert sorts(scene)[0] == "emergency"
