"""What the branch's boards are asked to show, from what has happened: calls, waits, warnings, and the texts between.

Only ticket number, window and neutral words ever stand on a board (playbook, section 8.2, rule 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import boards
from edge.core.commands import Command, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core import events as ev
    from edge.core.hall import Hall
    from edge.core.policy import Policy
    from edge.core.wording import Text

ROUND_MIN: Final = 5
"""Waits are shown in steps of five minutes: a finer figure would promise what no estimate can keep."""

WIDEST_MIN: Final = 30
"""A range wider than this tells nobody anything; the board then asks for patience instead."""

KEY_SCAM: Final = "scam"


def call(hall: Hall, policy: Policy, event: ev.TicketCalled | ev.TicketRecalled) -> list[Command]:
    """A call goes to its window's boards and to those of the lobby."""
    word = policy.words.get("L02" if event.type == "ticket.called" else "L03")
    if word is None:
        return []
    text = word.fill({"t": event.ticket, "w": event.window})
    page = Page("call", text, event.ticket, event.window)
    return boards.announce(hall, policy, (*policy.boards_of(event.window), *policy.lobby_boards()), page)


def no_cash(hall: Hall, policy: Policy) -> list[Command]:
    """Warns for a time after a machine gave no cash: that is when frauds wait beside it (playbook A2)."""
    hall.agenda.put(KEY_SCAM, hall.now + policy.boards.scam)
    return boards.claim(hall, policy, policy.lobby_boards(), "scam", policy.words.get("L21"))


def scam_over(hall: Hall, policy: Policy) -> list[Command]:
    """The warning has stood long enough."""
    return boards.claim(hall, policy, policy.lobby_boards(), "scam", None)


def waits(hall: Hall, policy: Policy) -> list[Command]:
    """The lobby boards say how long the longest of the next waits is, or ask for patience, or nothing."""
    return boards.claim(hall, policy, policy.lobby_boards(), "wait", _wait_text(hall, policy))


def opening(hall: Hall, policy: Policy) -> list[Command]:
    """What stands on every board while nothing more important does."""
    out = boards.claim(hall, policy, policy.lobby_boards(), "campaign", policy.words.get("L01"))
    for window in policy.windows:
        out += boards.claim(hall, policy, policy.boards_of(window), "campaign", policy.words.get("L05"))
    return out


def range_min(p10_s: float, p90_s: float) -> tuple[int, int]:
    """A wait as a range of whole minutes: the interval rounded outward to steps of `ROUND_MIN`."""
    step = ROUND_MIN * 60
    low = int(p10_s // step) * ROUND_MIN
    return low, max(-int(-p90_s // step) * ROUND_MIN, low + ROUND_MIN)


def _wait_text(hall: Hall, policy: Policy) -> Text | None:
    if not hall.waiting:
        return None
    waits = list(_waits_of_waiting_classes(hall))
    low, high = range_min(*max(waits, key=lambda wait: wait[1])) if waits else (0, WIDEST_MIN + 1)
    if high - low > WIDEST_MIN:
        return policy.words.get("L05")
    word = policy.words.get("L04")
    return word.fill({"a": low, "b": high}) if word else None


def _waits_of_waiting_classes(hall: Hall) -> Iterator[tuple[float, float]]:
    for service in dict.fromkeys(ticket.service for ticket in hall.queue()):
        wait = hall.outlook.next.get(service)
        if wait is not None and wait.p10_s is not None and wait.p90_s is not None:
            yield wait.p10_s, wait.p90_s
