"""Frames as JSON: frozen records of numbers and bytes, one key for each field and none for what follows from others.

A field made by `number` is a JSON number; one made by `octets` is hexadecimal text under its name and `_hex`. Because
nothing derived is written, changing any one value changes the frame. `StreamFrames` is what the frame layers of streams
(see `edge.driver.FrameLayer`) have in common.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import MISSING, Field, field, fields
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from drivers._framing import shown
from edge.driver import BadFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from _typeshed import DataclassInstance

    Record = TypeVar("Record", bound=DataclassInstance)

Read_co = TypeVar("Read_co", covariant=True)
Shown = TypeVar("Shown")


def number(most: int, default: Any = MISSING, *, when: Callable[[Any], bool] | None = None) -> Any:
    """A whole number from 0 to `most`; where `when` is given, the field is only there when it holds of the record."""
    return field(default=default, metadata={"most": most, "when": when})


def octets(size: int | None, default: Any = MISSING, *, when: Callable[[Any], bool] | None = None) -> Any:
    """Exactly `size` bytes, or any number of them where it is None."""
    return field(default=default, metadata={"size": size, "when": when})


def to_json(record: DataclassInstance) -> dict[str, Any]:
    """The record's fields that are there, by the keys `from_json` takes."""
    item: dict[str, Any] = {}
    for one in fields(record):
        if _is_there(one, record):
            value = getattr(record, one.name)
            item[_key(one)] = value.hex() if isinstance(value, bytes) else value
    return item


def from_json(kind: type[Record], item: Mapping[str, Any]) -> Record:
    """The record that `item` describes; ValueError is one sentence that says what is wrong and what is accepted."""
    by_key = {_key(one): one for one in fields(kind)}
    refuse_unknown(item, by_key)
    for key, one in by_key.items():
        if key not in item and one.default is MISSING:
            raise ValueError(f"lacks '{key}'")
    record = kind(**{by_key[key].name: _value(by_key[key], key, value) for key, value in item.items()})
    for key, one in by_key.items():
        if key in item and not _is_there(one, record):
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


def _key(one: Field[Any]) -> str:
    return f"{one.name}_hex" if "size" in one.metadata else one.name


def _is_there(one: Field[Any], record: object) -> bool:
    when: Callable[[Any], bool] | None = one.metadata["when"]
    return when is None or when(record)


def _value(one: Field[Any], key: str, value: object) -> object:
    if "size" in one.metadata:
        return from_hex(key, value, one.metadata["size"])
    most: int = one.metadata["most"]
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"'{key}' is {shown(value)}; accepted: 0 to {most}")
    return value
