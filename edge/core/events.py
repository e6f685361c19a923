"""What has happened: the events of the contract, in the past tense, as frozen records.

An event says only what its source knew; what it means is decided in `step`. `at` is when the daemon received it;
`device_at` is what the device's own clock said, kept and never used for durations (see `lateness`). `extra` holds
fields the contract does not name: they are kept in the journal, ignored by every decision and never published.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 (wire.py reads the annotations when the program runs)
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """What every event has."""

    type: ClassVar[str]
    at: Instant
    device_at: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketIssued(Occurrence):
    """A ticket left the dispenser; its number is unique within a business day."""

    type: ClassVar[str] = "ticket.issued"
    ticket: str
    service: str
    tier: Tier = "ordinary"
    needs: tuple[Need, ...] = ()
    amount_band: AmountBand | None = None
    appointment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(Occurrence):
    """A window called a ticket; taken as the start of its service."""

    type: ClassVar[str] = "ticket.called"
    ticket: str
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecalled(Occurrence):
    """A window called the same ticket again; ends no service."""

    type: ClassVar[str] = "ticket.recalled"
    ticket: str
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketServed(Occurrence):
    """A service ended; `rating` is 1 (worst) to 5."""

    type: ClassVar[str] = "ticket.served"
    ticket: str
    window: str
    rating: Rating | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketNoShow(Occurrence):
    """A called ticket's holder did not come."""

    type: ClassVar[str] = "ticket.no_show"
    ticket: str
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRated(Occurrence):
    """A rating that came after the service; 1 (worst) to 5."""

    type: ClassVar[str] = "ticket.rated"
    ticket: str
    window: str
    rating: Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTransferred(Occurrence):
    """A ticket waits again, for another service class or for one window."""

    type: ClassVar[str] = "ticket.transferred"
    ticket: str
    service: str | None = None
    window: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCancelled(Occurrence):
    """A ticket's holder left before a call."""

    type: ClassVar[str] = "ticket.cancelled"
    ticket: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowOpened(Occurrence):
    """A window takes customers of these service classes; `teller` is a pseudonym."""

    type: ClassVar[str] = "window.opened"
    window: str
    services: tuple[str, ...]
    teller: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPaused(Occurrence):
    """A window calls nobody for now; a service under way goes on."""

    type: ClassVar[str] = "window.paused"
    window: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowResumed(Occurrence):
    """A paused window calls again."""

    type: ClassVar[str] = "window.resumed"
    window: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowClosed(Occurrence):
    """A window is closed; a service under way goes on."""

    type: ClassVar[str] = "window.closed"
    window: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus(Occurrence):
    """What a device says of itself, or what its link says of it."""

    type: ClassVar[str] = "device.status"
    device: str
    kind: DeviceKind
    state: DeviceState
    parts: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvent(Occurrence):
    """Something happened at a device; names beyond the contract's are kept and ignored."""

    type: ClassVar[str] = "device.event"
    device: str
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAction(Occurrence):
    """A member of staff (a pseudonym) did something on a handheld."""

    type: ClassVar[str] = "staff.action"
    staff: str
    role: Role
    action: Action
    target: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Occurrence):
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
