"""What the branch's boards are asked to show, from what has happened: calls, waits, warnings, and the texts between.

Only ticket number, window and neutral words ever stand on a board (playbook, section 8.2, rule 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from edge.core import shown
from edge.core.outputs import Page
from edge.core.telling import boards, speech

if TYPE_CHECKING:
    from edge.core import events as ev
    from edge.core.commands import Command
    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.outputs import BoardLevel
    from edge.core.policy import Policy
    from edge.core.wording import Text

KEY_SCAM: Final = "scam"

LOBBY_ONLY: Final[tuple[BoardLevel, ...]] = ("scam", "wait")
"""What only boards of the lobby show."""


def call(hall: Hall, policy: Policy, event: ev.TicketCalled | ev.TicketRecalled, made_at: Instant) -> list[Command]:
    """A call goes to its window's boards and to those of the lobby.

    One heard of too late to be spoken is shown without a sound, the last of its window alone.
    """
    again = event.type == "ticket.recalled"
    word = policy.words.get("L03" if again else "L02")
    if word is None:
        return []
    text = word.fill({"t": event.ticket, "w": event.window})
    page = Page("call", text, event.ticket, event.window, again=again)
    shown_by = (*policy.boards_of(event.window), *policy.lobby_boards())
    late = event.at - made_at >= speech.LASTS
    silent = shown_by if late else speech.silent_boards(hall, policy, event.window) if policy.announcers else ()
    out: list[Command] = []
    for id in shown_by:
        said = replace(page, aloud=False) if id in silent else page
        out += boards.announce(hall, policy, (id,), said, late=late)
    return out


def unsaid(hall: Hall, policy: Policy, event: ev.DeviceEvent) -> list[Command]:
    """An announcer has no words for a call: the board that stands in for it shows it once more, and speaks."""
    passed_on, word = speech.passed_on(hall, policy, event), policy.words.get("L02")
    if passed_on is None or word is None:
        return []
    board, window = passed_on
    text = word.fill({"t": event.detail, "w": window})
    return boards.announce(hall, policy, (board,), Page("call", text, event.detail, window))


def no_cash(hall: Hall, policy: Policy) -> list[Command]:
    """Warns for a time after a machine gave no cash: that is when frauds wait beside it (playbook A2)."""
    hall.agenda.put(KEY_SCAM, hall.now + policy.boards.scam)
    return boards.claim(hall, policy, policy.lobby_boards(), "scam", policy.words.get("L21"))


def scam_over(hall: Hall, policy: Policy) -> list[Command]:
    """The warning has stood long enough."""
    return boards.claim(hall, policy, policy.lobby_boards(), "scam", None)


def waits(hall: Hall, policy: Policy) -> list[Command]:
    """The lobby boards say how long the longest of the next waits is, or how many wait, or ask for patience."""
    return boards.claim(hall, policy, policy.lobby_boards(), "wait", _wait_text(hall, policy))


def opening(hall: Hall, policy: Policy) -> list[Command]:
    """What stands on every board while nothing more important does; what is the lobby boards' own, others give up."""
    out: list[Command] = []
    others = hall.boards.keys() - policy.lobby_boards()
    for level in LOBBY_ONLY:
        out += boards.claim(hall, policy, sorted(others), level, None)
    out += boards.claim(hall, policy, policy.lobby_boards(), "campaign", policy.words.get("L01"))
    for window in policy.windows:
        out += boards.claim(hall, policy, policy.boards_of(window), "campaign", policy.words.get("L05"))
    return out


def _wait_text(hall: Hall, policy: Policy) -> Text | None:
    if not hall.waiting:
        return None
    told = shown.Telling(hall, hall.now).of_hall()
    if told.low_min is not None:
        word, values = policy.words.get("L04"), {"a": told.low_min, "b": told.high_min}
    elif told.ahead is not None:
        word, values = policy.words.get("L23"), {"n": told.ahead}
    else:
        word, values = policy.words.get("L05"), {}
    return word.fill(values) if word else None
