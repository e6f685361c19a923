"""What each board should show: the most important of its claims, and calls one after the other, none lost, none cut.

A board holds claims by level (`emergency`, `scam`, `wait`, `campaign`) and a queue of calls. What it shows is a
function of these and of the time, so a board that was away is simply told again. A call stays for `call_least` before
the next may follow it, and for `call_most` when nothing follows; an emergency covers calls but does not eat them: they
are shown, in order, when it has gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.commands import Command, Ignore
from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.outputs import BoardLevel, Page, ShowOnBoard
from edge.core.wording import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from edge.core.hall import Hall
    from edge.core.policy import Policy

QUEUE_MOST: Final = 64
"""More calls than this behind one board could only be a fault of the source: the oldest are dropped, and it is said."""

BLANK: Final = Page("blank", Text("", ""))


class Call(Struct):
    """One call to be announced: a level would lose it, so it waits its turn. One that came `late` is but a level."""

    page: Page
    made_at: Instant
    late: bool = False


class Board(Struct):
    """One board: what claims it, the calls that wait, the call it shows since `since`, and what it shows now."""

    claims: dict[BoardLevel, Page] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    call: Page | None = None
    since: Instant = 0
    shown: Page = BLANK


def announce(hall: Hall, policy: Policy, boards: Iterable[str], page: Page, *, late: bool = False) -> list[Command]:
    """Puts a call behind the calls of these boards; a repeat of a call that still waits is one call.

    Of those of a window that came late the last is enough.
    """
    shown: list[Command] = []
    for id in boards:
        board = hall.boards.setdefault(id, Board())
        if late:
            board.calls = [call for call in board.calls if not call.late or call.page.window != page.window]
        if all(call.page != page for call in board.calls):
            board.calls.append(Call(page, hall.now, late))
        reason = f"too many calls behind board {id}"
        shown += [Ignore("ticket.called", lost.page.ticket or "", reason) for lost in board.calls[:-QUEUE_MOST]]
        del board.calls[:-QUEUE_MOST]
        shown += look(hall, policy, id)
    return shown


def claim(hall: Hall, policy: Policy, boards: Iterable[str], level: BoardLevel, text: Text | None) -> list[Command]:
    """Sets or, with None, gives up what these boards show at a level."""
    shown: list[Command] = []
    for id in boards:
        board = hall.boards.setdefault(id, Board())
        if text is None:
            board.claims.pop(level, None)
        else:
            board.claims[level] = Page(level, text)
        shown += look(hall, policy, id)
    return shown


def look(hall: Hall, policy: Policy, id: str) -> list[Command]:
    """Decides anew what one board shows, asks to be woken when that may change, and tells it if it did."""
    board = hall.boards.get(id)
    if board is None:
        return []
    if "emergency" in board.claims:
        _set_aside(hall, policy, id, board)
    else:
        _turn(hall, policy, id, board)
    page = _top(board)
    if page == board.shown:
        return []
    board.shown = page
    return [ShowOnBoard(id, page, hall.now, policy.boards.call_least if page.level == "call" else 0)]


def keep(hall: Hall, known: Collection[str]) -> None:
    """Forgets the boards that are not known any more."""
    for id in hall.boards.keys() - known:
        del hall.boards[id]
        hall.agenda.drop(f"board:{id}")


def paint(hall: Hall) -> list[ShowOnBoard]:
    """What every board should show now: for a restart and for boards that come back."""
    return [ShowOnBoard(id, board.shown, hall.now) for id, board in hall.boards.items()]


def _turn(hall: Hall, policy: Policy, id: str, board: Board) -> None:
    """Moves on to the next call once the present one has had its time."""
    times, key = policy.boards, f"board:{id}"
    if board.call is not None:
        shown_for = hall.now - board.since
        if shown_for < (times.call_least if board.calls else times.call_most):
            hall.agenda.put(key, board.since + (times.call_least if board.calls else times.call_most))
            return
        board.call = None
    if board.calls:
        board.call, board.since = board.calls.pop(0).page, hall.now
        hall.agenda.put(key, hall.now + (times.call_least if board.calls else times.call_most))
    else:
        hall.agenda.drop(key)


def _set_aside(hall: Hall, policy: Policy, id: str, board: Board) -> None:
    """An emergency covers the call; one that has not had its least time gets it whole afterwards."""
    if board.call is not None and hall.now - board.since < policy.boards.call_least:
        board.calls.insert(0, Call(board.call, board.since))
    board.call = None
    hall.agenda.drop(f"board:{id}")


def _top(board: Board) -> Page:
    if "emergency" in board.claims:
        return board.claims["emergency"]
    if board.call is not None:
        return board.call
    levels: tuple[BoardLevel, ...] = ("scam", "wait", "campaign")
    return next((board.claims[level] for level in levels if level in board.claims), BLANK)
