"""The frames of Onbon BX-5K and BX-6K cards, bytes to records and back (maker's protocol document, version 1.4).

A frame is a head of A5 bytes, a body and the tail 5A. In the body, A5, A6, 5A and 5B travel escaped; it holds the
header, the data field and two check bytes, all lengths and checks being those of the bytes before escaping. The maker
says that one A5 is head enough and that its requests carry eight; its published answers carry nine.

The body has no byte A5, so after any noise reading starts again at the next head, and nothing ever has to be guessed.
"""

from __future__ import annotations

from struct import Struct
from typing import Annotated, Final

from msgspec.structs import replace

from drivers._framing import Body, Enclosed, Escapes, bad, crc16_arc, sum16
from drivers._records import Byte, Layout, Word, exactly, only_when, up_to
from edge.driver import BadFrame

HOSTS: Final = range(0x8000, 0xE000)
"""Addresses of hosts; where the link itself names the card (TCP, GPRS), cards are addressed by one of these too."""

ANY: Final = 0xFFFE
"""Every card, each of which answers, and answers by this address."""

ALL_SILENT: Final = 0xFFFF
"""Every card, none of which answers."""

ANY_TYPE: Final = 0xFE
"""The device type that every card takes for its own."""

MUST_REPLY: Final = 1
ACK: Final = (0xA0, 0x00)
NACK: Final = (0xA0, 0x01)
STATUS: Final = (0xA1, 0x02)
SET_TIME: Final = (0xA2, 0x03)
BRIGHTNESS: Final = (0xA3, 0x02)
UPDATE_AREAS: Final = (0xA3, 0x06)

MOST_BODY: Final = 2048
"""Bytes of a body before escaping. The larger cards take 1024 bytes of data at a time and say less than that."""

_MOST_ESCAPED: Final = 2 * MOST_BODY  # every byte may need an escape
_MOST_HEAD: Final = 255

_ESCAPES: Final = Escapes({b"\xa5": b"\xa6\x02", b"\xa6": b"\xa6\x01", b"\x5a": b"\x5b\x02", b"\x5b": b"\x5b\x01"})

_ADDRESSES: Final = Struct("<HH3sB")  # screen, source, reserved, bar code option
_NATURE: Final = Struct("<BBBBH")  # check mode, display mode, device type, protocol version, length of the data field
_COMMAND: Final = Struct("<BBB2s")  # group, command, response asked for or error, two more
_CHECK: Final = Struct("<H")
_LEAST_BODY: Final = _ADDRESSES.size + _NATURE.size + _COMMAND.size + _CHECK.size
_NO_BAR_CODE: Final = bytes(16)
_CHECKS: Final = (crc16_arc, sum16)
"""By check mode. Mode 2, no check, exists on 6K cards and is refused: a flipped bit would then be taken for news."""


_BarCode = Annotated[bytes, exactly(len(_NO_BAR_CODE)), only_when(lambda frame: frame.barcode_option & 1)]
_UnusualHead = Annotated[int, up_to(_MOST_HEAD), only_when(lambda frame: frame.a5_count)]


class Frame(Layout, frozen=True, kw_only=True):
    """One frame, the names being those of the maker's document; what follows from the rest is no field of it.

    `response_or_error` is 1 (answer) or 2 (do not) in a request and the error in an answer; `a5_count` is 0 for a
    head of the usual length. The document puts the bar code right behind its option; no frame with one is published.
    """

    dst: Word = 1
    src: Word = HOSTS[0]
    reserved: Annotated[bytes, exactly(3)] = bytes(3)
    barcode_option: Byte = 0
    barcode: _BarCode = _NO_BAR_CODE
    check_mode: Annotated[int, up_to(len(_CHECKS) - 1)] = 0
    display_mode: Byte = 0
    device_type: Byte = ANY_TYPE
    protocol: Byte = 2
    cmd_group: Byte
    cmd: Byte
    response_or_error: Byte = MUST_REPLY
    reserved2: Annotated[bytes, exactly(2)] = bytes(2)
    data: bytes = b""
    a5_count: _UnusualHead = 0

    @property
    def command(self) -> tuple[int, int]:
        """Group and command."""
        return self.cmd_group, self.cmd


