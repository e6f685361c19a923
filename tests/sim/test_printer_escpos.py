"""A simulated ticket printer, asked and made to print by python-escpos and read by the driver."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from escpos.constants import RT_STATUS_ONLINE, RT_STATUS_PAPER
from escpos.escpos import Escpos
from escpos.printer import Network, Serial

from edge.sim.devices.printer_escpos import Printer, PrinterLine, PrinterPort, Slip
from tests.fakes import PATIENCE_S

Told = TypeVar("Told")

WELL, TELL = b"\x10\x00\x00\x00", b"\x1da\xff"
LINE_MM = 4


def said(printer: Printer, data: bytes) -> bytes:
    return b"".join(printer.receive(data))


def asked(printer: Printer) -> bytes:
    """Its four answers."""
    return b"".join(said(printer, bytes((0x10, 0x04, number))) for number in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("printer", "answers", "automatic"),
    [
        (Printer(), "12121212", "10000000"),
        (Printer(paper_mm=100), "1212121e", "10000300"),
        (Printer(paper_mm=0), "1a32127e", "18000f00"),
        (Printer(cover_open=True), "1a161212", "38000000"),
        (Printer(cutter_jammed=True), "1a521a12", "18080000"),
        (Printer(broken=True), "1a523212", "18200000"),
        (Printer(hot=True), "1a525212", "18400000"),
    ],
)
def test_what_is_wrong_is_in_the_bits_of_the_manuals(printer: Printer, answers: str, automatic: str) -> None:
    assert asked(printer).hex() == answers
    printer.knows_dle_eot = False
    assert asked(printer) == b""
    printer.tells = 0xFF
    assert said(printer, b"").hex() == automatic


def test_a_question_is_answered_at_once_also_in_the_middle_of_what_is_to_be_printed() -> None:
    printer = Printer(cover_open=True)

    assert [said(printer, bytes((byte,))) for byte in b"A\x10\x04\x01B"] == [b"", b"", b"", b"\x1a", b""]
    assert said(printer, b"\x10\x10\x04\x04\n") == b"\x12"
    printer.cover_open = False
    assert said(printer, b"\x1dV\x00") == b""
    assert (printer.slips, printer.unknown) == ([Slip(("AB",), (1,))], [b"\x10"])


def test_changes_are_told_once_each_until_it_is_initialized_or_loses_power() -> None:
    printer = Printer()

    assert said(printer, TELL) == WELL
    assert said(printer, b"") == b""
    printer.cover_open = True
    assert said(printer, b"") == b"\x38\x00\x00\x00"
    assert said(printer, b"") == b""
    printer.cover_open = False
    assert said(printer, b"\x1b@") == WELL
    printer.cover_open = True
    assert said(printer, b"") == b""

    printer = Printer()
    said(printer, TELL)
    printer.switch_off()
    assert (said(printer, b"\x10\x04\x01"), printer.asked) == (b"", 0)
    printer.switch_on()
    printer.cover_open = True
    assert said(printer, b"") == b""


def test_paper_that_runs_out_in_the_middle_stops_it_and_a_new_roll_lets_it_go_on() -> None:
    printer = Printer(paper_mm=2 * LINE_MM)
    said(printer, TELL)

    assert said(printer, b"one\ntwo\nthree\n\x1dVB\x00\x1dr\x01") == b"\x18\x00\x0f\x00"
    assert printer.slips == []
    printer.paper_mm = 5000
    assert said(printer, b"") == WELL + b"\x00"
    assert printer.slips == [Slip(("one", "two", "three"), (1, 1, 1))]


def test_a_roll_runs_low_before_it_runs_out() -> None:
    printer = Printer(paper_mm=5 * LINE_MM, low_mm=3 * LINE_MM)
    said(printer, TELL)

    assert said(printer, b"a\n" * 2) == b"\x10\x00\x03\x00"
    assert said(printer, b"a\n" * 3) == b"\x18\x00\x0f\x00"


def test_commands_may_come_in_pieces_and_unknown_ones_are_kept() -> None:
    whole = b"\x1b@\x1c&\x1d!\x33" + "号".encode("gbk") + b"\n\x1d(k\x06\x001P0abc\x1d(k\x03\x001Q0\x1bZ\x1dVA\x03"
    printer = Printer()
    for byte in whole:
        assert said(printer, bytes((byte,))) == b""

    assert printer.slips == [Slip(("号",), (4,), ("abc",))]
    assert printer.unknown == [b"\x1bZ"]


# ---- python-escpos ----


@asynccontextmanager
async def by_cable(folder: Path, printer: Printer) -> AsyncIterator[tuple[PrinterLine, Escpos]]:
    line = PrinterLine(folder / "printer0", printer)
    line.port.plug()
    client = Serial(str(line.port.path), baudrate=19200, timeout=PATIENCE_S)
    client._read = lambda: client.device.read(1)  # its own way to read waits for sixteen bytes; an answer is one
    try:
        await asyncio.to_thread(client.open)
        await line.port.listened()
        yield line, client
    finally:
        await asyncio.to_thread(client.close)
        line.port.unplug()


@asynccontextmanager
async def by_network(_: Path, printer: Printer) -> AsyncIterator[tuple[PrinterPort, Escpos]]:
    port = PrinterPort(printer)
    await port.plug()
    client = Network("127.0.0.1", port.number, timeout=PATIENCE_S)
    try:
        await asyncio.to_thread(client.open)
        yield port, client
    finally:
        await asyncio.to_thread(client.close)
        await port.unplug()


async def told(ask: Callable[[], Told]) -> Told:
    """What python-escpos makes of the answer."""
    return await asyncio.to_thread(ask)


@pytest.mark.parametrize("link", [by_cable, by_network])
async def test_python_escpos_asks_how_it_is(tmp_path: Path, link: Callable[..., AsyncIterator[None]]) -> None:
    async with link(tmp_path, Printer()) as (end, client):  # type: ignore[attr-defined]
        assert (await told(client.is_online), await told(client.paper_status)) == (True, 2)
        end.become(paper_mm=100)
        assert (await told(client.is_online), await told(client.paper_status)) == (True, 1)
        end.become(paper_mm=0)
        assert (await told(client.is_online), await told(client.paper_status)) == (False, 0)
        end.become(paper_mm=5000, cover_open=True)
        assert (await told(client.is_online), await told(client.paper_status)) == (False, 2)

    assert end.printer.asked == 8


@pytest.mark.parametrize("link", [by_cable, by_network])
async def test_what_python_escpos_prints_comes_out(tmp_path: Path, link: Callable[..., AsyncIterator[None]]) -> None:
    def print_it() -> None:
        client.hw("INIT")
        client.set(align="center", bold=True, custom_size=True, width=4, height=4)
        client.text("A012\n")
        client.set_with_default()
        client._raw(b"\x1c&" + "个人现金\n".encode("gbk"))
        client.qr("https://example.cn/t/A012", native=True)
        client.qr("drawn by python-escpos")
        client.cut()
        client.query_status(RT_STATUS_PAPER)  # behind it, so that all has come

    async with link(tmp_path, Printer()) as (end, client):  # type: ignore[attr-defined]
        await told(print_it)
        (slip,) = end.printer.slips

    assert [line for line in slip.lines if line] == ["A012", "个人现金"]
    assert (slip.sizes[0], slip.codes) == (4, ("https://example.cn/t/A012",))
    assert end.printer.unknown == []


def test_the_questions_of_python_escpos_are_two_of_the_drivers_four() -> None:
    assert (RT_STATUS_ONLINE, RT_STATUS_PAPER) == (b"\x10\x04\x01", b"\x10\x04\x04")
