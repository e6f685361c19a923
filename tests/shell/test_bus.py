import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.instant import SECOND, in_seconds, seconds
from edge.driver import Device, Reply, Request
from edge.shell.bus import ASK_EVERY, Line, Turns
from edge.shell.links.stream import LinkLost
from tests.fakes import FakeClock, FakePipe, turns

BOARDS = [Device(f"board-{n}", "board", None, address=n) for n in range(1, 6)]


def question(address: int) -> Request:
    return Request(address, b"?", expects=True)


def test_boards_are_painted_in_the_order_in_which_they_changed() -> None:
    order = Turns(BOARDS)
    for board in ("board-2", "board-1", "board-2"):
        order.tell(board)

    assert [order.next_output(0), order.next_output(0), order.next_output(0)] == ["board-2", "board-1", None]


def test_pages_and_questions_alternate() -> None:
    order = Turns(BOARDS)
    for id in ("board-1", "board-2", "board-3"):
        order.tell(id)
    order.ask([question(4), question(5)], 0)

    taken: list[object] = []
    while not order.idle(0):
        if (board := order.next_output(0)) is not None:
            taken.append(board)
        elif (asked := order.next_question(0)) is not None:
            taken.append(asked.address)

    assert taken == ["board-1", 4, "board-2", 5, "board-3"]


def test_the_driver_may_ask_once_a_second_and_more_rarely_on_a_busy_line() -> None:
    order = Turns(BOARDS)

    assert order.wants_questions(0)
    order.ask([], 0)
    assert not order.wants_questions(SECOND - 1)
    assert order.wants_questions(SECOND)
    order.tell("board-1")
    assert not order.wants_questions(SECOND)
    assert order.wants_questions(5 * SECOND)


