"""`lobbyd tail`: a line for everything that is journalled or prompted, until somebody ends it."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge import cli
from edge.cli import tail
from edge.core.commands import PublishPrompt
from edge.core.events import TicketIssued
from edge.web.server import Pages
from edge.web.stream import Pace
from tests.fakes import PATIENCE_S
from tests.web.branch import TEN, FakeDaemon, pages_of, serving, triage_prompt

ISSUED = TicketIssued(at=TEN, ticket="A013", service="cash", needs=("elderly",))


@asynccontextmanager
async def following(pages: Pages, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command as a program of its own, once it listens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge", "tail", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            while pages._hub.streams == 0:
                await asyncio.sleep(0)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def read(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        return (await process.stdout.readline()).decode()


async def test_events_and_prompts_are_lines_until_ctrl_c(daemon: FakeDaemon, pages: Pages, tmp_path: Path) -> None:
    async with serving(pages.on_socket(tmp_path / "s")) as path, following(pages, "--socket", path) as process:
        pages.happened([ISSUED])
        daemon.tell(PublishPrompt(triage_prompt()))
        lines = [await read(process) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()

    assert lines == [
        '10:00:00 ticket.issued ticket=A013 service=cash needs=["elderly"]\n',
        f"09:58:30 prompt secondary-triage.hall.1 raised (high, lobby_manager): {triage_prompt().text.en}\n",
    ]
    assert (process.returncode, errors) == (0, b"")


async def test_as_json_they_are_what_the_daemon_publishes(pages: Pages, tmp_path: Path) -> None:
    async with (
        serving(pages.on_socket(tmp_path / "s")) as path,
        following(pages, "--json", "--kind", "event", "--socket", path) as process,
    ):
        pages.happened([ISSUED])
        told = json.loads(await read(process))

    assert told["type"] == "ticket.issued"
    assert told["needs"] == ["elderly"]


async def test_the_end_of_the_daemon_is_said(pages: Pages, tmp_path: Path) -> None:
    async with serving(pages.on_socket(tmp_path / "s")) as path, following(pages, "--socket", path) as process:
        for stream in tuple(pages._hub._streams):
            stream.end()
        _, errors = await process.communicate()

    assert (process.returncode, errors) == (1, b"the daemon has ended\n")


async def test_a_daemon_with_too_many_listeners_is_told_apart(
    daemon: FakeDaemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(pages_of(daemon, Pace(streams=0)).on_socket(tmp_path / "s")) as path:
        assert await asyncio.to_thread(cli.main, ["tail", "--socket", path]) == 2

    assert "as many pages are open as may be" in capsys.readouterr().err


def test_no_daemon_is_bad_input_and_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tail", "--socket", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == (
        f"lobbyd tail: no daemon at {tmp_path / 'none'}; start it, or name the socket of another with --socket\n"
    )


def test_a_stream_is_read_as_the_standard_says() -> None:
    stream = [
        b"retry: 2000\n",
        b"\n",
        b": alive\n",
        b"\n",
        b"id: b:1\n",
        b"event: prompt\n",
        b'data:{"a": 1}\r\n',
        b"\r\n",
    ]

    assert list(tail.told(stream)) == [("prompt", {"a": 1})]
