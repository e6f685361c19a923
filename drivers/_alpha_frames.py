r"""The frames of the Alpha Sign Communications Protocol ("M-Protocol", form 9708-8061), bytes to records and back.

NULs by which a sign finds the baud rate, 01, one character of sign type, two of address, then commands, each behind a
02, and 04. A command may end with 03 and the 16-bit sum of everything from its 02 to its 03, four capital hexadecimal
digits; a sign that has been told to acknowledge answers a frame with 06 or 15 and one byte of status.

The bytes 00 to 04 are the frame's own and stand in no command, so after any noise reading starts again at the next 01.
Sources: two independent libraries, and notes that quote the form and were tried on a sign. How an acknowledgement looks
on the wire is only in one library.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from drivers._framing import bad, sum16
from edge.driver import BadFrame

if TYPE_CHECKING:
    from collections.abc import Iterator

NULS: Final = 5
ALL_TYPES: Final = b"Z"
BROADCAST: Final = b"00"

MOST_BODY: Final = 4096
"""Bytes from 01 to 04; a sign's whole memory for texts is of that order."""

_NUL, _SOH, _STX, _ETX, _EOT = b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"
_ACK, _NAK = b"\x06", b"\x15"
_MOST_NULS: Final = 255
_TYPE_AND_ADDRESS: Final = 3
_SUM: Final = re.compile(rb"[0-9A-F]{4}")
_RUNS: Final = re.compile(rb"\x00+|\x01|\x04|[^\x00\x01\x04]+")
_STATUS_ALWAYS: Final = 0x40
_STATUS_NEVER: Final = 0x80


class Command(Struct, frozen=True):
    """One command: its code and data as one, and how it ends."""

    data: bytes
    checksum: bool = True
    etx: bool = True


class Frame(Struct, frozen=True):
    """Commands to the signs of a type at an address ("00" is everyone; "?" fits any digit)."""

    commands: tuple[Command, ...]
    type: bytes = ALL_TYPES
    address: bytes = BROADCAST
    nuls: int = NULS


class Acknowledgement(Struct, frozen=True):
    """What a sign says to a frame; `status` is its serial error register, bit 6 always set."""

    taken: bool
    status: int


Found: TypeAlias = Frame | Acknowledgement | BadFrame


def encode(frame: Frame) -> bytes:
    """The frame as it travels; ValueError when it would be read otherwise."""
    if len(frame.type) != 1 or len(frame.address) != _TYPE_AND_ADDRESS - 1 or not frame.commands:
        raise ValueError("a frame has one character of type, two of address and a command at least")
    data = b"".join(_STX + _command(command) for command in frame.commands)
    body = frame.type + frame.address + data
    if _own(frame.type + frame.address) or len(body) > MOST_BODY:
        raise ValueError(
            f"a frame of {len(body)} bytes; accepted: at most {MOST_BODY}, 00 to 04 not in type or address"
        )
    return _NUL * frame.nuls + _SOH + body + _EOT


def _command(command: Command) -> bytes:
    if not command.data or _own(command.data):
        raise ValueError("a command has a byte at least, and none from 00 to 04, which are the frame's own")
    if not command.checksum:
        return command.data + (_ETX if command.etx else b"")
    return command.data + _ETX + b"%04X" % sum16(_STX + command.data + _ETX)


def acknowledge(answer: Acknowledgement) -> bytes:
    """An acknowledgement as it travels."""
    return (_ACK if answer.taken else _NAK) + bytes((answer.status,))


class FrameReader:
    """Frames and acknowledgements out of a byte stream, however it is cut; holds less than one frame between calls."""

    def __init__(self) -> None:
        self._nuls = 0
        self._body: bytes | None = None
        self._mark = b""
        self._in_noise = False

    @property
    def waiting(self) -> int:
        """How many bytes have come of something that is not complete; NULs alone are nothing yet."""
        return len(self._mark) + (0 if self._body is None else 1 + len(self._body))

    def feed(self, data: bytes) -> list[Found]:
        """What `data` completes, and one BadFrame for each stretch that is nothing."""
        return [one for run in _RUNS.findall(data) for one in self._run(run)]

    def _run(self, run: bytes) -> Iterator[Found]:
        first = run[:1]
        if first == _NUL:
            yield from self._cut_off()
            self._nuls = min(self._nuls + len(run), _MOST_NULS)
        elif first == _SOH:
            yield from self._cut_off()
            self._body, self._in_noise = b"", False
        elif self._body is None:
            yield from self._outside(run)
            self._nuls = 0
        elif first == _EOT:
            body, nuls = self._body, self._nuls
            self._body, self._nuls = None, 0
            yield _decode(body, nuls)
        else:
            self._body += run
            if len(self._body) > MOST_BODY:
                too_long, self._body, self._nuls, self._in_noise = self._body, None, 0, True
                yield bad(f"a frame of more than {MOST_BODY} bytes", too_long)
                yield from self._outside(too_long[MOST_BODY + 1 :])

    def _cut_off(self) -> Iterator[BadFrame]:
        body, mark = self._body, self._mark
        self._body, self._mark = None, b""
        if body is not None:
            self._nuls = 0
            yield bad("a frame is cut off by the next one", body)
        elif mark:
            yield bad("an acknowledgement without its status", mark)

    def _outside(self, run: bytes) -> Iterator[Acknowledgement | BadFrame]:
        for byte in (run[at : at + 1] for at in range(len(run))):
            mark, self._mark = self._mark, b""
            if mark and byte[0] & (_STATUS_ALWAYS | _STATUS_NEVER) == _STATUS_ALWAYS:
                self._in_noise = False
                yield Acknowledgement(taken=mark == _ACK, status=byte[0])
            elif byte in {_ACK, _NAK}:
                self._mark = byte
            elif not self._in_noise:
                self._in_noise = True
                yield bad("bytes outside any frame")


def _own(data: bytes) -> bool:
    """Whether the data hold one of the bytes that are the frame's own."""
    return any(byte <= _EOT[0] for byte in data)


def _decode(body: bytes, nuls: int) -> Frame | BadFrame:
    """The frame with this body behind so many NULs."""
    head, rest = body[:_TYPE_AND_ADDRESS], body[_TYPE_AND_ADDRESS:]
    if len(head) < _TYPE_AND_ADDRESS or _own(head) or not rest.startswith(_STX):
        return bad("a frame without type, address and a command behind 02", body)
    commands = []
    for piece in rest[1:].split(_STX):
        data, etx, said = piece.partition(_ETX)
        if not data:
            return bad("a command without a code", body)
        if said and (_SUM.fullmatch(said) is None or int(said, 16) != sum16(_STX + data + _ETX)):
            return bad(f"the sum is {said[:8]!r}, of these bytes it would be {sum16(_STX + data + _ETX):04X}", body)
        commands.append(Command(data, checksum=bool(said), etx=bool(etx)))
    return Frame(tuple(commands), head[:1], head[1:], nuls)