def test_links_ask_at_the_full_second_whenever_they_were_opened() -> None:
    dues = []
    for opened_at in (0, 1, SECOND // 2, SECOND - 1):
        order = Turns(BOARDS)
        order.ask([], 7 * SECOND + opened_at)
        dues.append(order.next_at())

    assert dues == [8 * SECOND] * 4


def test_a_driver_without_questions_costs_no_wakes() -> None:
    order = Turns(BOARDS, asks=False)

    assert (order.wants_questions(0), order.next_at()) == (False, None)


def test_a_failed_device_waits_for_the_others_and_is_given_up_after_its_tries() -> None:
    order = Turns(BOARDS, asks=False)

    assert not order.failed("board-1", tries=2, took=SECOND, now=0)
    order.tell("board-1")
    assert order.next_output(0) == "board-1"
    assert order.failed("board-1", tries=2, took=SECOND, now=0)
    order.tell("board-1")
    assert order.next_output(SECOND // 2 - 1) is None
    assert order.next_at() == SECOND // 2
    assert order.next_output(SECOND // 2) == "board-1"
    assert order.failed("board-1", tries=2, took=SECOND, now=SECOND)
    order.tell("board-1")
    assert order.next_at() == 5 * SECOND


def test_of_the_questions_to_a_device_at_rest_the_last_is_asked_when_it_has_rested() -> None:
    order = Turns(BOARDS)
    for _ in range(2):
        order.failed("board-1", tries=1, took=SECOND, now=0)
    asked = replace(question(1), data=b"?!")
    order.ask([question(1), asked, replace(question(1), alters=True), question(2)], 0)

    assert order.next_question(0) == question(2)
    assert order.next_question(4 * SECOND - 1) is None
    assert order.idle(4 * SECOND - 1)
    assert not order.idle(4 * SECOND)
    assert order.next_question(4 * SECOND) == asked
    assert order.next_question(4 * SECOND) is None


def test_a_device_that_has_been_given_up_is_asked_again_though_its_driver_has_no_question_for_long() -> None:
    order = Turns(BOARDS)
    order.ask([question(1)], 0)
    assert order.next_question(0) == question(1)
    for _ in range(2):
        order.failed("board-1", tries=1, took=SECOND, now=0)
    order.again(question(1))

    assert order.next_at() == ASK_EVERY
    order.ask([], 10 * SECOND)
    assert order.next_at() == 4 * SECOND
    assert order.next_question(4 * SECOND) == question(1)


def test_a_device_that_has_been_given_up_is_waited_for_little_longer_than_it_has_ever_taken() -> None:
    order, asked = Turns(BOARDS), question(1)
    order.recovered("board-1", 0.1)
    order.recovered("board-1", 0.02)
    waits = [order.patience_s("board-1", asked)]
    for _ in range(140):
        order.failed("board-1", tries=3, took=0, now=0)
        waits.append(order.patience_s("board-1", asked))

    in_full = [number for number, wait_s in enumerate(waits) if wait_s == asked.deadline_s]
    assert in_full == [0, 1, 2, 3 + 64, 3 + 128], "while it has its tries, and ever more rarely"
    assert set(waits) == {0.2, asked.deadline_s}
    order.recovered("board-1", 10.0)
    order.failed("board-1", tries=1, took=0, now=0)
    assert order.patience_s("board-1", asked) == asked.deadline_s, "never longer than the request says"


def test_one_that_has_never_answered_is_waited_for_as_long_as_the_request_says() -> None:
    order, asked = Turns(BOARDS), question(1)
    for _ in range(3):
        order.failed("board-1", tries=1, took=0, now=0)

    assert order.patience_s("board-1", asked) == asked.deadline_s


def test_what_a_device_shows_is_in_doubt_only_after_it_was_given_up() -> None:
    order = Turns(BOARDS)

    order.failed("board-1", tries=2, took=0, now=0)
    assert not order.recovered("board-1", 0.1)
    order.failed("board-1", tries=1, took=0, now=0)
    assert order.recovered("board-1", 0.1)
    assert not order.recovered("board-1", 0.1)


@given(st.integers(1, 8), st.lists(st.integers(1, 20_000_000), min_size=1, max_size=40))
def test_a_dead_device_takes_its_share_of_the_line_at_most(devices: int, took: list[int]) -> None:
    order = Turns(BOARDS[:1] * devices)
    order.failed("board-1", tries=1, took=0, now=0)
    now = spent = 0
    for each in took:
        now, spent = now + each, spent + each
        order.failed("board-1", tries=1, took=each, now=now)
        order.tell("board-1")
        now = order._rests["board-1"].until
        assert order.next_output(now - 1) is None
        assert order.next_output(now) == "board-1"

    assert spent * devices <= now


def test_a_device_alone_on_its_link_rests_a_second_at_most() -> None:
    order = Turns(BOARDS[:1])
    rests = []
    for _ in range(5):
        order.failed("board-1", tries=1, took=SECOND, now=0)
        rests.append(in_seconds(order._rests["board-1"].until))

    assert rests == [0.5, 1, 1, 1, 1]


async def carried(request: Request, *replies: Reply, pass_s: float = 0.0) -> tuple[object, FakePipe, Line]:
    clock, pipe = FakeClock(), FakePipe()
    line = Line(pipe, clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.carry(request))
        await turns()
        for reply in replies:
            line.replied(reply)
        await clock.pass_(pass_s)
        outcome: object = task.result() if task.done() else task.cancel()
    return outcome, pipe, line


ASKED = Request(3, b"page", expects=True, deadline_s=0.5)


@pytest.mark.parametrize(
    ("replies", "outcome", "strays"),
    [
        ([Reply(3, ok=True, detail="all well")], ("answered", ""), 0),
        ([Reply(3, ok=True, detail="dim", flawed=True)], ("answered", "dim"), 0),
        ([Reply(3, ok=False, detail="busy")], ("refused", "busy"), 0),
        ([Reply(4, ok=True)], ("silent", ""), 1),
        ([Reply(4, ok=True), Reply(3, ok=True), Reply(3, ok=False)], ("answered", ""), 2),
        ([], ("silent", ""), 0),
    ],
)
async def test_the_answer_of_the_right_address_counts(
    replies: list[Reply], outcome: tuple[str, str], strays: int
) -> None:
    got, pipe, line = await carried(ASKED, *replies, pass_s=0.5)

    assert (got, pipe.written, line.strays) == (outcome, [b"page"], strays)


async def test_the_deadline_begins_when_the_last_byte_is_on_the_wire() -> None:
    clock, pipe = FakeClock(), FakePipe()
    pipe.seconds_per_byte = 0.25
    line = Line(pipe, clock)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.carry(ASKED))
        await clock.pass_(4 * 0.25 + 0.4)
        assert not task.done()
        await clock.pass_(0.1)
        assert task.result() == ("silent", "")


async def test_patience_takes_the_place_of_the_deadline_and_an_answer_says_how_long_it_took() -> None:
    clock, pipe = FakeClock(), FakePipe()
    pipe.seconds_per_byte = 0.25
    line = Line(pipe, clock)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.carry(ASKED, 0.1))
        await clock.pass_(4 * 0.25 + 0.1)
        assert task.result() == ("silent", "")
        task = group.create_task(line.carry(ASKED))
        await clock.pass_(4 * 0.25 + 0.3)
        line.replied(Reply(3, ok=True))
        await turns()
        assert task.result() == ("answered", "")
    assert line.answer_s == pytest.approx(0.3)


async def test_the_gap_is_kept_behind_an_exchange_and_behind_bytes_still_on_the_wire() -> None:
    clock, pipe = FakeClock(), FakePipe()
    pipe.seconds_per_byte = 0.25
    line = Line(pipe, clock)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.carry(Request(0, b"page", gap_s=1.0)))
        await clock.pass_(1.9)
        assert not task.done()
        await clock.pass_(0.1)
        assert task.result() == ("sent", "")


async def test_the_gap_is_as_long_as_so_many_bytes_of_the_line() -> None:
    clock, pipe = FakeClock(), FakePipe()
    pipe.seconds_per_byte = 0.25
    line = Line(pipe, clock)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.carry(Request(0, b"page", gap_s=0.1, gap_bytes=4.0)))
        await clock.pass_(1.9)
        assert not task.done()
        await clock.pass_(0.1)
        assert task.done()