def encode(frame: Frame) -> bytes:
    """The frame as it travels; ValueError when it is longer than any card takes."""
    data = _COMMAND.pack(frame.cmd_group, frame.cmd, frame.response_or_error, frame.reserved2) + frame.data
    head = _ADDRESSES.pack(frame.dst, frame.src, frame.reserved, frame.barcode_option)
    if frame.barcode_option & 1:
        head += frame.barcode
    size = len(head) + _NATURE.size + len(data) + _CHECK.size
    if size > MOST_BODY:
        raise ValueError(f"the frame has {size} bytes; accepted: at most {MOST_BODY}")
    head += _NATURE.pack(frame.check_mode, frame.display_mode, frame.device_type, frame.protocol, len(data))
    body = head + data + _CHECK.pack(_CHECKS[frame.check_mode](head + data))
    return b"\xa5" * (frame.a5_count or _usual_head(frame)) + _ESCAPES.escape(body) + b"\x5a"


def answer(request: Frame, error: int = 0) -> Frame:
    """What a card says to a request: ACK, or NACK with the error."""
    group, cmd = NACK if error else ACK
    return Frame(dst=request.src, src=request.dst, cmd_group=group, cmd=cmd, response_or_error=error)


class FrameReader:
    """Frames out of a byte stream, however it is cut into chunks; holds less than one frame's bytes between calls."""

    def __init__(self) -> None:
        self._bodies = Enclosed(b"\xa5", b"\x5a", least=_LEAST_BODY, most=_MOST_ESCAPED)

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
    at = _ADDRESSES.size + (len(_NO_BAR_CODE) if body[_ADDRESSES.size - 1] & 1 else 0)
    reason = _fault(body, at)
    if reason is not None:
        return bad(reason, body)
    frame = _frame(body, at)
    return frame if travelled.heads == _usual_head(frame) else replace(frame, a5_count=travelled.heads)


def _fault(body: bytes, at: int) -> str | None:
    """Why the body is no frame, its second part beginning at `at`; None when it is one."""
    room = len(body) - at - _NATURE.size - _CHECK.size
    if room < _COMMAND.size:
        return "a body too short for its bar code"
    check_mode, _, _, _, length = _NATURE.unpack_from(body, at)
    if check_mode >= len(_CHECKS):
        return f"check mode {check_mode}; accepted: 0 to {len(_CHECKS) - 1}"
    (said,) = _CHECK.unpack_from(body, len(body) - _CHECK.size)
    computed = _CHECKS[check_mode](body[: -_CHECK.size])
    if said != computed:
        return f"the check is {said:04x}, of these bytes it would be {computed:04x}"
    return None if length == room else f"the data length is {length}, there are {room} bytes"


def _frame(body: bytes, at: int) -> Frame:
    dst, src, reserved, option = _ADDRESSES.unpack_from(body)
    check_mode, display_mode, device_type, protocol, _ = _NATURE.unpack_from(body, at)
    group, cmd, response, reserved2 = _COMMAND.unpack_from(body, at + _NATURE.size)
    return Frame(
        dst=dst,
        src=src,
        reserved=reserved,
        barcode_option=option,
        barcode=body[_ADDRESSES.size : at] or _NO_BAR_CODE,
        check_mode=check_mode,
        display_mode=display_mode,
        device_type=device_type,
        protocol=protocol,
        cmd_group=group,
        cmd=cmd,
        response_or_error=response,
        reserved2=reserved2,
        data=body[at + _NATURE.size + _COMMAND.size : -_CHECK.size],
    )


def _usual_head(frame: Frame) -> int:
    """Eight A5 before what a host says, nine before what a card says."""
    from_a_card = frame.cmd_group == ACK[0] or frame.src not in HOSTS
    return 9 if from_a_card else 8
