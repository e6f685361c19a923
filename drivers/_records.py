"""Frames as JSON: records of numbers and bytes, one key for each field and none for what follows from others.

The types of a record's fields say how many bytes they have: a number is a JSON number, bytes are hexadecimal text under
their name and `_hex`. Because nothing derived is written, changing any one value changes the frame. `StreamFrames` is
what the frame layers of streams (see `edge.driver.FrameLayer`) have in common.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, NamedTuple, Protocol, TypeVar, cast

from msgspec import NODEFAULT, Meta, Struct, inspect

from drivers._framing import shown
from edge.driver import BadFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Byte = Annotated[int, Meta(ge=0, le=0xFF)]
Word = Annotated[int, Meta(ge=0, le=0xFFFF)]

Read_co = TypeVar("Read_co", covariant=True)
Shown = TypeVar("Shown")


class Layout(Struct, frozen=True):
    """A record of `Byte`, `Word`, `Annotated[int, up_to(…)]`, `bytes` and `Annotated[bytes, exactly(…)]`."""


Record = TypeVar("Record", bound=Layout)


def up_to(limit: int) -> Meta:
    """Of a number: it is from 0 to `limit`."""
    return Meta(ge=0, le=limit)


def exactly(size: int) -> Meta:
    """Of bytes: so many of them."""
    return Meta(min_length=size, max_length=size)


def only_when(condition: Callable[[Any], object]) -> Meta:
    """Of a field: it is only there when this holds of the record."""
    return Meta(extra={"when": condition})


def to_json(record: Layout) -> dict[str, Any]:
    """The record's fields that are there, by the keys `from_json` takes."""
    item: dict[str, Any] = {}
    for key, place in _places(type(record)).items():
        if place.when is None or place.when(record):
            value = getattr(record, place.name)
            item[key] = value.hex() if isinstance(value, bytes) else value
    return item


def from_json(kind: type[Record], item: Mapping[str, Any]) -> Record:
    """The record that `item` describes; ValueError is one sentence that says what is wrong and what is accepted."""
    places = _places(kind)
    refuse_unknown(item, places)
    for key, place in places.items():
        if key not in item and place.needed:
            raise ValueError(f"lacks '{key}'")
    record = kind(**{places[key].name: _value(places[key].type, key, value) for key, value in item.items()})
    for key, place in places.items():
        if key in item and place.when is not None and not place.when(record):
            raise ValueError(f"'{key}' has no place here: the other fields say that it is absent")
    return record


def refuse_unknown(item: Mapping[str, Any], accepted: Mapping[str, Any]) -> None:
    """ValueError when `item` has a key that is not accepted: it would be lost."""
    for key in item:
        if key not in accepted:
            raise ValueError(f"unknown field '{key}'; accepted: {', '.join(accepted)}")


def from_hex(key: str, value: object, size: int | None = None) -> bytes:
    """Hexadecimal text to bytes; ValueError names `key`."""
    wanted = "an even number of hexadecimal digits" if size is None else f"{2 * size} hexadecimal digits"
    refusal = ValueError(f"'{key}' is {shown(value)}; accepted: {wanted}")
    if not isinstance(value, str) or not value.isascii() or any(mark.isspace() for mark in value):
        raise refusal
    try:
        data = bytes.fromhex(value)
    except ValueError:
        raise refusal from None
    if size is not None and len(data) != size:
        raise refusal
    return data


class Reader(Protocol[Read_co]):
    """Cuts a stream into frames."""

    @property
    def waiting(self) -> int:
        """How many bytes have come of a frame that is not complete."""

    def feed(self, data: bytes) -> Sequence[Read_co | BadFrame]:
        """What `data` completes, in order."""


class StreamFrames(ABC, Generic[Shown]):
    """The frames of a byte stream, as `lobbyd codec` shows and makes them."""

    def decode(self, chunks: Sequence[bytes]) -> list[dict[str, Any]]:
        """The frames in the chunks, in order; a stretch that is none is `bad_frame` with the reason."""
        reader = self.reader()
        found = [one for chunk in chunks for one in reader.feed(chunk)]
        if reader.waiting:
            found.append(BadFrame(f"{reader.waiting} bytes of a frame that does not end"))
        return [{"bad_frame": one.reason} if isinstance(one, BadFrame) else self.show(one) for one in found]

    @abstractmethod
    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The bytes of the frame that `item` describes; ValueError is one sentence that says what is wrong."""

    @abstractmethod
    def reader(self) -> Reader[Shown]:
        """One that has read nothing yet."""

    @abstractmethod
    def show(self, frame: Shown) -> dict[str, Any]:
        """A frame whose every value says something the others do not."""


class _Place(NamedTuple):
    """A field: its name and type, whether it must be said, and when it is there."""

    name: str
    type: inspect.Type
    needed: bool
    when: Callable[[Any], object] | None


@cache
def _places(kind: type[Layout]) -> dict[str, _Place]:
    """A record's fields by their keys."""
    found = {}
    for field in cast("inspect.StructType", inspect.type_info(kind)).fields:
        noted = field.type if isinstance(field.type, inspect.Metadata) else inspect.Metadata(field.type)
        told, when = noted.type, (noted.extra or {}).get("when")
        key = f"{field.name}_hex" if isinstance(told, inspect.BytesType) else field.name
        found[key] = _Place(field.name, told, field.default is NODEFAULT, when)
    return found


def _value(told: inspect.Type, key: str, value: object) -> object:
    if isinstance(told, inspect.BytesType):
        return from_hex(key, value, told.max_length)
    limits = cast("inspect.IntType", told)
    if type(value) is not int or not cast("int", limits.ge) <= value <= cast("int", limits.le):
        raise ValueError(f"'{key}' is {shown(value)}; accepted: {limits.ge} to {limits.le}")
    return value
