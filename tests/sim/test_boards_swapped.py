"""Boards of one maker take the place of another's by one line: the daemon's own session over a real pseudo-terminal."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from edge.config import load
from edge.config.links import TcpLink
from edge.config.load import Bus
from edge.core.events import DeviceStatus
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.shell.clock import Clock
from edge.shell.session import Session
from edge.sim.devices.boards import Board, BoardBus, Controllers
from edge.sim.devices.led_alpha import Signs
from edge.sim.devices.led_cpower import Cards
from edge.sim.devices.led_onbon import Boards
from tests.fakes import PATIENCE_S, FakeInbox

CONFIG = """
[branch]
id = "b1"

[services.cash]

[windows.1]
services = ["cash"]

[windows.2]
services = ["cash"]

[devices.board-1]
kind = "board"
driver = "led_onbon_bx"
link = "serial://{port}?baud=57600"
address = 1
shows = "window"
window = "1"
settings = {{ width = 256, height = 32, colour = "yellow" }}

[devices.board-2]
kind = "board"
driver = "led_onbon_bx"
link = "serial://{port}?baud=57600"
address = 2
shows = "window"
window = "2"
settings = {{ width = 256, height = 32, colour = "yellow" }}

[devices.board-lobby]
kind = "board"
driver = "led_onbon_bx"
link = "serial://{port}?baud=57600"
address = 16
shows = "lobby"
settings = {{ width = 512, height = 64, font = 32 }}
"""
ADDRESSES = {"board-1": 1, "board-2": 2, "board-lobby": 16}
CALL_1 = Text("请A012号到1号窗", "Ticket A012 to window 1")
CALL_2 = Text("请B007号到2号窗", "Ticket B007 to window 2")
PAGES = {"board-1": CALL_1, "board-2": CALL_2, "board-lobby": CALL_2}


class Watched:
    """Controllers whose every frame wakes whoever waits for one."""

    def __init__(self, controllers: Controllers) -> None:
        self._controllers = controllers
        self._news = asyncio.Event()

    @property
    def boards(self) -> Mapping[str, Board]:
        return self._controllers.boards

    def receive(self, data: bytes) -> Iterable[bytes]:
        answers = list(self._controllers.receive(data))
        self._news.set()
        return answers

    def texts(self) -> dict[str, str]:
        return {id: board.text for id, board in self.boards.items()}

    async def until(self, true: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; what stands on the boards: {self.texts()}") from None


class House:
    """A link's session and the boards at its other end."""

    def __init__(self, bus: Bus, watched: Watched) -> None:
        clock = Clock(speed=2.0)
        self.inbox = FakeInbox(clock)
        self.watched = watched
        self.session = Session(bus, self.inbox, clock=clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.session.serve())
            try:
                yield
            finally:
                task.cancel()

    def show(self, pages: Mapping[str, Text]) -> None:
        for board, text in pages.items():
            self.session.show(ShowOnBoard(board, Page("call", text), self.inbox.now()))

    async def said(self, device: str, state: str, detail: str) -> None:
        await self.inbox.until(
            lambda events: (
                (device, state, detail)
                in [(event.device, event.state, event.detail) for event in events if isinstance(event, DeviceStatus)]
            )
        )


def configured(folder: Path, driver: str, port: Path) -> Bus:
    """The configuration with the driver's name replaced, and nothing else."""
    file = folder / "branch.toml"
    file.write_text(CONFIG.format(port=port).replace('"led_onbon_bx"', f'"{driver}"'), encoding="utf-8")
    (bus,) = load(file).buses
    return bus


@pytest.mark.parametrize(
    ("driver", "make", "language"),
    [
        ("led_onbon_bx", lambda: Boards(ADDRESSES), "zh"),
        ("led_cpower", lambda: Cards(ADDRESSES), "zh"),
        ("led_cpower", lambda: Cards(ADDRESSES, answers_like_old=True), "zh"),
        ("led_alpha", lambda: Signs(ADDRESSES), "en"),
    ],
)
async def test_the_same_pages_stand_on_every_makers_boards(
    tmp_path: Path, driver: str, make: Callable[[], Controllers], language: str
) -> None:
    watched = Watched(make())
    cable = BoardBus(tmp_path / "boards", watched)
    wanted = {board: getattr(text, language) for board, text in PAGES.items()}
    cable.port.plug()
    try:
        house = House(configured(tmp_path, driver, cable.port.path), watched)
        house.show(PAGES)
        async with house.open():
            await watched.until(lambda: watched.texts() == wanted)
            for board in ADDRESSES:
                await house.said(board, "ok", "link back")
            cable.port.unplug()
            await house.said("board-2", "unknown", "link lost")
            for dark in watched.boards.values():
                dark.blank()
            cable.port.plug()
            await watched.until(lambda: watched.texts() == wanted)
            assert house.session.report().bad_frames == 0
    finally:
        cable.port.unplug()


async def test_what_a_board_cannot_show_is_its_state_until_it_shows_all(tmp_path: Path) -> None:
    watched = Watched(Boards(ADDRESSES))
    cable = BoardBus(tmp_path / "boards", watched)
    cable.port.plug()
    try:
        house = House(configured(tmp_path, "led_onbon_bx", cable.port.path), watched)
        house.show({"board-1": Text("请镕012号到1号窗", "")})
        async with house.open():
            await house.said("board-1", "degraded", "1 character has no sign on this board and stand as ?")
            assert watched.boards["board-1"].text == "请?012号到1号窗"
            house.show({"board-1": CALL_1})
            await house.said("board-1", "ok", "in order again")
    finally:
        cable.port.unplug()


async def test_a_card_on_the_network_is_spoken_to_at_its_port(tmp_path: Path) -> None:
    watched = Watched(Boards({"board-lobby": 16}))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            for answer in watched.receive(data):
                writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (lobby,) = (one for one in configured(tmp_path, "led_onbon_bx", tmp_path).devices if one.id == "board-lobby")
    house = House(Bus(TcpLink("127.0.0.1", port), "led_onbon_bx", (lobby,)), watched)
    async with server:
        house.show({"board-lobby": CALL_2})
        async with house.open():
            await watched.until(lambda: watched.texts() == {"board-lobby": CALL_2.zh})
            await house.said("board-lobby", "ok", "link back")
