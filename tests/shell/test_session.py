"""Sessions over real pseudo-terminals and sockets. The clock runs fast, so that a second's wait takes a twentieth."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

import drivers
from edge.config.links import SerialLink, TcpLink
from edge.config.load import Bus
from edge.core.events import DeviceKind, DeviceStatus, Happening, TicketIssued
from edge.core.instant import in_seconds
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.driver import Device, load
from edge.shell.backoff import LOCAL_S
from edge.shell.clock import Clock
from edge.shell.connection import SETTLED_AFTER
from edge.shell.links.stream import LinkLost
from edge.shell.session import Session
from tests.fakes import PATIENCE_S, FakeInbox
from tests.processes import free_port
from tests.shell.ends import Peer, Port, done, mute

SPEED = 20.0


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy driver is a file in a drivers folder like any other."""
    monkeypatch.setattr(drivers, "__path__", [*drivers.__path__, str(Path(__file__).parent / "toys")])


def device(id: str, kind: DeviceKind = "dispenser", *, address: int | None = None, **settings: Any) -> Device:
    return Device(id, kind, load("toy").Settings(**settings), address)


class Branch:
    """A session of one link, with the inbox it fills."""

    def __init__(self, link: SerialLink | TcpLink, *devices: Device) -> None:
        self.clock = Clock(speed=SPEED)
        self.inbox = FakeInbox(self.clock)
        self.session = Session(Bus(link, "toy", devices), self.inbox, clock=self.clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.session.serve())
            try:
                yield
            finally:
                task.cancel()

    def show(self, board: str, words: str) -> None:
        self.session.show(ShowOnBoard(board, Page("wait", Text(words, words)), self.clock.now()))

    async def told(self, device: str, state: str, detail: str, *, times: int = 1) -> None:
        await self.inbox.until(lambda events: statuses(events).count((device, state, detail)) >= times)

    async def tickets(self, *tickets: str) -> None:
        await self.inbox.until(lambda events: issued(events) == list(tickets))


def statuses(events: list[Happening]) -> list[tuple[str, str, str]]:
    return [(event.device, event.state, event.detail) for event in events if isinstance(event, DeviceStatus)]


def issued(events: list[Happening]) -> list[str]:
    return [event.ticket for event in events if isinstance(event, TicketIssued)]


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[Port]:
    port = Port(tmp_path / "queue0")
    yield port
    port.unplug()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer(free_port())
    yield peer
    await peer.unplug()


def serial(port: Port) -> SerialLink:
    return SerialLink(str(port.node), baud=115200)


async def test_bytes_become_events(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("queue"))

    async with branch.open():
        await branch.told("queue", "ok", "link back")
        port.say(b"TA1\nTA")
        port.say(b"2\n")
        await branch.tickets("A1", "A2")


async def test_half_a_frame_does_not_survive_a_reconnect(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("queue"))

    async with branch.open():
        await branch.told("queue", "ok", "link back")
        port.say(b"TA1\nTA")
        await branch.tickets("A1")
        port.unplug()
        await branch.told("queue", "unknown", "link lost")
        port.plug()
        await branch.told("queue", "ok", "link back", times=2)
        port.say(b"9\nTA3\n")
        await branch.tickets("A1", "A3")
        assert branch.session.report().bad_frames == 1


async def test_unplugged_and_plugged_in_again_it_works_within_three_seconds(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("queue"))

    async with branch.open():
        await branch.told("queue", "ok", "link back")
        port.unplug()
        await branch.told("queue", "unknown", "link lost")
        assert not branch.session.report().open
        port.plug()
        await branch.told("queue", "ok", "link back", times=2)
        port.say(b"TA1\n")
        await branch.tickets("A1")
        assert branch.session.report().opened == 2

    assert LOCAL_S + in_seconds(SETTLED_AFTER) < 3, "what a link waits of its own accord"


async def test_a_link_that_never_opens_is_told_and_named_plainly_once(port: Port) -> None:
    branch = Branch(serial(port), device("queue"), device("printer", "printer", address=2))

    with capture_logs() as logs:
        async with branch.open():
            await branch.told("printer", "unknown", "link lost")
            await branch.clock.sleep(5)

    assert statuses(branch.inbox.events) == [("queue", "unknown", "link lost"), ("printer", "unknown", "link lost")]
    assert [(log["event"], log["reason"]) for log in logs] == [
        ("link lost", f"{port.node}: there is no such device; is it plugged in? It is looked for every second"),
    ]


async def test_garbage_is_counted_and_logged_at_a_bounded_rate(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("queue"))

    with capture_logs() as logs:
        async with branch.open():
            await branch.told("queue", "ok", "link back")
            for turn in range(1, 51):
                port.say(b"\xff\x00garbage\n" * 20 + b"TA1\n")
                await branch.tickets(*["A1"] * turn)

    assert branch.session.report().bad_frames == 1000
    assert [log["event"] for log in logs].count("bad frame") == 1


