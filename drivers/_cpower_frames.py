"""The frames of Lumen C-Power cards on a serial line, bytes to records and back.

A frame is A5, a body and AE. In the body A5, AA and AE travel escaped; it holds packet type, card type, card, protocol
code and one byte that is "answer wanted" in a request and the result in an answer, then the data and the 16-bit sum of
everything before it, low byte first, all of it as it was before escaping.

Sources: the maker's papers "Basic Protocol LED Display Controller" and "External Calls Communication Protocol", and
frames that programs of traffic and advertising screens send. The frame of the card's own network port is left out: the
papers do not say in which order the two bytes of its length stand.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from drivers._framing import Body, Enclosed, Escapes, bad, sum16
from drivers._records import Byte, Layout
from edge.driver import BadFrame

REQUEST: Final = 0x68
ANSWER: Final = 0xE8
"""Programs on the card up to version 3.2 answer by 68 like a request; the papers say to ignore the highest bit."""

CARD_TYPE: Final = 0x32
EVERY_CARD: Final = 0xFF
ANSWER_WANTED: Final = 1

POWER: Final = 0x76
"""Is the screen switched on: query (data 01) and control."""
EXTERNAL_CALLS: Final = 0x7B

MOST_BODY: Final = 2048
"""Bytes of a body before escaping; the papers state no limit but that a file is written 512 bytes at a time."""

_OF_AN_ANSWER: Final = 0x80
_MOST_ESCAPED: Final = 2 * MOST_BODY  # every byte may need an escape
_ESCAPES: Final = Escapes({b"\xa5": b"\xaa\x05", b"\xaa": b"\xaa\x0a", b"\xae": b"\xaa\x0e"})
_START: Final = Struct("<BBBBB")
_CHECK: Final = Struct("<H")
_LEAST_BODY: Final = _START.size + _CHECK.size


class Frame(Layout, frozen=True, kw_only=True):
    """One frame; `flag_or_result` is 1 where an answer is wanted, and in an answer 0 for success."""

    packet_type: Byte = REQUEST
    card_type: Byte = CARD_TYPE
    card_id: Byte = 1
    protocol_code: Byte
    flag_or_result: Byte = ANSWER_WANTED
    rest: bytes = b""


def encode(frame: Frame) -> bytes:
    """The frame as it travels; ValueError when it is longer than `MOST_BODY`."""
    body = _START.pack(
        frame.packet_type, frame.card_type, frame.card_id, frame.protocol_code, frame.flag_or_result
    ) + bytes(frame.rest)
    if len(body) + _CHECK.size > MOST_BODY:
        raise ValueError(f"the frame has {len(body) + _CHECK.size} bytes; accepted: at most {MOST_BODY}")
    return b"\xa5" + _ESCAPES.escape(body + _CHECK.pack(sum16(body))) + b"\xae"


class FrameReader:
    """Frames out of a byte stream, however it is cut into chunks; holds less than one frame's bytes between calls."""

    def __init__(self) -> None:
        self._bodies = Enclosed(b"\xa5", b"\xae", least=_LEAST_BODY, most=_MOST_ESCAPED)

    @property
    def waiting(self) -> int:
        """How many bytes have come of a frame that is not complete."""
        return self._bodies.waiting

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        """The frames that `data` completes, and one BadFrame for each stretch that is none."""
        return [one if isinstance(one, BadFrame) else _decode(one) for one in self._bodies.feed(data)]


def _decode(travelled: Body) -> Frame | BadFrame:
    """The frame whose body this is."""
    body = _ESCAPES.unescape(travelled.data)
    if body is None:
        return bad("an escape that does not exist", travelled.data)
    if not _LEAST_BODY <= len(body) <= MOST_BODY:
        return bad(f"a body of {len(body)} bytes; accepted: {_LEAST_BODY} to {MOST_BODY}", body)
    (said,) = _CHECK.unpack_from(body, len(body) - _CHECK.size)
    computed = sum16(body[: -_CHECK.size])
    if said != computed:
        return bad(f"the sum is {said:04x}, of these bytes it would be {computed:04x}", body)
    packet_type, card_type, card_id, protocol_code, flag_or_result = _START.unpack_from(body)
    if (packet_type | _OF_AN_ANSWER, card_type) != (ANSWER, CARD_TYPE):
        return bad(f"packet type {packet_type:02x}, card type {card_type:02x}; accepted: 68 or e8, and 32", body)
    return Frame(
        packet_type=packet_type,
        card_type=card_type,
        card_id=card_id,
        protocol_code=protocol_code,
        flag_or_result=flag_or_result,
        rest=body[_START.size : -_CHECK.size],
    )
