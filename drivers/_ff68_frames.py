"""The frames of FF 68 call terminals ("21键呼叫器"), bytes to records and back.

    FF 68 LEN LEN 68 ADDR FUNC DATA… SUM 16

LEN counts from ADDR to the last byte of DATA, SUM is the low byte of their sum. From the MIT source of JackQChen/
QueueSystem (CallSystem, frmMain.cs) and the first lines of a maker's paper ("21键点阵液晶呼叫器通讯协议", on
max.book118.com), which agree; the rest of that paper is not public.

Nothing is escaped, so a head may stand inside a frame. Where a frame fails its checks, reading goes on at the next head
behind its own, so that a sound frame is found wherever it begins.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from drivers._framing import bad, shown
from drivers._records import Byte, Layout, StreamFrames, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.driver import BadFrame

RATE: Final = 0x01
"""To a terminal: its customer may rate, and what its customer's rating is answered by."""

SHOW: Final = 0x02
"""To a terminal: six digits, how many wait and the ticket; or one byte, the teller's stars."""

BEEP: Final = 0x03
"""To a terminal: a sound."""

RATED: Final = 0x11
"""From a terminal: the customer's rating. Any other function from a terminal is of its keys."""

BLANK: Final = 0x0A
"""A digit that is not shown."""

BLANKS: Final = bytes((BLANK,)) * 3
"""Half of a display that shows nothing."""

KEY_LENGTHS: Final = range(3, 6)
"""LEN of what terminals say; the source drops others."""

LONGEST: Final = 0xFF
SHORTEST: Final = 2

_HEAD: Final = b"\xff\x68"
_AGAIN: Final = 0x68
_END: Final = 0x16
_BEFORE: Final = 5
_BEHIND: Final = 2
_DIGITS: Final = 3
_MARKS: Final = "0123456789-"


class Key(IntEnum):
    """The last byte of a key frame; digits typed before it stand before it."""

    EVALUATE = 0x0B
    CALL_NEXT = 0x0C
    RECALL = 0x0D
    CANCEL = 0x0E
    CONFIRM = 0x0F
    ONE_METRE_LINE = 0x11
    PAUSE = 0x12
    TRANSFER = 0x13


class Frame(Layout, frozen=True):
    """One frame; what follows from the rest (lengths, sum) is no field of it."""

    addr: Byte
    func: Byte
    data: bytes = b""

    @property
    def length(self) -> int:
        """LEN."""
        return SHORTEST + len(self.data)


def encode(frame: Frame) -> bytes:
    """The frame as it travels; ValueError when its length does not fit into one byte."""
    if frame.length > LONGEST:
        raise ValueError(f"the frame has {len(frame.data)} bytes of data; accepted: at most {LONGEST - SHORTEST}")
    body = bytes((frame.addr, frame.func)) + frame.data
    return _HEAD + bytes((len(body), len(body), _AGAIN)) + body + bytes((sum(body) & 0xFF, _END))


def three_digits(number: int) -> bytes:
    """A number as half of a display shows it; 999 where it is more."""
    return bytes(int(mark) for mark in f"{min(number, 999):03d}")


def last_digits(ticket: str) -> bytes:
    """The last three digits of a ticket, 0 before them where there are fewer; nothing where it has none."""
    digits = re.sub(r"[^0-9]", "", ticket)[-_DIGITS:]
    return three_digits(int(digits)) if digits else b""


