"""A steady, busy branch as events: every window serves, as many wait at any time as at the beginning.

Whoever is called is replaced by a new ticket of the same class, so the queue keeps its length and its mix however long
the day is. The same arguments give the same events.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush, merge
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Final

from edge.bench.branch import MACHINES, SERVICES, WINDOWS
from edge.core import events as ev
from edge.core.instant import SECOND, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.instant import Instant, Micros

GAP: Final = 3 * SECOND
"""From the end of a service to the window's next call."""

ARRIVES: Final = 1 * SECOND
"""From a call to the ticket that takes the called one's place."""

OPENING: Final = MACHINES + len(WINDOWS)
"""Events before the first ticket: machines say that they are well, windows open."""


def lead(waiting: int) -> int:
    """How many events it takes until every window serves and `waiting` tickets wait."""
    return OPENING + waiting + 2 * len(WINDOWS)


def steady(begin: Instant, waiting: int, count: int, seed: int = 1) -> list[ev.Happening]:
    """The first `count` events of the day that begins at `begin`, in the order of their time."""
    return list(islice(_day(begin, waiting, Random(seed)), count))


def with_reports(events: list[ev.Happening], machines: int, every: Micros) -> list[ev.Happening]:
    """The same events among the reports of so many ATMs, each saying `every` so often that it is well."""
    begin, end = events[0].at, events[-1].at
    reports = (
        ev.DeviceStatus(at=at, device=f"atm-{n}", kind="atm", state="ok", parts={"printer": "ok", "reader": "ok"})
        for at in range(begin, end, every)
        for n in range(machines)
    )
    return list(merge(events, reports, key=lambda event: event.at))


def _day(begin: Instant, waiting: int, rng: Random) -> Iterator[ev.Happening]:
    for number in range(MACHINES):
        yield ev.DeviceStatus(at=begin, device=f"atm-{number}", kind="atm", state="ok")
    for window, services in WINDOWS.items():
        yield ev.WindowOpened(at=begin, window=window, services=services)
    queue = _Queue(rng)
    at = begin
    for _ in range(waiting):
        at += SECOND // 2
        yield queue.issue(at, rng.choice(queue.classes))
    yield from _service(at, queue, rng)


def _service(begin: Instant, queue: _Queue, rng: Random) -> Iterator[ev.Happening]:
    """Calls, arrivals and ends of service, window by window, merged by time."""
    due: list[tuple[Instant, int, str, str]] = [
        (begin + n * SECOND, n, "call", window) for n, window in enumerate(WINDOWS)
    ]
    heapify(due)
    serving: dict[str, str] = {}
    number = len(due)
    while True:
        at, _, act, about = heappop(due)
        number += 1
        if act == "arrive":
            yield queue.issue(at, about)
        elif act == "end":
            yield ev.TicketServed(at=at, ticket=serving.pop(about), window=about)
            heappush(due, (at + GAP, number, "call", about))
        elif (called := queue.call(WINDOWS[about])) is None:
            heappush(due, (at + GAP, number, "call", about))
        else:
            ticket, service = called
            serving[about] = ticket
            yield ev.TicketCalled(at=at, ticket=ticket, window=about)
            heappush(due, (at + ARRIVES, number, "arrive", service))
            lasts = seconds(rng.gammavariate(2.0, SERVICES[service] / 2.0))
            heappush(due, (at + 2 * ARRIVES + lasts, -number, "end", about))


class _Queue:
    """Who waits, by class, the longest waiting first."""

    def __init__(self, rng: Random) -> None:
        self.classes: Final = [service for service in SERVICES for _ in range(1 + 3 * (service == "cash"))]
        self._waiting: dict[str, deque[tuple[int, str]]] = {service: deque() for service in SERVICES}
        self._rng, self._count = rng, 0

    def issue(self, at: Instant, service: str) -> ev.TicketIssued:
        self._count += 1
        ticket = f"{service[0].upper()}{self._count:05}"
        self._waiting[service].append((self._count, ticket))
        return ev.TicketIssued(at=at, ticket=ticket, service=service)

    def call(self, services: tuple[str, ...]) -> tuple[str, str] | None:
        """(ticket, class) of whoever has waited longest for one of the classes."""
        oldest = min(
            ((self._waiting[service][0][0], service) for service in services if self._waiting[service]), default=None
        )
        if oldest is None:
            return None
        return self._waiting[oldest[1]].popleft()[1], oldest[1]
