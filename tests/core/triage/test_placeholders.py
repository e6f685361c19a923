"""What may stand in braces: each is filled from the hall, whatever the hall is like."""

from __future__ import annotations

import pytest

from edge.core.hall import Device, Hall, Ticket, Window
from edge.core.policy import Policy
from edge.core.triage.desk import Desk, Prompt
from edge.core.triage.moment import Moment
from edge.core.triage.placeholders import PLACEHOLDERS, ZONES_ZH
from edge.core.triage.rule import ZONES
from edge.core.wording import Text
from tests.core.triage.branch import crowd, play
from tests.core.triage.stories import STORIES
from tests.play import at

EMPTY = Hall(
    tickets={"x": Ticket(id="x", service="cash")},
    windows={"x": Window(id="x")},
    devices={"x": Device(id="x", kind="atm")},
    desk=Desk(
        prompts={
            "x": Prompt(
                id="x", rule="fairness", kind="hall", object="hall", at=0, state="raised", priority="high",
                to=("lobby_manager",), zone="hall", text=Text("请看", "look"),
            )
        }
    ),
)  # fmt: skip


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_every_placeholder_is_filled_in_an_empty_hall(name: str) -> None:
    placeholder = PLACEHOLDERS[name]
    value = placeholder.value(Moment(EMPTY, Policy(), 0), "x" if placeholder.about else "hall")

    assert value
    assert placeholder.says


def test_every_zone_has_its_chinese_name() -> None:
    assert set(ZONES_ZH) == set(ZONES)


def test_minutes_and_tickets_count_from_opening() -> None:
    story = next(story for story in STORIES if story.rule == "opening-crowd")
    scene = play(story.branch())
    crowd(scene, "9:03", 4)
    moment = Moment(scene.hall, scene.engine.policy, at("9:07:59"))

    assert PLACEHOLDERS["opening_min"].value(moment, "hall") == "7"
    assert PLACEHOLDERS["opening_tickets"].value(moment, "hall") == "5"
