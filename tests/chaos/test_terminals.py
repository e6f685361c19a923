"""Tellers press keys: a whole daemon, thirty call boxes on one line, the queue machine on a broker, and the plug.

The queue machine is a stand-in that does what real ones do: asked for the next customer it calls, and says so.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from edge.sim.devices.call_terminal_ff68 import ABANDON, CALL_NEXT, PAUSE, RECALL, TerminalLine, Terminals
from tests.chaos.house import PLAIN, House, running
from tests.shell.branch import Witness, soon, witness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.processes import Mosquitto

pytestmark = pytest.mark.broker

WINDOWS: Final = [str(n) for n in range(1, 31)]
DEAD: Final = "t30"
QUEUE: Final = """
[broker]
url = "URL"
[devices.queue]
kind = "dispenser"
driver = "mqtt_json"
link = "mqtt:queue/+"
[[devices.queue.settings.topics]]
topic = "queue/called"
event = "ticket.called"
fields = { ticket = "no", window = "to" }
"""
BOX: Final = 'kind = "terminal"\ndriver = "call_terminal_ff68"\nlink = "serial://NODE?baud=9600"'
CONFIG: Final = (
    PLAIN
    + QUEUE
    + "".join(f'[windows.{n}]\nservices = ["cash"]\n' for n in WINDOWS[1:])
    + "".join(f'[devices.t{n}]\naddress = {n}\nwindow = "{n}"\n{BOX}\n' for n in WINDOWS)
)


class Branch:
    """The daemon, its boxes, and who hears what is asked of the queue machine."""

    def __init__(self, house: House, line: TerminalLine, queue: Witness) -> None:
        self.house, self.line, self.queue = house, line, queue
        self.boxes = line.terminals.boxes

    async def until(self, true: Any) -> None:
        await soon(true, lambda: self.house.daemon.pace.sleep(0.01))

    def asked(self, window: str) -> list[str]:
        return [request["what"] for request in self.queue.on(f"lobby/b1/request/{window}")]

    async def call(self, ticket: str, window: str) -> None:
        """The queue machine calls."""
        await self.queue.say("queue/called", {"no": ticket, "to": window})

    def window(self, id: str) -> Any:
        return self.house.engine.hall.windows.get(id)

    def state(self, device: str) -> str:
        known = self.house.engine.hall.devices.get(device)
        return "" if known is None else known.state


@asynccontextmanager
async def branch(folder: Path, mosquitto: Mosquitto) -> AsyncIterator[Branch]:
    line = TerminalLine(folder / "terminals", Terminals({f"t{n}": int(n) for n in WINDOWS}))
    line.terminals.boxes[DEAD].powered = False
    line.port.plug()
    config = CONFIG.replace("NODE", str(line.port.path)).replace("URL", mosquitto.url)
    try:
        async with witness(mosquitto, "lobby/b1/request/+") as queue, running(folder, config) as house:
            one = Branch(house, line, queue)
            await one.until(lambda: one.state("t1") == "ok" and one.state("queue") == "ok")
            yield one
    finally:
        line.port.unplug()


async def test_a_key_asks_the_queue_machine_and_its_call_is_on_the_screen(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with branch(tmp_path, mosquitto) as one:
        await one.house.draw("A001")
        await one.house.draw("A002")
        one.line.press("t3", CALL_NEXT)
        await one.until(lambda: one.asked("3") == ["call_next"])
        assert one.window("3") is None, "a request is no call"
        assert one.house.waiting == ["A001", "A002"]

        await one.call("A001", "3")
        await one.until(lambda: (one.boxes["t3"].ticket, one.boxes["t3"].beeps) == ("001", 1))
        one.line.press("t3", RECALL)
        one.line.press("t3", ABANDON)
        await one.until(lambda: one.window("3").ticket is None)
        await one.until(lambda: all(box.waiting == "001" for box in one.boxes.values() if box.powered))

        one.line.press("t3", PAUSE)
        await one.until(lambda: one.window("3").state == "paused")
        one.line.press("t3", CALL_NEXT)
        await one.until(lambda: one.window("3").state == "open")
        await one.until(lambda: one.asked("3") == ["call_next", "call_next"])
        await one.until(lambda: one.boxes["t3"].unanswered == [])
        assert one.boxes[DEAD].waiting == ""


async def test_every_teller_presses_while_the_plug_is_pulled_and_put_in_again(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    async with branch(tmp_path, mosquitto) as one:
        await one.house.draw("A001")
        await one.call("A001", "3")
        await one.until(lambda: one.boxes["t3"].beeps == 1)
        one.line.press_at_once({"t1": CALL_NEXT, "t2": PAUSE})
        one.line.disturb(b"\xff\x68\x03\x03\x68\x03")
        one.line.port.unplug()
        await one.until(lambda: one.state("t3") == "unknown")
        for box in one.boxes.values():
            box.ticket = box.waiting = ""
            box.unanswered.clear()
        one.line.port.plug()
        await one.until(lambda: one.boxes["t3"].ticket == "001")
        await one.until(lambda: one.state("t3") == "ok")
        alive = [n for n in WINDOWS if one.boxes[f"t{n}"].powered]
        for n in alive:
            one.line.press(f"t{n}", CALL_NEXT)
        await one.until(lambda: all(one.asked(n) == ["call_next"] for n in alive))
        await one.until(lambda: all(one.boxes[f"t{n}"].unanswered == [] for n in alive))

        assert one.boxes["t3"].beeps == 1, "shown again, and no second beep"
        assert one.window("2") is None, "what collided was no key"


async def test_a_restart_paints_the_screens_and_asks_nobody_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with branch(tmp_path, mosquitto) as one:
        await one.house.draw("A001")
        one.line.press("t3", CALL_NEXT)
        await one.until(lambda: one.asked("3") == ["call_next"])
        await one.call("A001", "3")
        await one.until(lambda: one.boxes["t3"].beeps == 1)
    async with branch(tmp_path, mosquitto) as again:
        await again.until(lambda: again.boxes["t3"].ticket == "001")
        assert again.boxes["t3"].beeps == 0
        assert again.asked("3") == []
