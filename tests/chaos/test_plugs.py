"""The demo with every kind of device: whichever plug is pulled, handheld and headquarters see it, and it heals.

The times are printed (`pytest -s`); nothing here asserts one. Of the boards on one bus, which take many seconds each,
one loses its power alone and all lose their cable.
"""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio

from edge import config, resources
from edge.sim import premises
from edge.sim.demo import BOARDS_PORT
from tests.fakes import PATIENCE_S
from tests.shell.branch import Witness, witness
from tests.web.reader import Reader, listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

DEVICES = config.load(resources.config_dir() / "demo.toml").branch.devices
ON_THE_BUS = [id for id, table in DEVICES.items() if table.link == DEVICES["board-lobby"].link]
LOST = ("unknown", "down")
STATE = f"bank/v1/{premises.ORG}/{premises.BRANCH}/device/{{}}/state"


@dataclass(frozen=True)
class Place:
    """A broker that somebody else runs."""

    host: str
    port: int


class Handheld:
    """What a handheld's device panel shows, by device, oldest first."""

    def __init__(self) -> None:
        self.states: dict[str, list[str]] = {}
        self._news = asyncio.Event()

    async def look(self, stream: Reader) -> None:
        while True:
            told = await stream.next("snapshot", "device")
            for device in told.data["devices"] if told.kind == "snapshot" else [told.data]:
                self.states.setdefault(device["device"], []).append(device["state"])
            self._news.set()

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                self._news.clear()
                await self._news.wait()


class Demo:
    """`lobbyd demo` in a process of its own, seen from headquarters, from a handheld and from its simulator's page."""

    def __init__(self, hq: Witness, handheld: Handheld, simulator: aiohttp.ClientSession) -> None:
        self.hq, self.handheld, self.simulator = hq, handheld, simulator

    async def order(self, name: str, *, plugged: bool) -> float:
        """Sets a plug; when, by the loop's clock."""
        async with self.simulator.post(f"/plugs/{name}", json={"plugged": plugged}) as answer:
            assert answer.status == 200
            return asyncio.get_running_loop().time()

    async def call(self, window: str) -> None:
        """A ticket is called there, as the queue system says it: what only speaks at a call is missed then."""
        call = {"cmd": "call", "no": "F999"}
        await self.hq.say(f"terminal/{window}/event", call)

    def at_headquarters(self, device: str) -> list[str]:
        return [item["state"] for item in self.hq.on(STATE.format(device)) if item is not None]

    async def until(self, device: str, *, known: bool) -> float:
        """Returns when headquarters and handheld both know, or both do not, how the device is; when that was."""

        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as both:
            both.create_task(self.handheld.until(lambda: _is(self.handheld.states.get(device, []), known=known)))
            both.create_task(_patiently(self.hq, lambda: _is(self.at_headquarters(device), known=known)))
        return asyncio.get_running_loop().time()


def _is(states: Sequence[str], *, known: bool) -> bool:
    return bool(states) and (states[-1] not in LOST) is known


async def _patiently(hq: Witness, true: Callable[[], bool]) -> None:
    while not true():
        with suppress(AssertionError):  # ours is the longer patience
            await hq.until(true)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[Demo]:
    command = [sys.executable, "-m", "edge", "demo", "--headless", "--port", "0", "--scenario", "calm"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(PATIENCE_S):
        while b"Ctrl-C" not in said:
            said += await process.stdout.readline()
    where = _places(said.decode())
    pages, simulator = aiohttp.ClientSession(where["handheld"]), aiohttp.ClientSession(where["simulator"])
    broker = Place("127.0.0.1", int(where["broker"]))
    async with pages, simulator, witness(broker, STATE.format("+")) as hq, listening(pages) as stream:
        handheld = Handheld()
        looking = asyncio.create_task(handheld.look(stream))
        yield Demo(hq, handheld, simulator)
        looking.cancel()
    process.terminate()
    async with asyncio.timeout(PATIENCE_S):
        assert await process.wait() == 0


def _places(said: str) -> Mapping[str, str]:
    found = {name: re.search(rf"{name} +(http://[\d.:]+)", said) for name in ("handheld", "simulator")}
    found["broker"] = re.search(r" -p (\d+)", said)
    return {name: match[1] for name, match in found.items() if match is not None}


@pytest.mark.parametrize("device", [id for id in DEVICES if id not in ON_THE_BUS[1:]])
async def test_a_device_that_is_unplugged_is_unknown_everywhere_until_it_is_plugged_in(demo: Demo, device: str) -> None:
    await demo.until(device, known=True)
    before = len(demo.at_headquarters(device))
    pulled = await demo.order(device, plugged=False)
    if DEVICES[device].kind == "announcer":
        await demo.call(DEVICES[device].window or "1")
    gone = await demo.until(device, known=False)
    put = await demo.order(device, plugged=True)
    back = await demo.until(device, known=True)

    first, *_ = demo.at_headquarters(device)[before:]
    print(f"{device}: unknown everywhere after {gone - pulled:.2f} s, back after {back - put:.2f} s")  # noqa: T201 (for -s)
    assert first in LOST


async def test_the_cable_of_a_bus_takes_all_its_boards_along(demo: Demo) -> None:
    for board in ON_THE_BUS:
        await demo.until(board, known=True)
    pulled = await demo.order(BOARDS_PORT, plugged=False)
    gone = [await demo.until(board, known=False) for board in ON_THE_BUS]
    put = await demo.order(BOARDS_PORT, plugged=True)
    back = [await demo.until(board, known=True) for board in ON_THE_BUS]
    print(f"{BOARDS_PORT}: unknown everywhere after {gone[-1] - pulled:.2f} s, back after {back[-1] - put:.2f} s")  # noqa: T201


async def test_what_the_branch_does_not_have_cannot_be_unplugged(demo: Demo) -> None:
    async with demo.simulator.post("/plugs/board-99", json={"plugged": False}) as answer:
        assert answer.status == 404
        assert "'board-99'" in (await answer.json())["error"]
    async with demo.simulator.get("/plugs") as answer:
        assert (await answer.json())["plugs"] == dict.fromkeys([*DEVICES, BOARDS_PORT], True)


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        ({}, "an order is"),
        ({"plugged": 1}, "an order is"),
        ({"plugged": False, "for_s": -1}, "-1 is no number of seconds"),
        ({"plugged": False, "after_s": "soon"}, "'soon' is no number of seconds"),
    ],
)
async def test_what_is_no_order_is_refused_in_a_sentence(demo: Demo, order: dict[str, object], wrong: str) -> None:
    async with demo.simulator.post("/plugs/queue-1", json=order) as answer:
        assert (answer.status, wrong in (await answer.json())["error"]) == (400, True)


async def test_another_site_s_form_orders_nothing(demo: Demo) -> None:
    async with demo.simulator.post("/plugs/queue-1", data={"plugged": "false"}) as answer:
        assert answer.status == 415
