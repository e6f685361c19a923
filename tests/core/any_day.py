"""Days on which anything may happen in any order, mostly to somebody it can happen to; the same by the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from edge.core import events as ev
from edge.core.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from edge.core.hall import Hall
    from edge.core.instant import Instant, Micros

_T = TypeVar("_T")

NUMBERS: Final = [f"{letter}{number}" for letter in "AB" for number in range(30)]
SERVICES: Final = ("cash", "account", "corporate")
WINDOWS: Final = ("1", "2", "3", "4")
DEVICES: Final[tuple[tuple[str, ev.DeviceKind], ...]] = (
    ("atm-1", "atm"),
    ("atm-2", "atm"),
    ("recycler-1", "recycler"),
    ("kiosk-1", "kiosk"),
    ("board-1", "board"),
    ("queue-1", "dispenser"),
)
AT_DEVICES: Final = (
    "card_retained", "cash_not_dispensed", "tamper", "door_open", "paper_low", "cash_low", "cash_out", "transaction",
)  # fmt: skip
OF_PROMPTS: Final = ("acknowledge", "done", "decline", "escalate", "shelve")
OF_TICKETS: Final = ("asked", "customer_accepted", "customer_declined", "need_added")


@dataclass(frozen=True, slots=True)
class Chance:
    """What may happen next at `at` in such a hall."""

    random: Random
    hall: Hall
    at: Instant

    def of(self, some: Sequence[_T]) -> _T:
        """Any of them."""
        return self.random.choice(some)

    def ticket(self) -> str:
        """Mostly one that the hall knows."""
        known = list(self.hall.tickets)
        return self.of(known) if known and self.random.random() < 0.9 else self.of(NUMBERS)

    def waiting(self) -> str:
        """Mostly one that waits."""
        waiting = list(self.hall.waiting)
        return self.of(waiting) if waiting and self.random.random() < 0.9 else self.ticket()

    def service(self) -> tuple[str, str]:
        """Mostly a ticket and the window that serves it."""
        busy = [(window.ticket, window.id) for window in self.hall.windows.values() if window.ticket is not None]
        return self.of(busy) if busy and self.random.random() < 0.9 else (self.ticket(), self.of(WINDOWS))

    def event(self) -> ev.Happening:
        """What happens."""
        return self.random.choices(tuple(MAKERS), tuple(MAKERS.values()))[0](self)

    def act(self, action: Any, target: str, **detail: Any) -> ev.StaffAction:
        """One of the staff taps."""
        staff, role = self.of((("lm-1", "lobby_manager"), ("bh-1", "branch_head"), ("os-1", "supervisor")))
        return ev.StaffAction(at=self.at, staff=staff, role=role, action=action, target=target, detail=detail)  # type: ignore[arg-type]  # roles they are


def gap(random: Random) -> Micros:
    """What passes until the next: often nothing, mostly less than a minute, now and then hours."""
    most = random.choices((0, 60, 600, 3 * 3600, 30 * 3600), (15, 70, 12, 2.5, 0.5))[0]
    return random.randint(0, most * SECOND)


def _issued(chance: Chance) -> ev.Happening:
    return ev.TicketIssued(
        at=chance.at,
        ticket=chance.of(NUMBERS),
        service=chance.of(SERVICES),
        tier=chance.of(("ordinary", "ordinary", "ordinary", "gold")),
        needs=chance.of(((), (), (), ("elderly",), ("deaf",))),
        amount_band=chance.of((None, "small", "large")),
    )


def _called(chance: Chance) -> ev.Happening:
    return ev.TicketCalled(at=chance.at, ticket=chance.waiting(), window=chance.of(WINDOWS))


def _served(chance: Chance) -> ev.Happening:
    ticket, window = chance.service()
    return ev.TicketServed(at=chance.at, ticket=ticket, window=window, rating=chance.of((None, None, 1, 5)))


def _no_show(chance: Chance) -> ev.Happening:
    ticket, window = chance.service()
    return ev.TicketNoShow(at=chance.at, ticket=ticket, window=window)


def _rated(chance: Chance) -> ev.Happening:
    ticket, window = chance.ticket(), chance.of(WINDOWS)
    return ev.TicketRated(at=chance.at, ticket=ticket, window=window, rating=chance.of((1, 5)))


def _transferred(chance: Chance) -> ev.Happening:
    where: dict[str, Any] = chance.of(({"service": chance.of(SERVICES)}, {"window": chance.of(WINDOWS)}))
    return ev.TicketTransferred(at=chance.at, ticket=chance.ticket(), **where)


def _cancelled(chance: Chance) -> ev.Happening:
    return ev.TicketCancelled(at=chance.at, ticket=chance.waiting())


def _opened(chance: Chance) -> ev.Happening:
    services = tuple(chance.random.sample(SERVICES, chance.random.randint(1, 3)))
    return ev.WindowOpened(at=chance.at, window=chance.of(WINDOWS), services=services)


def _turned(chance: Chance) -> ev.Happening:
    kinds: tuple[Callable[..., ev.Happening], ...] = (ev.WindowPaused, ev.WindowResumed, ev.WindowClosed)
    return chance.of(kinds)(at=chance.at, window=chance.of(WINDOWS))


def _reported(chance: Chance) -> ev.Happening:
    device, kind = chance.of(DEVICES)
    parts = chance.of(({}, {}, {"cash": "low"}, {"cash": "ok"}, {"paper": "out"}))
    state = chance.of(("ok", "ok", "degraded", "down", "unknown"))
    return ev.DeviceStatus(at=chance.at, device=device, kind=kind, state=state, parts=parts)  # type: ignore[arg-type]  # a state it is


def _happened(chance: Chance) -> ev.Happening:
    return ev.DeviceEvent(at=chance.at, device=chance.of(DEVICES)[0], event=chance.of(AT_DEVICES))


def _answered(chance: Chance) -> ev.Happening:
    prompt = chance.of(sorted(chance.hall.desk.prompts) or ["none"])
    return chance.act(chance.of(OF_PROMPTS), prompt, reason="busy", minutes=chance.of((1, 15)))


def _said(chance: Chance) -> ev.Happening:
    prompt = chance.of(sorted(chance.hall.desk.prompts) or ["none"])
    return chance.act(chance.of(OF_TICKETS), chance.ticket(), prompt=prompt, need="elderly")


def _looked(chance: Chance) -> ev.Happening:
    if chance.of((True, False)):
        return chance.act("device_checked", chance.of(DEVICES)[0], result=chance.of(("ok", "faulty")))
    return chance.act("pause_reason", chance.of(WINDOWS), reason="meal")


def _raised(chance: Chance) -> ev.Happening:
    kind = chance.of(("complaint", "referral", "turn_away", "emergency"))
    return chance.act(chance.of(("raise", "close")), kind, level=chance.of((1, 2, 3)))


MAKERS: Final[dict[Callable[[Chance], ev.Happening], int]] = {
    _issued: 30, _called: 18, _served: 12, _no_show: 2, _rated: 2, _transferred: 3, _cancelled: 2, _opened: 4,
    _turned: 6, _reported: 6, _happened: 4, _answered: 6, _said: 3, _looked: 2, _raised: 2,
}  # fmt: skip
"""What happens, and how often against the others."""
