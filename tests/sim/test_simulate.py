"""`lobbyd simulate`: a log that others can read, and one clear line when it was asked for the impossible."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.cli import main
from edge.core import wire
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS

LOBBYD = (sys.executable, "-m", "edge")


def test_the_log_is_the_day_a_line_an_event(tmp_path: Path) -> None:
    log = tmp_path / "day.jsonl"
    assert main(["simulate", "--scenario", "calm", "--seed", "3", "--out", str(log)]) == 0
    lines = log.read_bytes().splitlines()
    assert [wire.decode_line(line) for line in lines] == list(Day(SCENARIOS["calm"], 3))
    assert all(json.loads(line)["at"].endswith("+08:00") for line in lines)


def test_the_date_can_be_chosen(tmp_path: Path) -> None:
    log = tmp_path / "day.jsonl"
    assert main(["simulate", "--scenario", "calm", "--seed", "3", "--date", "2026-10-08", "--out", str(log)]) == 0
    assert {json.loads(line)["at"][:10] for line in log.read_bytes().splitlines()} == {"2026-10-08"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--scenario: is missing; there are: calm, rush"),
        (["--scenario", "storm", "--seed", "1"], "there is no scenario 'storm'"),
        (["--scenario", "calm"], "--seed: is missing"),
        (["--scenario", "calm", "--seed", "x"], "--seed: 'x' is no number"),
        (["--scenario", "calm", "--seed", "1", "--date", "1 May"], "--date: '1 May' is no date"),
        (["--scenario", "calm", "--seed", "1", "--out", "/nowhere/day.jsonl"], "/nowhere/day.jsonl cannot be written"),
    ],
)
def test_bad_use_is_one_line_and_exit_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text("what was there\n")
    told = ["simulate", "--scenario", "calm", "--seed", "1", "--out", str(kept), "--follow"]

    assert main([*told, str(tmp_path / "none.toml")]) == 2
    assert main([*told, str(kept)]) == 2
    assert "is --follow too; give each a file of its own" in capsys.readouterr().err
    assert kept.read_text() == "what was there\n"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.jsonl"]


def test_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SCENARIOS)


def test_a_reader_who_has_had_enough_is_no_fault() -> None:
    writer = [*LOBBYD, "simulate", "--scenario", "calm", "--seed", "1"]
    with subprocess.Popen(writer, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.data
def test_an_independent_reader_takes_the_log(shared: Path, tmp_path: Path) -> None:
    log = tmp_path / "day.jsonl"
    assert main(["simulate", "--scenario", "rush", "--seed", "1", "--out", str(log)]) == 0
    reader = "import sys, pathlib, eventlog; print(len(eventlog.read_log(pathlib.Path(sys.argv[1]))))"
    done = subprocess.run(
        [sys.executable, "-c", reader, str(log)], cwd=shared / "referee", capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == len(log.read_bytes().splitlines())
