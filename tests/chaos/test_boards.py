"""Five tellers call in the same instant: a whole daemon, six Onbon cards on one RS-485 line, and what is on it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from drivers import led_onbon_bx
from edge.core import events as ev
from edge.sim.devices.boards import BoardBus
from edge.sim.devices.led_onbon import Boards
from tests.chaos.house import PLAIN, House, running
from tests.fakes import PATIENCE_S
from tests.shell.branch import soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import pytest

LOBBY: Final = 16
DEAD: Final = 3
LEAST_S: Final = 1.5
REFRESH_S: Final = 1.0
WINDOWS: Final = ("1", "2", "3", "4", "5")
TEXTS: Final = [f"请A00{n}号到{n}号窗" for n in WINDOWS]

CONFIG: Final = (
    PLAIN.replace("[windows.1]", "[boards]\ncall_least_s = 1.5\ncall_most_s = 2\n[windows.1]")
    + "".join(f'[windows.{n}]\nservices = ["cash"]\n' for n in WINDOWS[1:])
    + "".join(f'[devices.board-{n}]\nwindow = "{n}"\naddress = {n}\nBUS\n' for n in WINDOWS)
    + f'[devices.board-lobby]\nshows = "lobby"\naddress = {LOBBY}\nBUS\n'
)
BUS: Final = 'kind = "board"\ndriver = "led_onbon_bx"\nlink = "serial://NODE?baud=57600"'


class Cards(Boards):
    """The cards at the end of the cable, and every update on the wire: when it came, for whom, and its words."""

    def __init__(self) -> None:
        super().__init__({**{f"board-{n}": int(n) for n in WINDOWS}, "board-lobby": LOBBY})
        self.wire: list[tuple[float, int, str]] = []
        self._heard = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        now = asyncio.get_running_loop().time()
        *whole, self._heard = (self._heard + data).split(b"\x5a")
        for frame in led_onbon_bx.FRAMES.decode([chunk + b"\x5a" for chunk in whole]):
            self.wire += [(now, frame["dst"], area["text"].partition("\\C1")[2]) for area in frame["areas"]]
        yield from super().receive(data)

    def calls(self, address: int) -> list[str]:
        return [words for _, board, words in self.wire if board == address and "号窗" in words]

    def times(self, address: int) -> list[float]:
        return [at for at, board, _ in self.wire if board == address]

    def stood_s(self, address: int) -> list[float]:
        """How long each call stood on a board before something else did."""
        pages = [(at, words) for at, board, words in self.wire if board == address]
        return [until - at for (at, words), (until, _) in pairwise(pages) if "号窗" in words]


@asynccontextmanager
async def branch(folder: Path) -> AsyncIterator[tuple[House, Cards, BoardBus]]:
    """A daemon that has painted its six boards once."""
    cards = Cards()
    bus = BoardBus(folder / "boards", cards)
    bus.port.plug()
    try:
        async with running(folder, CONFIG.replace("BUS", BUS.replace("NODE", str(bus.port.path)))) as house:
            await house.draw("A000")  # the day begins: boards have something to show
            await soon(lambda: len({board for _, board, _ in cards.wire}) == 6, lambda: house.daemon.pace.sleep(0.02))
            yield house, cards, bus
    finally:
        bus.port.unplug()


def call_all(house: House) -> None:
    """Five tellers press at once."""
    now = house.daemon.runtime.now()
    house.daemon.runtime.submit([ev.TicketCalled(at=now, ticket=f"A00{n}", window=n) for n in WINDOWS])


async def all_read(house: House, cards: Cards) -> None:
    """Returns when the lobby board shows something else again after the fifth call."""
    async with asyncio.timeout(PATIENCE_S):
        while len(cards.stood_s(LOBBY)) < len(TEXTS):
            await house.daemon.pace.sleep(0.02)


def refreshes_s(cards: Cards) -> list[float]:
    """The time between two updates of one board, of all boards."""
    boards = {board for _, board, _ in cards.wire}
    return [later - earlier for board in boards for earlier, later in pairwise(cards.times(board))]


async def test_five_calls_at_once_are_on_their_boards_and_one_after_the_other_in_the_lobby(tmp_path: Path) -> None:
    async with branch(tmp_path) as (house, cards, _):
        call_all(house)
        await all_read(house, cards)

    assert [cards.calls(int(n)) for n in WINDOWS] == [[text] for text in TEXTS]
    assert cards.calls(LOBBY) == TEXTS
    assert min(cards.stood_s(LOBBY)) >= LEAST_S
    assert min(refreshes_s(cards)) >= REFRESH_S


async def test_a_dead_card_costs_the_others_one_turn_and_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(led_onbon_bx, "_THINKING_S", 1.2)  # the maker gives a card 2 s
    async with branch(tmp_path) as (house, cards, bus):
        bus.lose_power(f"board-{DEAD}")
        call_all(house)
        await all_read(house, cards)
        await house.until(lambda: (f"device-down.board-{DEAD}.1", "raised") in house.prompts)
    began = next(n for n, (_, _, words) in enumerate(cards.wire) if words in TEXTS)
    boards = [board for _, board, _ in cards.wire[began:]]
    first_round = boards[: max(boards.index(board) for board in (1, 2, 4, 5, LOBBY)) + 1]

    assert [cards.calls(n) for n in (1, 2, 4, 5)] == [[TEXTS[n - 1]] for n in (1, 2, 4, 5)]
    assert cards.calls(LOBBY) == TEXTS, "none lost, whatever the dead card held up"
    assert min(cards.stood_s(LOBBY)) >= LEAST_S, "none cut"
    assert first_round.count(DEAD) <= 1, "nobody waits for a second try"
    assert min(refreshes_s(cards)) >= REFRESH_S
