"""Modbus RTU frames: what is asked, what is answered, and the answers among whatever else is on the line.

Unit, function, data, CRC-16/MODBUS with its low byte first ("MODBUS over Serial Line" 1.02, "MODBUS Application
Protocol" 1.1b3; checked against published frames and against pymodbus). Only the four functions that read are in here.

Theory of operation. A frame has no head byte and no length, so it is told by what it must begin with: the unit,
function and number of bytes of a question that this driver asks. Bytes that begin no such frame, and frames whose check
is wrong, are noise; with the next question reading starts afresh.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from drivers._framing import bad, crc16_modbus
from edge.driver import BadFrame

if TYPE_CHECKING:
    from collections.abc import Iterable

COILS, INPUTS, HOLDING, INPUT_REGISTERS = 1, 2, 3, 4
"""Functions: read coils, discrete inputs, holding registers, input registers."""

REFUSED: Final = 0x80
"""Set in the function of an answer that is an exception."""

LAST_UNIT: Final = 247
_BITS: Final = frozenset({COILS, INPUTS})
_HEAD: Final = 3
_CHECK: Final = 2
_AROUND: Final = _HEAD + _CHECK
_MOST: Final = 512
"""Bytes kept while an answer may still come of them: the longest frame is 256, and it may be cut off once."""

_NOISE: Final = 256
"""Bytes that are no answer are one bad frame for so many."""

EXCEPTIONS: Final = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, not done yet",
    6: "busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway: the device does not respond",
}


class Read(Struct, frozen=True):
    """A question: `count` bits or registers of a unit, from address `first`."""

    unit: int
    function: int
    first: int
    count: int

    def encode(self) -> bytes:
        """The whole frame."""
        body = bytes((self.unit, self.function)) + self.first.to_bytes(2, "big") + self.count.to_bytes(2, "big")
        return checked(body)

    @property
    def size(self) -> int:
        """Bytes of the answer's data."""
        return (self.count + 7) // 8 if self.function in _BITS else 2 * self.count

    @property
    def what(self) -> str:
        """What is asked for, in words."""
        noun, last = "input" if self.function in _BITS else "register", self.first + self.count - 1
        return f"{noun} {self.first}" if self.count == 1 else f"{noun}s {self.first} to {last}"


class Answer(Struct, frozen=True):
    """The answer to the question under way: `data` as it came, or the code of an exception."""

    data: bytes
    exception: int = 0


class Stray(Struct, frozen=True):
    """A sound answer of a unit that was not to give it; `why` goes on after the unit's name."""

    unit: int
    why: str


Heard: TypeAlias = Answer | Stray | BadFrame


def checked(body: bytes) -> bytes:
    """A frame: the body with its check."""
    return body + crc16_modbus(body).to_bytes(2, "little")


