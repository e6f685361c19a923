"""The picture of the branch as the events tell it: plain records, nothing decided here.

`Hall` is the whole state of the core and nothing else is: a snapshot of it and the events since give the same
decisions again. It is changed in place by `step` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, field

from edge.core.agenda import Agenda
from edge.core.calling import Calling
from edge.core.cases import Cases
from edge.core.events import Tier  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.footfall import Footfall
from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.presence import Presence
from edge.core.score import Score
from edge.core.shown import Showing
from edge.core.tally import Tally
from edge.core.telling.boards import Board  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.telling.counters import Counters
from edge.core.telling.lateness import Lateness
from edge.core.triage.desk import Desk
from edge.core.waiting.learnt import Learnt
from edge.core.waiting.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Iterator

TicketState: TypeAlias = Literal["waiting", "serving", "ended", "left"]
WindowState: TypeAlias = Literal["open", "paused", "closed"]


class Ticket(Struct, kw_only=True):
    """One ticket of the day; `waiting_since` is its issue or its last transfer, `called_at` its first call.

    `issued_at` is None when the ticket was called but its issue was never heard of. `told_until` is when its holder
    expects the call at the latest, by the p90 told at issue. `served_by` is the last window that served it,
    `returned` whether that one sent it back to itself; `absent_at` is when its holder did not come. `asked` says for
    which prompt and by whom its holder was asked who has not answered yet.
    """

    id: str
    service: str
    tier: Tier = "ordinary"
    needs: tuple[str, ...] = ()
    amount_band: str | None = None
    issued_at: Instant | None = None
    waiting_since: Instant = 0
    called_at: Instant | None = None
    state: TicketState = "waiting"
    window: str | None = None
    for_window: str | None = None
    declined: bool = False
    asked: tuple[str, str] | None = None
    told_until: Instant | None = None
    served_by: str | None = None
    returned: bool = False
    absent_at: Instant | None = None
    rating: int | None = None
    rated_at: Instant = 0


class Window(Struct, kw_only=True):
    """One window; `ticket` is the one it serves since `since`; `changed_at` is when its state last changed.

    `served` is the ticket it served last, until `free_since`.
    """

    id: str
    services: tuple[str, ...] = ()
    state: WindowState = "closed"
    changed_at: Instant = 0
    ticket: str | None = None
    since: Instant = 0
    free_since: Instant = 0
    served: str | None = None
    teller: str | None = None
    reason: str | None = None


class Trouble(Struct):
    """What has happened at a device and somebody must see to.

    `count` says how often since the device is known, `at` when it was last reported, `open` whether nobody has found
    the device in order since.
    """

    count: int = 0
    at: Instant = 0
    open: bool = False


class Device(Struct, kw_only=True):
    """One device; `lacks` holds what it has run out of, `suspect` what bars it until somebody has checked.

    `said` is the last state it told of that was not `unknown`, empty before the first; `lost_at` is when it last became
    `unknown`, 0 where it never has. `short` holds by supply how short it is: by its parts `supplies.LOW` or `OUT`, or
    how often it reported so where no part tells. `troubles` are by their name.
    """

    id: str
    kind: str
    state: str = "unknown"
    said: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    detail: str = ""
    seen_at: Instant = 0
    lost_at: Instant = 0
    lacks: tuple[str, ...] = ()
    suspect: str | None = None
    short: dict[str, int] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)

    @property
    def unheard(self) -> bool:
        """Whether nobody has heard yet how it is, though something may have happened at it."""
        return self.state == "unknown" and self.lost_at == 0

    @property
    def lost(self) -> bool:
        """Whether it is heard of no more, or its link never came."""
        return self.state == "unknown" and self.lost_at > 0


class Hall(Struct):
    """Everything the core knows. `waiting` holds the ids of waiting tickets, the longest waiting first.

    `day` is the local date (proleptic ordinal) of the business day that began at `day_began`, 0 before the first event;
    `day_until` is the local midnight after it. `services` counts the tickets of each class. `outlook` is
    the last forecast, `showing` what people are told of it, `score` how good the day's forecasts were, `tally` what
    the rules said; `learnt` outlives the day.
    """

    now: Instant = 0
    day: int = 0
    day_began: Instant = 0
    day_until: Instant = 0
    tickets: dict[str, Ticket] = field(default_factory=dict)
    waiting: dict[str, Instant] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    signed_in: dict[str, str] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    desk: Desk = field(default_factory=Desk)
    footfall: Footfall = field(default_factory=Footfall)
    calling: Calling = field(default_factory=Calling)
    cases: Cases = field(default_factory=Cases)
    presence: Presence = field(default_factory=Presence)
    lateness: Lateness = field(default_factory=Lateness)
    learnt: Learnt = field(default_factory=Learnt)
    outlook: Outlook = field(default_factory=Outlook)
    showing: Showing = field(default_factory=Showing)
    score: Score = field(default_factory=Score)
    tally: Tally = field(default_factory=Tally)
    agenda: Agenda = field(default_factory=Agenda)

    def queue(self) -> Iterator[Ticket]:
        """The waiting tickets, the longest waiting first."""
        tickets = self.tickets
        return (tickets[id] for id in self.waiting)

    def longest_since(self) -> Instant | None:
        """Since when the longest waiting ticket waits; None when nobody does."""
        return next(iter(self.waiting.values()), None)
