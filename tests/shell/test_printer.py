"""A ticket printer at the end of a real cable and of a real socket: how it is, and what comes out of it.

The clock runs fast, so that a printer is asked five times a second.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from edge.config.links import SerialLink, TcpLink
from edge.config.load import Bus
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import SECOND
from edge.core.outputs import PrintTicket
from edge.core.shown import UNSAID
from edge.core.wording import Text
from edge.driver import Device, load
from edge.shell.clock import Clock
from edge.shell.session import Session
from edge.sim.devices.printer_escpos import Printer, PrinterLine, PrinterPort
from tests.fakes import PATIENCE_S, FakeInbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from edge.core.events import Happening

End: TypeAlias = PrinterLine | PrinterPort

PATIENT = {"deadline_s": 5.0, "print_s": 60.0}
"""A busy machine is no fault of the printer's."""


class Branch:
    """A session of the driver's, and what it has said."""

    def __init__(self, link: SerialLink | TcpLink, *, speed: float = 10.0, **settings: Any) -> None:
        self.clock = Clock(speed=speed)
        self.inbox = FakeInbox(self.clock)
        own = load("printer_escpos").Settings.model_validate(PATIENT | settings)
        bus = Bus(link, "printer_escpos", (Device("printer-1", "printer", own),))
        self.session = Session(bus, self.inbox, clock=self.clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.session.serve())
            try:
                yield
            finally:
                task.cancel()

    async def told(self, state: str, detail: str, *, times: int = 1) -> None:
        await self.inbox.until(lambda events: statuses(events).count((state, detail)) >= times)

    def draw(self, ticket: str, *, lasts_s: int = 600) -> None:
        words = Text("个人现金", "Personal cash")
        self.session.do(
            PrintTicket(
                device="printer-1",
                ticket=ticket,
                service=words,
                branch=words,
                ahead=4,
                wait=UNSAID,
                at=self.inbox.now(),
                lasts=lasts_s * SECOND,
            )
        )

    async def until(self, true: Callable[[], object]) -> None:
        """Returns once the printer, which tells nobody here, is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                await self.clock.sleep(0.1)


def statuses(events: list[Happening]) -> list[tuple[str, str]]:
    return [(event.state, event.detail) for event in events if isinstance(event, DeviceStatus)]


def happened(events: list[Happening]) -> list[str]:
    return [event.event for event in events if isinstance(event, DeviceEvent)]


def numbers(end: End) -> list[str]:
    return [slip.lines[2] for slip in end.printer.slips]


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[PrinterLine]:
    line = PrinterLine(tmp_path / "printer0", Printer())
    line.port.plug()
    yield line
    line.port.unplug()


@pytest.fixture
async def socket() -> AsyncIterator[PrinterPort]:
    port = PrinterPort(Printer())
    await port.plug()
    yield port
    await port.unplug()


def by_cable(line: PrinterLine) -> SerialLink:
    return SerialLink(str(line.port.path), baud=115200)


def by_network(socket: PrinterPort) -> TcpLink:
    return TcpLink("127.0.0.1", socket.number)


async def lives(branch: Branch, end: End) -> None:
    """A day of a printer's."""
    async with branch.open():
        await branch.told("ok", "")
        branch.draw("A001")
        await branch.until(lambda: numbers(end) == ["A001"])
        end.become(paper_mm=1000)
        await branch.told("ok", "paper low")
        end.become(paper_mm=0)
        await branch.told("down", "paper out")
        branch.draw("A002")
        end.become(cover_open=True, paper_mm=50_000)
        await branch.told("down", "cover open")
        end.become(cover_open=False)
        await branch.told("ok", "", times=2)
        await branch.until(lambda: numbers(end) == ["A001", "A002"])
        end.become(hot=True)
        await branch.told("degraded", "head hot")
        end.become(hot=False, cutter_jammed=True)
        await branch.told("down", "cutter jammed")

    assert happened(branch.inbox.events) == ["paper_low", "paper_out"]
    assert branch.session.report().bad_frames == 0
    assert end.printer.unknown == []


@pytest.mark.parametrize("automatic", [True, False])
async def test_over_a_cable_it_says_how_it_is_and_prints(line: PrinterLine, automatic: bool) -> None:
    await lives(Branch(by_cable(line), speed=5.0, automatic=automatic), line)


