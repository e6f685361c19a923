"""The world around a whole daemon goes wrong: plugs, noise, brokers. The branch goes on and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import tracemalloc
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

import drivers
from edge.core import events as ev
from tests.chaos.house import PLAIN, House, running
from tests.shell.branch import Witness, heard, soon, witness
from tests.shell.ends import Port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from tests.processes import Mosquitto

QUEUE = """
[devices.queue]
kind = "dispenser"
driver = "lines"
link = "serial://NODE?baud=115200"
[[devices.queue.settings.lines]]
event = "ticket.issued"
pattern = '^TK (?P<ticket>\\w+)$'
set = { service = "cash" }
"""
BOARD = """
[devices.board]
kind = "board"
driver = "toy"
link = "serial://NODE?baud=115200"
shows = "lobby"
"""
BRANCH = """
[broker]
url = "URL"
[devices.terminals]
kind = "terminal"
driver = "mqtt_json"
link = "mqtt:hall/+"
[[devices.terminals.settings.topics]]
topic = "hall/issued"
event = "ticket.issued"
fields = { ticket = "no", service = "service" }
"""


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "__path__", [*drivers.__path__, str(Path(__file__).parents[1] / "shell" / "toys")])


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    port = Port(tmp_path / "tty")
    yield port
    if port.node.is_symlink():
        port.node.unlink()


def on(port: Port, devices: str) -> str:
    return PLAIN + devices.replace("NODE", str(port.node))


async def test_a_queue_machine_is_unplugged_and_plugged_in_again(tmp_path: Path, port: Port) -> None:
    port.plug()
    async with running(tmp_path, on(port, QUEUE)) as house:
        port.say(b"TK A001\n")
        await house.until(lambda: house.waiting == ["A001"])
        port.unplug()
        await house.until(lambda: house.prompts == [("dispenser-lost.queue.1", "raised")])
        assert list(house.daemon.troubles()) == [{"cause": "line", "devices": ["queue"]}]
        port.plug()
        await soon(lambda: not house.daemon.health()["problems"], lambda: house.daemon.pace.sleep(0.02))
        assert list(house.daemon.troubles()) == []
        port.say(b"TK A002\n")  # what was said before the port was open is lost, as on any wire
        await house.until(lambda: house.waiting == ["A001", "A002"])
        await house.until(lambda: house.prompts[1:] == [("dispenser-lost.queue.1", "cleared")])
        port.unplug()


async def test_a_board_s_bus_is_unplugged_and_shows_the_present_call_when_it_is_back(
    tmp_path: Path, port: Port
) -> None:
    port.plug()
    async with running(tmp_path, on(port, BOARD) + "[boards]\ncall_least_s = 1\n") as house:
        call(house, "A001")
        await port.until(lambda heard: any("A001" in page for page in heard))
        port.unplug()
        await house.until(lambda: ("device-down.board.1", "raised") in house.prompts)
        port.heard.clear()
        call(house, "A002")  # its turn comes when the first has had its time
        await house.until(lambda: house.engine.hall.boards["board"].shown.ticket == "A002")
        port.plug()
        await port.until(bool)
        await house.until(lambda: ("device-down.board.1", "cleared") in house.prompts)
        port.unplug()

    assert "A002" in port.heard[0]


def call(house: House, ticket: str) -> None:
    runtime = house.daemon.runtime
    runtime.submit([ev.TicketCalled(at=runtime.now(), ticket=ticket, window="1")])


async def test_a_noisy_line_costs_a_line_of_log_and_nothing_else(tmp_path: Path, port: Port) -> None:
    port.plug()
    noise = Random(1)
    async with running(tmp_path, on(port, QUEUE)) as house:
        port.say(b"TK A000\n")
        await house.until(lambda: house.waiting)
        tracemalloc.start()
        with capture_logs() as logs:
            for n in range(1, 101):  # ten times what 115200 baud can carry in the time this takes
                port.say(noise.randbytes(1500).replace(b"\n", b"") + b"\nTK \xff\nTK\n\x00\x00\nTK A%03d\n" % n)
                await house.until(partial(house.waits, f"A{n:03}"))
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        bad = house.daemon.health()["counters"]["bad_frames"]
        port.unplug()

    assert house.waiting == [f"A{n:03}" for n in range(101)]
    assert bad >= 400
    assert len([line for line in logs if line["event"] == "bad frame"]) == 1
    assert grown < 4_000_000


@pytest.mark.broker
async def test_nonsense_on_the_broker_is_counted_and_changes_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    nonsense: list[tuple[str, bytes]] = [
        ("hall/issued", b"x" * 1_000_000),
        ("hall/issued", b'{"no": "A1", "service": '),
        ("hall/issued", b'{"no": {"deep": 1}, "service": "cash"}'),
        ("hall/issued", b'{"no": null, "service": ["cash"]}'),
        ("hall/issued", b"[" * 100_000),
        ("hall/issued", b""),
        ("hall/issued", bytes(range(256))),
        ("hall/nobody", b'{"no": "A1", "service": "cash"}'),
        ("lobby/b1/staff/x/action", b"\xff\xfe"),
        ("lobby/b1/staff/x/action", b'{"action": 7}'),
    ]
    async with (
        running(tmp_path, PLAIN + BRANCH.replace("URL", mosquitto.url)) as house,
        witness(mosquitto, "lobby/b1/wait/+") as device,
    ):
        broker: Any = house.daemon.running["broker"]
        await soon(lambda: heard(broker._connection), lambda: house.daemon.pace.sleep(0.02))
        with capture_logs() as logs:
            for _ in range(3):
                for topic, payload in nonsense:
                    await device.say(topic, payload)
            await device.say("hall/issued", {"no": "A1", "service": "cash"})
            await house.until(lambda: house.waiting)
        counters: Any = house.daemon.health()["counters"]

    assert house.waiting == ["A1"]
    assert house.prompts == []
    assert counters["bad_frames"] >= 3 * (len(nonsense) - 1)
    assert counters["restarts"] == 0
    assert len([line for line in logs if line["log_level"] in ("warning", "error")]) == 1


def hq_branch(port: Port, url: str) -> str:
    return on(port, QUEUE) + f'[hq]\nurl = "{url}"\nkeepalive_s = 5\n'


def upward(heard: list[tuple[str, bytes, bool]]) -> list[dict[str, Any]]:
    """The envelopes of tickets, second deliveries left out by `id`."""
    items = [json.loads(payload) for topic, payload, _ in heard if topic.endswith("/event/ticket.issued")]
    return list({item["id"]: item for item in items}.values())


def tickets(items: list[dict[str, Any]]) -> list[str]:
    return [item["data"]["ticket"] for item in items]


def headquarters(broker: Mosquitto) -> AbstractAsyncContextManager[Witness]:
    """Hears every event: for one who is away the broker keeps them, for it may be back later than the branch."""
    return witness(broker, "bank/v1/bank/b1/event/#", session="hq")


def has(hq: Witness, ticket: str) -> bool:
    return ticket in tickets(upward(hq.heard))


@pytest.mark.broker
async def test_headquarters_broker_that_comes_late_gets_the_history_in_order(
    tmp_path: Path, port: Port, mosquitto: Mosquitto
) -> None:
    async with headquarters(mosquitto):
        pass  # that it wants to hear of events the broker knows before the branch is there
    mosquitto.stop()
    port.plug()
    async with running(tmp_path, hq_branch(port, mosquitto.url)) as house:
        for n in range(50):
            port.say(b"TK A%03d\n" % n)
        await house.until(lambda: len(house.waiting) == 50)
        mosquitto.start()
        async with headquarters(mosquitto) as hq:
            await hq.until(lambda: len(upward(hq.heard)) == 50)
            port.say(b"TK A050\n")
            await hq.until(lambda: len(upward(hq.heard)) == 51)
        port.unplug()

    assert tickets(upward(hq.heard)) == [f"A{n:03}" for n in range(51)]
    assert [item["hist"] for item in upward(hq.heard)] == [True] * 50 + [False]


@pytest.mark.broker
async def test_a_broker_that_is_restarted_while_tickets_flow_misses_none(
    tmp_path: Path, port: Port, mosquitto: Mosquitto
) -> None:
    port.plug()
    heard: list[tuple[str, bytes, bool]] = []
    async with running(tmp_path, hq_branch(port, mosquitto.url)) as house:
        for n in range(3):
            async with headquarters(mosquitto) as hq:
                port.say(b"".join(b"TK B%d%02d\n" % (n, m) for m in range(20)))
                await hq.until(partial(has, hq, f"B{n}19"))
            heard += hq.heard
            mosquitto.stop()
            port.say(b"TK C%d\n" % n)
            await house.until(partial(house.waits, f"C{n}"))
            mosquitto.start()
        async with headquarters(mosquitto) as hq:
            await hq.until(partial(has, hq, "C2"))
        heard += hq.heard
        port.unplug()

    assert tickets(upward(heard)) == house.waiting
    marks = [(item["boot"], item["seq"]) for item in upward(heard)]
    assert marks == sorted(marks)


@pytest.mark.broker
async def test_a_broker_that_stands_still_holds_nobody_up(tmp_path: Path, port: Port, mosquitto: Mosquitto) -> None:
    port.plug()
    assert mosquitto._process is not None
    frozen = mosquitto._process.pid
    async with (
        running(tmp_path, hq_branch(port, mosquitto.url)) as house,
        headquarters(mosquitto) as hq,
    ):
        port.say(b"TK A000\n")
        await hq.until(lambda: upward(hq.heard))
        os.kill(frozen, signal.SIGSTOP)
        try:
            for n in range(1, 200):
                port.say(b"TK A%03d\n" % n)
            await house.until(lambda: len(house.waiting) == 200)
        finally:
            os.kill(frozen, signal.SIGCONT)
        await hq.until(lambda: len(upward(hq.heard)) == 200)
        port.unplug()

    assert tickets(upward(hq.heard)) == house.waiting
