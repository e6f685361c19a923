"""How many alarms a day brings: counted right, and on twenty simulated days within what a person can take in."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from edge import resources
from edge.alarms import Alarms
from edge.cli import main
from edge.config import load
from edge.core.commands import PromptRecord
from edge.core.instant import SECOND, parse
from edge.core.wording import Text
from tests.core.triage.branch import delivered
from tests.days import TWENTY, replayed, simulated
from tests.test_replay import DAY, written

if TYPE_CHECKING:
    from pathlib import Path

    from edge.core.events import Happening

NINE = parse("2026-03-02T09:00:00+00:00")


@dataclass
class Told:
    """Alarms that were told of a few prompts."""

    alarms: Alarms = field(default_factory=lambda: Alarms(delivered(), 600 * SECOND))

    def prompt(self, id: str, after_s: float, state: Any = "raised", priority: Any = "high", **more: Any) -> None:
        rule, about, _ = id.split(".")
        record = PromptRecord(
            prompt=id,
            rule=rule,
            at=NINE + round(after_s * SECOND),
            state=state,
            priority=priority,
            to=more.pop("to", ("lobby_manager",)),
            about={"kind": "hall", "id": about},
            zone="hall",
            text=Text("好", "ok"),
            **more,
        )
        self.alarms.hear(record)

    @property
    def figures(self) -> dict[str, Any]:
        return self.alarms.figures({})


def counted(raised: int, **more: dict[str, int]) -> dict[str, Any]:
    return {"raised": raised, "held": {}, "withdrawn": {}, **more}


def in_the_hour(since: str, **raised: int) -> dict[str, Any]:
    return {"since": since, "urgent": 0, "high": 0, "normal": 0, "silent": 0, **raised}


def test_what_the_days_have_counted_is_put_together() -> None:
    told = Told()
    for after_s in (0, 10, 3600, 86400):
        told.alarms.came(NINE + after_s * SECOND)
    monday = {
        "rules": {"surge": counted(2, held={"load-limit": 1}, withdrawn={"sales-held": 2}), "assist": counted(0)},
        "hours": [
            in_the_hour("2026-03-02T09:00:00+08:00", urgent=1, high=2),
            in_the_hour("2026-03-02T10:00:00+08:00", normal=1, silent=4),
        ],
    }
    tuesday = {
        "rules": {"surge": counted(1, held={"load-limit": 1})},
        "hours": [in_the_hour("2026-03-03T09:00:00+08:00", high=3)],
    }
    found = told.alarms.figures({"2026-03-02": monday, "2026-03-03": tuesday})

    assert (found["raised"], found["interrupting"], found["interrupting_an_hour"]) == (3, 6, 2.0)
    assert found["rules"] == {"surge": 3}
    assert found["hours"] == {"09": [6, 0, 0], "10": [0, 1, 4]}
    assert found["held"] == {"load-limit": 2, "sales-held": 2}


def test_the_most_anybody_was_told_counts_escalations_and_neither_urgent_nor_silent_nor_digest() -> None:
    told = Told()
    told.prompt("surge.hall.1", 0, to=("branch_head", "any_staff"))
    told.prompt("fairness.hall.1", 100, "escalated", to=("branch_head",))
    told.prompt("tamper.atm-1.1", 200, priority="urgent", to=("branch_head",))
    told.prompt("digest.branch_head.1", 300, priority="normal", to=("branch_head",))
    told.prompt("add-window.hall.1", 599, to=("branch_head",))
    told.prompt("add-window.hall.2", 600, to=("branch_head",))

    assert told.figures["most_told"] == {"any_staff": 1, "branch_head": 3}


@pytest.mark.parametrize(("after_s", "priority", "fleeting"), [(9.9, "high", 1), (10, "high", 0), (1, "silent", 0)])
def test_what_is_over_within_ten_seconds_was_fleeting(after_s: float, priority: str, fleeting: int) -> None:
    told = Told()
    told.prompt("surge.hall.1", 0, priority=priority)
    told.prompt("surge.hall.1", after_s, "cleared", priority=priority)

    assert sum(told.figures["fleeting"].values()) == fleeting


@pytest.mark.parametrize(
    ("about", "after_s", "reading", "chatters"),
    [("hall", 699, 15, 1), ("hall", 700, 15, 0), ("hall", 699, 16, 0), ("other", 699, 15, 0)],
)
def test_the_same_again_within_the_cool_down_chatters_unless_it_is_worse(
    about: str, after_s: float, reading: float, chatters: int
) -> None:
    told = Told()
    told.prompt("surge.hall.1", 0, because={"arrivals": 15, "met": ["arrivals"]})
    told.prompt("surge.hall.1", 100, "done")
    told.prompt(f"surge.{about}.2", after_s, because={"arrivals": reading, "met": ["arrivals"]})

    assert len(told.figures["chattering"]) == chatters


def test_a_replay_tells_the_alarm_load_in_its_summary(tmp_path: Path) -> None:
    summary = tmp_path / "s.json"
    assert main(["replay", str(written(tmp_path, DAY)), "--summary", str(summary)]) == 0
    found = json.loads(summary.read_text(encoding="utf-8"))

    assert (found["first"], found["last"]) == ("2026-03-02T09:00:00+08:00", "2026-03-02T09:05:00+08:00")
    assert found["alarms"]["raised"] == 0


# -- twenty days -------------------------------------------------------------------------------------------------------

POLICY = load(resources.config_dir() / "demo.toml").policy
AN_HOUR = {"calm": 1.5, "atm-down": 1.5, "late-crowd": 1.5, "outage": 4.0}
"""Interrupting prompts at most: fewer on a quiet day, more when machines and queue machine fail in a full hall."""


@pytest.mark.slow
def test_on_twenty_simulated_days_nobody_is_overwhelmed_and_no_rule_is_silent() -> None:
    raised: Counter[str] = Counter()
    for name, seed in TWENTY:
        day: list[Happening] = list(simulated(name, seed))
        found = replayed(POLICY, day).summary()["alarms"]
        raised.update(found["rules"])
        where = f"{name} {seed}: {found}"

        assert found["interrupting_an_hour"] <= AN_HOUR.get(name, 3.0), where
        assert max(found["most_told"].values()) <= POLICY.load.prompts, where
        assert found["chattering"] == [], where

    assert not {rule.id for rule in POLICY.rules} - raised.keys(), "these were silent on all twenty days"
