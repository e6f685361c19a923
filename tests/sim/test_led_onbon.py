"""Simulated Onbon controllers: what the maker's document says they do, and what people would read."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge import driver
from edge.config.links import SerialLink
from edge.config.load import Bus
from edge.core.events import DeviceStatus
from edge.core.instant import SECOND, from_datetime, local
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.driver import Reply
from edge.shell.clock import Clock
from edge.shell.connection import STRAY
from edge.shell.health import MENDED
from edge.shell.session import Session
from edge.sim.devices.boards import BoardBus
from edge.sim.devices.led_onbon import Board, Boards
from tests.fakes import PATIENCE_S, FakeInbox

UPDATE = (0xA3, 0x06)
ONBON: Any = driver.load("led_onbon_bx")
ZONE = timezone(timedelta(hours=8))


def boards_driver(*addresses: int) -> driver.Driver:
    module = driver.load("led_onbon_bx")
    devices = [driver.Device(f"board-{a}", "board", module.Settings(), address=a) for a in addresses]
    return module.create(devices)


def page(board: str, zh: str) -> ShowOnBoard:
    return ShowOnBoard(board, Page("call", Text(zh, "…")), 0)


def answers(boards: Boards, data: bytes) -> list[bytes]:
    return list(boards.receive(data))


def test_a_page_is_shown_and_acknowledged_by_the_board_it_is_for() -> None:
    boards, codec = Boards({"board-1": 1, "board-2": 2}), boards_driver(1, 2)
    (ack,) = answers(boards, codec.encode(page("board-2", "请A012号到2号窗")).data)
    assert codec.receive(ack, 0) == [Reply(2, ok=True)]
    assert boards.boards["board-2"].text == "请A012号到2号窗"
    assert boards.boards["board-1"].text == ""


def test_frames_may_come_a_byte_at_a_time_and_several_at_once() -> None:
    boards, codec = Boards({"board-1": 1, "board-2": 2}), boards_driver(1, 2)
    data = codec.encode(page("board-1", "一")).data + codec.encode(page("board-2", "二")).data
    assert len(answers(boards, data)) == 2
    one_by_one = [ack for byte in data for ack in answers(boards, bytes([byte]))]
    assert len(one_by_one) == 2
    assert [board.text for board in boards.boards.values()] == ["一", "二"]


def test_a_flipped_bit_is_met_with_silence() -> None:
    boards, codec = Boards({"board-1": 1}), boards_driver(1)
    data = bytearray(codec.encode(page("board-1", "一")).data)
    data[20] ^= 1
    assert answers(boards, bytes(data)) == []
    assert boards.bad_frames == 1
    assert boards.boards["board-1"].text == ""


def test_a_busy_board_says_so_and_shows_what_it_showed() -> None:
    busy = [False, True]
    boards, codec = Boards({"board-1": 1}, busy=lambda: busy.pop(0)), boards_driver(1)
    answers(boards, codec.encode(page("board-1", "一")).data)
    (nack,) = answers(boards, codec.encode(page("board-1", "二")).data)
    assert codec.receive(nack, 0) == [Reply(1, ok=False, detail="busy")]
    assert boards.boards["board-1"].text == "一"


def test_a_board_without_power_neither_takes_nor_answers(tmp_path: Path) -> None:
    boards, codec = Boards({"board-1": 1}), boards_driver(1)
    bus = BoardBus(tmp_path / "boards", boards)
    answers(boards, codec.encode(page("board-1", "一")).data)
    bus.lose_power("board-1")
    assert answers(boards, codec.encode(page("board-1", "二")).data) == []
    bus.regain_power("board-1")
    assert bus.boards == {"board-1": Board("board-1", 1, frames=1)}, "what it showed went with the power"


def test_brightness_and_clock_follow_and_a_dark_screen_is_said() -> None:
    now = from_datetime(datetime(2026, 3, 2, 12, 0, tzinfo=ZONE))
    boards = Boards({"board-1": 1}, now=lambda: local(now, ZONE))
    board = boards.boards["board-1"]
    board.areas[0] = "等候"
    board.clock_fast = timedelta(hours=-3)
    module: Any = driver.load("led_onbon_bx")
    settings = module.Settings.model_validate({"brightness": {"07:00": 9}, "set_time": True})
    codec = module.create([driver.Device("board-1", "board", settings, address=1, zone=ZONE)])

    def asked() -> list[Any]:
        answers = [answer for request in codec.poll(now) for answer in boards.receive(request.data)]
        return [reply for answer in answers for reply in codec.receive(answer, now)]

    assert asked() == [Reply(1, ok=True, detail="on, brightness 15")]
    assert asked() == [Reply(1, ok=True), Reply(1, ok=True)]
    assert (board.brightness, board.clock_fast) == (9, timedelta())
    now += 60 * SECOND
    assert asked() == [Reply(1, ok=True, detail="on, brightness 9")]
    list(boards.receive(module.FRAMES.encode({"cmd_group": 0xA3, "cmd": 0, "data_hex": "02"})))
    now += 60 * SECOND
    assert asked() == [Reply(1, ok=True, detail="the screen is switched off", flawed=True)]


@asynccontextmanager
async def served(folder: Path, boards: Boards, *, speed: float, **settings: Any) -> AsyncIterator[Session]:
    """The daemon's own session with cards at the end of a cable, each card configured once."""
    bus = BoardBus(folder / "boards0", boards)
    bus.port.plug()
    addresses = {board.address: id for id, board in boards.boards.items()}
    table = ONBON.Settings.model_validate({"status_s": 1, **settings})
    devices = tuple(driver.Device(id, "board", table, address=address) for address, id in addresses.items())
    clock = Clock(speed=speed)
    link = Bus(SerialLink(str(bus.port.path)), "led_onbon_bx", devices)
    session = Session(link, FakeInbox(clock), clock=clock, rng=Random(1))
    try:
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(session.serve())
            yield session
            serving.cancel()
    finally:
        bus.port.unplug()


