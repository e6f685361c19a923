"""What a sensor's readings amount to: contacts that have settled, and measured values that have moved or gone too far.

Pure, and of no protocol: a driver brings the readings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, model_validator

from edge.core.instant import seconds

if TYPE_CHECKING:
    from edge.core.instant import Instant

NAME = r"^[a-z0-9][a-z0-9_-]{0,31}$"
EVENT = r"^[a-z][a-z_]{0,31}$"


class Contact(BaseModel, extra="forbid", frozen=True):
    """A contact on an input, and the `device.event` it stands for.

    `normally` is how it rests: an open contact alarms when it closes, a closed one when it opens or its wire is cut.
    A change counts when readings have agreed about it for `debounce_s`; at 0 the first one counts.
    """

    input: int = Field(ge=0, le=15)
    name: str = Field(pattern=NAME)
    event: str = Field(pattern=EVENT)
    normally: Literal["open", "closed"] = "open"
    debounce_s: float = Field(ge=0, le=60, default=0.5)


class Value(BaseModel, extra="forbid", frozen=True):
    """A measured value in one register: `scale` times the number, plus `offset`.

    At `high` or above, `low` or below, its part says so, and takes it back `step` inside the limit. The figure is told
    anew when it has moved by `step`. `absent` is the register's content when there is no reading.
    """

    name: str = Field(pattern=NAME)
    register_: int = Field(ge=0, le=0xFFFF, alias="register")
    table: Literal["input", "holding"] = "input"
    signed: bool = True
    scale: float = 1.0
    offset: float = 0.0
    unit: str = Field(max_length=8, default="")
    low: float | None = None
    high: float | None = None
    step: float = Field(gt=0, default=1.0)
    absent: int | None = Field(ge=0, le=0xFFFF, default=None)

    @model_validator(mode="after")
    def _limits_leave_room(self) -> Value:
        if self.low is not None and self.high is not None and self.low + self.step >= self.high:
            raise ValueError(
                f"low is {self.low:g} and high {self.high:g}: with step {self.step:g} nothing lies between"
            )
        return self

    def of(self, register: int) -> float | None:
        """The value of a register's content, None when it is no reading."""
        if register == self.absent:
            return None
        number = register - 0x10000 if self.signed and register >= 0x8000 else register
        return number * self.scale + self.offset


class Settling:
    """One contact over time. `active` is None until the first reading has settled."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact
        self.active: bool | None = None
        self._since: Instant | None = None

    def read(self, at: Instant, *, closed: bool) -> bool:
        """Takes a reading; True when the contact has just become active."""
        active = closed is (self.contact.normally == "open")
        if active is self.active or (self.active is None and not active):
            self.active, self._since = active, None
            return False
        self._since = at if self._since is None else self._since
        if at - self._since < seconds(self.contact.debounce_s):
            return False
        self.active, self._since = active, None
        return active

    def doubt(self) -> None:
        """The last reading may have been another device's: a change must settle anew."""
        self._since = None


class Moving:
    """One measured value over time: the figure last told and which limit it has passed."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self.told: float | None = None
        self.part = "unknown"

    def read(self, register: int) -> None:
        """Takes the content of the register."""
        now = self.value.of(register)
        part = "unknown" if now is None else self._limit(now)
        if now is None or self.told is None or part != self.part or abs(now - self.told) >= self.value.step:
            self.told = now
        self.part = part

    def __str__(self) -> str:
        return "" if self.told is None else f"{self.value.name} {self.told:.4g} {self.value.unit}".rstrip()

    def _limit(self, now: float) -> str:
        low, high, step = self.value.low, self.value.high, self.value.step
        if high is not None and (now >= high or (self.part == "high" and now > high - step)):
            return "high"
        if low is not None and (now <= low or (self.part == "low" and now < low + step)):
            return "low"
        return "ok"
