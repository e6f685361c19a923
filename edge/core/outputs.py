"""What devices of the branch are told: the commands that go to one of them.

Each says by its type which of two kinds it is. A `Level` is what a device should show from now on: the last one counts,
and it is shown again when the device or the daemon comes back. An `Edge` is to be done once: it waits its turn, not
longer than it is of use, and is never done a second time. `NOUN` is what people call it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from msgspec import Struct

from edge.core.instant import Instant, Micros  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.wording import Text  # noqa: TC001 (a snapshot reads the annotations when the program runs)

if TYPE_CHECKING:
    from edge.core.shown import Shown

BoardLevel: TypeAlias = Literal["emergency", "call", "scam", "wait", "campaign", "blank"]
"""What a board may show, most important first."""


class Page(Struct, frozen=True):
    """What one board shows: its level, its text, and for a call the ticket and window it is about.

    `again` says that the call is not the first of its ticket. `aloud` lets a board that has a voice speak a call; it
    does not where an announcer does.
    """

    level: BoardLevel
    text: Text
    ticket: str | None = None
    window: str | None = None
    aloud: bool = True
    again: bool = False


class ShowOnBoard(Struct, frozen=True):
    """The board `board` shows `page` from `at` on, until told otherwise; a level, repainted after a reconnect.

    `least` is how long it is to be read once it is on the board: a call's least time.
    """

    NOUN: ClassVar[str] = "page"

    board: str
    page: Page
    at: Instant
    least: Micros = 0

    @property
    def device(self) -> str:
        """The board, as the device it is."""
        return self.board


class ShowOnCounter(Struct, frozen=True):
    """The terminal `device` shows the `ticket` at its window and how many are `waiting` for that window; a level.

    `paused` says whether the window is; `beep` where the ticket has just been called, which a terminal that is not
    there does not hear: a repaint never has it.
    """

    NOUN: ClassVar[str] = "sign at a window"

    device: str
    ticket: str | None
    waiting: int
    at: Instant
    paused: bool = False
    beep: bool = False


class Say(Struct, frozen=True, kw_only=True):
    """The announcer `device` calls `ticket` to `window` in these words; an edge.

    `lasts` is how long after `at` the call is still of use. What is `urgent` comes before all calls that wait; it cuts
    none, and may be about no ticket and window.
    """

    NOUN: ClassVar[str] = "call to speak"

    device: str
    ticket: str
    window: str
    text: Text
    at: Instant
    lasts: Micros
    urgent: bool = False


class PrintTicket(Struct, frozen=True, kw_only=True):
    """The printer `device` prints a ticket drawn at `at`; an edge.

    `ahead` is how many of its class wait before it and `wait` what may be told of its wait; where either is not to be
    told it is None and `UNSAID`. `qr` is what its QR code says, None where there is to be none. `lasts` is how long
    after `at` the customer may still stand there.
    """

    NOUN: ClassVar[str] = "ticket to print"

    device: str
    ticket: str
    service: Text
    branch: Text
    ahead: int | None
    wait: Shown
    at: Instant
    lasts: Micros
    qr: str | None = None


Level: TypeAlias = ShowOnBoard | ShowOnCounter
Edge: TypeAlias = Say | PrintTicket
Output: TypeAlias = Level | Edge