@pytest.mark.parametrize(
    ("heard", "news"),
    [
        ([b"pageanswer"], [b"answer"]),
        ([b"pa", b"ge", b"answer"], [b"", b"", b"answer"]),
        ([b"pa", b"geanswer"], [b"", b"answer"]),
        ([b"answer"], [b"answer"]),
        ([b"pagpage"], [b"page"]),
        ([b"page", b"page"], [b"", b"page"]),
    ],
)
async def test_a_line_that_hears_itself_gives_only_what_others_say(heard: list[bytes], news: list[bytes]) -> None:
    pipe = FakePipe()
    pipe.echoes = True
    line = Line(pipe, FakeClock())
    await line.carry(Request(0, b"page"))

    assert [line.heard(data) for data in heard] == news


async def test_a_line_that_does_not_hear_itself_gives_everything() -> None:
    line = Line(FakePipe(), FakeClock())
    await line.carry(Request(0, b"page"))

    assert line.heard(b"page") == b"page"


class Stuffed(FakePipe):
    """Takes no byte."""

    async def write(self, data: bytes) -> None:
        await asyncio.Event().wait()


async def test_a_link_that_takes_no_bytes_is_lost() -> None:
    clock = FakeClock()
    line = Line(Stuffed(), clock)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(_fault(line))
        await clock.pass_(10)

    assert task.result() == "no byte has been taken for 10 s"
    assert clock.now() == seconds(10)


async def _fault(line: Line) -> str:
    try:
        await line.carry(ASKED)
    except LinkLost as fault:
        return str(fault)
    return ""


class Kernel(FakePipe):
    """Takes what it is given at once, as a port with room does; while `full`, nothing."""

    full = False

    def send(self, data: bytes) -> bytes:
        if self.full:
            return data
        self.written.append(data)
        return b""

    async def write(self, data: bytes) -> None:
        while self.full:
            await asyncio.sleep(0)
        self.written.append(data)


async def test_the_frames_of_one_command_follow_one_another_each_behind_its_gap() -> None:
    clock, pipe = FakeClock(), Kernel()
    pipe.seconds_per_byte = 0.25
    line = Line(pipe, clock)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.carry(Request(0, b"aa", then=(b"b", b"c"), gap_s=1.0)))
        seen = []
        for _ in range(3):
            await turns()
            seen.append(list(pipe.written))
            await clock.pass_(1.25 if len(seen) > 1 else 1.5)
        assert task.done()

    assert seen == [[b"aa"], [b"aa", b"b"], [b"aa", b"b", b"c"]]


async def test_an_answer_goes_out_at_once_and_what_waits_keeps_clear_of_it() -> None:
    clock, pipe = FakeClock(), Kernel()
    pipe.seconds_per_byte = 0.25
    line = Line(pipe, clock)

    async with asyncio.TaskGroup() as group:
        group.create_task(line.carry(Request(0, b"aa", then=(b"b",))))
        await turns()
        line.answer(b"now!")
        assert pipe.written == [b"aa", b"now!"]
        await clock.pass_(0.9)
        assert pipe.written == [b"aa", b"now!"]
        await clock.pass_(0.2)
        assert pipe.written == [b"aa", b"now!", b"b"]
        await clock.pass_(1)


async def test_an_answer_is_never_inside_another_frame() -> None:
    clock, pipe = FakeClock(), Kernel()
    pipe.full = True
    line = Line(pipe, clock)

    async with asyncio.TaskGroup() as group:
        group.create_task(line.carry(Request(0, b"page")))
        await turns()
        line.answer(b"one")
        line.answer(b"two")
        assert pipe.written == []
        pipe.full = False
        await turns()

    assert pipe.written == [b"page", b"one", b"two"]


async def test_a_line_that_hears_itself_hears_no_answer_of_ours() -> None:
    pipe = Kernel()
    pipe.echoes = True
    line = Line(pipe, FakeClock())
    line.answer(b"ours")

    assert line.heard(b"oursnews") == b"news"


async def test_where_devices_speak_unasked_a_frame_waits_until_they_have_ended() -> None:
    clock, pipe = FakeClock(), Kernel()
    line = Line(pipe, clock)
    asked = Request(0, b"page", idle_s=0.5)

    async with asyncio.TaskGroup() as group:
        group.create_task(line.carry(asked))
        await clock.pass_(0)
        assert pipe.written == [b"page"], "nobody has spoken yet"
        line.heard(b"key")
        task = group.create_task(line.carry(asked))
        await clock.pass_(0.4)
        line.heard(b"another key")
        await clock.pass_(0.4)
        assert len(pipe.written) == 1
        await clock.pass_(0.1)
        assert task.done()


async def test_a_line_that_is_never_quiet_is_spoken_on_after_a_second() -> None:
    clock, pipe = FakeClock(), Kernel()
    line = Line(pipe, clock)
    await line.carry(Request(0, b"page", idle_s=0.5))
    line.heard(b"noise")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.carry(Request(0, b"page", idle_s=0.5)))
        for _ in range(9):
            await clock.pass_(0.1)
            line.heard(b"noise")
        assert not task.done()
        await clock.pass_(0.1)
        assert task.done()
