"""What the branch has decided beforehand: services, windows, devices, staff, rules, words. Read, never kept.

A policy is made from the configuration; without one (`Policy.unconfigured`) services and windows are learnt from the
events themselves, and rules on calendar, coverage and staff are off.
"""

from __future__ import annotations

from datetime import UTC, time
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr

from edge.core.instant import SECOND, Micros
from edge.core.wording import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from edge.core.events import DeviceKind

DEFAULT_STALE: Micros = 60 * SECOND
"""A device silent for longer is unknown (contract, section Event log)."""


UNNAMED: Final = Text("网点", "Branch")
"""A branch that has no name."""


class Service(Struct, frozen=True):
    """A service class; `typical_s` is the prior mean of its service time, seconds."""

    id: str
    name: Text
    self_service: frozenset[str] = frozenset()
    typical_s: float | None = None
    form: bool = False
    tags: frozenset[str] = frozenset()


class WindowPlan(Struct, frozen=True):
    """A window as planned: the classes it takes and, where a roster is known, its hours as (from, until)."""

    id: str
    services: tuple[str, ...]
    hours: tuple[tuple[time, time], ...] = ()


class DevicePlan(Struct, frozen=True):
    """A device as configured; `services` narrows what it can do, None leaves it to its kind.

    `prints` says of a printer that it prints the tickets that are drawn; `board` is the one that speaks in the place of
    an announcer that cannot.
    """

    id: str
    kind: DeviceKind
    window: str | None = None
    shows: Literal["window", "lobby"] | None = None
    prints: Literal["tickets"] | None = None
    board: str | None = None
    services: frozenset[str] | None = None
    stale: Micros = DEFAULT_STALE


class Calendar(Struct, frozen=True):
    """Local time of the branch; `open` and `close` are None where no configuration is given."""

    zone: tzinfo = UTC
    open: time | None = None
    close: time | None = None


class BoardTimes(Struct, frozen=True):
    """How long a call is shown at the least, how long while nothing follows, how long a scam warning stays."""

    call_least: Micros = 5 * SECOND
    call_most: Micros = 30 * SECOND
    scam: Micros = 1800 * SECOND


class AlarmLoad(Struct, frozen=True):
    """At most so many prompts for one person in any `window`; urgent ones are exempt (contract, Rules, Load).

    0 prompts: no limit.
    """

    prompts: int = 6
    window: Micros = 600 * SECOND


class Policy(Struct, frozen=True):
    """All of it. `rules` are `triage.rules.Rule`, `words` the texts of `config/texts` by id (L01 …).

    In `shadow` every rule runs and is recorded, and nobody is prompted. `ticket_qr` is what the QR code of a printed
    ticket says, with `{branch}` and `{ticket}` in it; None prints none.
    """

    branch: str = "unconfigured"
    name: Text = UNNAMED
    calendar: Calendar = field(default_factory=Calendar)
    services: Mapping[str, Service] = field(default_factory=dict)
    windows: Mapping[str, WindowPlan] = field(default_factory=dict)
    devices: Mapping[str, DevicePlan] = field(default_factory=dict)
    staff: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[Any, ...] = ()
    words: Mapping[str, Text] = field(default_factory=dict)
    boards: BoardTimes = field(default_factory=BoardTimes)
    ticket_qr: str | None = None
    load: AlarmLoad = field(default_factory=AlarmLoad)
    shadow: bool = False
    seed: int = 0
    configured: bool = False
    terminals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The call terminals of each window that has any. This and what follows is made of `devices`, whatever is given."""
    announcers: tuple[DevicePlan, ...] = ()
    printers: tuple[str, ...] = ()
    """Those that print the tickets that are drawn."""

    def __post_init__(self) -> None:
        """Looks up once what every event would have to look for."""
        plans = self.devices.values()
        terminals: dict[str, tuple[str, ...]] = {}
        for plan in plans:
            if plan.kind == "terminal" and plan.window is not None:
                terminals[plan.window] = (*terminals.get(plan.window, ()), plan.id)
        force_setattr(self, "terminals", terminals)
        force_setattr(self, "announcers", tuple(plan for plan in plans if plan.kind == "announcer"))
        force_setattr(self, "printers", tuple(plan.id for plan in plans if plan.prints == "tickets"))

    def boards_of(self, window: str) -> tuple[str, ...]:
        """The boards that show the calls of one window."""
        return tuple(d.id for d in self.devices.values() if d.kind == "board" and d.window == window)

    def lobby_boards(self) -> tuple[str, ...]:
        """The boards that show the calls of all windows."""
        return tuple(d.id for d in self.devices.values() if d.kind == "board" and d.shows == "lobby")
