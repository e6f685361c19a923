"""What protocol code 7B of C-Power cards carries, "external calls": windows, and texts in them.

The data of such a frame are a length, the packet's number and that of the last packet, then in the first packet one
byte that names the call. Numbers are big-endian here, but for the length. Source: the maker's paper "External Calls
Communication Protocol". What these calls show lives in memory; only call 07 would save it to flash.
"""

from __future__ import annotations

from struct import Struct, error
from typing import Final

from drivers._records import Byte, Layout, Word

SPLIT: Final = 0x01
"""Divides the screen into windows."""
PURE_TEXT: Final = 0x12
"""Puts a text into a window."""

MOST_WINDOWS: Final = 8

_WORD: Final = 0xFFFF
_END: Final = b"\0"
_PACKET: Final = Struct("<HBB")
_WINDOW: Final = Struct(">HHHH")
_TEXT: Final = Struct(">BBBBHBBBB")


class Call(Layout, frozen=True, kw_only=True):
    """One packet: the call and its data. Packets behind the first carry data alone, and so do empty answers."""

    packet_no: Byte = 0
    last_packet_no: Byte = 0
    cc: int | None = None
    data: bytes = b""


class Window(Layout, frozen=True, kw_only=True):
    """A rectangle of the screen, in pixels."""

    x: Word = 0
    y: Word = 0
    width: Word
    height: Word


class PureText(Layout, frozen=True, kw_only=True):
    """Call 12, a text for a window; `speed` is 1 (fastest) to 100.

    `align` has left, centre, right in its bits 0 and 1 and top, middle, bottom in 2 and 3; `font` has the size in its
    bits 0 to 3 and the style in 4 to 6.
    """

    window: Byte = 0
    effect: Byte = 0
    align: Byte = 0
    speed: Byte = 1
    stay_s: Word = 0
    font: Byte = 0
    red: Byte = 0
    green: Byte = 0
    blue: Byte = 0
    text: bytes = b""


def pack(call: Call) -> bytes:
    """The data of a frame that makes the call; ValueError when it is too long to be counted."""
    data = call.data if call.cc is None else bytes((call.cc,)) + call.data
    if len(data) > _WORD:
        raise ValueError(f"{len(data)} bytes of a call; accepted: at most {_WORD}")
    return _PACKET.pack(len(data), call.packet_no, call.last_packet_no) + data


def unpack(rest: bytes) -> Call | None:
    """The call that `pack` makes these very bytes of; None when there is none."""
    if len(rest) < _PACKET.size:
        return None
    length, packet_no, last_packet_no = _PACKET.unpack_from(rest)
    data = rest[_PACKET.size :]
    if length != len(data):
        return None
    if packet_no or not data:
        return Call(packet_no=packet_no, last_packet_no=last_packet_no, data=data)
    return Call(packet_no=packet_no, last_packet_no=last_packet_no, cc=data[0], data=data[1:])


def pack_windows(windows: tuple[Window, ...]) -> bytes:
    """The data of call 01; ValueError when there are too many."""
    if not 1 <= len(windows) <= MOST_WINDOWS:
        raise ValueError(f"{len(windows)} windows; accepted: 1 to {MOST_WINDOWS}")
    each = [_WINDOW.pack(window.x, window.y, window.width, window.height) for window in windows]
    return bytes((len(windows),)) + b"".join(each)


def unpack_windows(data: bytes) -> tuple[Window, ...] | None:
    """The windows of call 01; None when the data are none."""
    if not data or len(data) != 1 + data[0] * _WINDOW.size or not 1 <= data[0] <= MOST_WINDOWS:
        return None
    return tuple(Window(x=x, y=y, width=w, height=h) for x, y, w, h in _WINDOW.iter_unpack(data[1:]))


def pack_text(text: PureText) -> bytes:
    """The data of call 12; ValueError when the text holds the byte that ends it."""
    if _END in text.text:
        raise ValueError("the text has a byte 00, which would end it")
    return (
        _TEXT.pack(
            text.window,
            text.effect,
            text.align,
            text.speed,
            text.stay_s,
            text.font,
            text.red,
            text.green,
            text.blue,
        )
        + text.text
        + _END
    )


def unpack_text(data: bytes) -> PureText | None:
    """The text of call 12; None when the data are none, or go on behind its end."""
    try:
        window, effect, align, speed, stay_s, font, red, green, blue = _TEXT.unpack_from(data)
    except error:
        return None
    words = data[_TEXT.size :]
    if not words or words.find(_END) != len(words) - 1:
        return None
    return PureText(
        window=window,
        effect=effect,
        align=align,
        speed=speed,
        stay_s=stay_s,
        font=font,
        red=red,
        green=green,
        blue=blue,
        text=words[:-1],
    )
