"""When the next prompt of the rules about queue, windows and people may come: cool-downs, deadbands, worse readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from edge.core.triage.conditions import AtLeast
from edge.core.triage.desk import Desk
from edge.core.triage.moment import Moment
from edge.core.triage.watching import look
from tests.core.triage.branch import crowd, delivered, leave, play, policy, records, states
from tests.core.triage.stories import STORIES, rate

if TYPE_CHECKING:
    from edge.core.commands import Command
    from edge.core.instant import Instant
    from edge.core.triage.conditions import Arm
    from edge.core.triage.rule import Rule
    from tests.core.triage.stories import Step
    from tests.play import Play

STORY = {story.rule: story for story in STORIES}


@dataclass(frozen=True)
class Again:
    """What brings the condition back and is not told yet, and what then is."""

    rule: str
    soon: Step
    late: Step
    windows: int = 1


AGAIN = (
    Again(
        "pause-reason",
        soon=lambda s: s.resume("9:15", "1") + s.pause("9:16", "1") + s.until("9:19:35"),
        late=lambda s: s.until("9:19:36"),
    ),
    Again(
        "long-service",
        soon=lambda s: s.issue("9:21", "B1") + s.call("9:21", "B1", "1") + s.until("9:30"),
        late=lambda s: s.until("9:41"),
    ),
    Again(
        "vip-cap",
        soon=lambda s: [c for n in (1, 2) for c in _preferred(s, f"9:0{4 + n}", f"W{n}")],
        late=lambda s: s.until("9:14"),
    ),
    Again(
        "no-show-search",
        soon=lambda s: s.call("9:16", "A2", "1") + s.no_show("9:17", "A2", "1") + s.until("9:18"),
        late=lambda s: s.until("9:25"),
    ),
    Again(
        "education-peak",
        soon=lambda s: crowd(s, "9:08", 6, first=40),
        late=lambda s: s.until("9:16"),
    ),
    Again(
        "bad-rating",
        soon=lambda s: rate(s, "9:16", "S1", 2),
        late=lambda s: s.until("9:25:20"),
    ),
    Again(
        "returned-ticket",
        soon=lambda s: s.transfer("9:16", "S1", window="1"),
        late=lambda s: s.until("9:25"),
    ),
    Again(
        "coverage-gap",
        soon=lambda s: s.act("9:16", "sign_out", "lg-1", "lg-1", role="lobby_guide") + s.until("9:18:23"),
        late=lambda s: s.until("9:18:24"),
    ),
)


def _preferred(scene: Play, clock: str, ticket: str) -> list[Command]:
    scene.issue(clock, f"o{ticket}")
    scene.issue(clock, ticket, tier="gold")
    return scene.call(clock, ticket, "1")


@pytest.mark.parametrize("again", AGAIN, ids=lambda again: again.rule)
def test_it_speaks_again_when_the_cool_down_is_over_or_a_wait_a_fifth_longer_than_before(again: Again) -> None:
    story = STORY[again.rule]
    scene = story.begin()
    for step in (*story.near, story.fire, *story.over):
        step(scene)

    assert [r.prompt for r in records(again.soon(scene)) if r.state == "raised"] == []
    found = [r.prompt for r in records(again.late(scene)) if r.state == "raised"]
    assert found == [f"{story.rule}.{story.object}.2"]


def test_a_queue_that_trembles_about_its_level_raises_one_prompt() -> None:
    scene = STORY["education-peak"].begin()
    found = crowd(scene, "9:02", 15)
    for minute in range(3, 30):
        found += leave(scene, f"9:{minute:02}", 1 if minute == 3 else 99 + minute)
        found += crowd(scene, f"9:{minute:02}", 1, first=100 + minute)

    assert [r.state for r in records(found)] == ["raised"]


def test_arrivals_that_tremble_about_their_level_raise_one_prompt() -> None:
    scene = STORY["group-arrival"].begin()
    found = crowd(scene, "9:02", 9)
    for minute in range(3, 40):
        found += crowd(scene, f"9:{minute:02}:30", 1, first=100 + minute)

    assert [r.prompt for r in records(found) if r.state == "raised"] == ["group-arrival.hall.1"]


def test_a_cool_down_that_ends_between_threshold_and_reset_brings_nothing_until_the_threshold() -> None:
    scene = play(policy("fairness"))
    for clock, number in (("9:00", 1), ("9:08", 2), ("9:11:06", 3)):
        crowd(scene, clock, 1, first=number)
    assert ("fairness.hall.1", "raised") in states(scene.until("9:30"))
    assert ("fairness.hall.1", "cleared") in states(leave(scene, "9:31", 1))
    assert states(scene.until("9:38")) == [], "half an hour again, within the cool-down"

    assert states(leave(scene, "9:39", 2)) == []
    assert states(scene.until("9:41:05.999999")) == [], "the cool-down is over, and the next has waited 29:59"
    assert states(scene.until("9:41:06")) == [("fairness.hall.2", "raised")]


def test_what_a_guard_let_go_between_threshold_and_reset_comes_at_the_threshold() -> None:
    scene = play(policy("secondary-triage"), device="down")
    crowd(scene, "9:01", 15, needs=())
    leave(scene, "9:02", 15, 14)
    scene.device("9:03", "recycler-1", "ok")

    assert states(scene.until("9:06")) == [], "13 wait, and nobody for ten minutes"
    assert ("secondary-triage.hall.1", "raised") in states(crowd(scene, "9:06", 2, first=20))


# -- every rule, its facts said to be what the test wants --------------------------------------------------------------

OF_A_PROMPT = {"takeover"}
"""What it is about never comes again (see `test_overseeing`)."""

each_rule = pytest.mark.parametrize(
    "rule", [rule for rule in delivered() if rule.id not in OF_A_PROMPT], ids=lambda rule: rule.id
)


class Supposed:
    """A rule on the object of its story, whose facts are `met` at their levels, or at rest, or worse by one step."""

    def __init__(self, rule: Rule) -> None:
        story = STORY[rule.id]
        self.scene = story.begin()
        for step in (*story.near, story.fire):
            step(self.scene)
        self.hall, self.object = self.scene.hall, story.object
        self.hall.desk = Desk()
        self.at: Instant = self.hall.now
        self.says: dict[str, float | str] = {}
        arms, given = (tuple(self._told(arm) for arm in some) for some in (rule.arms, rule.given))
        self.rule = replace(rule, arms=arms, given=given, unless=(), timed=(), musts=(), shadow=False)
        self.rest = {arm.fact.name: _rest(arm) for arm in (*rule.arms, *rule.given)}
        self.met = {arm.fact.name: _met(arm) for arm in (*rule.arms, *rule.given)}
        self.worse = {**self.met, **{a.fact.name: a.fact.worse(a.level) for a in rule.arms if isinstance(a, AtLeast)}}

    def _told(self, arm: Arm) -> Arm:
        name = arm.fact.name
        value: Any = lambda _moment, _object: self.says[name]  # noqa: E731 (the same kind of value)
        told: Any = replace(arm.fact, value=value, turns=None)
        return replace(arm, fact=replace(told, when=None) if isinstance(arm, AtLeast) else told)

    def look(self, at: Instant, says: dict[str, float | str]) -> list[str]:
        """The states in which the rule has spoken by `at`, its facts saying this."""
        out: list[Command] = []
        self.says, self.hall.now = says, at
        look(Moment(self.hall, self.scene.engine.policy, at), self.rule, self.object, out)
        return [record.state for record in records(out)]

    def first(self) -> Instant:
        """It is met for as long as it must be, and raised; returns when."""
        held = _hold(self.rule)
        assert self.look(self.at, self.met) == ([] if held else ["raised"])
        assert not held or self.look(self.at + held, self.met) == ["raised"]
        return self.at + held

    def over(self) -> Instant:
        """It is at rest for as long as it must be; returns when it was cleared."""
        at = self.first() + 1
        if self.rule.clear_after:
            assert self.look(at, self.rest) == []
        assert self.look(at + self.rule.clear_after, self.rest) == ["cleared"]
        return at + self.rule.clear_after

    def due(self) -> Instant | None:
        return self.hall.agenda.due.get(f"rule:{self.rule.id}.{self.object}")


def _hold(rule: Rule) -> int:
    return (max if rule.every else min)(arm.hold for arm in rule.arms)


def _met(arm: Arm) -> float | str:
    return arm.level if isinstance(arm, AtLeast) else min(arm.words)


def _rest(arm: Arm) -> float | str:
    if isinstance(arm, AtLeast):
        return arm.reset - 0.01
    return min(arm.until or set(arm.fact.words) - arm.words)


@each_rule
def test_no_rule_speaks_twice_of_an_episode_nor_again_before_its_cool_down_is_over(rule: Rule) -> None:
    scene = Supposed(rule)
    cleared = scene.over()

    assert scene.look(cleared + 1, scene.met) == []
    if rule.patient:
        assert scene.look(cleared + rule.cooldown - 1, scene.met) == []
    else:
        assert scene.due() == cleared + rule.cooldown, "nobody would look again"
    assert scene.look(cleared + rule.cooldown, scene.met) == ["raised"]
    assert scene.look(cleared + rule.cooldown + 1, scene.met) == []
    assert f"{rule.id}.{scene.object}.2" in scene.hall.desk.prompts


@each_rule
def test_every_rule_speaks_again_at_once_when_things_are_worse(rule: Rule) -> None:
    scene = Supposed(rule)
    countable = [a for a in rule.arms if isinstance(a, AtLeast) and a.fact.worse(a.level) <= min(a.most, a.fact.ever)]
    if len(countable) < len(rule.arms) if rule.every else not countable:
        return  # words, and figures that cannot be worse than their level
    cleared = scene.over()
    held = _hold(rule)

    assert scene.look(cleared + 1, scene.worse) == ([] if held else ["raised"])
    assert not held or scene.look(cleared + 1 + held, scene.worse) == ["raised"]