async def test_a_full_inbox_leaves_the_bytes_on_the_wire(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("queue"))

    async with branch.open():
        await branch.told("queue", "ok", "link back")
        branch.inbox.full = True
        port.say(b"TA1\n")
        await branch.tickets("A1")  # the read under way is not taken back
        port.say(b"TA2\n")
        await branch.clock.sleep(2)
        assert issued(branch.inbox.events) == ["A1"]
        branch.inbox.full = False
        await branch.tickets("A1", "A2")


async def test_a_board_is_repainted_after_a_reconnect_with_what_it_should_show_now(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("board", "board"))
    branch.show("board", "one")

    async with branch.open():
        await port.until(lambda heard: heard == ["P0 one"])
        await branch.told("board", "ok", "link back")
        port.unplug()
        await branch.told("board", "unknown", "link lost")
        branch.show("board", "two")
        branch.show("board", "three")
        port.plug()
        await port.until(lambda heard: heard == ["P0 one", "P0 three"])
        await branch.told("board", "ok", "link back", times=2)


async def test_a_board_that_says_nothing_is_well_once_its_link_has_stood(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("board", "board", answers=False))
    branch.show("board", "one")

    async with branch.open():
        await branch.told("board", "ok", "link back")
        port.unplug()
        await branch.told("board", "unknown", "link lost")
        port.plug()
        await branch.told("board", "ok", "link back", times=2)

    assert port.heard == ["P0 one", "P0 one"]


async def test_a_silent_board_is_tried_as_often_as_it_should_be_and_told_once(port: Port) -> None:
    port.plug()
    port.answer = mute
    branch = Branch(serial(port), device("board", "board", tries=3, deadline_s=1.0))
    branch.show("board", "one")

    async with branch.open():
        await branch.told("board", "unknown", "no answer")
        assert port.heard == ["P0 one"] * 3
        await port.until(lambda heard: len(heard) >= 5)
        port.answer = done
        await branch.told("board", "ok", "link back")

    assert statuses(branch.inbox.events) == [("board", "unknown", "no answer"), ("board", "ok", "link back")]


async def test_a_refused_page_is_tried_again_and_then_told(port: Port) -> None:
    port.plug()
    port.answer = lambda line: "N0 busy"
    branch = Branch(serial(port), device("board", "board"))
    branch.show("board", "one")

    async with branch.open():
        await branch.told("board", "degraded", "refused: busy")
        assert port.heard == ["P0 one"] * 2
        port.answer = done
        await branch.told("board", "ok", "link back")


async def test_of_five_boards_on_a_bus_a_dead_one_keeps_nobody_waiting(port: Port) -> None:
    port.plug()
    port.answer = lambda line: None if line.startswith("P3") else done(line)
    boards = [device(f"board-{n}", "board", address=n, deadline_s=1.0) for n in range(1, 6)]
    branch = Branch(serial(port), *boards)
    for board in boards:
        branch.show(board.id, "one")

    async with branch.open():
        await branch.told("board-3", "unknown", "no answer")
        for n in (1, 2, 4, 5):
            await branch.told(f"board-{n}", "ok", "link back")
        began = branch.clock.now()
        port.heard.clear()
        for turn in range(40):
            for n in (1, 2, 4, 5):
                branch.show(f"board-{n}", str(turn))
                await port.until(lambda heard, turn=turn, n=n: f"P{n} {turn}" in heard)  # type: ignore[misc]
        elapsed_s = (branch.clock.now() - began) / 1e6

    dead = sum(line.startswith("P3") for line in port.heard)
    assert dead * 1.0 <= 1.0 + elapsed_s / 5  # each try costs the others its deadline of one second


async def test_a_link_does_not_speak_for_a_board_whose_turn_has_not_come(port: Port) -> None:
    port.plug()
    port.answer = mute
    boards = [device(f"board-{n}", "board", address=n, deadline_s=2.0, tries=1) for n in (1, 2)]
    branch = Branch(serial(port), *boards)
    for board in boards:
        branch.show(board.id, "one")

    async with branch.open():
        await branch.told("board-2", "unknown", "no answer")

    assert statuses(branch.inbox.events) == [("board-1", "unknown", "no answer"), ("board-2", "unknown", "no answer")]


async def test_a_board_that_comes_back_to_life_is_repainted(port: Port) -> None:
    port.plug()
    branch = Branch(
        serial(port),
        device("board", "board", address=1, polled=True, deadline_s=2.0),
        device("two", "board", address=2),
    )
    branch.show("board", "one")

    async with branch.open():
        await port.until(lambda heard: "P1 one" in heard)
        port.answer = mute
        await branch.told("board", "unknown", "no answer")
        port.heard.clear()
        port.answer = done
        await branch.told("board", "ok", "link back", times=2)
        await port.until(lambda heard: "P1 one" in heard)


