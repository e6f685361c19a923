"""Events as JSON and back: the published form of the contract, checked field by field.

`decode` keeps fields the contract does not name in `extra`; `encode` writes them back, so that a journal loses
nothing, and `publish` leaves them out, so that nothing unforeseen leaves the branch.
"""

from __future__ import annotations

import types
from functools import cache
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, ValidationError, convert
from msgspec.structs import fields
from pydantic_core import from_json, to_json

from edge.core import events as ev
from edge.core import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

TYPES: Final[Mapping[str, type[ev.Occurrence]]] = types.MappingProxyType({t.type: t for t in get_args(ev.Event)})
"""Every event type of the contract and its record."""

_TIMES: Final = "RFC 3339 text with an offset, from 1970 to 2999"
_BASE: Final = frozenset(ev.Occurrence.__struct_fields__)
_BEYOND: Final = 2**63
"""No number the contract names is as large; what else a device says is only kept."""
_WORDS: Final[Mapping[Any, str]] = {str: "text", int: "a whole number", float: "a number", tuple: "a list"}
"""What a field takes, by its type; everything else is an object."""

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
    return frozenset(f.name for f in own), frozenset(f.name for f in own if f.required)


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


_NAMES: Final = {kind: frozenset(known.__struct_fields__) - {"extra"} for kind, known in TYPES.items()}
_LAYOUT: Final = {
    kind: tuple(
        (f.name, f.default if f.default_factory is NODEFAULT else f.default_factory())
        for f in fields(known)
        if f.name not in _BASE
    )
    for kind, known in TYPES.items()
}


@cache
def _kinds(kind: str) -> Mapping[str, Any]:
    """The types of an event's fields."""
    return get_type_hints(TYPES[kind])


def _validated(known: type[ev.Occurrence], body: Mapping[str, Any]) -> ev.Event:
    if (fault := _fault(known.type, body)) is not None:
        raise WireError(f"{known.type}: {fault}")
    try:
        return convert(body, known)  # type: ignore[return-value]  # one of the types of `TYPES`
    except ValidationError:
        raise WireError(f"{known.type}: {'; '.join(_faults(known, body))}") from None


def _fault(kind: str, body: Mapping[str, Any]) -> str | None:
    """What the types of the fields let pass and the contract does not, as a sentence."""
    for name, value in body.items():
        if name in _IDS and value == "":
            return f"'{name}' is ''; accepted: text that is not empty"
        if name != "extra" and not _bounded(value, _BEYOND):
            return f"'{name}' holds a number that is too large to be one"
    for name, value in body.get("extra", {}).items():
        if not _bounded(value, inf):
            return f"'{name}' holds a number that is too large to be one"
    if kind == ev.TicketTransferred.type and body.get("service") is None and body.get("window") is None:
        return "lacks 'service' or 'window'"
    return None


def _bounded(value: object, most: float) -> bool:
    """Whether every number in a value is finite, and every whole one between `-most` and `most`."""
    match value:
        case float():
            return isfinite(value)
        case int():
            return -most <= value < most
        case dict():
            return all(_bounded(each, most) for each in value.values())
        case list() | tuple():
            return all(_bounded(each, most) for each in value)
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


def _faults(known: type[ev.Occurrence], body: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with each field, as sentences."""
    for field in fields(known):
        if field.name not in body:
            if field.required:
                yield f"lacks '{field.name}'"
            continue
        value, kind = body[field.name], _kinds(known.type)[field.name]
        if get_origin(kind) is tuple and isinstance(value, list | tuple):
            of = get_args(kind)[0]
            yield from (f"'{field.name}.{n}' {_unfit(one, of)}" for n, one in enumerate(value) if not _fits(one, of))
        elif not _fits(value, kind):
            yield f"'{field.name}' {_unfit(value, kind)}"


def _fits(value: object, kind: Any) -> bool:
    try:
        convert(value, kind)
    except ValidationError:
        return False
    return True


def _unfit(value: object, kind: Any) -> str:
    return f"is {_shown(value)}; accepted: {_accepted(kind)}"


def _accepted(kind: Any) -> str:
    """What a field of this type takes, in words."""
    kinds = [one for one in get_args(kind) or (kind,) if one is not types.NoneType]
    if get_origin(kind) is Literal:
        *others, last = map(repr, kinds)
        return f"{', '.join(others)} or {last}"
    if get_origin(kinds[0]) is Literal:
        return _accepted(kinds[0])
    return _WORDS.get(get_origin(kind) or kinds[0], "a JSON object")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 (a line on a terminal, not a limit of ours)
