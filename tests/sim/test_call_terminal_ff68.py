"""FF 68 boxes behind a real pseudo-terminal: every key is answered, every screen right, and no noise becomes a key.

The clock of the link runs fast, so that a minute takes three seconds.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from edge import driver
from edge.config.links import SerialLink
from edge.config.load import Bus
from edge.core.events import DeviceEvent, DeviceStatus, Happening, TicketRated, TicketRecalled
from edge.core.outputs import ShowOnCounter
from edge.driver import Device
from edge.shell.clock import Clock
from edge.shell.session import Session
from edge.sim.devices.call_terminal_ff68 import (
    ABANDON,
    CALL_NEXT,
    PAUSE,
    RECALL,
    TerminalLine,
    Terminals,
    collided,
    framed,
)
from tests.fakes import PATIENCE_S, FakeInbox


class Watched(Terminals):
    """Boxes that wake whoever waits for what they show."""

    def __init__(self, addresses: Mapping[str, int], *, blanks_clear: bool = False) -> None:
        super().__init__(addresses, blanks_clear=blanks_clear)
        self._news = asyncio.Event()

    def receive(self, data: bytes) -> None:
        super().receive(data)
        self._news.set()

    async def until(self, true: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; the boxes: {list(self.boxes.values())}") from None


class Hall:
    """A link's session and the boxes at its other end; box `t3` is at address 3 and window 3."""

    def __init__(self, folder: Path, boxes: Watched, numbers: range) -> None:
        module = driver.load("call_terminal_ff68")
        self.boxes = boxes
        self.line = TerminalLine(folder / "terminals0", boxes)
        clock = Clock(speed=20.0)
        self.inbox = FakeInbox(clock)
        devices = tuple(Device(f"t{n}", "terminal", module.Settings(), n, str(n)) for n in numbers)
        bus = Bus(SerialLink(str(self.line.port.path), baud=9600), "call_terminal_ff68", devices)
        self.session = Session(bus, self.inbox, clock=clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        self.line.port.plug()
        try:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(self.session.serve())
                await self.line.port.listened()
                yield
                task.cancel()
        finally:
            self.line.port.unplug()

    def show(self, box: str, ticket: str | None, waiting: int, *, beep: bool = False) -> None:
        self.session.show(ShowOnCounter(box, ticket, waiting, self.inbox.now(), beep=beep))

    async def shown(self, box: str, ticket: str, waiting: str) -> None:
        await self.boxes.until(
            lambda: (self.boxes.boxes[box].ticket, self.boxes.boxes[box].waiting) == (ticket, waiting)
        )

    async def answered(self, box: str, times: int = 1) -> None:
        await self.boxes.until(lambda: self.boxes.boxes[box].answered >= times)

    def states(self, box: str) -> list[tuple[str, str]]:
        told = [one for one in self.inbox.events if isinstance(one, DeviceStatus) and one.device == box]
        return [(one.state, one.detail) for one in told]

    async def told(self, box: str, state: str, begins: str, times: int = 1) -> None:
        def enough(_: list[Happening]) -> bool:
            return sum(one == state and detail.startswith(begins) for one, detail in self.states(box)) >= times

        await self.inbox.until(enough)

    def keys(self) -> Counter[tuple[str, str]]:
        """What was pressed where, as the hall has heard."""
        return Counter((one.device, one.event) for one in self.inbox.events if isinstance(one, DeviceEvent))


@pytest.fixture
def three(tmp_path: Path) -> Hall:
    return Hall(tmp_path, Watched({"t1": 1, "t2": 2, "t3": 3}), range(1, 4))


async def test_a_key_is_answered_and_told_and_the_call_is_shown_with_a_beep(three: Hall) -> None:
    async with three.open():
        await three.told("t3", "ok", "link back")
        three.line.press("t3", CALL_NEXT)
        await three.answered("t3")
        three.show("t3", "A012", 7, beep=True)
        await three.shown("t3", "012", "007")
        await three.boxes.until(lambda: three.boxes.boxes["t3"].beeps == 1)
        three.line.press("t3", RECALL)
        three.line.rate("t3", 1)
        await three.answered("t3", times=3)

        assert three.keys() == {("t3", "call_next"): 1}
        recalled = [one for one in three.inbox.events if isinstance(one, TicketRecalled)]
        assert [(one.ticket, one.window) for one in recalled] == [("A012", "3")]
        assert [one.rating for one in three.inbox.events if isinstance(one, TicketRated)] == [5]
        assert three.states("t3")[-1] == ("ok", "heard, keys by function 01")
        assert three.states("t1")[-1] == ("ok", "link back"), "nothing is known of a box that has not spoken"
        assert three.boxes.boxes["t3"].unanswered == []
        assert three.session.report().bad_frames == 0


@pytest.mark.parametrize("blanks_clear", [False, True])
async def test_the_ticket_stays_on_the_screen_whatever_a_blank_does(tmp_path: Path, *, blanks_clear: bool) -> None:
    hall = Hall(tmp_path, Watched({"t1": 1}, blanks_clear=blanks_clear), range(1, 2))
    async with hall.open():
        hall.show("t1", "A012", 7)
        await hall.boxes.until(lambda: hall.boxes.boxes["t1"].ticket == "012")
        hall.show("t1", "A012", 6)
        hall.line.press("t1", PAUSE)
        await hall.answered("t1")
        await hall.told("t1", "ok", "heard")
        hall.show("t1", "A013", 5)
        await hall.boxes.until(lambda: hall.boxes.boxes["t1"].ticket == "013")
        hall.show("t1", None, 5)
        await hall.boxes.until(lambda: hall.boxes.boxes["t1"].waiting == "005")


async def test_thirty_boxes_on_one_line_one_of_them_dead(tmp_path: Path) -> None:
    numbers = range(1, 31)
    hall = Hall(tmp_path, Watched({f"t{n}": n for n in numbers}), numbers)
    boxes = hall.boxes.boxes
    boxes["t7"].powered = False
    alive = [id for id in boxes if id != "t7"]
    async with hall.open():
        for n in numbers:
            hall.show(f"t{n}", f"A{n:03}", n, beep=True)
        for id in alive:
            hall.line.press(id, CALL_NEXT)  # while the signs go out
        await hall.boxes.until(lambda: all(boxes[id].ticket == f"{int(id[1:]):03}" for id in alive))
        await hall.boxes.until(lambda: all(boxes[id].answered for id in alive))
        for n in numbers:
            hall.show(f"t{n}", f"B{n:03}", 30 - n)
        for id in alive:
            await hall.shown(id, f"{int(id[1:]):03}", f"{30 - int(id[1:]):03}")

    assert hall.keys() == {(id, "call_next"): 1 for id in alive}
    assert (boxes["t7"].ticket, boxes["t7"].answered) == ("", 0)
    assert hall.boxes.bad_frames == 0, "no frame was cut by an answer"


async def test_two_tellers_in_the_same_instant_are_heard_when_they_press_again(three: Hall) -> None:
    async with three.open():
        await three.told("t1", "ok", "link back")
        three.line.press_at_once({"t1": CALL_NEXT, "t2": ABANDON, "t3": PAUSE})
        three.line.press("t1", CALL_NEXT)
        three.line.press("t2", CALL_NEXT)
        await three.answered("t1")
        await three.answered("t2")

        assert three.keys() == {("t1", "call_next"): 1, ("t2", "call_next"): 1}
        assert three.session.report().bad_frames >= 1


async def test_a_disturbed_line_is_told_of_and_heals_by_itself(three: Hall) -> None:
    noise = [
        b"Hello\r\n",
        framed(1, 1, CALL_NEXT)[:-2] + b"\x00\x16",
        collided(framed(1, 1, PAUSE), framed(2, 1, RECALL)),
    ]
    async with three.open():
        await three.told("t1", "ok", "link back")
        for one in noise:
            three.line.disturb(one)
            three.line.disturb(framed(3, 1, b"\x0e"))  # a key that means nothing ends the stretch
        for box in ("t1", "t2", "t3"):
            await three.told(box, "degraded", "broken frames on the line")
            await three.told(box, "ok", "in order again")

        assert three.keys() == {}


async def test_a_box_with_a_wrong_address_is_named_and_not_answered(three: Hall) -> None:
    async with three.open():
        await three.told("t1", "ok", "link back")
        three.line.disturb(framed(9, 1, CALL_NEXT))
        await three.told("t1", "degraded", "a box at address 9 is on the line and is none of ours")

        assert three.keys() == {}


async def test_two_boxes_at_one_address_press_as_one_and_what_collides_is_dropped(tmp_path: Path) -> None:
    hall = Hall(tmp_path, Watched({"t1": 1, "twin": 1}), range(1, 2))
    async with hall.open():
        await hall.told("t1", "ok", "link back")
        hall.line.press_at_once({"t1": CALL_NEXT, "twin": RECALL})
        hall.line.press("twin", CALL_NEXT)
        await hall.answered("twin")

        assert hall.keys() == {("t1", "call_next"): 1}
        assert hall.session.report().bad_frames >= 1


async def test_half_a_key_does_not_survive_the_plug_and_everything_is_shown_again(three: Hall) -> None:
    async with three.open():
        await three.told("t3", "ok", "link back")
        three.show("t3", "A012", 7, beep=True)
        await three.shown("t3", "012", "007")
        await three.boxes.until(lambda: three.boxes.boxes["t3"].beeps == 1)
        three.line.disturb(framed(3, 1, CALL_NEXT)[:7])
        three.line.port.unplug()
        await three.told("t3", "unknown", "link lost")
        three.boxes.boxes["t3"].ticket = three.boxes.boxes["t3"].waiting = ""
        three.line.port.plug()
        await three.shown("t3", "012", "007")
        three.line.disturb(framed(3, 1, CALL_NEXT)[7:])
        three.line.press("t3", RECALL)
        await three.answered("t3")
        await three.told("t3", "ok", "heard")

        assert three.keys() == {}
        assert three.boxes.boxes["t3"].beeps == 1


def test_frames_may_come_a_byte_at_a_time_and_behind_noise() -> None:
    boxes = Terminals({"a": 1})
    for byte in b"\xff\xff\x68\x02" + framed(1, 2, bytes((0, 0, 7, 0x0A, 0x0A, 0x0A))) + framed(1, 3, b""):
        boxes.receive(bytes((byte,)))
    assert (boxes.boxes["a"].waiting, boxes.boxes["a"].ticket, boxes.boxes["a"].beeps) == ("007", "", 1)


def test_a_broken_frame_is_not_taken() -> None:
    boxes = Terminals({"a": 1})
    boxes.receive(framed(1, 3, b"")[:-2] + b"\x00\x16" + framed(1, 3, b""))
    assert (boxes.boxes["a"].beeps, boxes.bad_frames) == (1, 1)