async def test_through_a_network_it_says_how_it_is_and_prints(socket: PrinterPort) -> None:
    await lives(Branch(by_network(socket), speed=5.0), socket)


async def test_tickets_come_out_in_their_order_and_no_question_stands_between_their_bytes(line: PrinterLine) -> None:
    branch = Branch(by_cable(line), every_s=1)
    tickets = [f"A{number:03}" for number in range(1, 21)]

    async with branch.open():
        await branch.told("ok", "")
        for ticket in tickets:
            branch.draw(ticket)
        await branch.until(lambda: len(line.printer.slips) == len(tickets))

    assert numbers(line) == tickets
    assert {slip.lines[4] for slip in line.printer.slips} == {"前面有4人等候"}
    assert happened(branch.inbox.events) == []


async def test_a_ticket_nobody_waits_for_any_more_is_not_printed_and_told_of(line: PrinterLine) -> None:
    line.printer.cover_open = True
    branch = Branch(by_cable(line))

    async with branch.open():
        await branch.told("down", "cover open")
        branch.draw("A001", lasts_s=5)
        await branch.inbox.until(lambda events: happened(events) == ["not_done"])
        line.become(cover_open=False)
        await branch.told("ok", "")
        branch.draw("A002")
        await branch.until(lambda: numbers(line) == ["A002"])

    assert branch.session.report().not_done == 1


async def test_a_ticket_cut_off_by_the_end_of_the_paper_is_named_and_not_printed_twice(line: PrinterLine) -> None:
    line.printer.paper_mm, line.printer.low_mm = 8, 0
    branch = Branch(by_cable(line), print_s=20.0)

    async with branch.open():
        await branch.told("ok", "")
        branch.draw("A001")
        await branch.told("degraded", "ticket A001: the printer does not say that it is printed")
        await branch.inbox.until(lambda events: "not_done" in happened(events))
        await branch.told("down", "paper out")
        line.become(paper_mm=50_000)
        await branch.told("ok", "", times=2)
        branch.draw("A002")
        await branch.until(lambda: numbers(line) == ["A001", "A002"])  # the rest of it was in the printer's memory


async def test_silent_it_is_unknown_and_then_it_tells_of_changes_again(line: PrinterLine) -> None:
    branch = Branch(by_cable(line), deadline_s=1.0)

    async with branch.open():
        await branch.told("ok", "")
        line.printer.switch_off()
        await branch.told("unknown", "no answer")
        line.printer.switch_on()
        await branch.told("ok", "", times=2)
        await branch.until(lambda: line.printer.tells)


async def test_a_printer_without_dle_eot_is_asked_for_its_paper(line: PrinterLine) -> None:
    line.printer.knows_dle_eot = line.printer.knows_automatic = False
    branch = Branch(by_cable(line), asks="gs_r", automatic=False)

    async with branch.open():
        await branch.told("ok", "")
        branch.draw("A001")
        line.become(paper_mm=1000)
        await branch.told("ok", "paper low")

    assert numbers(line) == ["A001"]


async def test_a_printer_that_does_not_answer_what_it_is_asked_is_unknown(line: PrinterLine) -> None:
    line.printer.knows_dle_eot = False
    branch = Branch(by_cable(line), deadline_s=1.0)

    async with branch.open():
        await branch.told("unknown", "no answer")


async def test_unplugged_and_plugged_in_again_it_says_how_it_is(line: PrinterLine) -> None:
    branch = Branch(by_cable(line))

    async with branch.open():
        await branch.told("ok", "")
        line.port.unplug()
        await branch.told("unknown", "link lost")
        branch.draw("A001")
        line.printer.paper_mm = 1000
        line.port.plug()
        await branch.told("ok", "paper low")
        await branch.until(lambda: numbers(line) == ["A001"])


async def test_hung_up_on_and_reachable_again_it_says_how_it_is(socket: PrinterPort) -> None:
    branch = Branch(by_network(socket))

    async with branch.open():
        await branch.told("ok", "")
        await socket.unplug()
        await branch.told("unknown", "link lost")
        socket.printer.paper_mm = 0
        await socket.plug()
        await branch.told("down", "paper out")
