"""Modbus RTU frames as JSON for the command line: a question, the data of an answer, or an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from drivers._framing import crc16_modbus
from drivers._modbus_frames import REFUSED, checked
from drivers._records import Byte, Layout, Word, from_json, to_json, up_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FUNCTION: Final = 0x7F
_MOST_READ: Final = {1: 2000, 2: 2000, 3: 125, 4: 125}
"""Functions that read, and how many bits or registers at once (MODBUS Application Protocol 1.1b3, 6.1 to 6.4)."""
_QUESTION: Final = 8
_EXCEPTION: Final = 5
_AROUND: Final = 5
_MOST_DATA: Final = 251
"""A frame is 256 bytes at most (MODBUS over Serial Line 1.02, 2.5.1)."""


_Function = Annotated[int, up_to(_FUNCTION)]


class Question(Layout, frozen=True):
    """What is asked: so many bits or registers from an address on."""

    unit: Byte
    function: _Function
    first: Word
    count: Word

    def pack(self) -> bytes:
        """The frame; ValueError when it asks for more than the function can read."""
        most = _MOST_READ.get(self.function, 0)
        if self.count > most:
            raise ValueError(f"'count' is {self.count}; accepted with function {self.function}: 0 to {most}")
        return checked(
            bytes((self.unit, self.function)) + self.first.to_bytes(2, "big") + self.count.to_bytes(2, "big")
        )


class Data(Layout, frozen=True):
    """What is answered."""

    unit: Byte
    function: _Function
    data: bytes

    def pack(self) -> bytes:
        """The frame; ValueError when it would be too long."""
        if len(self.data) > _MOST_DATA:
            raise ValueError(f"'data_hex' is {len(self.data)} bytes long; accepted: {_MOST_DATA} at most")
        return checked(bytes((self.unit, self.function, len(self.data))) + self.data)


class Refusal(Layout, frozen=True):
    """Why there is no answer."""

    unit: Byte
    function: _Function
    exception: Byte

    def pack(self) -> bytes:
        """The frame."""
        return checked(bytes((self.unit, self.function | REFUSED, self.exception)))


class Frames:
    """The frame layer as `lobbyd codec` uses it: see `edge.driver.FrameLayer`.

    A frame does not say whether it asks or answers; one of eight bytes is taken for a question.
    """

    def decode(self, chunks: Sequence[bytes]) -> list[dict[str, Any]]:
        """The frames in the chunks, in order; from the first byte that begins none, all the rest is `bad_frame`."""
        rest, found = b"".join(chunks), []
        while rest:
            frame = next((rest[:size] for size in _sizes(rest) if crc16_modbus(rest[:size]) == 0), None)
            if frame is None:
                found.append({"bad_frame": _why(rest)})
                break
            found.append(to_json(_record(frame)))
            rest = rest[len(frame) :]
        return found

    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The bytes of the frame that `item` describes; ValueError is one sentence that says what is wrong."""
        if "data_hex" in item:
            return from_json(Data, item).pack()
        if "exception" in item:
            return from_json(Refusal, item).pack()
        return from_json(Question, item).pack()


def _sizes(rest: bytes) -> list[int]:
    """How long the frame at the beginning may be, the likeliest first."""
    if len(rest) < _EXCEPTION:
        return []
    most = _MOST_READ.get(rest[1] & _FUNCTION)
    if most is None:
        return []
    if rest[1] & REFUSED:
        return [_EXCEPTION]
    asks = int.from_bytes(rest[4:6], "big") <= most
    return [size for size in (_QUESTION * asks, _AROUND + rest[2]) if 0 < size <= len(rest)]


def _record(frame: bytes) -> Question | Data | Refusal:
    unit, function = frame[0], frame[1]
    if function & REFUSED:
        return Refusal(unit, function & _FUNCTION, frame[2])
    if len(frame) == _QUESTION:
        return Question(unit, function, int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big"))
    return Data(unit, function, frame[3:-2])


def _why(rest: bytes) -> str:
    if len(rest) < _EXCEPTION:
        return f"{len(rest)} bytes, too few for a frame"
    if rest[1] & _FUNCTION not in _MOST_READ:
        return f"function {rest[1] & _FUNCTION} is none that reads"
    sizes = _sizes(rest)
    if not sizes:
        return f"{len(rest)} bytes of a frame that does not end"
    size = min(sizes, key=lambda each: abs(each - len(rest)))
    stated, wanted = rest[size - 2 : size], crc16_modbus(rest[: size - 2]).to_bytes(2, "little")
    return f"the check is {stated.hex()}, of these bytes it would be {wanted.hex()}"
