"""A whole daemon with a ticket printer on a real port: tickets come out, what is wrong is heard at headquarters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.sim.devices.printer_escpos import Printer, PrinterLine
from tests.chaos.house import PLAIN, running
from tests.shell.branch import Witness, soon, witness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.chaos.house import House
    from tests.processes import Mosquitto

PRINTER = """
[hq]
url = "HQ"
keepalive_s = 5
[tickets]
qr = "https://bank.example/wait/{branch}/{ticket}"
[devices.printer-1]
kind = "printer"
driver = "printer_escpos"
link = "serial://NODE?baud=19200"
prints = "tickets"
[devices.printer-1.settings]
width = 58
"""
STATE, PROMPTS = "bank/v1/bank/b1/device/printer-1/state", "bank/v1/bank/b1/event/prompt"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[PrinterLine]:
    line = PrinterLine(tmp_path / "printer0", Printer())
    line.port.plug()
    yield line
    line.port.unplug()


def is_(hq: Witness, state: str, detail: str = "") -> bool:
    told = [item for item in hq.on(STATE) if item is not None]
    return bool(told) and (told[-1]["state"], told[-1]["detail"]) == (state, detail)


def prompted(hq: Witness, prompt: str, state: str) -> bool:
    return (prompt, state) in [(item["data"]["prompt"], item["data"]["state"]) for item in hq.on(PROMPTS)]


async def printed(house: House, line: PrinterLine, *tickets: str) -> None:
    await soon(
        lambda: [slip.lines[2] for slip in line.printer.slips] == [*tickets], lambda: house.daemon.pace.sleep(0.02)
    )


@pytest.mark.broker
async def test_tickets_come_out_and_what_is_wrong_with_the_printer_is_heard_at_headquarters(
    tmp_path: Path, mosquitto: Mosquitto, line: PrinterLine
) -> None:
    config = PLAIN + PRINTER.replace("HQ", mosquitto.url).replace("NODE", str(line.port.path))
    async with witness(mosquitto, "bank/v1/bank/b1/#") as hq, running(tmp_path, config) as house:
        await hq.until(lambda: is_(hq, "ok"))
        await house.draw("A001")
        await house.until(lambda: house.engine.hall.outlook.tickets)  # before that nobody is told how many are ahead
        await house.draw("A002")
        await printed(house, line, "A001", "A002")

        line.become(paper_mm=1000)
        await hq.until(lambda: is_(hq, "ok", "paper low") and prompted(hq, "paper-low.printer-1.1", "raised"))
        line.become(paper_mm=0)
        await hq.until(lambda: is_(hq, "down", "paper out") and prompted(hq, "device-down.printer-1.1", "raised"))
        await house.draw("A003")
        line.become(paper_mm=50_000)
        await hq.until(lambda: is_(hq, "ok") and prompted(hq, "device-down.printer-1.1", "cleared"))
        await hq.until(lambda: prompted(hq, "paper-low.printer-1.1", "cleared"))
        await printed(house, line, "A001", "A002", "A003")

        line.port.unplug()
        await hq.until(lambda: is_(hq, "unknown", "link lost"))
        line.printer.cover_open = True
        line.port.plug()
        await hq.until(lambda: is_(hq, "down", "cover open"))
        line.become(cover_open=False)
        await hq.until(lambda: is_(hq, "ok"))

        counters: Any = house.daemon.health()["counters"]

    second = line.printer.slips[1]
    assert ("前面有1人等候" in second.lines, second.codes) == (True, ("https://bank.example/wait/b1/A002",))
    assert (counters["bad_frames"], counters["not_done"], counters["restarts"]) == (0, 0, 0)
    assert line.printer.unknown == []
