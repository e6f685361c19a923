"""What the drivers described in the configuration share: from values that a rule has read to an event, and back.

A rule names an event type, gives fixed values (`set`) and translates words of the device into words of the contract
(`values`). Values come as text or as JSON; a whole number is text where the contract wants text, and a text is a list,
cut at commas, where it wants a list. The device's own id, kind and window stand in where a rule gives none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Self

from msgspec.structs import fields
from pydantic import BaseModel, Field, field_validator, model_validator

from drivers._framing import bad, shown
from edge.core import wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.events import Event
    from edge.core.instant import Instant
    from edge.driver import BadFrame, Device

DEVICE_AT: Final = "device_at"
"""The device's own time, which any event may carry."""

_NUMBERS: Final = frozenset({"rating"})
_DIGITS: Final = re.compile("[0-9]{1,9}")
_LISTS: Final = frozenset({"services", "needs"})
_FROM_DEVICE: Final = frozenset({"device", "kind", "window"})
_WITHOUT_EVENT: Final = frozenset({"at", "extra", DEVICE_AT})

_EXAMPLES: Final[Mapping[str, Any]] = {
    "ticket": "A001",
    "service": "cash",
    "services": ("cash",),
    "window": "1",
    "rating": 5,
    "device": "device-1",
    "kind": "kiosk",
    "state": "ok",
    "event": "transaction",
    "staff": "lm-1",
    "role": "lobby_manager",
    "action": "done",
    "target": "1",
}
"""A sound value for every compulsory field of the contract: fixed ones are tried among them when settings are read."""


class EventRule(BaseModel, extra="forbid", frozen=True):
    """What every rule has, whatever it reads from."""

    event: str
    fixed: dict[str, Any] = Field(alias="set", default={})
    values: dict[str, dict[str, Any]] = {}

    @field_validator("event")
    @classmethod
    def _is_known(cls, event: str) -> str:
        if event not in wire.TYPES:
            raise ValueError(f"there is no event {event!r}; there are: {', '.join(wire.TYPES)}")
        return event

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        """Every name is a field of the event, every compulsory field is given, every fixed word is the contract's."""
        accepted, compulsory = wire.field_names(self.event)
        read = self.reads()
        for name in (*read, *self.fixed, *self.values):
            if name not in accepted | {DEVICE_AT}:
                fields = ", ".join((*sorted(accepted), DEVICE_AT))
                raise ValueError(f"{self.event} has no field {name!r}; it has: {fields}")
        lacking = compulsory - set(read) - set(self.fixed) - _FROM_DEVICE
        if lacking:
            raise ValueError(f"{self.event} needs {', '.join(sorted(lacking))}; map it, or give it in set")
        for name, value in self._fixed_words():
            self._try(compulsory, name, value)
        return self

    def reads(self) -> tuple[str, ...]:
        """The fields this rule reads from the device."""
        return ()

    def words(self, *names: str) -> Iterable[tuple[str, str]]:
        """What it makes of these fields whatever the device says, one by one, each with its key in the rule."""
        given = [(f"set.{name}", name, self.fixed[name]) for name in names if name in self.fixed]
        for name in names:
            given += [(f"values.{name}.{word}", name, value) for word, value in self.values.get(name, {}).items()]
        for key, name, value in given:
            fitted = _fitted(name, value)
            yield from ((key, str(one)) for one in (fitted if isinstance(fitted, list | tuple) else [fitted]))

    def _fixed_words(self) -> Iterable[tuple[str, Any]]:
        yield from self.fixed.items()
        for name, table in self.values.items():
            yield from ((name, value) for value in table.values())

    def _try(self, compulsory: frozenset[str], name: str, value: object) -> None:
        sample = {field: _EXAMPLES[field] for field in compulsory}
        try:
            wire.make(self.event, 0, {**sample, name: _fitted(name, value)})
        except wire.WireError as fault:
            raise ValueError(str(fault)) from None


def to_event(rule: EventRule, read: Mapping[str, Any], device: Device, at: Instant) -> Event | BadFrame:
    """The event of a rule that matched, with what it has read; BadFrame names the field that does not fit."""
    values = _standing_in(rule, device)
    values |= {name: _fitted(name, value) for name, value in rule.fixed.items()}
    for name, value in read.items():
        table = rule.values.get(name)
        if table is not None and _word(value) not in table:
            return bad(f"{rule.event}: '{name}' is {shown(value)}; accepted: {', '.join(table)}")
        meant = value if table is None else table[_word(value)]
        if meant == "":
            return bad(f"{rule.event}: '{name}' is empty")
        values[name] = _fitted(name, meant)
    try:
        return wire.make(rule.event, at, values)
    except wire.WireError as fault:
        return bad(str(fault))


def to_values(rule: EventRule, event: Event) -> dict[str, Any]:
    """What the device would have sent for the fields this rule reads; those an event lacks are left out."""
    found = {name: getattr(event, name) for name in rule.reads()}
    return {name: _original(rule.values.get(name), value) for name, value in found.items() if value is not None}


def same(one: Event, other: Event) -> bool:
    """Whether two events say the same, whenever it was and whatever fields beyond the contract they carry."""
    names = (field.name for field in fields(one) if field.name not in _WITHOUT_EVENT)
    return type(one) is type(other) and all(getattr(one, name) == getattr(other, name) for name in names)


def _standing_in(rule: EventRule, device: Device) -> dict[str, Any]:
    """What the configured device says of itself, for compulsory fields: an optional window means something else."""
    itself = {"device": device.id, "kind": device.kind, "window": device.window}
    _, compulsory = wire.field_names(rule.event)
    return {name: value for name, value in itself.items() if name in compulsory and value is not None}


def _fitted(name: str, value: object) -> object:
    if name in _LISTS and isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    if name in _NUMBERS:
        return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
    return str(value) if type(value) is int else value


def _word(value: object) -> str:
    """A value as the key of a table: numbers and truth values as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _original(table: Mapping[str, Any] | None, value: object) -> object:
    """The device's word for a value; the value itself where its table has none."""
    plain = list(value) if isinstance(value, tuple) else value
    return next((word for word, meant in (table or {}).items() if meant == plain), plain)
