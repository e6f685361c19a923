"""The daemon with everything on: brokers, serial lines with machines at their ends, pages, and a page that listens.

It is the demo's branch, whose devices the simulator plays, with a whole day in its journal and nobody there now.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import tomli
from msgspec import Struct

from edge import resources
from edge.bench.branch import written
from edge.bench.broker import mosquitto
from edge.bench.processes import daemon, free_port
from edge.bench.recovery import remember
from edge.config import load
from edge.shell.store import Store
from edge.sim import premises
from edge.sim.day import Day
from edge.sim.demo import demo_config
from edge.sim.ends import Ends
from edge.sim.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PAGES: Final = ("/", "/handheld", "/board", "/api/view", "/api/status")
STREAM: Final = "/api/events"
WITHIN_S: Final = 60.0


class Running(Struct, frozen=True):
    """The daemon's process, and where its pages are."""

    pid: int
    port: int


@asynccontextmanager
async def everything(folder: Path, *, core: int) -> AsyncIterator[Running]:
    """Runs it for as long as the context lasts; links are up when it begins, no page has been asked for."""
    with mosquitto(folder / "broker", core=0) as broker:
        listen = free_port()
        ends = Ends(folder / "pty")
        config = _prepared(folder, broker, listen, ends)
        async with ends.plugged_in():
            with daemon(config, folder, core=core) as pid:
                async with asyncio.timeout(WITHIN_S):
                    await ends.listened()
                yield Running(pid, listen)


def _prepared(folder: Path, broker: int, listen: int, ends: Ends) -> Path:
    """The demo's configuration with yesterday in its journal."""
    base = tomli.loads((resources.config_dir() / "demo.toml").read_text(encoding="utf-8"))
    places = ends.places(f"mqtt://127.0.0.1:{broker}", folder / "state", f"127.0.0.1:{listen}")
    config = written(folder / "branch.toml", demo_config(base, places))
    branch = load(config).branch
    store = Store.open(branch.state.dir, branch.branch.id)
    yesterday = datetime.now(UTC).astimezone(premises.ZONE).date() - timedelta(days=1)
    remember(store, [*Day(SCENARIOS["rush"], 1, yesterday)])
    store.close()
    return config


async def asked_for(port: int, path: str) -> int:
    """Asks for a page, reads all of it, and returns how many bytes that was; ConnectionError unless it is good."""
    reader, writer = await _sent(port, path)
    answer = await reader.read()
    writer.close()
    if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 302")):
        raise ConnectionError(f"{path} was answered {answer[:60]!r}")
    return len(answer)


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[None]:
    """A page's stream of server-sent events, open and read for as long as the context lasts."""
    reader, writer = await _sent(port, STREAM)
    await reader.readuntil(b"event: ")

    async def read() -> None:
        while await reader.read(65536):
            continue

    reading = asyncio.create_task(read())
    try:
        yield
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
        writer.close()


async def _sent(port: int, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request on its way; while the pages are still being loaded it is tried again."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    return reader, writer
