"""The daemon in a few figures, as the daemon makes them and as `lobbyd status` prints them."""

import asyncio
import json
from pathlib import Path

import pytest

from edge import cli
from edge.core import messages
from edge.core.commands import PublishPrompt
from edge.core.instant import SECOND
from edge.core.report import PublishFigures, WaitScore, WaitScores
from edge.web.server import Pages
from edge.web.status import status
from tests.web.branch import TEN, ZONE, FakeDaemon, serving, triage_prompt


async def lobbyd(*arguments: str) -> int:
    """The command, beside the loop that serves it."""
    return await asyncio.to_thread(cli.main, arguments)


def test_the_figures_are_those_of_the_picture(daemon: FakeDaemon) -> None:
    daemon.tell(PublishPrompt(triage_prompt()), PublishPrompt(triage_prompt(2, prompt="u", priority="urgent")))

    found = status(daemon.view(), streams=2)

    assert found["uptime_s"] == 7200.0
    assert (found["waiting"], found["longest_wait_s"]) == (5, 780.0)
    assert found["windows"] == {"closed": 1, "open": 2, "paused": 1}
    assert found["devices"] == {"down": 1, "ok": 2}
    assert found["prompts"] == {"open": 2, "urgent": 1, "high": 1}
    assert found["pages"] == 2


async def test_status_says_in_one_line_how_the_branch_is(
    daemon: FakeDaemon, pages: Pages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(pages.on_socket(tmp_path / "s")) as path:
        code = await lobbyd("status", "--socket", path)

    lines = capsys.readouterr().out.splitlines()
    sentence = (
        "5 waiting (longest 13 min), 0 prompts open (0 urgent, 0 high), 2 of 4 windows open, 1 of 3 devices in trouble"
    )
    measured = "waiting=5 longest_wait_s=780 prompts=0 urgent=0 windows_open=2 devices_troubled=1 pages=0"
    assert code == 0
    assert lines == [
        f"OK - 0571-0042: {sentence} | {measured}",
        "up 2 h 0 min, version 0.1.0, 0 pages listening",
        "windows: closed 1, open 2, paused 1",
        "devices: down 1, ok 2",
        "counters: events 812",
    ]


async def test_status_says_how_good_the_forecasts_were(
    daemon: FakeDaemon, pages: Pages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = [
        WaitScore(since=TEN - hours * 3600 * SECOND, tickets=40, bias_s=-12.4, mae_s=61.0, coverage=0.8, naive_mae_s=95)
        for hours in (2, 1)
    ]
    daemon.picture["figures"] = messages.figures(
        PublishFigures("2026-11-20", TEN, WaitScores(scores[0], tuple(scores))), ZONE
    )
    async with serving(pages.on_socket(tmp_path / "s")) as path:
        assert await lobbyd("status", "--socket", path) == 0

    told = "40 called, off by 61 s (naive 95 s), bias -12 s, 80 % within the 80 % interval"
    lines = capsys.readouterr().out.splitlines()
    assert lines[4:7] == [f"forecasts today: {told}", f"forecasts 08:00: {told}", f"forecasts 09:00: {told}"]


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("warning", 1), ("critical", 2)])
async def test_the_exit_code_is_the_state(
    daemon: FakeDaemon, pages: Pages, tmp_path: Path, capsys: pytest.CaptureFixture[str], state: str, code: int
) -> None:
    daemon.picture["health"] = {**daemon.picture["health"], "state": state, "problems": ["hq: broker refused"]}  # type: ignore[typeddict-item]

    async with serving(pages.on_socket(tmp_path / "s")) as path:
        found = await lobbyd("status", "--json", "--socket", path)

    told = json.loads(capsys.readouterr().out)
    assert found == code
    assert (told["state"], told["problems"]) == (state, ["hq: broker refused"])


async def test_no_daemon_is_unknown_and_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.sock"

    assert await lobbyd("status", "--socket", str(path)) == 3
    assert capsys.readouterr() == (
        f"UNKNOWN - no daemon at {path}; start it, or name the socket of another with --socket\n",
        "",
    )


async def test_a_daemon_that_cannot_look_gives_no_status(
    daemon: FakeDaemon, pages: Pages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.picture = {}  # type: ignore[typeddict-item]  # a picture that breaks whoever looks

    async with serving(pages.on_socket(tmp_path / "s")) as path:
        assert await lobbyd("status", "--socket", path) == 3

    assert 'gave no answer: {"error":"the daemon could not answer; its log says why"}' in capsys.readouterr().out
