"""A whole daemon whose loudspeaker fails: what is called is heard once, by whoever can say it, and nothing stops."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import pytest

from drivers import led_onbon_bx
from edge.core import events as ev
from edge.shell import session
from edge.shell.links import sound
from edge.sim.devices.boards import BoardBus
from edge.sim.devices.led_onbon import Boards
from edge.sim.devices.speaker import BUSY, HANGS, Speaker, write_clips
from tests.chaos.house import PLAIN, House, running
from tests.shell.branch import soon
from tests.shell.test_announcing import sign

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

WINDOWS: Final = ("1", "2", "3", "4", "5")
CONFIG: Final = (
    PLAIN.replace("[windows.1]", "[boards]\ncall_least_s = 1.5\ncall_most_s = 2\n[windows.1]")
    + "".join(f'[windows.{n}]\nservices = ["cash"]\n' for n in WINDOWS[1:])
    + """
[devices.voice-1]
kind = "announcer"
driver = "announcer"
link = "sound:default?player=PLAYER"
settings = { clips = "CLIPS", synthesizer = "", chime = false, times = 1, pause_s = 0.5 }
"""
)
STAND_IN: Final = """board = "card"
[devices.card]
kind = "board"
driver = "led_onbon_bx"
link = "serial://NODE?baud=57600"
shows = "lobby"
settings = { width = 192, voice = { volume = 9 } }
"""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time to start a player; that is no fault of the device."""
    monkeypatch.setattr(sound, "LATE_S", 60.0)
    monkeypatch.setattr(session, "OPEN_WITHIN_S", 90.0)


class Card(Boards):
    """A card that speaks, and what it has spoken."""

    def __init__(self) -> None:
        super().__init__({"card": 1})
        self.spoken: list[str] = []
        self._heard = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        *whole, self._heard = (self._heard + data).split(b"\x5a")
        for frame in led_onbon_bx.FRAMES.decode([chunk + b"\x5a" for chunk in whole]):
            areas = frame.get("areas", [])
            self.spoken += [bytes.fromhex(area["sound_hex"]).decode("gbk") for area in areas if area["sound_mode"]]
        yield from super().receive(data)


def configured(folder: Path, end: Speaker) -> str:
    write_clips(folder / "clips", lasts_s=0.01)
    return CONFIG.replace("PLAYER", str(end.player)).replace("CLIPS", str(folder / "clips"))


@asynccontextmanager
async def branch(folder: Path) -> AsyncIterator[tuple[House, Speaker]]:
    """A daemon whose announcer has said that it works."""
    end = Speaker(folder / "end", clips=folder / "clips")
    async with running(folder, configured(folder, end)) as house:
        await state(house, "voice-1", "ok")
        yield house, end


async def state(house: House, device: str, wanted: str) -> None:
    devices = house.engine.hall.devices
    await soon(lambda: device in devices and devices[device].state == wanted, lambda: house.daemon.pace.sleep(0.02))


def call(house: House, *windows: str) -> None:
    now = house.daemon.runtime.now()
    house.daemon.runtime.submit([ev.TicketCalled(at=now, ticket=f"A00{n}", window=n) for n in windows])


async def heard(house: House, end: Speaker, *tickets: str) -> None:
    """Returns once these have been called to their end, and nothing else has."""
    await soon(lambda: len(called(end)) >= len(tickets), lambda: house.daemon.pace.sleep(0.02))
    assert called(end) == list(tickets)


def called(end: Speaker) -> list[str]:
    """The tickets that were called: the sounds between 请 and 号."""
    return ["".join(map(sign, said[said.index("qing3") + 1 : said.index("hao4")])) for said in end.said() if said]


async def test_five_tellers_who_call_at_once_are_all_heard_in_order(tmp_path: Path) -> None:
    async with branch(tmp_path) as (house, end):
        call(house, *WINDOWS)
        await heard(house, end, *(f"A00{n}" for n in WINDOWS))

    assert house.prompts == []


