"""Staff who follow the prompts: what they tap is in the log, the branch answers, and a replay raises the same."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from edge import resources
from edge.cli import main
from edge.config import load
from edge.core import events as ev
from edge.core.engine import Engine
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS
from edge.sim.staff import followed

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = resources.config_dir() / "demo.toml"
POLICY = load(CONFIG).policy


def played(seed: int = 1) -> list[ev.Happening]:
    return list(followed(Day(SCENARIOS["rush"], seed), Engine(POLICY), str(seed)))


@pytest.fixture(scope="module")
def rush() -> list[ev.Happening]:
    return played()


def test_events_come_in_order_and_the_same_seed_gives_the_same_day(rush: list[ev.Happening]) -> None:
    assert [event.at for event in rush] == sorted(event.at for event in rush)
    assert played() == rush


def test_prompts_are_taken_customers_asked_and_windows_opened(rush: list[ev.Happening]) -> None:
    acts = Counter(event.action for event in rush if isinstance(event, ev.StaffAction))
    rules = {e.target.partition(".")[0] for e in rush if isinstance(e, ev.StaffAction) and e.action == "done"}

    assert acts.keys() >= {"acknowledge", "done", "customer_accepted", "customer_declined"}
    assert "add-window" in rules
    assert any(isinstance(event, ev.WindowOpened) and event.window == "4" for event in rush)
    assert [e.ticket for e in rush if isinstance(e, ev.TicketCancelled) and e.reason == "self_service"]


def told(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_replay_of_the_log_says_what_was_expected_and_what_came_of_it(tmp_path: Path) -> None:
    log, prompts, summary = (tmp_path / name for name in ("day.jsonl", "prompts.jsonl", "summary.json"))
    followed_by = ["--follow", str(CONFIG)]
    assert main(["simulate", "--scenario", "rush", "--seed", "1", *followed_by, "--out", str(log)]) == 0
    assert main(["replay", str(log), "-c", str(CONFIG), "--prompts", str(prompts), "--summary", str(summary)]) == 0

    found = [one for one in told(prompts) if "ticket" in (one["outcome"] or {})]
    (day,) = json.loads(summary.read_text(encoding="utf-8"))["days"].values()
    known = [one["outcome"]["ticket"] for one in found if one["outcome"]["ticket"]["within"] is not None]
    assert day["expected"]["known"] == len(known) > 0
    assert day["expected"]["within"] == sum(one["within"] for one in known)
    assert {one["outcome"]["ticket"]["id"] == one["expect"]["ticket"]["id"] for one in found} == {True}
    assert day["rules"]["add-window"]["acted"] >= 1
    assert sum(hour["high"] for hour in day["hours"]) > 0


def test_a_configuration_that_cannot_be_read_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = ["--out", str(tmp_path / "day.jsonl")]
    assert main(["simulate", "--scenario", "rush", "--seed", "1", "--follow", str(tmp_path / "no.toml"), *log]) == 2
    assert "no.toml" in capsys.readouterr().err
