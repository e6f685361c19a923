"""A clock that was ahead is put right: every decision afterwards is the one it would have been, only earlier."""

from __future__ import annotations

from inspect import get_annotations
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from edge import resources, snapshot
from edge.config import load
from edge.core.commands import PromptRecord
from edge.core.engine import Engine
from edge.core.hall import Hall
from edge.core.instant import SECOND
from edge.core.report import PublishFigures
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS
from tests.play import Play, at

if TYPE_CHECKING:
    from edge.core.commands import Command

TWO_DAYS = 2 * 86_400 * SECOND
AN_INSTANT = 1_000_000_000 * SECOND
"""Any whole number as large as this is one."""

OF_THE_CALENDAR = frozenset({"surge", "surge-end"})
"""Rules that compare with the same half hour of other weeks."""


def earlier(value: Any) -> Any:
    """A command as plain data, two days earlier."""
    match value:
        case dict():
            return {key: earlier(one) for key, one in value.items()}
        case list() | tuple():
            return [earlier(one) for one in value]
        case int() if value > AN_INSTANT:
            return value - TWO_DAYS
        case _:
            return value


def plain(commands: list[Command]) -> list[Any]:
    """All but the day's figures, which are the calendar's."""
    return [(type(each).__name__, to_builtins(each)) for each in commands if not isinstance(each, PublishFigures)]


def test_a_busy_day_goes_on_as_it_would_have() -> None:
    delivered = load(resources.config_dir() / "demo.toml").policy
    policy = replace(delivered, rules=tuple(rule for rule in delivered.rules if rule.id not in OF_THE_CALENDAR))
    events = iter(Day(SCENARIOS["rush"], 1))
    ahead = Engine(policy)
    while len(ahead.hall.waiting) < 20:
        ahead.feed(next(events))
    right = Engine(policy, snapshot.load_hall(snapshot.dump(ahead.hall)))
    right.set_back(ahead.hall.now - TWO_DAYS)

    told, said = [], []
    for event in islice(events, 800):
        told += ahead.feed(event)
        said += right.feed(replace(event, at=event.at - TWO_DAYS))

    assert len(told) > 1000
    assert [(name, _as_list(item)) for name, item in plain(said)] == [
        (name, earlier(item)) for name, item in plain(told)
    ]


def _as_list(value: Any) -> Any:
    """The same with lists for tuples, as `earlier` gives them."""
    match value:
        case dict():
            return {key: _as_list(one) for key, one in value.items()}
        case list() | tuple():
            return [_as_list(one) for one in value]
        case _:
            return value


def test_who_waits_has_waited_as_long_and_the_day_goes_on() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.until("9:10")
    play.engine.set_back(at("9:10", "2026-02-28"))
    play.date = "2026-02-28"

    assert play.hall.now - play.hall.waiting["A1"] == 600 * SECOND
    play.issue("9:11", "A2")
    assert list(play.hall.waiting) == ["A1", "A2"]
    play.until("23:59")
    play.date = "2026-03-01"
    play.until("4:00")
    assert not play.hall.waiting, "at the latest at four the paper of yesterday is paper"


def test_who_came_and_who_did_not_come_when_called_did_so_as_long_ago() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:01", "A2")
    play.call("9:02", "A1", "1")
    play.no_show("9:03", "A1", "1")
    play.engine.set_back(at("9:03", "2026-02-28"))

    assert [when for when, _ in play.hall.calling.absent] == [at("9:03", "2026-02-28")]
    assert [when for when, _ in play.hall.footfall.recent] == [at("9:00", "2026-02-28"), at("9:01", "2026-02-28")]


def test_when_nobody_waits_what_comes_next_begins_a_day_of_the_right_date() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.serve("9:05", "A1", "1")
    play.engine.set_back(at("8:30", "2026-03-01"))
    play.date = "2026-03-01"
    play.issue("9:00", "A1")

    assert play.hall.day_began == at("9:00", "2026-03-01")
    assert list(play.hall.waiting) == ["A1"], "the number is today's"


def test_a_number_of_the_day_that_was_not_may_come_again() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.issue("9:02", "A2")
    play.engine.set_back(at("8:30", "2026-03-01"))
    play.date = "2026-03-01"
    play.issue("9:00", "A1")

    assert list(play.hall.waiting) == ["A2", "A1"]


def test_a_ticket_that_still_waits_and_is_issued_again_waits_on() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:01", "A2")
    play.cancel("9:02", "A2")
    play.engine.set_back(at("8:30", "2026-03-01"))
    play.date = "2026-03-01"
    since = play.hall.waiting["A1"]
    play.issue("9:00", "A1")
    play.issue("9:00", "A2")

    assert play.hall.waiting == {"A1": since, "A2": at("9:00", "2026-03-01")}


def test_a_case_was_raised_as_long_ago() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.act("9:01", "raise", "complaint", level=2)
    play.engine.set_back(at("8:30", "2026-03-01"))

    assert [case.at for case in play.hall.cases.open.values()] == [at("8:30", "2026-03-01")]


def test_every_record_of_the_hall_that_holds_an_instant_can_be_moved() -> None:
    frozen = [
        kind.__name__
        for kind in reachable(Hall, set())
        if kind.__struct_config__.frozen and any("Instant" in str(each) for each in get_annotations(kind).values())
    ]
    assert not frozen


def reachable(kind: Any, met: set[Any]) -> set[Any]:
    """The kinds of record that may be kept in a field of this one, itself included; what was said has been said."""
    if isinstance(kind, type) and issubclass(kind, Struct) and kind is not PromptRecord and kind not in met:
        met.add(kind)
        for inner in get_type_hints(kind).values():
            reachable(inner, met)
    for inner in get_args(kind):
        reachable(inner, met)
    return met
