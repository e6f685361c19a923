"""One Modbus sensor: its settings, what it is asked, what it has said, and what is the matter with it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers._modbus_frames import COILS, EXCEPTIONS, HOLDING, INPUT_REGISTERS, INPUTS, Answer, Read, bits, registers
from drivers._sensing import Contact, Moving, Settling, Value
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import SECOND, seconds
from edge.driver import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.events import DeviceState
    from edge.core.instant import Instant
    from edge.driver import Device, Received

_FACTORY_ADDRESS: Final = 1
_FUNCTIONS: Final = {"input": INPUT_REGISTERS, "holding": HOLDING}
_TRY_AGAIN: Final = frozenset({5, 6, 10, 11})
"""Exceptions that say nothing about the question: busy, or a gateway that could not reach the device."""
_REMEMBERED: Final = 60 * SECOND
"""How long a device is degraded after it answered what it should not have."""

EXAMPLE: Final[dict[str, Any]] = {
    "contacts": [{"input": 0, "name": "back-door", "event": "door_open", "normally": "closed"}],
    "values": [{"name": "temperature", "register": 1, "scale": 0.1, "unit": "°C", "high": 35, "step": 0.5}],
}


class Settings(BaseModel):
    """One module: its contacts, read at every turn, and its values, read every `every_s`.

    `closed_reads` is the bit of a closed contact. `report_s` is how often the device is told to be well when nothing
    changes, which must be more often than its `stale_s`. `deadline_s` is what the module may take to begin its answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    read_contacts: Literal["inputs", "coils"] = "inputs"
    first_contact: int = Field(ge=0, le=0xFFF0, default=0)
    inputs: int = Field(ge=1, le=16, default=8)
    closed_reads: Literal[0, 1] = 1
    contacts: tuple[Contact, ...] = ()
    values: tuple[Value, ...] = Field(max_length=32, default=())
    every_s: float = Field(ge=1, le=3600, default=10.0)
    report_s: float = Field(ge=1, le=3600, default=20.0)
    deadline_s: float = Field(ge=0.05, le=5, default=0.3)
    tries: int = Field(ge=1, le=10, default=3)

    @model_validator(mode="after")
    def _everything_has_its_place(self) -> Settings:
        names = [contact.name for contact in self.contacts] + [value.name for value in self.values]
        if not names:
            raise ValueError("contacts and values are both empty; name at least one of either")
        if len(set(names)) < len(names):
            raise ValueError("two contacts or values have one name; give each its own")
        places = [contact.input for contact in self.contacts]
        if len(set(places)) < len(places):
            raise ValueError("two contacts are on one input; give each its own")
        if places and max(places) >= self.inputs:
            raise ValueError(
                f"a contact is on input {max(places)}; accepted with inputs = {self.inputs}: 0 to {self.inputs - 1}"
            )
        return self


class Module:
    """One device on the line: what it is asked, what it has said, and what is the matter with it."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.settings: Settings = device.settings
        self.unit = _FACTORY_ADDRESS if device.address is None else device.address
        self.contacts = [Settling(contact) for contact in self.settings.contacts]
        self.values = [Moving(value) for value in self.settings.values]
        self.contact_read = self._contact_read() if self.contacts else None
        self.value_reads = _reads(self.unit, self.settings.values)
        self.due: Instant | None = None
        self.news = True
        self._wrong: dict[str, str] = {}
        self._stray, self._stray_at = "", 0
        self._told: tuple[str, dict[str, str], str] = ("", {}, "")
        self._told_at: Instant = 0

    @property
    def reads(self) -> list[Read]:
        """Everything it is ever asked."""
        return [self.contact_read, *self.value_reads] if self.contact_read else list(self.value_reads)

    def asked_now(self, at: Instant) -> list[Read]:
        """What it is to be asked at this turn."""
        reads = [self.contact_read] if self.contact_read else []
        if self.due is None or at >= self.due:
            self.due = at + seconds(self.settings.every_s)
            reads += self.value_reads
        return reads

    def answered(self, read: Read, answer: Answer, at: Instant) -> Iterator[Received]:
        """What follows from an answer, the status last, where it is worth telling."""
        if answer.exception in _TRY_AGAIN:
            self.news = True
            yield Reply(self.unit, ok=False, detail=EXCEPTIONS[answer.exception])
            return
        yield Reply(self.unit, ok=True)
        if answer.exception:
            word = EXCEPTIONS.get(answer.exception, "unknown")
            self._wrong[read.what] = f"{read.what}: exception {answer.exception}, {word}"
        else:
            self._wrong.pop(read.what, None)
            if read == self.contact_read:
                yield from self._contacts(answer, at)
            else:
                self._take_values(read, answer)
        yield from self.status(at)

    def astray(self, why: str, at: Instant) -> Iterator[Received]:
        """It answered what it should not have; what its last answer said may have been another's."""
        for contact in self.contacts:
            contact.doubt()
        self._stray, self._stray_at = why, at
        yield from self.status(at)

    def status(self, at: Instant) -> Iterator[DeviceStatus]:
        """How it is, when that is news or has not been told for a while."""
        if self._stray and at - self._stray_at >= _REMEMBERED:
            self._stray = ""
        wrong = [*self._wrong.values(), *([f"address {self.unit} {self._stray}"] if self._stray else [])]
        figures = ", ".join(filter(None, map(str, self.values)))
        now = ("degraded" if wrong else "ok", self._parts(), "; ".join([*wrong, *([figures] if figures else [])]))
        if now == self._told and not self.news and at - self._told_at < seconds(self.settings.report_s):
            return
        self.news, self._told, self._told_at = False, now, at
        state: DeviceState = "degraded" if wrong else "ok"
        yield DeviceStatus(
            at=at, device=self.device.id, kind=self.device.kind, state=state, parts=now[1], detail=now[2]
        )

    def _contacts(self, answer: Answer, at: Instant) -> Iterator[DeviceEvent]:
        read = bits(answer.data, self.settings.inputs)
        for one in self.contacts:
            if one.read(at, closed=read[one.contact.input] == bool(self.settings.closed_reads)):
                yield DeviceEvent(at=at, device=self.device.id, event=one.contact.event, detail=one.contact.name)

    def _take_values(self, read: Read, answer: Answer) -> None:
        content = dict(enumerate(registers(answer.data), read.first))
        for one in self.values:
            if _FUNCTIONS[one.value.table] == read.function and one.value.register_ in content:
                one.read(content[one.value.register_])

    def _parts(self) -> dict[str, str]:
        states = {None: "unknown", False: "ok"}
        parts = {one.contact.name: states.get(one.active, one.contact.event) for one in self.contacts}
        return parts | {one.value.name: one.part for one in self.values}

    def _contact_read(self) -> Read:
        function = COILS if self.settings.read_contacts == "coils" else INPUTS
        return Read(self.unit, function, self.settings.first_contact, self.settings.inputs)


def _reads(unit: int, values: tuple[Value, ...]) -> list[Read]:
    """The questions for these values, one for each run of neighbouring registers: some devices refuse others."""
    places = sorted({(_FUNCTIONS[value.table], value.register_) for value in values})
    runs = groupby(enumerate(places), key=lambda each: (each[1][0], each[1][1] - each[0]))
    found = [[place for _, place in run] for _, run in runs]
    return [Read(unit, run[0][0], run[0][1], len(run)) for run in found]
