"""A whole daemon in this process, with what it told and what it remembers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from edge.app import Daemon
from edge.config import load
from edge.core import events as ev
from edge.core.commands import Command, PublishPrompt
from edge.shell.clock import Clock
from tests.fakes import PATIENCE_S, turns
from tests.shell.branch import soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from edge.core.engine import Engine

PLAIN = """
[branch]
id = "b1"
org = "bank"
[services.cash]
[windows.1]
services = ["cash"]
[web]
listen = ""
[state]
dir = "STATE"
"""
BOARD = """
[devices.led-1]
kind = "board"
driver = "led_onbon_bx"
link = "serial:///dev/branch/nothing"
shows = "lobby"
[devices.led-1.settings]
width = 64
height = 16
"""


class House:
    """A daemon in this process whose configuration is a file that may be written anew."""

    def __init__(self, folder: Path, config: str, clock: Clock | None = None) -> None:
        self.folder, self.file = folder, folder / "branch.toml"
        self.write(config)
        self.daemon = Daemon(load(self.file), clock or Clock(), sinks=[self])
        self.prompts: list[tuple[str, str]] = []
        self._news = asyncio.Event()

    def write(self, config: str) -> None:
        self.file.write_text(config.replace("STATE", str(self.folder / "state")), encoding="utf-8")

    def perform(self, commands: Sequence[Command]) -> None:
        """Notes each change of a prompt, as a handheld hears it."""
        records = [command.record for command in commands if type(command) is PublishPrompt]
        self.prompts += [(record.prompt, record.state) for record in records]
        self._news.set()

    async def until(self, true: Callable[[], object]) -> None:
        """Returns once something has been decided that makes this true."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; what was told: {self.prompts}") from None

    @property
    def engine(self) -> Engine:
        return self.daemon.runtime.engine

    @property
    def waiting(self) -> list[str]:
        return list(self.engine.hall.waiting)

    def waits(self, ticket: str) -> bool:
        return ticket in self.engine.hall.waiting

    async def draw(self, ticket: str) -> None:
        runtime, done = self.daemon.runtime, asyncio.get_running_loop().create_future()
        event = ev.TicketIssued(at=runtime.now(), ticket=ticket, service="cash")
        runtime.submit([event], lambda: done.set_result(None))
        await done


@asynccontextmanager
async def running(folder: Path, config: str, clock: Clock | None = None) -> AsyncIterator[House]:
    house = House(folder, config, clock)
    async with asyncio.timeout(2 * PATIENCE_S), asyncio.TaskGroup() as group:
        group.create_task(house.daemon.run())
        await soon(lambda: house.daemon.running, turns)
        yield house
        house.daemon.supervisor.stop()
