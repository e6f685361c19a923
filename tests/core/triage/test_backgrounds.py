"""What prompts about tickets, windows and arrivals show beside the figures that met their rule."""

from __future__ import annotations

from edge.core.triage.figures import FIGURES
from edge.core.triage.moment import Moment
from tests.core.triage.branch import crowd, play, policy
from tests.play import Play, at


def shown(scene: Play, figure: str, object_id: str = "hall", clock: str = "9:05") -> object:
    return FIGURES[figure](Moment(scene.hall, scene.engine.policy, at(clock)), object_id)


def test_a_ticket_is_shown_by_what_the_queue_machine_printed() -> None:
    scene = play(policy())
    scene.issue("9:01", "A1", needs=("infant",), tier="gold", amount_band="large")

    assert shown(scene, "ticket", "A1") == {
        "service": "cash", "waited_s": 240.0, "needs": ["infant"], "tier": "gold",
    }  # fmt: skip
    assert shown(scene, "ticket", "S1") == {"service": "cash", "waited_s": 300.0, "window": "1"}


def test_a_window_is_shown_with_whom_it_serves() -> None:
    scene = play(policy())
    assert shown(scene, "service", "1") == {"ticket": "S1", "service": "cash"}

    scene.serve("9:02", "S1", "1")
    assert shown(scene, "service", "1") == {}


def test_a_group_is_shown_with_its_size_among_all() -> None:
    scene = play(policy())
    crowd(scene, "9:01", 3, service="account")

    assert shown(scene, "group") == {"service": "account", "tickets": 3, "of": 4}


def test_the_absent_are_shown_the_latest_first_and_only_for_ten_minutes() -> None:
    scene = play(policy())
    for minute, ticket in ((1, "A1"), (2, "A2"), (3, "A1")):
        scene.call(f"9:0{minute}", ticket, "1")
        scene.no_show(f"9:0{minute}", ticket, "1")

    assert shown(scene, "absent") == ["A1", "A2"]
    assert shown(scene, "absent", clock="9:12") == ["A1"]


def test_open_windows_are_shown_by_their_ids() -> None:
    scene = play(policy(), windows=3)
    scene.pause("9:01", "2")

    assert shown(scene, "open_windows") == ["1", "3"]
