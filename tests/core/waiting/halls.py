"""Halls for the engine, drawn in a few words: windows and tickets as they stand at NOON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.core.hall import Hall, Ticket, Window
from edge.core.instant import SECOND, seconds
from edge.core.policy import Policy, Service, WindowPlan
from edge.core.waiting import forecast
from edge.core.waiting.learnt import observe
from edge.core.wording import Text

if TYPE_CHECKING:
    from edge.core.waiting import NextWait, Wait

NOON = 1_772_452_800 * SECOND
"""2026-03-02T12:00:00Z."""

NO_POLICY = Policy()


def ago(duration_s: float) -> int:
    return NOON - seconds(duration_s)


def window(
    hall: Hall, id: str, *services: str, state: Any = "open", busy_s: float | None = None, **more: Any
) -> Window:
    """A window in the hall since an hour; with `busy_s` it serves somebody since then."""
    found = hall.windows[id] = Window(id=id, services=services or ("cash",), state=state, changed_at=ago(3600))
    found.free_since = ago(more.pop("free_s", 0))
    for name, value in more.items():
        setattr(found, name, value)
    if busy_s is not None:
        served = Ticket(id=f"at-{id}", service=found.services[0], waiting_since=ago(busy_s + 60), called_at=ago(busy_s))
        served.state, served.window = "serving", id
        hall.tickets[served.id] = served
        found.ticket, found.since = served.id, ago(busy_s)
    for service in found.services:
        hall.services.setdefault(service, 0)
    return found


def queue(hall: Hall, *tickets: str, service: str = "cash", waited_s: float = 60, **more: Any) -> None:
    """Tickets that came one second after the other, the first `waited_s` ago."""
    for count, id in enumerate(tickets):
        since = ago(waited_s - count)
        hall.tickets[id] = Ticket(id=id, service=service, issued_at=since, waiting_since=since, **more)
        hall.waiting[id] = since
        hall.services[service] = hall.services.get(service, 0) + 1
    hall.waiting = dict(sorted(hall.waiting.items(), key=lambda entry: entry[1]))


def taught(hall: Hall, service: str, *durations_s: float, at: str = "1", times: int = 1) -> None:
    """Services that have ended at a window."""
    for duration_s in durations_s * times:
        observe(hall.learnt, service, at, duration_s)


def busy_hall(windows: int = 2, waiting: int = 4, busy_s: float = 120) -> Hall:
    """A hall with one class, every window busy, since two minutes or `busy_s`, and a queue T1, T2, …"""
    hall = Hall(now=NOON, day=1)
    for number in range(1, windows + 1):
        window(hall, str(number), busy_s=busy_s)
    queue(hall, *(f"T{number}" for number in range(1, waiting + 1)))
    return hall


def waits(hall: Hall, policy: Policy = NO_POLICY) -> dict[str, Wait]:
    return forecast(hall, policy, NOON).tickets


def next_wait(hall: Hall, service: str = "cash", policy: Policy = NO_POLICY) -> NextWait:
    return forecast(hall, policy, NOON).next[service]


def policy_of(windows: dict[str, tuple[str, ...]], typical_s: float | None = None, **more: Any) -> Policy:
    """A configured branch with these windows and the classes they take."""
    classes = dict.fromkeys(service for services in windows.values() for service in services)
    return Policy(
        services={id: Service(id, Text(id, id), typical_s=typical_s) for id in classes},
        windows={id: WindowPlan(id, services) for id, services in windows.items()},
        configured=True,
        **more,
    )