class FrameReader:
    """Frames out of a byte stream, however it is cut into chunks; holds less than one frame's bytes between calls.

    A head that gives a length over `longest` is none: noise would have it wait for bytes that never come.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        lengths = b"[%b-%b]" % (re.escape(bytes((SHORTEST,))), re.escape(bytes((longest,))))
        self._head = re.compile(b"\xff\x68(%b)\\1\x68" % lengths, re.DOTALL)
        self._begun = re.compile(b"\xff(?:\x68(?:(%b)(?:\\1)?)?)?\\Z" % lengths, re.DOTALL)
        self._rest = b""
        self._in_noise = False

    @property
    def waiting(self) -> int:
        """How many bytes have come of a frame that is not complete."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        """The frames that `data` completes, and one BadFrame for each stretch that is none."""
        data = self._rest + data
        found: list[Frame | BadFrame] = []
        at = 0
        while True:
            head = self._head.search(data, at)
            begin = self._place(data, at) if head is None else head.start()
            if begin > at:
                self._noise(data[at:begin], found)
            at = begin
            if head is None:
                break
            end = at + _BEFORE + data[at + 2] + _BEHIND
            if end > len(data):
                break
            at = self._whole(data[at:end], at, found)
        self._rest = data[at:]
        return found

    def _place(self, data: bytes, at: int) -> int:
        """Where a head may have begun whose end has not come yet."""
        begun = self._begun.search(data, max(at, len(data) - _BEFORE + 1))
        return len(data) if begun is None else begun.start()

    def _noise(self, data: bytes, found: list[Frame | BadFrame]) -> None:
        if not self._in_noise:
            found.append(bad("bytes outside any frame", data[:1]))
        self._in_noise = True

    def _whole(self, data: bytes, at: int, found: list[Frame | BadFrame]) -> int:
        """Takes what is as long as a frame; where reading goes on."""
        body, said, end = data[_BEFORE:-_BEHIND], data[-2], data[-1]
        computed = sum(body) & 0xFF
        if (said, end) == (computed, _END):
            found.append(Frame(body[0], body[1], body[SHORTEST:]))
            self._in_noise = False
            return at + len(data)
        reason = f"the sum is {said:02x}, of these bytes it would be {computed:02x}" if said != computed else "no end"
        found.append(bad(reason, data))
        self._in_noise = True
        return at + 1


class Frames(StreamFrames[Frame]):
    """The frame layer as `lobbyd codec` uses it: see `edge.driver.FrameLayer`.

    The digits of a display are shown as such, `-` where nothing is; a rating as a number; the rest as bytes.
    """

    def reader(self) -> FrameReader:
        return FrameReader()

    def show(self, frame: Frame) -> dict[str, Any]:
        return frame_to_json(frame)

    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The bytes of the frame that `item` describes; ValueError is one sentence that says what is wrong."""
        return encode(frame_from_json(item))


def frame_to_json(frame: Frame) -> dict[str, Any]:
    """A frame whose every value says something the others do not."""
    item = to_json(frame)
    if frame.func == SHOW and len(frame.data) == 2 * _DIGITS and max(frame.data) <= BLANK:
        marks = "".join(_MARKS[digit] for digit in frame.data)
        del item["data_hex"]
        item |= {"waiting": marks[:_DIGITS], "ticket": marks[_DIGITS:]}
    elif frame.func == RATED and len(frame.data) == 1:
        del item["data_hex"]
        item["value"] = frame.data[0]
    return item


def frame_from_json(item: Mapping[str, Any]) -> Frame:
    """The frame that `item` describes; ValueError is one sentence that says what is wrong."""
    spelt = {key: item[key] for key in ("waiting", "ticket", "value") if key in item}
    frame = from_json(Frame, {key: value for key, value in item.items() if key not in spelt})
    if not spelt:
        return frame
    if "data_hex" in item:
        raise ValueError(f"'data_hex' has no place beside '{next(iter(spelt))}': it is the same bytes")
    func = RATED if "value" in spelt else SHOW
    if frame.func != func or ("value" in spelt and len(spelt) > 1):
        raise ValueError(f"'{next(iter(spelt))}' has no place here: it goes alone with func {func}")
    if func == RATED:
        value = spelt["value"]
        if type(value) is not int or not 0 <= value <= LONGEST:
            raise ValueError(f"'value' is {shown(value)}; accepted: 0 to {LONGEST}")
        return replace(frame, data=bytes((value,)))
    return replace(frame, data=_digits("waiting", spelt) + _digits("ticket", spelt))


def _digits(key: str, item: Mapping[str, Any]) -> bytes:
    marks = item.get(key, "-" * _DIGITS)
    if not isinstance(marks, str) or not re.fullmatch(r"[0-9-]{3}", marks, re.ASCII):
        raise ValueError(f"'{key}' is {shown(marks)}; accepted: three digits, - for one that is not shown")
    return bytes(_MARKS.index(mark) for mark in marks)
