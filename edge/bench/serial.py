"""A question on a serial line and its answer: the daemon's link, bus and driver against a plain `add_reader` loop.

Both ask the same Modbus question through the same driver over a pseudo-terminal, one exchange after the other; at the
other end a process on another core answers at once. The plain loop does what cannot be left out: it writes, waits to
be told that there is something to read, reads, and hands it to the driver. What the daemon adds is whose turn it is,
deadlines, answers matched to questions, and how the device is. No gap is kept, so that what is timed is the program.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tty
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Final

import structlog
from msgspec import Struct
from msgspec.structs import replace
from serial import Serial

from edge.bench.figures import Spread, quantile, ratios
from edge.bench.processes import ENDS_WITHIN_S, pin, pinned
from edge.bench.report import Aim, Figure, Report
from edge.config.links import SerialLink
from edge.driver import Device, Driver, Reply, load
from edge.shell.clock import Clock
from edge.shell.connection import Connection
from edge.shell.health import Health
from edge.shell.links.serial import open_serial
from edge.shell.links.stream import CHUNK
from edge.shell.logs import Bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.core.events import Happening
    from edge.core.instant import Instant
    from edge.driver import Received, Request

ABOUT: Final = "a question on a serial line and its answer, against a plain add_reader loop"

ANSWER: Final = "010201c22019"
"""Eight contacts, as published."""

FAR_END: Final = """
import os, sys
fd, answer = int(sys.argv[1]), bytes.fromhex(sys.argv[2])
while True:
    missing = 8
    while missing > 0:
        missing -= len(os.read(fd, missing))
    os.write(fd, answer)
"""

SETTINGS: Final = {"contacts": [{"input": 0, "name": "door", "event": "door_open"}], "report_s": 3600}
WARM: Final = 200
"""Exchanges before those that count."""


class Sizes(Struct, frozen=True):
    """How many rounds of how many exchanges, each way."""

    rounds: int
    exchanges: int


FULL, QUICK = Sizes(rounds=15, exchanges=3000), Sizes(rounds=2, exchanges=200)


class Timed(Driver):
    """The Modbus driver, asked without end; when each question went out."""

    def __init__(self, exchanges: int) -> None:
        module = load("sensor_modbus")
        self.asked_at: list[float] = []
        self.enough: Callable[[], object] = list
        self.device = Device("sensor-1", "sensor", module.Settings.model_validate(SETTINGS), address=1)
        self._driver = module.create([self.device])
        (request,) = self._driver.poll(0)
        self.request = replace(request, gap_s=0.0, gap_bytes=0.0)
        self._exchanges = exchanges

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """What the driver makes of it."""
        return self._driver.receive(data, at, topic)

    def poll(self, at: Instant) -> list[Request]:
        """All the questions at once: the bus asks them one after the other."""
        return [self.request] * (self._exchanges + WARM + 2)

    def asked(self, request: Request) -> None:
        """Takes the time, and calls `enough` when it has been taken often enough."""
        self.asked_at.append(perf_counter())
        if len(self.asked_at) > self._exchanges + WARM:
            self.enough()
        self._driver.asked(request)

    @property
    def exchanges_us(self) -> list[float]:
        """How long each exchange took, from its question to the next one."""
        pairs = zip(self.asked_at[WARM:], self.asked_at[WARM + 1 :], strict=False)
        return [1e6 * (later - earlier) for earlier, later in pairs]


class Sink:
    """An inbox that forgets."""

    full = False

    def now(self) -> Instant:
        """Always the same: what is measured is not what an event is worth."""
        return 0

    def submit(
        self, events: Sequence[Happening], committed: Callable[[], None] | None = None, *, origin: bytes | None = None
    ) -> None:
        """Takes it and forgets it."""

    def seen(self, origin: bytes) -> bool:
        """Nothing is."""
        return False

    async def room(self) -> None:
        """There always is."""


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Both in turn within each round, each on a port opened anew."""
    plain: list[list[float]] = []
    ours: list[list[float]] = []
    with pinned(1), far_end() as node:
        for number in range(sizes.rounds):
            tell(f"round {number + 1} of {sizes.rounds}")
            for exchange, measured in ((_plain, plain), (_daemon, ours)):
                driver = Timed(sizes.exchanges)
                asyncio.run(exchange(node, driver))
                measured.append(driver.exchanges_us)
    return Report("serial", ABOUT, [*_figures(plain, ours)])


@contextmanager
def far_end() -> Iterator[str]:
    """The name of a terminal at whose other end a process answers every eight bytes."""
    master, slave = os.openpty()
    tty.setraw(slave)
    command = (sys.executable, "-c", FAR_END, str(master), ANSWER)
    process = subprocess.Popen(command, pass_fds=(master,), stderr=subprocess.DEVNULL)
    os.close(master)
    try:
        pin(process.pid, 0)
        yield os.ttyname(slave)
    finally:
        os.close(slave)
        process.terminate()
        process.wait(ENDS_WITHIN_S)


async def _plain(node: str, driver: Timed) -> None:
    """What an exchange costs at least."""
    port = Serial(node, 115200, timeout=0)
    fd = port.fileno()
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    driver.enough = done.set

    def ask() -> None:
        driver.asked(driver.request)
        os.write(fd, driver.request.data)

    def readable() -> None:
        answered = any(isinstance(one, Reply) for one in driver.receive(os.read(fd, CHUNK), 0))
        if answered and not done.is_set():
            ask()

    loop.add_reader(fd, readable)
    try:
        ask()
        await done.wait()
    finally:
        loop.remove_reader(fd)
        port.close()


async def _daemon(node: str, driver: Timed) -> None:
    """The same by the daemon's link, bus and health."""
    clock, log = Clock(), structlog.get_logger()
    devices = [driver.device]
    async with open_serial(SerialLink(node, 115200)) as pipe:
        connection = Connection(
            pipe=pipe,
            driver=driver,
            devices=devices,
            inbox=Sink(),
            clock=clock,
            health=Health(devices, unheard=()),
            log=log,
            bad=Bounded(log, clock),
        )
        running = asyncio.create_task(connection.run())
        driver.enough = running.cancel
        with suppress(asyncio.CancelledError):
            await running


def _figures(plain: Sequence[Sequence[float]], ours: Sequence[Sequence[float]]) -> Iterator[Figure]:
    for what, share, aim in (("p50", 0.5, Aim(1.25)), ("p99", 0.99, None)):
        least, found = [quantile(each, share) for each in plain], [quantile(each, share) for each in ours]
        beside = {"µs": Spread.of(found).median, "plain µs": Spread.of(least).median}
        yield Figure(f"an exchange, {what}", ratios(found, least), aim=aim, beside=beside)
