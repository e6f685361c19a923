"""Every benchmark runs, finds nothing lost, and says what it found; how fast is nobody's claim here."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge import bench, cli
from edge.bench import codecs, core, hotpath, idle, memory, outcomes, recovery, rules, serial, start, store, waiting
from edge.bench.captures import FOLDER, captures
from edge.bench.report import Report

ALL = {
    "hotpath",
    "core",
    "rules",
    "waiting",
    "outcomes",
    "codecs",
    "store",
    "serial",
    "recovery",
    "start",
    "memory",
    "idle",
}


@pytest.fixture(autouse=True)
def here(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What a benchmark writes in the working directory goes away again."""
    monkeypatch.chdir(short_folder)
    yield short_folder
    assert not list(short_folder.glob(".lobbyd-bench-*"))


def quiet(_: str) -> None:
    """Nobody watches how far it is."""


def figures(report: Report) -> set[str]:
    assert all(figure.value.low <= figure.value.high for figure in report.figures)
    return {figure.what for figure in report.figures}


def test_core_says_where_the_time_goes() -> None:
    report = core.run(core.Sizes(rounds=1, events=60), quiet)
    assert figures(report) == {"without forecasts", "forecasts included", "time, to the trivial loop"}
    assert {row[0] for row in report.tables[0].rows} >= {"ticket.issued", "ticket.called", "ticket.served", "forecast"}


def test_what_all_rules_cost_is_a_share_of_the_whole() -> None:
    report = rules.run(rules.Sizes(rounds=1, events=120), quiet)
    (figure,) = report.figures
    assert figure.what == "share of the core's time"
    assert figure.value.median < 1
    assert figure.beside["rules"] > 30


def test_what_prompts_expect_is_held_against_what_came_of_it() -> None:
    report = outcomes.run(outcomes.QUICK, quiet)
    assert figures(report) == {
        "within what was said",
        "and not by saying too much",
        "interval score, to that of doing nothing",
    }
    assert report.figures[0].beside["prompts"] > 0
    assert [row[0] for row in report.tables[0].rows] == ["rush"]


def test_every_driver_with_captures_is_measured() -> None:
    report = codecs.run(codecs.Sizes(rounds=1, frames=20), quiet)
    measured = {row[0] for row in report.tables[0].rows}
    assert measured == {path.name for path in FOLDER.iterdir()}
    assert len(figures(report)) == 2 * len(measured)


def test_where_there_are_no_captures_codecs_says_so(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codecs, "captures", lambda: captures(here))
    assert cli.main(["bench", "codecs", "--quick"]) == 2
    assert f"the captures are those of a checkout, and there is no {here}" in capsys.readouterr().err


def test_where_it_may_not_write_it_says_so_and_goes_on(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = here / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert cli.main(["bench", "store", "hotpath", "--quick"]) == 1
    said = capsys.readouterr().err
    assert re.search(r"bench: store: \S+: No such file or directory\n", said)
    assert re.search(r"bench: hotpath: ", said)


FEW = waiting.Sizes(rounds=1, estimates=2, calls=3, days=1)
FORECASTS = {
    "all of 60 waiting, estimated anew",
    "all of 600 waiting, estimated anew",
    "p99 from call to board, 60 waiting, forecasts on to off",
    "p99 from call to board, 600 waiting, forecasts on to off",
}


def test_forecasts_are_timed_and_so_is_what_they_cost_a_call(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(waiting.SHARED, str(here / "nothing"))
    report = waiting.run(FEW, quiet)

    assert figures(report) == FORECASTS
    assert [row[1] for row in report.tables[0].rows] == [3, 3, 3, 3]
    held_up, month = report.facts
    assert held_up.endswith(" of 12 calls came while a forecast or another wake was under way.")
    assert month == f"The month was left out: no data at {here / 'nothing'} (LOBBYD_SHARED names another place)."


@pytest.mark.data
@pytest.mark.slow
def test_a_day_of_the_real_month_is_replayed(shared_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(waiting.SHARED, str(shared_root))
    report = waiting.run(FEW, quiet)

    (month,) = figures(report) - FORECASTS
    assert month.startswith("1 real days, ")
    assert report.facts[1:] == ("1 of 28 days were replayed, with an estimate at every ticket.",)


def test_store_commits_every_group() -> None:
    report = store.run(store.Sizes(rounds=1, turns=2), quiet)
    assert len(figures(report)) == 2 * len(store.GROUPS)


def test_serial_asks_both_ways() -> None:
    report = serial.run(serial.Sizes(rounds=1, exchanges=20), quiet)
    assert figures(report) == {"an exchange, p50", "an exchange, p99"}


def test_recovery_replays_the_whole_journal() -> None:
    report = recovery.run(recovery.Sizes(rounds=1, events=600), quiet)
    assert "without a snapshot, 100 events" in figures(report)


@pytest.mark.slow
def test_a_start_is_timed_to_its_readiness_and_each_has_a_morning_to_bring_back() -> None:
    report = start.run(start.Sizes(rounds=2), quiet)
    assert "ready" in figures(report)
    assert report.figures[0].beside["events replayed"] > 1
    assert "edge.core" in {row[0] for row in report.tables[0].rows}


@pytest.mark.slow
@pytest.mark.broker
def test_every_message_of_the_hot_path_is_answered() -> None:
    report = hotpath.run(hotpath.Sizes(rounds=1, answers=200, warm=100, paced=20), quiet)
    assert len(figures(report)) == 7
    (fact,) = report.facts
    assert fact.endswith(" 0 without an answer.")


@pytest.mark.slow
@pytest.mark.broker
def test_memory_is_looked_at_with_everything_on() -> None:
    assert "resident, everything on" in figures(memory.run(memory.Sizes(rounds=1), quiet))


@pytest.mark.slow
@pytest.mark.broker
def test_an_idle_daemon_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "SETTLES_S", 0.2)
    assert "processor" in figures(idle.run(idle.Sizes(rounds=1, window_s=1.2), quiet))


def test_every_benchmark_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--list"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == ALL == set(bench.NAMES)


def test_an_unknown_benchmark_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "hotpth"]) == 2
    assert "no benchmark 'hotpth'; there are: hotpath, core" in capsys.readouterr().err


def test_figures_are_written_as_json(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "QUICK", store.Sizes(rounds=1, turns=1))
    assert cli.main(["bench", "store", "--quick", "--json", "figures.json"]) == 0
    assert "1 event a turn, time" in capsys.readouterr().out
    found = json.loads((here / "figures.json").read_text())
    assert found["quick"] is True
    assert found["machine"]["python"]
    assert [each["name"] for each in found["benchmarks"]] == ["store"]


def test_without_a_broker_what_needs_one_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.bench.broker.mosquitto_path", lambda: None)
    assert cli.main(["bench", "idle", "--quick"]) == 2
    assert "install it (apt install mosquitto)" in capsys.readouterr().err
