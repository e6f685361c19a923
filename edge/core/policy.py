"""What the branch has decided beforehand: services, windows, devices, staff, rules, words. Read, never kept.

A policy is made from the configuration; without one (`Policy.unconfigured`) services and windows are learnt from the
events themselves, and rules on calendar, coverage and staff are off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, time
from typing import TYPE_CHECKING, Any, Literal

from edge.core.instant import SECOND, Micros

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from edge.core.events import DeviceKind
    from edge.core.wording import Text

DEFAULT_STALE: Micros = 60 * SECOND
"""A device silent for longer is unknown (contract, section Event log)."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service class; `typical_s` is the prior mean of its service time, seconds."""

    id: str
    name: Text
    self_service: frozenset[str] = frozenset()
    typical_s: float | None = None
    form: bool = False
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """A window as planned: the classes it takes and, where a roster is known, its hours as (from, until)."""

    id: str
    services: tuple[str, ...]
    hours: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """A device as configured; `services` narrows what it can do, None leaves it to its kind."""

    id: str
    kind: DeviceKind
    window: str | None = None
    shows: Literal["window", "lobby"] | None = None
    services: frozenset[str] | None = None
    stale: Micros = DEFAULT_STALE


@dataclass(frozen=True, slots=True)
class Calendar:
    """Local time of the branch; `open` and `close` are None where no configuration is given."""

    zone: tzinfo = UTC
    open: time | None = None
    close: time | None = None


@dataclass(frozen=True, slots=True)
class BoardTimes:
    """How long a call is shown at the least, how long while nothing follows, how long a scam warning stays."""

    call_least: Micros = 5 * SECOND
    call_most: Micros = 30 * SECOND
    scam: Micros = 1800 * SECOND


@dataclass(frozen=True, slots=True)
class AlarmLoad:
    """At most so many prompts for one person in any `window`; urgent ones are exempt (contract, Rules, Load).

    0 prompts: no limit.
    """

    prompts: int = 6
    window: Micros = 600 * SECOND


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it. `rules` are `triage.rules.Rule`, `words` the texts of `config/texts` by id (L01 …).

    In `shadow` every rule runs and is recorded, and nobody is prompted.
    """

    branch: str = "unconfigured"
    calendar: Calendar = Calendar()
    services: Mapping[str, Service] = field(default_factory=dict)
    windows: Mapping[str, WindowPlan] = field(default_factory=dict)
    devices: Mapping[str, DevicePlan] = field(default_factory=dict)
    staff: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[Any, ...] = ()
    words: Mapping[str, Text] = field(default_factory=dict)
    boards: BoardTimes = BoardTimes()
    load: AlarmLoad = AlarmLoad()
    shadow: bool = False
    seed: int = 0
    configured: bool = False

    def boards_of(self, window: str) -> tuple[str, ...]:
        """The boards that show the calls of one window."""
        return tuple(d.id for d in self.devices.values() if d.kind == "board" and d.window == window)

    def lobby_boards(self) -> tuple[str, ...]:
        """The boards that show the calls of all windows."""
        return tuple(d.id for d in self.devices.values() if d.kind == "board" and d.shows == "lobby")
