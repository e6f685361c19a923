"""A rule as data: priorities have their deadlines."""

from typing import get_args

from edge.core.commands import Priority
from edge.core.triage.rule import DEADLINES


def test_every_priority_has_its_deadlines() -> None:
    assert set(DEADLINES) == set(get_args(Priority))
    assert DEADLINES["urgent"] == (20, 60)
