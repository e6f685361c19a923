"""What has happened: the events of the contract, in the past tense, as frozen records.

An event says only what its source knew; what it means is decided in `step`. `at` is when the daemon received it;
`device_at` is what the device's own clock said, kept and never used for durations (see `lateness`). `extra` holds
fields the contract does not name: they are kept in the journal, ignored by every decision and never published.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 (wire.py reads the annotations when the program runs)
from typing import Any, ClassVar, Literal, TypeAlias

from msgspec import Struct, field

from edge.core.instant import Instant  # noqa: TC001 (as above)

Tier: TypeAlias = Literal["ordinary", "silver", "gold", "private"]
Need: TypeAlias = Literal["elderly", "pregnant", "infant", "disabled", "deaf", "foreign", "unwell"]
Rating: TypeAlias = Literal[1, 2, 3, 4, 5]
"""1 is the worst."""
AmountBand: TypeAlias = Literal["small", "normal", "large"]
DeviceKind: TypeAlias = Literal[
    "atm", "recycler", "kiosk", "printer", "dispenser", "terminal", "board", "announcer", "sensor", "ups", "network"
]
DeviceState: TypeAlias = Literal["ok", "degraded", "down", "unknown"]
Role: TypeAlias = Literal[
    "lobby_manager",
    "lobby_guide",
    "branch_head",
    "supervisor",
    "customer_manager",
    "teller",
    "guard",
    "technician",
]
Action: TypeAlias = Literal[
    "sign_in",
    "sign_out",
    "acknowledge",
    "done",
    "decline",
    "escalate",
    "shelve",
    "asked",
    "customer_accepted",
    "customer_declined",
    "need_added",
    "priority",
    "pause_reason",
    "device_checked",
    "check",
    "raise",
    "step",
    "called",
    "promise",
    "close",
    "release",
]


class Occurrence(Struct, frozen=True, kw_only=True):
    """What every event has."""

    type: ClassVar[str]
    at: Instant
    device_at: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class TicketIssued(Occurrence, frozen=True, kw_only=True):
    """A ticket left the dispenser; its number is unique within a business day."""

    type: ClassVar[str] = "ticket.issued"
    ticket: str
    service: str
    tier: Tier = "ordinary"
    needs: tuple[Need, ...] = ()
    amount_band: AmountBand | None = None
    appointment: str | None = None


class TicketCalled(Occurrence, frozen=True, kw_only=True):
    """A window called a ticket; taken as the start of its service."""

    type: ClassVar[str] = "ticket.called"
    ticket: str
    window: str


class TicketRecalled(Occurrence, frozen=True, kw_only=True):
    """A window called the same ticket again; ends no service."""

    type: ClassVar[str] = "ticket.recalled"
    ticket: str
    window: str


class TicketServed(Occurrence, frozen=True, kw_only=True):
    """A service ended; `rating` is 1 (worst) to 5."""

    type: ClassVar[str] = "ticket.served"
    ticket: str
    window: str
    rating: Rating | None = None


class TicketNoShow(Occurrence, frozen=True, kw_only=True):
    """A called ticket's holder did not come."""

    type: ClassVar[str] = "ticket.no_show"
    ticket: str
    window: str


class TicketRated(Occurrence, frozen=True, kw_only=True):
    """A rating that came after the service; 1 (worst) to 5."""

    type: ClassVar[str] = "ticket.rated"
    ticket: str
    window: str
    rating: Rating


class TicketTransferred(Occurrence, frozen=True, kw_only=True):
    """A ticket waits again, for another service class or for one window."""

    type: ClassVar[str] = "ticket.transferred"
    ticket: str
    service: str | None = None
    window: str | None = None


class TicketCancelled(Occurrence, frozen=True, kw_only=True):
    """A ticket's holder left before a call."""

    type: ClassVar[str] = "ticket.cancelled"
    ticket: str
    reason: str | None = None


class WindowOpened(Occurrence, frozen=True, kw_only=True):
    """A window takes customers of these service classes; `teller` is a pseudonym."""

    type: ClassVar[str] = "window.opened"
    window: str
    services: tuple[str, ...]
    teller: str | None = None


class WindowPaused(Occurrence, frozen=True, kw_only=True):
    """A window calls nobody for now; a service under way goes on."""

    type: ClassVar[str] = "window.paused"
    window: str
    reason: str | None = None


class WindowResumed(Occurrence, frozen=True, kw_only=True):
    """A paused window calls again."""

    type: ClassVar[str] = "window.resumed"
    window: str
    reason: str | None = None


class WindowClosed(Occurrence, frozen=True, kw_only=True):
    """A window is closed; a service under way goes on."""

    type: ClassVar[str] = "window.closed"
    window: str
    reason: str | None = None


class DeviceStatus(Occurrence, frozen=True, kw_only=True):
    """What a device says of itself, or what its link says of it."""

    type: ClassVar[str] = "device.status"
    device: str
    kind: DeviceKind
    state: DeviceState
    parts: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


class DeviceEvent(Occurrence, frozen=True, kw_only=True):
    """Something happened at a device; names beyond the contract's are kept and ignored."""

    type: ClassVar[str] = "device.event"
    device: str
    event: str
    detail: str = ""


class StaffAction(Occurrence, frozen=True, kw_only=True):
    """A member of staff (a pseudonym) did something on a handheld."""

    type: ClassVar[str] = "staff.action"
    staff: str
    role: Role
    action: Action
    target: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class Tick(Occurrence, frozen=True, kw_only=True):
    """Time has passed and nothing else."""

    type: ClassVar[str] = "tick"


Happening: TypeAlias = (
    TicketIssued
    | TicketCalled
    | TicketRecalled
    | TicketServed
    | TicketNoShow
    | TicketRated
    | TicketTransferred
    | TicketCancelled
    | WindowOpened
    | WindowPaused
    | WindowResumed
    | WindowClosed
    | DeviceStatus
    | DeviceEvent
    | StaffAction
)
"""An event that says something; these are journalled."""

Event: TypeAlias = Happening | Tick
