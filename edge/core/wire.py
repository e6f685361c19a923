"""Events as JSON and back: the published form of the contract, checked field by field.

`decode` keeps fields the contract does not name in `extra`; `encode` writes them back, so that a journal loses
nothing, and `publish` leaves them out, so that nothing unforeseen leaves the branch.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, fields
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from edge.core import events as ev
from edge.core import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

TYPES: Final[Mapping[str, type[ev.Occurrence]]] = types.MappingProxyType({t.type: t for t in get_args(ev.Event)})
"""Every event type of the contract and its record."""

_TIMES: Final = "RFC 3339 text with an offset, from 1970 to 2999"
_BASE: Final = frozenset(f.name for f in fields(ev.Occurrence))
_IDS: Final = frozenset({"ticket", "service", "window", "device"})


class WireError(ValueError):
    """Not an event of the contract; the message says which field, what was found and what is accepted."""


def decode(item: object) -> ev.Event:
    """A JSON value to an event; WireError says what is wrong with it."""
    if not isinstance(item, dict):
        raise WireError(f"an event is a JSON object, not {_shown(item)}")
    kind = item.get("type")
    known = TYPES.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise WireError(f"'type' is {_shown(kind)}; accepted: {', '.join(TYPES)}" if "type" in item else "lacks 'type'")
    body = {key: value for key, value in item.items() if key in _NAMES[known.type]}
    body["at"] = _instant(item)
    extra = {key: value for key, value in item.items() if key not in _NAMES[known.type] and key != "type"}
    if extra:
        body["extra"] = extra
    return _validated(known, body)


def decode_line(line: str | bytes) -> ev.Event:
    """One line of an event log to an event; WireError says what is wrong with it."""
    try:
        item = from_json(line, allow_inf_nan=False)
    except ValueError as fault:
        raise WireError(f"not JSON: {str(fault).replace(' at line 1 column ', ' at column ')}") from None
    return decode(item)


def offset_of_line(line: str | bytes) -> tzinfo | None:
    """The offset that a line's `at` carries; None when the line is not an event."""
    try:
        at = from_json(line)["at"]
        return instant.offset_of(at) if isinstance(at, str) else None
    except (ValueError, TypeError, KeyError):
        return None


def make(kind: str, at: instant.Instant, values: Mapping[str, Any]) -> ev.Event:
    """An event of type `kind` from field values that a driver has read; WireError says which does not fit."""
    known = TYPES.get(kind)
    if known is None:
        raise WireError(f"'type' is {_shown(kind)}; accepted: {', '.join(TYPES)}")
    return _validated(known, {**values, "at": at})


def field_names(kind: str) -> tuple[frozenset[str], frozenset[str]]:
    """(all fields, compulsory fields) of an event type, beside `type` and `at`; KeyError for an unknown type."""
    own = [f for f in fields(TYPES[kind]) if f.name not in _BASE]
    free = (f for f in own if f.default is not MISSING or f.default_factory is not MISSING)
    return frozenset(f.name for f in own), frozenset(f.name for f in own) - {f.name for f in free}


def encode(event: ev.Event, zone: tzinfo) -> dict[str, Any]:
    """An event as the JSON object a journal or log keeps, its unnamed fields included."""
    return {**publish(event, zone), **event.extra}


def publish(event: ev.Event, zone: tzinfo) -> dict[str, Any]:
    """An event as the JSON object others may read: the contract's fields and no others, defaults left out."""
    item: dict[str, Any] = {"type": event.type, "at": instant.text(event.at, zone)}
    if event.device_at is not None:
        item["device_at"] = event.device_at
    for name, default in _LAYOUT[event.type]:
        value = getattr(event, name)
        if value != default:
            item[name] = list(value) if type(value) is tuple else value
    return item


def line(item: Mapping[str, Any]) -> bytes:
    """A JSON object as one compact UTF-8 line, without the line end; the same object gives the same bytes."""
    return to_json(item)


_NAMES: Final = {kind: frozenset(f.name for f in fields(known)) - {"extra"} for kind, known in TYPES.items()}
_LAYOUT: Final = {
    kind: tuple(
        (f.name, f.default if f.default_factory is MISSING else f.default_factory())
        for f in fields(known)
        if f.name not in _BASE
    )
    for kind, known in TYPES.items()
}


@cache
def _reader(kind: str) -> Callable[[Mapping[str, Any]], Any]:
    return TypeAdapter(TYPES[kind]).validator.validate_python


def _validated(known: type[ev.Occurrence], body: Mapping[str, Any]) -> ev.Event:
    if (fault := _fault(known.type, body)) is not None:
        raise WireError(f"{known.type}: {fault}")
    try:
        event: ev.Event = _reader(known.type)(body)
    except ValidationError as refused:
        raise WireError(f"{known.type}: {'; '.join(map(_sentence, refused.errors()))}") from None
    return event


def _fault(kind: str, body: Mapping[str, Any]) -> str | None:
    """What the types of the fields let pass and the contract does not, as a sentence."""
    for name, value in body.items():
        if name in _IDS and value == "":
            return f"'{name}' is ''; accepted: text that is not empty"
        if not _finite(value):
            return f"'{name}' holds a number that is too large to be one"
    if type(rating := body.get("rating")) in (bool, float):
        return f"'rating' is {rating}; accepted: 1, 2, 3, 4 or 5"
    if kind == ev.TicketTransferred.type and body.get("service") is None and body.get("window") is None:
        return "lacks 'service' or 'window'"
    return None


def _finite(value: object) -> bool:
    """Whether no number in a value is beyond all bounds, as one of a thousand digits is when it is read."""
    match value:
        case float():
            return isfinite(value)
        case dict():
            return all(map(_finite, value.values()))
        case list() | tuple():
            return all(map(_finite, value))
        case _:
            return True


def _instant(item: Mapping[str, Any]) -> instant.Instant:
    at = item.get("at")
    if not isinstance(at, str):
        raise WireError(f"'at' is {_shown(at)}; accepted: {_TIMES}" if "at" in item else "lacks 'at'")
    try:
        return instant.parse(at)
    except (ValueError, OverflowError):
        raise WireError(f"'at' is {_shown(at)}; accepted: {_TIMES}") from None


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] in ("missing", "missing_argument"):
        return f"lacks '{where}'"
    expected = error.get("ctx", {}).get("expected")
    accepted = expected or error["msg"].removeprefix("Input should be ")
    return f"'{where}' is {_shown(error['input'])}; accepted: {accepted}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 (a line on a terminal, not a limit of ours)
