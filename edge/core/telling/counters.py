"""What each call terminal shows at its counter: the ticket at the window, and how many wait for that window.

Who is called next is the queue machine's to decide: a terminal's key for it is passed on and changes nothing here.

A call is shown at once. How many wait changes with every ticket of every window's classes, on thirty terminals of one
slow bus: so it is counted for all of them together, `SETTLE` after something has moved and no sooner than `LEAST`
after the last count. A terminal is told only what differs from what it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.commands import AskQueue
from edge.core.instant import SECOND, Instant, Micros
from edge.core.outputs import ShowOnCounter

if TYPE_CHECKING:
    from collections.abc import Collection

    from edge.core import events as ev
    from edge.core.hall import Hall, Window
    from edge.core.policy import Policy

SETTLE: Final[Micros] = 1 * SECOND
LEAST: Final[Micros] = 10 * SECOND
"""Thirty terminals, two frames of fifteen bytes each and a pause behind them, take two seconds of 9600 baud."""

KEY: Final = "counter"

ASKS: Final = frozenset({"call_next", "hang", "call_back"})
"""Events of a terminal that only the queue machine can do something about."""


class Sign(Struct):
    """What one terminal shows."""

    ticket: str | None
    waiting: int
    paused: bool = False


class Counters(Struct):
    """The signs by terminal, and when it was last counted who waits."""

    signs: dict[str, Sign] = field(default_factory=dict)
    counted_at: Instant = 0


def moved(hall: Hall, policy: Policy) -> list[ShowOnCounter]:
    """The queue or a window has changed: a ticket is shown at once, with a beep, a pause too, another number soon."""
    if KEY not in hall.agenda.due:
        hall.agenda.put(KEY, max(hall.now + SETTLE, hall.counters.counted_at + LEAST))
    shown: list[ShowOnCounter] = []
    for window, terminals in policy.terminals.items():
        there = hall.windows.get(window)
        now = (None, False) if there is None else (there.ticket, there.state == "paused")
        for id in terminals:
            sign = hall.counters.signs.get(id)
            if sign is None or (sign.ticket, sign.paused) != now:
                called = now[0] is not None and (sign is None or sign.ticket != now[0])
                shown += _show(hall, id, _sign(hall, policy, window), beep=called)
    return shown


def look(hall: Hall, policy: Policy) -> list[ShowOnCounter]:
    """Counts anew for every window who waits, and tells the terminals for which that is news."""
    if policy.terminals:
        hall.counters.counted_at = hall.now
    return [
        show
        for window, terminals in policy.terminals.items()
        for id in terminals
        for show in _show(hall, id, _sign(hall, policy, window))
    ]


def asked(policy: Policy, event: ev.DeviceEvent) -> list[AskQueue]:
    """What a key of a terminal asks of the queue machine, where it is one of those keys."""
    plan = policy.devices.get(event.device)
    if event.event not in ASKS or plan is None or plan.kind != "terminal" or plan.window is None:
        return []
    return [AskQueue(plan.window, plan.id, event.event, event.at)]


def keep(hall: Hall, known: Collection[str]) -> None:
    """Forgets the terminals that are not known any more."""
    for id in hall.counters.signs.keys() - known:
        del hall.counters.signs[id]


def paint(hall: Hall) -> list[ShowOnCounter]:
    """What every terminal should show now: for a restart and for terminals that come back."""
    signs = hall.counters.signs
    return [ShowOnCounter(id, sign.ticket, sign.waiting, hall.now, paused=sign.paused) for id, sign in signs.items()]


def _show(hall: Hall, id: str, sign: Sign, *, beep: bool = False) -> list[ShowOnCounter]:
    if hall.counters.signs.get(id) == sign:
        return []
    hall.counters.signs[id] = sign
    return [ShowOnCounter(id, sign.ticket, sign.waiting, hall.now, paused=sign.paused, beep=beep)]


def _sign(hall: Hall, policy: Policy, id: str) -> Sign:
    window = hall.windows.get(id)
    waiting = _waiting(hall, policy, id, window)
    return Sign(None, waiting) if window is None else Sign(window.ticket, waiting, window.state == "paused")


def _waiting(hall: Hall, policy: Policy, id: str, window: Window | None) -> int:
    """How many this window may call: those sent to it, and those of its classes that are not sent to another."""
    plan = policy.windows.get(id)
    services = window.services if window is not None else plan.services if plan is not None else ()
    return sum(
        ticket.for_window == id if ticket.for_window is not None else ticket.service in services
        for ticket in hall.queue()
    )
