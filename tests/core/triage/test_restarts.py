"""A restart changes no prompt: what the rules look at then, they have looked at when it changed.

A forecast is made a few seconds after what moves it, and rules hear of it then; a restart in between hears sooner.
"""

from __future__ import annotations

from datetime import time
from random import Random
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from edge import snapshot
from edge.core import outlook, triage
from edge.core.commands import PublishPrompt
from edge.core.engine import Engine
from edge.core.instant import seconds
from edge.core.policy import Calendar, DevicePlan
from tests.core.any_day import DEVICES, Chance, gap
from tests.core.triage.branch import policy
from tests.core.triage.test_short_cuts import LOW
from tests.play import at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.commands import Command

BRANCH: Final = replace(
    policy(**{**LOW, "long_service": {"min_s": 60, "quantile": 0.8}}),
    calendar=Calendar(open=time(9, 0), close=time(17, 0)),
    devices={id: DevicePlan(id, kind, stale=seconds(60)) for id, kind in DEVICES},
)
EVENTS: Final = 150


def said(commands: Iterable[Command]) -> list[tuple[object, ...]]:
    """What was said of prompts, when and to whom; the figures of one held back are those of the last look at it."""
    records = [command.record for command in commands if isinstance(command, PublishPrompt)]
    return [(r.prompt, r.state, r.at, r.to, r.tickets, r.held_by) for r in records]


def awaits_a_forecast(engine: Engine) -> bool:
    """Whether a forecast will be made as soon as may be, of what has happened."""
    due = engine.hall.agenda.due.get(outlook.KEY)
    return due is not None and due <= engine.hall.now + outlook.LEAST


@pytest.mark.parametrize("seed", [0, 41, 45])
def test_a_restart_at_any_time_changes_no_prompt(seed: int) -> None:
    random, now = Random(seed), at("8:50")
    straight, other = Engine(BRANCH), Engine(BRANCH)
    told = 0
    for _ in range(EVENTS):
        now += gap(random)
        event = Chance(random, straight.hall, now).event()
        commands = said(straight.feed(event))
        assert said(other.feed(event)) == commands
        told += len(commands)
        if random.random() < 0.2 and not awaits_a_forecast(other):
            other = Engine(BRANCH, snapshot.load_hall(snapshot.dump(other.hall)))
            assert said(other.adopt(BRANCH, now)) == []
    assert told > EVENTS / 10
    assert said(triage.standing(other.hall)) == said(triage.standing(straight.hall))
