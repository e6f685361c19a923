"""Every rule through its life: silent, raised once, said again, escalated, taken, over, restarted in any state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from edge import snapshot
from edge.core.aspects import EVERYTHING
from edge.core.engine import Engine
from edge.core.events import Role, StaffAction, Tick
from edge.core.instant import seconds
from edge.core.triage import review
from edge.core.triage.rule import DEADLINES
from tests.core.triage.branch import delivered, records, with_staff
from tests.core.triage.stories import STORIES, Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.commands import Command, PromptRecord
    from edge.core.events import Event
    from tests.play import Play

OVER_BEFORE_LONG = frozenset({"assist-called", "no-show-search"})
"""These are over by themselves before anybody above is asked."""

OVER_BEFORE_HEADQUARTERS = frozenset({"bad-rating", "referral", "opening-crowd", "group-arrival"})
"""What these are about passes by itself before the last rung is reached."""

OVER_BEFORE_A_SHELFS_END = OVER_BEFORE_HEADQUARTERS | {"surge"}
"""And what these are about before they come back from a quarter of an hour aside."""

GOES_ALONG = frozenset({"takeover"})
"""It goes where the prompt it is about goes (see `test_overseeing`)."""

each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.rule)
loud = pytest.mark.parametrize(
    "story",
    [
        s
        for s in STORIES
        if next(iter(delivered(s.rule))).priority != "silent" and s.rule not in OVER_BEFORE_LONG | GOES_ALONG
    ],
    ids=lambda story: story.rule,
)


def nothing(_: Play) -> None:
    """Between two steps nothing happens."""


def of(story: Story, commands: list[Command]) -> list[PromptRecord]:
    return [record for record in records(commands) if record.rule == story.rule]


def brought_near(story: Story, keep: Callable[[Play], None] = nothing) -> tuple[Play, list[Command]]:
    scene, out = story.begin(), []
    for step in story.near:
        keep(scene)
        out += step(scene)
    keep(scene)
    return scene, out


def fired(story: Story) -> tuple[Play, PromptRecord]:
    scene, _ = brought_near(story)
    (record,) = of(story, story.fire(scene))
    return scene, record


def finished(story: Story, scene: Play) -> list[Command]:
    return [command for step in story.over for command in step(scene)]


def test_every_rule_has_its_story() -> None:
    assert {rule.id for rule in delivered()} == {s.rule for s in STORIES}


@each_story
def test_one_below_it_is_silent(story: Story) -> None:
    _, out = brought_near(story)

    assert of(story, out) == []


@each_story
def test_it_fires_once_with_its_words_to_its_first_rung(story: Story) -> None:
    scene, record = fired(story)
    (rule,) = delivered(story.rule)

    assert (record.prompt, record.state) == (story.prompt, "raised")
    assert record.about == {"kind": rule.about, "id": story.object}
    assert record.text.zh == story.text or not story.text
    assert set(record.to) <= set(rule.ladder[0]) or not scene.engine.policy.staff.keys() & set(rule.ladder[0])
    assert review(scene.hall, scene.engine.policy, EVERYTHING, scene.hall.now) == []


@each_story
def test_when_its_condition_is_gone_it_is_cleared_and_silent(story: Story) -> None:
    scene, record = fired(story)
    found = of(story, finished(story, scene))

    assert (found[-1].prompt, found[-1].state) == (record.prompt, story.ends)
    assert record.prompt not in scene.hall.desk.prompts


@each_story
def test_it_is_raised_no_more_when_it_was_done_while_its_condition_goes_on(story: Story) -> None:
    scene, record = fired(story)
    clock = scene.hall.now
    done = scene.feed(_tap(scene, "done", record.prompt))
    assert [(r.prompt, r.state) for r in of(story, done)] == [(record.prompt, "done")]

    scene.feed(Tick(at=clock + seconds(5)))
    assert review(scene.hall, scene.engine.policy, EVERYTHING, scene.hall.now) == []


@loud
def test_it_escalates_at_its_deadline_and_not_when_somebody_has_taken_it(story: Story) -> None:
    scene, record = fired(story)
    (rule,) = delivered(story.rule)
    after_s = DEADLINES[rule.priority][1]
    assert after_s is not None
    assert record.deadline == record.at + seconds(after_s)

    taken = snapshot.load_hall(snapshot.dump(scene.hall))
    escalated = of(story, scene.feed(Tick(at=record.deadline)))
    assert [(r.state, r.at) for r in escalated] == [("escalated", record.deadline)]

    scene.engine.hall = taken
    scene.feed(_tap(scene, "acknowledge", record.prompt))
    assert "escalated" not in [r.state for r in of(story, scene.feed(Tick(at=record.deadline)))]


ALL = {role: (f"{role}-1",) for role in get_args(Role)}
"""Every role is carried by somebody."""


@loud
def test_unanswered_it_goes_up_every_rung_in_turn_to_headquarters_and_no_further(story: Story) -> None:
    (rule,) = delivered(story.rule)
    scene = story.begin(with_staff(story.branch(), **ALL))
    out = [command for step in story.near for command in step(scene)]
    out += story.fire(scene)
    raised = next(record for record in of(story, out) if record.state == "raised")
    after = seconds(DEADLINES[rule.priority][1] or 0)
    lasting = _held_open(story, scene, raised.at + after * (len(rule.ladder) + 2))

    rungs = [(record.to, record.at) for record in of(story, lasting) if record.state == "escalated"]
    assert rungs == [(to, raised.at + after * (place + 1)) for place, to in enumerate(rule.ladder[1:])][: len(rungs)]
    assert (len(rungs) < len(rule.ladder) - 1) == (story.rule in OVER_BEFORE_HEADQUARTERS), (rungs, rule.ladder)


@loud
def test_whoever_puts_it_aside_hears_of_it_again_when_they_said(story: Story) -> None:
    (rule,) = delivered(story.rule)
    scene, record = fired(story)
    out = of(story, scene.feed(_tap(scene, "shelve", record.prompt)))
    if rule.priority == "urgent":
        assert out == [], "an urgent prompt is not put aside"
        return
    (shelved,) = out
    back = of(story, _held_open(story, scene, shelved.at + seconds(15 * 60)))

    assert shelved.deadline == shelved.at + seconds(15 * 60)
    assert story.rule in OVER_BEFORE_A_SHELFS_END or (back[-1].state, back[-1].at) == ("raised", shelved.deadline)


@pytest.mark.parametrize(
    ("story", "guard"),
    [(s, guard.name) for s in STORIES for rule in delivered(s.rule) for guard in rule.unless],
    ids=lambda part: part if isinstance(part, str) else part.rule,
)
@pytest.mark.parametrize("again", [False, True], ids=["", "restarted"])
def test_each_of_its_guards_keeps_it_back_by_name_and_nobody_is_told(story: Story, guard: str, *, again: bool) -> None:
    """Whatever a guard is about: while it holds there is one record, and the prompt keeps its number for later."""
    keep = restarted if again else nothing
    branch = story.branch()
    own = next(rule for rule in branch.rules if rule.id == story.rule)
    held = tuple(replace(one, test=lambda *_: True) if one.name == guard else one for one in own.unless)
    before = tuple(replace(one, test=lambda *_: False) for one in held[: [one.name for one in held].index(guard)])
    holding = replace(own, unless=(*before, *held[len(before) :]))
    rules = tuple(holding if rule is own else rule for rule in branch.rules)
    scene = story.begin(replace(branch, rules=rules))
    out: list[Command] = []
    for step in (*story.near, story.fire):
        out += step(scene)
        keep(scene)
    out += scene.feed(Tick(at=scene.hall.now + seconds(120)))

    assert [(r.state, r.held_by) for r in of(story, out)] in (
        [("held", guard)],
        [("held", guard), ("cleared", guard)],
    )


def _held_open(story: Story, scene: Play, until: int) -> list[Command]:
    """Time passes and nothing else happens."""
    return scene.feed(Tick(at=until))


def a_life(story: Story, keep: Callable[[Play], None], *taps: str) -> list[Command]:
    """The whole story with these taps on its prompt, and half an hour after it."""
    scene, out = brought_near(story, keep)
    out += story.fire(scene)
    keep(scene)
    for tap in taps:
        out += scene.feed(_tap(scene, tap, story.prompt))
        keep(scene)
    for step in story.over:
        out += step(scene)
        keep(scene)
    return out + scene.feed(Tick(at=scene.hall.now + seconds(1800)))


def restarted(scene: Play) -> None:
    """The daemon has stopped and read its snapshot."""
    scene.engine.hall = snapshot.load_hall(snapshot.dump(scene.hall))


@each_story
@pytest.mark.parametrize("taps", [(), ("acknowledge",), ("escalate",), ("shelve",), ("done",), ("decline",)], ids=str)
def test_a_restart_in_any_state_changes_nothing(story: Story, taps: tuple[str, ...]) -> None:
    assert a_life(story, restarted, *taps) == a_life(story, nothing, *taps)


@each_story
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_a_clock_that_is_told_more_often_changes_nothing(story: Story, data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.floats(0, 1), min_size=1, max_size=3))
    feed = Engine.feed

    def with_ticks(engine: Engine, event: Event) -> list[Command]:
        start, out = engine.hall.now, []
        if start:
            for part in sorted(parts):
                out += feed(engine, Tick(at=start + int(part * (event.at - start))))
        return out + feed(engine, event)

    plain = a_life(story, nothing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "feed", with_ticks)
        assert a_life(story, nothing) == plain


def _tap(scene: Play, action: Any, target: str) -> Event:
    at = scene.hall.now + 1
    return StaffAction(
        at=at,
        staff="lm-1",
        role="lobby_manager",
        action=action,
        target=target,
        detail={"reason": "seen to", "minutes": 15},
    )
