"""What may stand in a configuration file: the tables of the contract and those of the daemon itself.

Unknown keys are faults. Times of day are local to the branch.
"""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from edge.core.events import DeviceKind, Role
from edge.core.wording import Text


class Table(BaseModel):
    """A table of the file: frozen, and no key but those it names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}; accepted: names such as Asia/Shanghai") from None
    return name


def _clock(value: object) -> object:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a time of day such as 09:00") from None
    return value


def _span(value: object) -> object:
    first, _, last = str(value).partition("-")
    begin, end = _clock(first), _clock(last)
    if isinstance(begin, time) and isinstance(end, time) and begin >= end:
        raise ValueError(f"{value!r} ends before it begins")
    return begin, end


TopicWord = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]
"""A word that may stand in an MQTT topic of the contract: ASCII, no slash, no wildcard."""

Clock = Annotated[time, BeforeValidator(_clock)]
Span = Annotated[tuple[time, time], BeforeValidator(_span)]


class BranchTable(Table):
    """`[branch]`: who and where this branch is."""

    id: TopicWord
    org: TopicWord = "bank"
    name: Text = Text("网点", "Branch")
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    open: Clock | None = None
    close: Clock | None = None
    profile: Literal["community", "office-tower", "payroll-pension"] = "community"


class ServiceTable(Table):
    """`[services.ID]`: a service class."""

    name: Text | None = None
    self_service: tuple[DeviceKind, ...] = ()
    typical_s: Annotated[float, Field(gt=0, le=14400)] | None = None
    form: bool = False
    tags: tuple[str, ...] = ()


class WindowTable(Table):
    """`[windows.ID]`: a window and the classes it takes; `hours` is the roster, where there is one."""

    services: Annotated[tuple[str, ...], Field(min_length=1)]
    hours: tuple[Span, ...] = ()


class DeviceTable(Table):
    """`[devices.ID]`: a device, how it is reached and by which driver; `settings` is the driver's own table."""

    kind: DeviceKind
    driver: str | None = None
    link: str | None = None
    address: Annotated[int, Field(ge=0, le=65535)] | None = None
    window: str | None = None
    shows: Literal["window", "lobby"] | None = None
    services: tuple[str, ...] | None = None
    stale_s: Annotated[float, Field(gt=0, le=86400)] = 60.0
    settings: dict[str, Any] = {}


class BrokerTable(Table):
    """`[broker]` (the branch's own) and `[hq]`: an MQTT broker; `mqtt://host:port`, or `mqtts://` with TLS."""

    url: Annotated[str, StringConstraints(pattern=r"^mqtts?://[^/\s]+$")]
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=600)] = 30


class WebTable(Table):
    """`[web]`: where the pages are served; an empty `listen` opens no port. `hosts` are further names they go by."""

    listen: Annotated[str, StringConstraints(pattern=r"^$|^[^\s/]*:\d{1,5}$")] = "127.0.0.1:8080"
    hosts: tuple[str, ...] = ()
    language: Literal["zh", "en"] = "zh"


class StateTable(Table):
    """`[state]`: where the daemon remembers, and for how many days the journal is kept."""

    dir: Path = Path("/var/lib/lobbyd")
    keep_days: Annotated[int, Field(ge=1, le=3660)] = 7


class BoardsTable(Table):
    """`[boards]`: how long calls and warnings stand, seconds."""

    call_least_s: Annotated[float, Field(ge=1, le=60)] = 5.0
    call_most_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    scam_s: Annotated[float, Field(ge=0, le=86400)] = 1800.0


class Branch(Table):
    """A whole configuration file."""

    branch: BranchTable
    services: dict[TopicWord, ServiceTable] = {}
    windows: dict[TopicWord, WindowTable] = {}
    devices: dict[TopicWord, DeviceTable] = {}
    staff: dict[Role, tuple[TopicWord, ...]] = {}
    rules: dict[str, dict[str, Any]] = {}
    broker: BrokerTable | None = None
    hq: BrokerTable | None = None
    web: WebTable = WebTable()
    state: StateTable = StateTable()
    boards: BoardsTable = BoardsTable()
    seed: int = 0
