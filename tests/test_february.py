"""A month of real queue events: every day replays, predicts at every ticket, twice the same, and overwhelms nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edge.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, shared_root: Path) -> list[Path]:
    """The 28 days as event logs."""
    folder = tmp_path_factory.mktemp("february")
    table = shared_root / "data" / "anonymous_bank_feb1999" / "queue_events_clean.csv.gz"
    script = shared_root / "referee" / "bank_calls_to_log.py"
    subprocess.run([sys.executable, str(script), str(table), str(folder)], check=True, capture_output=True)
    return sorted(folder.glob("*.jsonl"))


def replayed(log: Path, folder: Path) -> tuple[bytes, bytes, bytes]:
    """(predictions, prompts, summary) of one day."""
    folder.mkdir(exist_ok=True)
    files = [folder / name for name in ("waits", "prompts", "summary")]
    options = [word for name, file in zip(("--predictions", "--prompts", "--summary"), files, strict=True)
               for word in (name, str(file))]  # fmt: skip
    assert main(["replay", str(log), *options]) == 0
    waits, prompts, summary = (file.read_bytes() for file in files)
    return waits, prompts, summary


@pytest.mark.parametrize("day", range(28))
def test_every_day_replays_predicts_at_every_ticket_twice_the_same_and_overwhelms_nobody(
    month: list[Path], day: int, tmp_path: Path
) -> None:
    log = month[day]
    once = replayed(log, tmp_path / "once")
    assert replayed(log, tmp_path / "twice") == once

    issued = [json.loads(line) for line in log.read_text().splitlines() if '"ticket.issued"' in line]
    waits = [json.loads(line) for line in once[0].splitlines()]
    assert [wait["ticket"] for wait in waits] == [ticket["ticket"] for ticket in issued]
    assert all(0 <= w["wait_p10"] <= w["wait_p50"] <= w["wait_p90"] < 86400 for w in waits)

    alarms = json.loads(once[2])["alarms"]
    assert alarms["interrupting_an_hour"] <= 1.5
    assert max(alarms["most_told"].values()) <= 6
    assert alarms["chattering"] == []


def test_a_month_has_more_than_thirty_thousand_tickets(month: list[Path]) -> None:
    assert sum(log.read_text().count('"ticket.issued"') for log in month) > 30_000
