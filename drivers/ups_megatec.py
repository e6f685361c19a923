"""UPSs that speak Megatec, also called Q1 (NUT: "Megatec Protocol information" 2.7), over serial lines.

Three questions and nothing else: Q1, how it is; I, who made it; F, what it is rated for. The protocol also has commands
that switch the load off, start tests and silence the beeper: they are not in here.

There is no checksum, and a single wrong bit turns mains into battery. So a line counts only as the answer to the
question under way and only when it is well formed from its first character to its last, and what it says counts when
the next one says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from drivers._framing import Lines, bad
from drivers._megatec_lines import INFORMATION, RATING, STATUS, Frames, Information, Rating, Status, parse
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import seconds
from edge.driver import BadFrame, Driver, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.core.events import DeviceState
    from edge.core.instant import Instant
    from edge.driver import Device, FrameLayer, Medium, Received

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})
FRAMES: Final[FrameLayer] = Frames()

_LONGEST: Final = 80
"""The longest answer, Q1's, is 46 characters; some makers put more behind it, and then it is not this protocol."""

_BITS_PER_S, _BITS_PER_BYTE = 2400, 10

_TROUBLES: Final = {
    ("mains", "lost"): "mains_lost",
    ("battery", "low"): "battery_low",
    ("ups", "failed"): "ups_failed",
}
"""What it is called when a part becomes so."""

_WELL: Final = frozenset({"ok", "testing"})


class Settings(BaseModel, extra="forbid", frozen=True):
    """How often the UPS is asked, and how often it is told to be well when nothing changes (under its `stale_s`).

    `load_step` is by how many points of a hundred the load must have moved to be told anew.
    """

    every_s: float = Field(ge=1, le=60, default=2.0)
    report_s: float = Field(ge=1, le=3600, default=20.0)
    deadline_s: float = Field(ge=0.2, le=5, default=1.0)
    tries: int = Field(ge=1, le=10, default=3)
    load_step: int = Field(ge=1, le=100, default=10)


class MegatecUps(Driver):
    """One UPS on a line of its own."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._settings: Settings = device.settings
        self._lines = Lines(end=b"\r", limit=_LONGEST)
        self._question = b""
        self._instead = ""
        self._unasked = [INFORMATION, RATING]
        self._due: Instant = 0
        self._witness: dict[str, str] | None = None
        self._parts: dict[str, str] | None = None
        self._model, self._rated = "", ""
        self._figures, self._load = "", 0
        self._news, self._told_at = True, 0

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """Mains and battery as `device.event` when they change, statuses, `Reply` for the question under way."""
        return [one for line in self._lines.feed(data) for one in self._line(line, at)]

    def poll(self, at: Instant) -> list[Request]:
        """The status when it is due, at once while a change waits for its second witness; the rest once it is known."""
        found: list[Request] = []
        if self._parts is not None:
            found += [Request(0, question, gap_s=self._settings.deadline_s) for question in self._unasked]
            self._unasked = []
        if at >= self._due or self._witness != self._parts:
            self._due = at + seconds(self._settings.every_s)
            deadline_s = self._settings.deadline_s + _LONGEST * _BITS_PER_BYTE / _BITS_PER_S
            found.append(Request(0, STATUS, expects=True, deadline_s=deadline_s, tries=self._settings.tries))
        return found

    def asked(self, request: Request) -> None:
        """What is heard from here on may be the answer; half a line from before is none."""
        self._question, self._instead = request.data, ""
        self._lines = Lines(end=b"\r", limit=_LONGEST)

    def unanswered(self, request: Request) -> str:
        """What came in place of an answer; the witnesses of a change must come one after the other."""
        self._witness, self._question, self._news = self._parts, b"", True
        return self._instead

    def _line(self, line: bytes | BadFrame, at: Instant) -> Iterator[Received]:
        question = self._question
        if isinstance(line, BadFrame) or not question:
            yield line if isinstance(line, BadFrame) else bad("a line that nobody asked for", line)
            return
        said = parse(question, line)
        if said is None and line + b"\r" != question:
            self._instead = "its answer is not well formed"
            yield bad(f"no answer to {question.decode('ascii').rstrip()}", line)
            return
        self._question = b""
        if question == STATUS:
            yield Reply(0, ok=said is not None, detail="" if said else "it does not know Q1")
        match said:  # a question that it does not know comes back as it was
            case Information():
                self._model, self._news = f"{said.maker} {said.model}", True
            case Rating():
                self._rated = "" if said.rated_battery_v is None else f" of {said.rated_battery_v:g}"
            case Status():
                yield from self._reading(said, at)

    def _reading(self, said: Status, at: Instant) -> Iterator[Received]:
        before, now = self._parts or {}, _parts(said)
        agreed, self._witness = now == self._witness, now
        if not agreed:
            yield from self._doubtful(at)
            return
        self._parts = now
        for (part, word), event in _TROUBLES.items():
            if now[part] == word != before.get(part):
                yield DeviceEvent(at=at, device=self._device.id, event=event)
        if before.get("mains") == "lost" != now["mains"]:
            yield DeviceEvent(at=at, device=self._device.id, event="mains_back")
        yield from self._told(said, at, changed=before != now)

    def _doubtful(self, at: Instant) -> Iterator[DeviceStatus]:
        """It is there, and how it is nobody knows yet: an answer alone would have the link call it well."""
        if self._news:
            yield DeviceStatus(
                at=at, device=self._device.id, kind=self._device.kind, state="unknown", detail="heard once so far"
            )

    def _told(self, said: Status, at: Instant, *, changed: bool) -> Iterator[DeviceStatus]:
        """How it is, when that is news or has not been told for a while."""
        parts, waited = self._parts or {}, at - self._told_at >= seconds(self._settings.report_s)
        moved = abs((said.load_percent or 0) - self._load) >= self._settings.load_step
        if not (changed or moved or waited or self._news):
            return
        if changed or moved or said.mains_lost or not self._figures:
            self._figures, self._load = self._in_figures(said), said.load_percent or 0
        self._news, self._told_at = False, at
        well = _WELL.issuperset(parts.values())
        state: DeviceState = "down" if said.failed else "ok" if well else "degraded"
        detail = ", ".join(filter(None, ("on battery" if said.mains_lost else "on mains", self._figures, self._model)))
        yield DeviceStatus(
            at=at, device=self._device.id, kind=self._device.kind, state=state, parts=parts, detail=detail
        )

    def _in_figures(self, said: Status) -> str:
        battery = "" if said.battery is None else f"battery {said.battery_v:g}{self._rated if said.standby else ''} V"
        load = "" if said.load_percent is None else f"load {said.load_percent} %"
        return ", ".join(filter(None, (load, f"{battery} a cell" if battery and not said.standby else battery)))


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the one UPS on its line."""
    return MegatecUps(devices[0])


def _parts(said: Status) -> dict[str, str]:
    """The parts of the UPS and how each is, in the order in which people ask for them."""
    switched = "shutting down" if said.shutting_down else "bypass" if said.passed_by and not said.standby else "ok"
    return {
        "mains": "lost" if said.mains_lost else "ok",
        "battery": "low" if said.battery_low else "testing" if said.testing else "ok",
        "output": switched,
        "ups": "failed" if said.failed else "ok",
    }
