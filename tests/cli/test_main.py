"""What every command shares: help with an example, one line for wrong arguments, plain words for a full disk."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from edge.cli import BAD_USE, COMMANDS, OK, main

NOWHERE = "/nonexistent/lobbyd.sock"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_of_the_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == OK
    assert f"example: lobbyd {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["check", "x.toml", "--nope"], "lobbyd check: unknown arguments: --nope"),
        (["status", "--js"], "lobbyd status: unknown arguments: --js"),  # no guessing: a new option must break nothing
        (["codec", "lines", "decode", "00", "--nope"], "unknown arguments: --nope"),
        (["replay"], "lobbyd replay: the following arguments are required: log"),
        (["tail", "--kind", "x"], "lobbyd tail: argument --kind: invalid choice: 'x'"),
        (["demo", "--port", "1.5"], "argument --port: 1.5 is no port; accepted: 0 to 65535"),
        (["nonsense"], "lobbyd: argument COMMAND: invalid choice: 'nonsense'"),
    ],
)
def test_wrong_arguments_are_one_line(arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr()

    assert ended.value.code == BAD_USE
    assert named in told.err
    assert told.err.count("\n") == 1
    assert told.err.rstrip().endswith("--help")
    assert told.out == ""


@pytest.mark.parametrize("arguments", [["schema"], ["codec", "--list"], ["status", "--socket", NOWHERE]])
def test_output_that_cannot_be_written_is_said_in_a_sentence(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 (a device, not a path of ours)
        ended = subprocess.run(
            [sys.executable, "-m", "edge", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert ended.returncode == BAD_USE
    assert ended.stderr == f"lobbyd {arguments[0]}: the output cannot be written: No space left on device\n"


def test_a_closed_output_is_no_fault() -> None:
    command = [sys.executable, "-m", "edge", "schema"]
    ended = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (OK, "")


def test_a_reader_that_goes_away_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        command = [sys.executable, "-m", "edge", "simulate", "--scenario", "calm", "--seed", "1"]
        ended = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (OK, "")
