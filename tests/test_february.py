"""A month of real queue events: every day replays, predicts at every ticket, and overwhelms nobody.

The days are replayed side by side, each in a process of its own and twice, the second time under another hash seed,
which would show whatever depends on the order of a set.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.data, pytest.mark.slow]

DAYS: Final = 28
SEEDS: Final = ("1", "2")

Outcome: TypeAlias = tuple[bytes, bytes, bytes]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, shared_root: Path) -> list[Path]:
    """The 28 days as event logs."""
    folder = tmp_path_factory.mktemp("february")
    table = shared_root / "data" / "anonymous_bank_feb1999" / "queue_events_clean.csv.gz"
    script = shared_root / "referee" / "bank_calls_to_log.py"
    subprocess.run([sys.executable, str(script), str(table), str(folder)], check=True, capture_output=True)
    return sorted(folder.glob("*.jsonl"))


@pytest.fixture(scope="module")
def replays(month: list[Path]) -> Iterator[dict[tuple[int, str], Future[Outcome]]]:
    """What comes of each day, by day and hash seed; as many at a time as there are processors."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        yield {(day, seed): pool.submit(replayed, month[day], seed) for day in range(DAYS) for seed in SEEDS}
        pool.shutdown(cancel_futures=True)


def replayed(log: Path, seed: str) -> Outcome:
    """(predictions, prompts, summary) of one day."""
    files = [log.with_suffix(f".{name}.{seed}") for name in ("predictions", "prompts", "summary")]
    options = [word for file in files for word in (f"--{file.suffixes[-2][1:]}", str(file))]
    command = [sys.executable, "-m", "edge", "replay", str(log), *options]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
    waits, prompts, summary = (file.read_bytes() for file in files)
    return waits, prompts, summary


@pytest.mark.parametrize("day", range(DAYS))
def test_every_day_replays_predicts_at_every_ticket_and_overwhelms_nobody(
    month: list[Path], replays: dict[tuple[int, str], Future[Outcome]], day: int
) -> None:
    predictions, _, summary = replays[day, "1"].result()
    issued = [json.loads(line) for line in month[day].read_text().splitlines() if '"ticket.issued"' in line]
    waits = [json.loads(line) for line in predictions.splitlines()]
    assert [wait["ticket"] for wait in waits] == [ticket["ticket"] for ticket in issued]
    assert all(0 <= w["wait_p10"] <= w["wait_p50"] <= w["wait_p90"] < 86400 for w in waits)

    alarms = json.loads(summary)["alarms"]
    assert alarms["interrupting_an_hour"] <= 1.5
    assert max(alarms["most_told"].values()) <= 6
    assert alarms["chattering"] == []


@pytest.mark.parametrize("day", range(DAYS))
def test_a_day_replayed_again_is_the_same_to_the_byte(
    replays: dict[tuple[int, str], Future[Outcome]], day: int
) -> None:
    assert replays[day, "2"].result() == replays[day, "1"].result()


def test_a_month_has_more_than_thirty_thousand_tickets(month: list[Path]) -> None:
    assert sum(log.read_text().count('"ticket.issued"') for log in month) > 30_000