def told(session: Session, device: str) -> list[tuple[str, str]]:
    inbox: Any = session._inbox
    events = [event for event in inbox.events if isinstance(event, DeviceStatus) and event.device == device]
    return [(event.state, event.detail) for event in events]


async def until(session: Session, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await session._clock.sleep(0.1)


async def test_a_card_switched_off_and_on_between_two_statuses_is_painted_again_and_not_heard_again(
    tmp_path: Path,
) -> None:
    boards = Boards({"board-1": 1, "board-2": 2})
    card = boards.boards["board-1"]
    async with served(tmp_path, boards, speed=10.0, voice={}) as session:
        session.show(page("board-1", "等候"))
        await until(session, lambda: "等候" in card.text)
        session.show(page("board-1", "请A012号到1号窗"))
        session.show(page("board-2", "请A013号到2号窗"))
        await until(session, lambda: "A012" in card.text)
        card.blank()
        assert card.text == ""
        await until(session, lambda: "A012" in card.text)

    assert card.spoken == ["[n1]请A012号到1号窗"]
    assert {state for state, _ in told(session, "board-1")} <= {"ok"}, "it was never missed"


async def test_two_cards_at_one_address_are_named_until_there_is_one(tmp_path: Path) -> None:
    boards = Boards({"board-9": 1, "board-1": 1})
    async with served(tmp_path, boards, speed=30.0) as session:
        session.show(page("board-1", "等候"))
        await until(session, lambda: ("degraded", STRAY) in told(session, "board-1"))
        boards.boards["board-9"].powered = False
        await until(session, lambda: told(session, "board-1")[-1] == ("ok", MENDED))

    assert session.report().bad_frames > 0


def test_a_card_with_a_voice_speaks_a_call() -> None:
    module: Any = driver.load("led_onbon_bx")
    settings = module.Settings.model_validate({"voice": {"volume": 9}})
    codec, boards = module.create([driver.Device("board-1", "board", settings, address=1)]), Boards({"board-1": 1})
    answers(boards, codec.encode(page("board-1", "请A012号到2号窗")).data)
    assert boards.boards["board-1"].spoken == ["[n1]请A012号到2号窗"]


@pytest.mark.parametrize(("generation", "most"), [("5k", 512), ("6k", 1024)])
def test_a_card_takes_what_its_generation_has_room_for(generation: str, most: int) -> None:
    boards, module = Boards({"board-1": 1}, generation=generation), ONBON
    layer = module.FRAMES
    area = {"w_raw": 2, "h": 16, "text": "x" * most}
    (nack,) = answers(boards, layer.encode({"cmd_group": 0xA3, "cmd": 6, "areas": [area]}))
    assert layer.decode([nack])[0]["response_or_error"] == 4
    (nack,) = answers(
        boards, layer.encode({"cmd_group": 0xA3, "cmd": 6, "areas": [{**area, "area_id": 8, "text": ""}]})
    )
    assert layer.decode([nack])[0]["response_or_error"] == 4
    settings = module.Settings.model_validate({"generation": generation, "area": 4, "motion": "left"})
    codec = module.create([driver.Device("board-1", "board", settings, address=1)])
    (ack,) = answers(boards, codec.encode(page("board-1", "中" * 1000)).data)
    assert codec.receive(ack, 0) == [Reply(1, ok=True)]


def test_an_unknown_command_is_refused_and_a_ping_answered() -> None:
    boards, layer = Boards({"board-1": 1}), vars(driver.load("led_onbon_bx"))["FRAMES"]
    (ack,) = answers(boards, layer.encode({"dst": 1, "cmd_group": 0xA2, "cmd": 0}))
    assert layer.decode([ack])[0]["cmd"] == 0
    (nack,) = answers(boards, layer.encode({"dst": 1, "cmd_group": 0xA1, "cmd": 0}))
    assert layer.decode([nack])[0] | {"cmd": 1, "response_or_error": 2} == layer.decode([nack])[0]
    assert answers(boards, layer.encode({"dst": 0xFFFF, "cmd_group": 0xA2, "cmd": 0})) == []


def test_published_updates_are_acknowledged_and_shown(shared: Path) -> None:
    vectors = json.loads((shared / "vectors" / "onbon_bx5k.json").read_text(encoding="utf-8"))
    layer = vars(driver.load("led_onbon_bx"))["FRAMES"]
    taken = 0
    for vector in _updates(vectors):
        frame = bytes.fromhex(vector)
        (item,) = layer.decode([frame])
        boards = Boards({"board": item["dst"]})
        expected = 1 if item["response_or_error"] == 1 else 0
        assert len(answers(boards, frame)) == expected
        taken += 1
    assert taken


def _updates(vectors: Any) -> list[str]:
    """The whole published frames of command A3 06."""
    layer = vars(driver.load("led_onbon_bx"))["FRAMES"]
    found = []
    for vector in vectors if isinstance(vectors, list) else vectors["vectors"]:
        decoded = layer.decode([bytes.fromhex(vector["hex"].replace(" ", ""))])
        if len(decoded) == 1 and (decoded[0].get("cmd_group"), decoded[0].get("cmd")) == UPDATE:
            found.append(vector["hex"].replace(" ", ""))
    return found


@pytest.mark.parametrize("unplugged", [False, True])
async def test_over_a_real_port_a_board_answers_until_it_is_unplugged(tmp_path: Path, unplugged: bool) -> None:
    bus, codec = BoardBus(tmp_path / "boards", Boards({"board-1": 1})), boards_driver(1)
    bus.port.plug()
    try:
        fd = os.open(bus.port.path, os.O_RDWR | os.O_NOCTTY)
        try:
            await bus.port.listened()
            if unplugged:
                bus.port.unplug()
                with pytest.raises(OSError, match="Input/output error"):
                    os.write(fd, codec.encode(page("board-1", "一")).data)
                return
            os.write(fd, codec.encode(page("board-1", "一")).data)
            ack = await asyncio.get_running_loop().run_in_executor(None, os.read, fd, 4096)
            assert codec.receive(ack, 0) == [Reply(1, ok=True)]
            assert bus.boards["board-1"].text == "一"
        finally:
            os.close(fd)
    finally:
        bus.port.unplug()