async def test_a_player_that_hangs_holds_up_nothing_but_the_voice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with branch(tmp_path) as (house, end):
        end.trouble(HANGS)
        monkeypatch.setattr(sound, "LATE_S", 1.0)
        call(house, "1", "2")
        await house.draw("A009")  # what is drawn meanwhile is committed meanwhile
        assert house.waits("A009")
        await state(house, "voice-1", "down")
        await house.until(lambda: ("device-down.voice-1.1", "raised") in house.prompts)
        assert house.daemon.health()["state"] == "warning"
        monkeypatch.setattr(sound, "LATE_S", 60.0)
        end.trouble()
        await heard(house, end, "A001", "A002")
        await state(house, "voice-1", "ok")


async def test_a_device_that_is_taken_away_is_down_and_its_calls_wait_for_it(tmp_path: Path) -> None:
    async with branch(tmp_path) as (house, end):
        end.trouble(BUSY)
        call(house, "1")
        await state(house, "voice-1", "down")
        assert "another program has it" in house.engine.hall.devices["voice-1"].detail
        call(house, "2")
        end.trouble()
        await heard(house, end, "A001", "A002")


async def test_a_card_speaks_while_the_loudspeaker_cannot_and_never_both(tmp_path: Path) -> None:
    card, end = Card(), Speaker(tmp_path / "end", clips=tmp_path / "clips")
    bus = BoardBus(tmp_path / "boards", card)
    bus.port.plug()
    config = configured(tmp_path, end) + STAND_IN.replace("NODE", str(bus.port.path))
    end.trouble(BUSY)
    try:
        async with running(tmp_path, config) as house:
            await house.draw("A000")
            await state(house, "voice-1", "down")
            await state(house, "card", "ok")
            call(house, "1")
            await soon(lambda: card.spoken, lambda: house.daemon.pace.sleep(0.02))
            end.trouble()
            await state(house, "voice-1", "ok")
            call(house, "2")
            await heard(house, end, "A002")
            await soon(lambda: "A002" in card.boards["card"].text, lambda: house.daemon.pace.sleep(0.02))
    finally:
        bus.port.unplug()

    assert card.spoken == ["[n1]请A001号到1号窗"], "the second was shown and not spoken"


async def test_a_card_speaks_the_one_call_for_which_the_loudspeaker_has_no_words(tmp_path: Path) -> None:
    card, end = Card(), Speaker(tmp_path / "end", clips=tmp_path / "clips")
    bus = BoardBus(tmp_path / "boards", card)
    bus.port.plug()
    try:
        async with running(tmp_path, configured(tmp_path, end) + STAND_IN.replace("NODE", str(bus.port.path))) as house:
            await house.draw("甲001")
            await state(house, "voice-1", "ok")
            await state(house, "card", "ok")
            now = house.daemon.runtime.now()
            house.daemon.runtime.submit([ev.TicketCalled(at=now, ticket="甲001", window="1")])
            await state(house, "voice-1", "degraded")
            await soon(lambda: card.spoken, lambda: house.daemon.pace.sleep(0.02))
            call(house, "2")
            await heard(house, end, "A002")
    finally:
        bus.port.unplug()

    assert card.spoken == ["[n1]请甲001号到1号窗"]


async def test_a_changed_configuration_cuts_no_call(tmp_path: Path) -> None:
    async with branch(tmp_path) as (house, end):
        end.trouble(HANGS)  # the first is being said for as long as we want
        call(house, "1", "2")
        await soon(lambda: len(end.record()) > 2, lambda: house.daemon.pace.sleep(0.02))
        house.write(configured(tmp_path, end) + "[rules.surge]\nenabled = false\n")
        await house.daemon.reload()
        assert house.daemon.loaded.branch.rules == {"surge": {"enabled": False}}
        end.trouble()
        await heard(house, end, "A001", "A002")


async def test_a_machine_without_a_player_calls_on_its_boards_all_the_same(tmp_path: Path) -> None:
    config = configured(tmp_path, Speaker(tmp_path / "end")).replace(str(tmp_path / "end/player"), "no-such-player")
    async with running(tmp_path, config) as house:
        await state(house, "voice-1", "down")
        call(house, "1")
        await house.draw("A009")

        assert house.waits("A009")
        assert any("no-such-player is not installed" in problem for problem in house.daemon.health()["problems"])
