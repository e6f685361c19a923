"""The load: messages sent through the broker, and what comes back for each, in the same process and by one clock.

A message belongs to a lane, and a lane has one message on its way at most: so every answer is that of the message
before, and a level that changes is never told for two changes at once. So many outstanding messages are so many lanes.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from edge.bench.mqtt import open_client
from edge.bench.processes import cpu_s

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.bench.mqtt import Client

STUCK_AFTER_S: Final = 10.0
"""Without any answer for so long, what is outstanding is lost."""

BUSY_S: Final = 0.01
"""A message whose lane is busy is tried again after this; its latency counts from when it is sent."""


class Subject(Protocol):
    """What is measured: a program that answers every message, and how to talk to it."""

    @property
    def pid(self) -> int:
        """Its process."""

    @property
    def burst(self) -> int:
        """Messages it takes for one answer."""

    def messages(self, lane: int) -> Iterable[tuple[str, bytes]]:
        """(topic, payload) of the next `burst` messages of a lane."""

    def lane_of(self, topic: str, payload: bytes) -> int | None:
        """The lane that this message answers; None when it is none of this subject's answers."""


class Sustained(Struct, frozen=True):
    """Messages a second with so many outstanding, microseconds of processor time for each, and how many were lost."""

    rate: float
    cpu_us: float
    lost: int


class Paced(Struct, frozen=True):
    """Seconds from message to answer, at a fixed rate, and how many answers never came."""

    latencies_s: list[float]
    lost: int


class Load:
    """One client of the broker that drives one subject at a time; made by `open_load`."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self._subject: Subject | None = None
        self._sent: dict[int, float] = {}
        self._latencies: list[float] = []
        self._awaited, self._unsent = 0, 0
        self._all = asyncio.Event()

    async def sustained(self, subject: Subject, outstanding: int, answers: int) -> Sustained:
        """Keeps so many messages on their way until so many answers have come."""
        lanes = min(max(outstanding // subject.burst, 1), answers)
        before, began = cpu_s(subject.pid), perf_counter()
        self._begin(subject, answers, unsent=answers - lanes)
        for lane in range(lanes):
            self._send(lane)
        lost = await self._end()
        took_s, spent_s = perf_counter() - began, cpu_s(subject.pid) - before
        came = (answers - lost) * subject.burst
        return Sustained(came / took_s, 1e6 * spent_s / max(came, 1), lost * subject.burst)

    async def paced(self, subject: Subject, lanes: int, rate: float, answers: int) -> Paced:
        """Sends so many messages a second, lane after lane; one whose lane is still busy waits until it is not."""
        loop = asyncio.get_running_loop()
        self._begin(subject, answers, unsent=0)
        began = loop.time()
        for number in range(answers):
            loop.call_at(began + number / rate, self._send, number % lanes)
        lost = await self._end()
        return Paced(self._latencies, lost)

    def received(self, topic: str, payload: bytes) -> None:
        """A message has come for us."""
        lane = self._subject.lane_of(topic, payload) if self._subject is not None else None
        sent = self._sent.pop(lane, None) if lane is not None else None
        if lane is None or sent is None:
            return
        self._latencies.append(perf_counter() - sent)
        self._awaited -= 1
        if self._unsent:
            self._unsent -= 1
            self._send(lane)
        elif not self._awaited:
            self._all.set()

    def _begin(self, subject: Subject, answers: int, *, unsent: int) -> None:
        self._subject, self._awaited, self._unsent = subject, answers, unsent
        self._sent, self._latencies = {}, []
        self._all.clear()

    def _send(self, lane: int) -> None:
        if self._subject is None or self.client is None:
            return
        if lane in self._sent:
            asyncio.get_running_loop().call_later(BUSY_S, self._send, lane)
            return
        for topic, payload in self._subject.messages(lane):
            self.client.publish(topic, payload)
        self._sent[lane] = perf_counter()

    async def _end(self) -> int:
        """Returns how many answers are missing once all have come, or none comes any more."""
        missing = self._awaited + 1
        while 0 < self._awaited < missing:
            missing = self._awaited
            with suppress(TimeoutError):
                async with asyncio.timeout(STUCK_AFTER_S):
                    await self._all.wait()
        self._subject = None
        return self._awaited


async def open_load(port: int, filters: Iterable[str]) -> Load:
    """A load on the broker at `port` that hears these topics."""
    load = Load()
    load.client = await open_client(port, "bench-load", load.received)
    await load.client.subscribe([*filters])
    return load