def bits(data: bytes, count: int) -> list[bool]:
    """The bits of an answer, the first one lowest in the first byte."""
    return [bool(data[index // 8] >> index % 8 & 1) for index in range(count)]


def registers(data: bytes) -> list[int]:
    """The registers of an answer, 0 to 65535."""
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


class Reader:
    """Answers out of the bytes of a line on which only these questions are asked.

    Never holds more than a few hundred bytes; bytes that are no answer are counted and come out as BadFrame.
    """

    def __init__(self, reads: Iterable[Read]) -> None:
        shapes = {bytes((read.unit, read.function, read.size)): _AROUND + read.size for read in reads}
        refusals = {bytes((head[0], head[1] | REFUSED)): _AROUND for head in shapes}
        self._sizes = shapes | refusals
        self._heads = re.compile(b"|".join(map(re.escape, self._sizes)), re.DOTALL)
        self._read: Read | None = None
        self._last = 0
        self._instead = ""
        self._rest, self._seen = b"", 0
        self._noise = 0
        self._late: list[Heard] = []

    def ask(self, read: Read) -> None:
        """A question goes out: what was heard before is no answer to it."""
        self._noise += len(self._rest)
        self._rest, self._seen = b"", 0
        self._instead, self._read = "", read

    def feed(self, data: bytes) -> list[Heard]:
        """What `data` completes, however it is cut; the answer to the question under way once at most."""
        found, self._late = self._late, []
        self._rest += data
        while (frame := self._frame()) is not None:
            start, stop = frame
            found += self._dropped(start)
            found.append(self._heard(self._rest[start:stop]))
            self._rest, self._seen = self._rest[stop:], 0
        if len(self._rest) > _MOST:
            over = len(self._rest) - _MOST
            self._noise += over
            self._rest, self._seen = self._rest[over:], max(0, self._seen - over)
        return found + self._whole_noise()

    def give_up(self) -> str:
        """No answer came in time: what came instead, in words; empty when nothing did, or our own question alone."""
        read, rest, reason = self._read, self._rest, self._instead
        self._read, self._rest, self._seen = None, b"", 0
        if read is None or not rest:
            return reason
        self._late.append(bad(_ECHO if rest == read.encode() else f"bytes that are no answer: {len(rest)}", rest))
        return reason or _instead_of(read, rest)

    def _frame(self) -> tuple[int, int] | None:
        """Where the first sound frame begins and ends; None while there is none, or one may still be coming.

        No byte is looked at twice but those of a frame that is still coming, so noise costs what frames do.
        """
        while (head := self._heads.search(self._rest, self._seen)) is not None:
            start, stop = head.start(), head.start() + self._sizes[head[0]]
            if stop > len(self._rest):
                self._seen = start
                return None
            if crc16_modbus(self._rest[start:stop]) == 0:
                return start, stop
            self._seen = start + 1
        self._seen = max(self._seen, len(self._rest) - _HEAD + 1)
        return None

    def _heard(self, frame: bytes) -> Heard:
        read, unit, function = self._read, frame[0], frame[1]
        if read is None:
            twice = unit == self._last
            return Stray(unit, "answers twice: have two devices that address?" if twice else "answers unasked")
        if unit != read.unit:
            self._instead = f"address {unit} answers instead"
            return Stray(unit, f"answers too late, or when {read.unit} is asked")
        if function == read.function | REFUSED:
            answer = Answer(b"", exception=frame[2])
        elif function == read.function and frame[2] == read.size:
            answer = Answer(frame[_HEAD:-_CHECK])
        else:
            self._instead = "answers something else than it is asked"
            return Stray(unit, self._instead)
        self._read, self._last = None, unit
        return answer

    def _dropped(self, count: int) -> list[Heard]:
        """The bytes before a sound frame, as bad frames."""
        if self._read is not None and self._rest[:count] == self._read.encode():
            return [bad(_ECHO)]
        self._noise += count
        whole = self._whole_noise()
        count, self._noise = self._noise, 0
        return [*whole, bad(f"bytes that are no answer: {count}", self._rest[:count])] if count else whole

    def _whole_noise(self) -> list[Heard]:
        if self._noise < _NOISE:
            return []
        times, self._noise = divmod(self._noise, _NOISE)
        return [bad(f"bytes that are no answer: {_NOISE}")] * times


_ECHO: Final = "our own question came back: the adapter hears itself, so its link wants echo=1"


def _instead_of(read: Read, rest: bytes) -> str:
    """What the bytes are that came in place of an answer."""
    if rest == read.encode():
        return ""
    if len(rest) >= _AROUND and 0 < rest[0] <= LAST_UNIT and rest[0] != read.unit and crc16_modbus(rest) == 0:
        return f"address {rest[0]} answers instead"
    head = bytes((read.unit, read.function, read.size))
    at = rest.find(head)
    if at >= 0:
        whole = at + _AROUND + read.size <= len(rest)
        return "the answer's checksum is wrong" if whole else "the answer breaks off"
    return f"bytes that are no answer: {len(rest)}"
