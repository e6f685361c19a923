"""Replay: the contract's order of wakes, forecasts and lines; bad lines by number; the same bytes twice."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from edge.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def line(clock: str, kind: str, /, **fields: Any) -> str:
    return json.dumps({"type": kind, "at": f"2026-03-02T{clock}+08:00", **fields})


DAY = [
    line("09:00:00", "window.opened", window="1", services=["cash"]),
    line("09:00:10", "ticket.issued", ticket="A1", service="cash"),
    line("09:00:10", "ticket.called", ticket="A1", window="1"),
    line("09:01:00", "ticket.issued", ticket="A2", service="cash"),
    line("09:02:00", "ticket.issued", ticket="A3", service="cash"),
    line("09:05:00", "ticket.served", ticket="A1", window="1"),
    line("09:05:00", "ticket.called", ticket="A2", window="1"),
]


def written(folder: Path, lines: list[str], name: str = "day.jsonl") -> Path:
    log = folder / name
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return log


def replayed(folder: Path, lines: list[str], *options: str) -> list[dict[str, Any]]:
    out = folder / "waits.jsonl"
    assert main(["replay", str(written(folder, lines)), "--predictions", str(out), *options]) == 0
    return [json.loads(text) for text in out.read_text(encoding="utf-8").splitlines()]


def test_one_prediction_at_each_issue_in_the_log_s_own_offset(tmp_path: Path) -> None:
    waits = replayed(tmp_path, DAY)

    assert [(w["ticket"], w["at"], w["position"]) for w in waits] == [
        ("A1", "2026-03-02T09:00:10+08:00", 1),
        ("A2", "2026-03-02T09:01:00+08:00", 1),
        ("A3", "2026-03-02T09:02:00+08:00", 2),
    ]
    assert set(waits[0]) == {"ticket", "at", "service", "position", "wait_p10", "wait_p50", "wait_p90", "wait_mean"}
    assert all(0 <= w["wait_p10"] <= w["wait_p50"] <= w["wait_p90"] for w in waits)


def test_with_every_those_who_wait_for_their_first_call_are_told_at_each_multiple(tmp_path: Path) -> None:
    waits = replayed(tmp_path, DAY, "--every", "100")
    told = [(w["at"][11:19], w["ticket"]) for w in waits]

    assert told == [
        ("09:00:10", "A1"),
        ("09:01:00", "A2"),
        ("09:01:40", "A2"),
        ("09:02:00", "A3"),
        ("09:03:20", "A2"),
        ("09:03:20", "A3"),
        ("09:05:00", "A3"),  # after all events of that instant: A2 has been called by then
    ]


def test_a_ticket_called_before_its_issue_is_told_waits_no_longer(tmp_path: Path) -> None:
    called = line("09:00:10", "ticket.called", ticket="A1", window="1")
    issued = line("09:00:11", "ticket.issued", ticket="A1", service="cash")

    told = replayed(tmp_path, [called, issued], "--every", "1")
    assert [(w["wait_p10"], w["wait_p50"], w["wait_p90"], w["wait_mean"]) for w in told] == [(0.0, 0.0, 0.0, 0.0)]
    assert "reason" not in told[0]


def test_an_issue_told_twice_is_predicted_once(tmp_path: Path) -> None:
    issued = line("09:00:11", "ticket.issued", ticket="A1", service="cash")
    called = line("09:00:12", "ticket.called", ticket="A1", window="1")

    assert len(replayed(tmp_path, [issued, issued, called, issued.replace(":11+", ":13+")])) == 1


def test_the_same_log_gives_the_same_bytes(tmp_path: Path) -> None:
    log = written(tmp_path, DAY)
    for n in (1, 2):
        code = main(
            ["replay", str(log), "--predictions", str(tmp_path / f"w{n}"), "--prompts", str(tmp_path / f"p{n}"),
             "--memory", str(tmp_path / f"m{n}"), "--summary", str(tmp_path / f"s{n}"), "--every", "7"]
        )  # fmt: skip
        assert code == 0
    for name in "wpms":
        assert (tmp_path / f"{name}1").read_bytes() == (tmp_path / f"{name}2").read_bytes()


def test_the_summary_says_how_good_the_forecasts_were(tmp_path: Path) -> None:
    other = [text.replace("2026-03-02", "2026-03-03") for text in DAY]
    assert main(["replay", str(written(tmp_path, [*DAY, *other])), "--summary", str(tmp_path / "s")]) == 0

    days = json.loads((tmp_path / "s").read_text())["waits"]
    assert list(days) == ["2026-03-02", "2026-03-03"]
    for day in days.values():
        assert day["day"]["tickets"] == sum(hour["tickets"] for hour in day["hours"]) > 0


def test_ticks_change_no_decision(tmp_path: Path) -> None:
    plain = replayed(tmp_path, DAY)
    ticks = [line(f"09:0{m}:{s:02}", "tick") for m in range(6) for s in range(0, 60, 7)]
    mixed = sorted([*DAY, *ticks], key=lambda text: (json.loads(text)["at"], "tick" not in text))

    assert replayed(tmp_path, mixed) == plain


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", "line 3: not JSON"),
        ('{"type": "ticket.eaten", "at": "2026-03-02T09:00:10+08:00"}', "line 3: 'type' is 'ticket.eaten'"),
        (line("09:00:10", "ticket.called", ticket="A1"), "line 3: ticket.called: lacks 'window'"),
        (line("08:00:10", "tick"), "line 3: 'at' is earlier than that of the line before"),
        ('{"type": "tick", "at": "2026-03-02T09:00:10"}', "line 3: 'at' is"),
        ("[1]", "line 3: an event is a JSON object"),
    ],
)
def test_a_bad_line_is_named_or_with_skip_bad_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: str, says: str
) -> None:
    log = written(tmp_path, [*DAY[:2], bad, *DAY[2:]])
    out = tmp_path / "w"

    assert main(["replay", str(log), "--predictions", str(out)]) == 2
    assert says in capsys.readouterr().err
    assert not out.exists()
    assert main(["replay", str(log), "--predictions", str(out), "--skip-bad"]) == 0
    assert says in capsys.readouterr().err
    assert len(out.read_text().splitlines()) == 3


def test_memory_is_read_when_there_and_written_at_the_end(tmp_path: Path) -> None:
    log, memory = written(tmp_path, DAY), tmp_path / "memory.json"
    assert main(["replay", str(log), "--memory", str(memory)]) == 0
    first = memory.read_bytes()
    assert main(["replay", str(log), "--memory", str(memory)]) == 0
    assert memory.read_bytes() != first

    for other in ("{nothing}", '{"important": 1}'):
        memory.write_text(other)
        assert main(["replay", str(log), "--memory", str(memory)]) == 2
        assert memory.read_text() == other


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay", "/nowhere/day.jsonl"], "No such file"),
        (["replay", "DAY", "--every", "0"], "--every: '0' is no number of seconds; accepted: 0.1 to 604800"),
        (["replay", "DAY", "--every", "soon"], "--every"),
        (["replay", "DAY", "-c", "/nowhere/branch.toml"], "cannot be read"),
        (["replay", "DAY", "--predictions", "/nowhere/waits"], "cannot be written"),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    log = str(written(tmp_path, DAY))

    assert main([log if word == "DAY" else word for word in arguments]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told


def test_an_empty_log_is_an_empty_day(tmp_path: Path) -> None:
    assert replayed(tmp_path, []) == []


@pytest.mark.parametrize("every", ["0", "-1", "nan", "inf", "abc", "0.0000001", "1e9", ""])
def test_an_interval_that_is_none_is_said(every: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(written(tmp_path, DAY)), "--every", every]) == 2
    assert f"--every: {every!r} is no number of seconds; accepted: 0.1 to 604800" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--predictions", "--memory", "--summary"])
def test_a_full_or_missing_place_is_said_of_the_file_it_concerns(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    log = written(tmp_path, DAY)
    for place, why in (
        ("/dev/full", "No space left on device"),
        (f"{tmp_path}/none/x", "No such file or directory"),
        (str(folder), "Is a directory"),
    ):
        assert main(["replay", str(log), option, place]) == 2
        assert capsys.readouterr().err == f"lobbyd replay: {place}: cannot be written: {why}\n"


def test_a_log_comes_on_standard_input_and_goes_to_standard_output(tmp_path: Path) -> None:
    log = written(tmp_path, DAY)
    command = [sys.executable, "-m", "edge", "replay"]
    ended = subprocess.run(
        [*command, "-", "--predictions", "-"], input=log.read_bytes(), capture_output=True, check=True
    )
    told = [json.loads(text)["ticket"] for text in ended.stdout.splitlines()]
    with (tmp_path / "out").open("wb") as out:  # by its other name, into a file: that file stays the same file
        subprocess.run([*command, str(log), "--predictions", "/dev/stdout"], stdout=out, check=True)

    assert told == ["A1", "A2", "A3"]
    assert ended.stderr.startswith(b"7 events, 3 predictions")
    assert (tmp_path / "out").read_bytes() == ended.stdout + ended.stderr


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    marked = replayed(tmp_path, ["\ufeff" + DAY[0], *DAY[1:]])

    assert marked == replayed(tmp_path, DAY)


def test_no_file_is_overwritten_by_another_of_the_same_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = written(tmp_path, DAY)
    before = log.read_bytes()

    assert main(["replay", str(log), "--prompts", str(log)]) == 2
    assert main(["replay", str(log), "--prompts", str(tmp_path / "x"), "--predictions", str(tmp_path / "x")]) == 2
    told = capsys.readouterr().err
    assert "--prompts: " in told
    assert "is the log too; give each a file of its own" in told
    assert "is --predictions too" in told
    assert log.read_bytes() == before


def test_a_memory_that_cannot_be_read_is_said_of_the_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    memory.touch()

    def refuse(path: object) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert main(["replay", str(written(tmp_path, DAY)), "--memory", str(memory)]) == 2
    assert capsys.readouterr().err == f"lobbyd replay: {memory}: cannot be read: Permission denied\n"


def test_the_summary_counts_which_guard_held_what_and_the_hours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = '{"type": "ticket.issued", "at": "2026-03-02T09:%02d:00+08:00", "ticket": "A%d", "service": "cash"}\n'
    log, summary = tmp_path / "day.jsonl", tmp_path / "summary.json"
    log.write_text("".join(head % (number, number) for number in range(15)), encoding="utf-8")
    assert main(["replay", str(log), "--summary", str(summary)]) == 0
    day = json.loads(summary.read_text(encoding="utf-8"))["days"]["2026-03-02"]

    assert day["rules"]["secondary-triage"]["held"] == {"class-not-on-device": 1}
    assert [hour["since"] for hour in day["hours"]] == ["2026-03-02T09:00:00+08:00"]
    assert day["review"] == []
    assert main(["replay", str(log)]) == 0
    assert "1  secondary-triage held by class-not-on-device" in capsys.readouterr().out