async def test_the_driver_asks_once_a_second_while_nothing_else_is_to_be_sent(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("sensor", "sensor", polled=True))

    async with branch.open():
        began = branch.clock.now()
        await port.until(lambda heard: len(heard) == 4)
        assert branch.clock.now() - began >= 2_000_000, "at the full second, so that the first may be short"

    assert port.heard == ["Q0"] * 4


async def test_a_page_no_board_of_this_driver_can_show_is_named_and_harms_nobody(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("board", "board"))
    branch.show("board", "unspeakable")

    with capture_logs() as logs:
        async with branch.open():
            await branch.told("board", "ok", "link back")
            branch.show("board", "fine")
            await port.until(lambda heard: heard == ["P0 fine"])

    (refused,) = [log for log in logs if log["log_level"] == "error"]
    assert (refused["device"], refused["reason"]) == ("board", "no such word")


async def test_a_link_that_is_lost_in_the_moment_it_is_to_end_ends(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost_and_cancelled(_: Session) -> None:
        serving = asyncio.current_task()
        assert serving is not None

        async def fail() -> None:
            serving.cancel()
            raise LinkLost("gone")

        async with asyncio.TaskGroup() as group:
            group.create_task(fail())

    monkeypatch.setattr(Session, "_connect", lost_and_cancelled)
    branch = Branch(serial(port), device("queue"))

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.ensure_future(branch.session.serve()), PATIENCE_S)


async def test_pages_for_boards_of_other_links_are_passed_by(port: Port) -> None:
    branch = Branch(serial(port), device("board", "board"), device("queue", address=2))

    branch.show("elsewhere", "one")

    assert branch.session._desired == {}
    assert branch.session.devices == {"board", "queue"}


async def test_a_fault_of_the_drivers_rises_to_the_supervisor(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("queue"))
    serve = asyncio.ensure_future(branch.session.serve())
    await branch.told("queue", "ok", "link back")

    port.say(b"!\n")

    with pytest.raises(ExceptionGroup) as risen:
        await asyncio.wait_for(serve, PATIENCE_S)
    assert risen.group_contains(RuntimeError, match="a fault of the driver's")
    assert statuses(branch.inbox.events)[-1] == ("queue", "unknown", "link lost")


async def test_devices_that_are_known_to_be_well_are_left_alone_at_the_start(port: Port) -> None:
    port.plug()
    branch = Branch(serial(port), device("queue"), device("printer", "printer", address=2))
    bus = branch.session._bus
    branch.session = Session(bus, branch.inbox, clock=branch.clock, rng=Random(1), unheard=["printer"])

    async with branch.open():
        await branch.told("printer", "ok", "link back")

    assert statuses(branch.inbox.events) == [("printer", "ok", "link back")]


async def test_a_board_over_tcp_lives_through_a_restart_of_its_card(peer: Peer) -> None:
    await peer.plug()
    branch = Branch(TcpLink("127.0.0.1", peer.port), device("board", "board"))
    branch.show("board", "one")

    async with branch.open():
        await branch.told("board", "ok", "link back")
        await peer.unplug()
        await branch.told("board", "unknown", "link lost")
        branch.show("board", "two")
        await peer.plug()
        await branch.told("board", "ok", "link back", times=2)

    assert peer.heard == ["P0 one", "P0 two"]


class Impatient(Clock):
    """Sleeps only for a moment, and remembers for how long it should have been."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []
        self.enough = asyncio.Event()

    async def sleep(self, duration_s: float) -> None:
        self.slept.append(duration_s)
        if len(self.slept) == 8:
            self.enough.set()
        await super().sleep(0.001)


@pytest.mark.parametrize(("greeting", "grows"), [(b"", True), (b"hello\n", False)])
async def test_a_flapping_network_link_waits_longer_unless_it_brought_bytes(greeting: bytes, grows: bool) -> None:
    async def greets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    server = await asyncio.start_server(greets, "127.0.0.1", 0)
    branch = Branch(TcpLink("127.0.0.1", server.sockets[0].getsockname()[1]), device("board", "board"))
    clock = Impatient()
    branch.session = Session(branch.session._bus, branch.inbox, clock=clock, rng=Random(1))

    async with server, branch.open(), asyncio.timeout(PATIENCE_S):
        await clock.enough.wait()

    assert all(0.5 <= slept <= 30 for slept in clock.slept)
    assert (max(clock.slept[:8]) > 1.0) is grows


async def test_a_refused_connection_says_what_to_look_at(peer: Peer) -> None:
    branch = Branch(TcpLink("127.0.0.1", peer.port), device("board", "board"))

    async with branch.open():
        await branch.told("board", "unknown", "link lost")
        report = replace(branch.session.report(), since=0)

    assert report.reason == f"127.0.0.1:{peer.port}: refuses the connection; is that the device's port?"
    assert (report.open, report.opened, report.devices) == (False, 0, {"board": "link lost"})
