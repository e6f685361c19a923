"""What may stand in a configuration file: the tables of the contract and those of the daemon itself.

Unknown keys are faults. Times of day are local to the branch.
"""

from __future__ import annotations

import re
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from edge.core.events import DeviceKind, Role
from edge.core.wording import Text

QR_MOST = 200
"""Bytes: what a code of two centimetres can be read with."""


STATE_DIR_MOST = 95
"""Bytes: with the daemon's socket in it a path has twelve more, and the kernel takes no longer one (unix(7))."""


class Table(BaseModel):
    """A table of the file: frozen, and no key but those it names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}; accepted: names such as Asia/Shanghai") from None
    return name


def _clock(value: object) -> time:
    try:
        clock = time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        clock = None
    if not isinstance(clock, time) or clock.tzinfo is not None:
        raise ValueError(f"{value!r} is not a time of day such as 09:00")
    return clock


def _span(value: object) -> tuple[time, time]:
    first, dash, last = str(value).partition("-")
    if not isinstance(value, str) or not dash:
        raise ValueError(f"{value!r} is not a part of the day such as 09:00-11:30")
    begin, end = _clock(first), _clock(last)
    if begin >= end:
        raise ValueError(f"{value!r} ends before it begins")
    return begin, end


def _apart(spans: tuple[tuple[time, time], ...]) -> tuple[tuple[time, time], ...]:
    for (_, end), (begin, _) in pairwise(sorted(spans)):
        if begin < end:
            raise ValueError(f"a part that begins at {begin:%H:%M} and one that ends at {end:%H:%M} overlap")
    return spans


def _none_twice(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if words.count(word) > 1:
            raise ValueError(f"names {word!r} twice")
    return words


def _topic_word(word: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.\-]{1,64}", word):
        raise ValueError(f"{word!r} may not stand in a topic; accepted: 1 to 64 of A-Z a-z 0-9 _ . -")
    return word


def _broker(url: str) -> str:
    if "@" in url:
        raise ValueError("a URL with a user's name in it; that is for the keys username and password_file")
    if not re.fullmatch(r"mqtts?://[^/\s]+", url) or not _place(url):
        raise ValueError(f"{url!r} is no broker; accepted: mqtt://host:port, or mqtts://host:port with TLS")
    return url


def _listen(text: str) -> str:
    if text and not (re.fullmatch(r"[^\s/]*:\d{1,5}", text) and _place(f"http://{text}", needs_host=False)):
        raise ValueError(f'{text!r} is no place to listen; accepted: host:port, or "" to serve no pages')
    return text


def _qr(text: str) -> str:
    try:
        filled = text.format(branch="0571-0042", ticket="A012")
    except (LookupError, ValueError, AttributeError):
        filled = ""
    if not filled or len(filled.encode()) > QR_MOST:
        raise ValueError(
            f"{text!r} is no text of a QR code; accepted: up to {QR_MOST} bytes with {{branch}}, {{ticket}}"
        )
    return text


def _state_dir(text: object) -> object:
    if isinstance(text, str) and not 0 < len(text.encode()) <= STATE_DIR_MOST:
        raise ValueError(f"{text!r} is no folder to remember in; accepted: a path of 1 to {STATE_DIR_MOST} bytes")
    return text


def _place(url: str, *, needs_host: bool = True) -> bool:
    """Whether a URL has a host and, where it has a port, one that exists."""
    try:
        parts = urlsplit(url)
        return (parts.port is None or parts.port >= 0) and bool(parts.hostname or not needs_host)
    except ValueError:
        return False


Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
"""What TOML calls a number or a boolean, and no text or other kind that could be taken for one."""

TopicWord = Annotated[str, AfterValidator(_topic_word)]
"""A word that may stand in an MQTT topic of the contract: ASCII, no slash, no wildcard."""

Clock = Annotated[time, BeforeValidator(_clock)]
Span = Annotated[tuple[time, time], BeforeValidator(_span)]


class Name(Table):
    """What people read, in both languages."""

    zh: str
    en: str

    def text(self) -> Text:
        """The same as the core has it."""
        return Text(self.zh, self.en)


class BranchTable(Table):
    """`[branch]`: who and where this branch is."""

    id: TopicWord
    org: TopicWord = "bank"
    name: Name | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    open: Clock | None = None
    close: Clock | None = None
    profile: Literal["community", "office-tower", "payroll-pension"] = "community"


class ServiceTable(Table):
    """`[services.ID]`: a service class."""

    name: Name | None = None
    self_service: tuple[DeviceKind, ...] = ()
    typical_s: Annotated[Number, Field(gt=0, le=14400)] | None = None
    form: Flag = False
    tags: tuple[str, ...] = ()


class WindowTable(Table):
    """`[windows.ID]`: a window and the classes it takes; `hours` is the roster, where there is one."""

    services: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_none_twice)]
    hours: Annotated[tuple[Span, ...], AfterValidator(_apart)] = ()


class DeviceTable(Table):
    """`[devices.ID]`: a device, how it is reached and by which driver; `settings` is the driver's own table.

    `prints` is what a printer prints of its own accord; nothing where it is left out. `board` is the one that speaks in
    the place of an announcer that cannot.
    """

    kind: DeviceKind
    driver: str | None = None
    link: str | None = None
    address: Annotated[Whole, Field(ge=0, le=65535)] | None = None
    window: str | None = None
    shows: Literal["window", "lobby"] | None = None
    prints: Literal["tickets"] | None = None
    board: str | None = None
    services: tuple[str, ...] | None = None
    stale_s: Annotated[Number, Field(gt=0, le=86400)] = 60.0
    settings: dict[str, Any] = {}


class BrokerTable(Table):
    """`[broker]` (the branch's own) and `[hq]`: an MQTT broker; `mqtt://host:port`, or `mqtts://` with TLS."""

    url: Annotated[str, AfterValidator(_broker)]
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    keepalive_s: Annotated[Whole, Field(ge=5, le=600)] = 30


class WebTable(Table):
    """`[web]`: where the pages are served; an empty `listen` opens no port. `hosts` are further names they go by."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8080"
    hosts: tuple[str, ...] = ()
    language: Literal["zh", "en"] = "zh"


class StateTable(Table):
    """`[state]`: where the daemon remembers, for how many days the journal, and how much for headquarters."""

    dir: Annotated[Path, BeforeValidator(_state_dir)] = Path("/var/lib/lobbyd")
    keep_days: Annotated[Whole, Field(ge=1, le=3660)] = 7
    outbox_mb: Annotated[Number, Field(gt=0, le=100_000)] = 256


class BoardsTable(Table):
    """`[boards]`: how long calls and warnings stand, seconds."""

    call_least_s: Annotated[Number, Field(ge=1, le=60)] = 5.0
    call_most_s: Annotated[Number, Field(ge=1, le=600)] = 30.0
    scam_s: Annotated[Number, Field(ge=0, le=86400)] = 1800.0


class TicketsTable(Table):
    """`[tickets]`: what a printed ticket carries besides; the text of its QR code, without one there is none."""

    qr: Annotated[str, AfterValidator(_qr)] | None = None


class LoadTable(Table):
    """`[load]`: how many prompts one person gets in any `window_s` seconds (0: any number); urgent ones are exempt."""

    prompts: Annotated[int, Field(ge=0, le=100)] = 6
    window_s: Annotated[Number, Field(ge=60, le=86400)] = 600.0


class TriageTable(Table):
    """`[triage]`: in `shadow` mode rules run and are recorded, and nobody is prompted."""

    mode: Literal["live", "shadow"] = "live"


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
    tickets: TicketsTable = TicketsTable()
    load: LoadTable = LoadTable()
    triage: TriageTable = TriageTable()
    seed: Whole = 0
