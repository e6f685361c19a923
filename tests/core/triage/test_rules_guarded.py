"""Each guard of the rules about queue, windows and people: it holds, says so once, and lets go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.core.events import StaffAction
from edge.core.triage.rules import parse
from tests.core.triage.branch import FILES, crowd, leave, play, policy, records, states
from tests.core.triage.stories import STORIES, Story

if TYPE_CHECKING:
    from edge.core.commands import Command, PromptRecord
    from tests.play import Play

SELLING = [story for story in STORIES if story.rule in {"education-peak", "education-idle", "micro-salon", "referral"}]
CASH = "low-value-cash"


def of(rule: str, commands: list[Command]) -> list[PromptRecord]:
    return [record for record in records(commands) if record.rule == rule]


def a_moment_later(scene: Play, action: Any, target: str) -> list[Command]:
    when = scene.hall.now + 1
    return scene.feed(StaffAction(at=when, staff="lm-1", role="lobby_manager", action=action, target=target))


# -- nothing is sold while a complaint or an emergency is open ---------------------------------------------------------


@pytest.mark.parametrize("kind", ["complaint", "emergency"])
@pytest.mark.parametrize("story", SELLING, ids=lambda story: story.rule)
def test_what_sells_is_held_while_a_case_is_open_and_raised_when_it_is_closed(story: Story, kind: str) -> None:
    scene = story.begin()
    scene.act("9:00:30", "raise", kind)
    out = [command for step in story.near for command in step(scene)] + story.fire(scene)
    (held,) = of(story.rule, out)
    assert (held.state, held.held_by) == ("held", "sales-held")

    found = of(story.rule, a_moment_later(scene, "close", kind))
    assert [(record.prompt, record.state) for record in found] == [(held.prompt, "raised")]


@pytest.mark.parametrize("story", SELLING, ids=lambda story: story.rule)
def test_what_sells_is_withdrawn_when_a_complaint_opens(story: Story) -> None:
    scene = story.begin()
    for step in story.near:
        step(scene)
    story.fire(scene)
    (gone,) = of(story.rule, a_moment_later(scene, "raise", "complaint"))

    assert (gone.state, gone.held_by) == ("withdrawn", "sales-held")


def test_a_customer_who_is_only_unhappy_holds_nothing() -> None:
    story = next(story for story in SELLING if story.rule == "referral")
    scene = story.begin()
    scene.act("9:00:30", "raise", "complaint", level=2)

    assert [record.state for record in of("referral", story.fire(scene))] == ["raised"]


@pytest.mark.parametrize("key", ["to", "escalates"])
@pytest.mark.parametrize("story", SELLING, ids=lambda story: story.rule)
def test_a_lobby_guide_gets_no_sales_prompt(story: Story, key: str) -> None:
    table = {**FILES[f"{story.rule}.toml"], key: ["lobby_guide"]}
    rule, faults = parse(table, "x.toml", {})

    assert rule is None
    assert faults == [
        f"x.toml: {key} is 'lobby_guide'; accepted: roles that may sell: a lobby guide gets no sales prompt"
    ]


# -- a small amount of cash is offered a machine -----------------------------------------------------------------------


def offered(scene: Play, clock: str = "9:02", **more: Any) -> list[tuple[str, str | None]]:
    """(state, guard) of what becomes of a small-cash ticket."""
    return [(r.state, r.held_by) for r in of(CASH, scene.issue(clock, "X9", amount_band="small", **more))]


def small_cash(device: str | None = "ok", others: int = 1) -> Play:
    scene = play(policy(CASH, "secondary-triage"), device=device)
    crowd(scene, "9:01", others, service="corporate")
    return scene


def test_one_who_waits_alone_is_served_and_not_diverted_until_somebody_else_waits() -> None:
    scene = small_cash(others=0)
    assert offered(scene) == [("held", "nobody-else-waits")]

    assert states(scene.issue("9:03", "A1", "corporate")) == [(f"{CASH}.X9.1", "raised")]
    (gone,) = of(CASH, leave(scene, "9:04", 1))
    assert (gone.state, gone.held_by) == ("withdrawn", "nobody-else-waits")


@pytest.mark.parametrize("state", ["down", "unknown", None])
def test_without_a_usable_device_nothing_is_offered_until_there_is_one(state: str | None) -> None:
    scene = small_cash(device=state)
    assert offered(scene) == [("held", "no-usable-device")]

    assert states(scene.device("9:03", "recycler-1")) == [(f"{CASH}.X9.1", "raised")]
    (gone,) = of(CASH, scene.trouble("9:04", "recycler-1", "cash_out"))
    assert (gone.state, gone.held_by) == ("withdrawn", "no-usable-device")


def test_a_need_holds_whether_known_at_once_or_later() -> None:
    assert offered(small_cash(), needs=("elderly",)) == [("held", "ticket-has-need")]

    scene = small_cash()
    assert offered(scene) == [("raised", None)]
    (gone,) = of(CASH, scene.act("9:03", "need_added", "X9", need="elderly"))
    assert (gone.state, gone.held_by) == ("withdrawn", "ticket-has-need")


def test_no_is_final() -> None:
    scene = small_cash()
    assert offered(scene) == [("raised", None)]
    (gone,) = of(CASH, scene.act("9:03", "customer_declined", "X9"))
    assert (gone.state, gone.held_by) == ("withdrawn", "ticket-declined")

    assert of(CASH, scene.device("9:30", "recycler-1", "down")) == []
    assert of(CASH, scene.device("9:50", "recycler-1")) == []


def test_a_class_no_device_can_do_is_not_offered_one() -> None:
    assert offered(small_cash(), service="corporate") == [("held", "class-not-on-device")]


def test_one_errand_at_a_time() -> None:
    scene = small_cash()
    scene.issue("9:01:30", "A8", amount_band="small")
    assert offered(scene) == [("held", "offer-under-way")]


def test_who_is_named_by_secondary_triage_is_no_errand_of_its_own() -> None:
    scene = small_cash(others=0)
    crowd(scene, "9:01", 15)
    assert offered(scene) == [("held", "offer-under-way")]


def test_an_opening_crowd_is_held_when_every_window_is_open() -> None:
    story = next(story for story in STORIES if story.rule == "opening-crowd")
    scene = play(story.branch(), windows=3)
    found = of("opening-crowd", crowd(scene, "9:05", 20))

    assert [(record.state, record.held_by) for record in found] == [("held", "no-window-to-open")]
    assert [r.state for r in of("opening-crowd", scene.pause("9:06", "3"))] == ["raised"]
