"""Pure helpers that more than one driver needs: lines and framed bodies out of bytes, checksums, escapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.driver import BadFrame

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: Final = 64
"""How many bytes of a bad frame are kept: enough to recognise a device by, little enough for one line of a log."""

_QUOTED: Final = 60


def bad(reason: str, data: bytes = b"") -> BadFrame:
    """A bad frame that keeps no more of the bytes than a log line can show."""
    return BadFrame(reason, bytes(data[:_SHOWN]))


def shown(value: object) -> str:
    """A value as a reason may quote it: never more than half a line of a log."""
    text = repr(value)
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


class Lines:
    """Lines out of a byte stream, however it is cut into chunks.

    A line longer than `limit` bytes, its end not counted, is one BadFrame; reading goes on behind the next line end.
    Never holds more than `limit` bytes and a line end between two calls.
    """

    def __init__(self, end: bytes, limit: int) -> None:
        self._end = end
        self._limit = limit
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        """The lines that `data` completes, without their ends."""
        *whole, rest = (self._rest + data).split(self._end)
        found: list[bytes | BadFrame] = []
        for line in whole:
            if not self._skipping:
                found.append(self._too_long(line) if len(line) > self._limit else line)
            self._skipping = False
        half_an_end = len(self._end) - 1
        if len(rest) > self._limit + half_an_end:
            if not self._skipping:
                found.append(self._too_long(rest))
            self._skipping = True
            rest = rest[len(rest) - half_an_end :]
        self._rest = rest
        return found

    def _too_long(self, line: bytes) -> BadFrame:
        return bad(f"a line of more than {self._limit} bytes", line[: self._limit])


class Body(Struct, frozen=True):
    """What stood between head and tail, as it travelled; `heads` counts the head bytes in front of it."""

    data: bytes
    heads: int


_MOST_HEADS: Final = 255


class Enclosed:
    """Bodies out of a byte stream in which every frame has a head byte and a tail byte that no body holds.

    One head byte begins a frame, several are one head; several tails are one tail. Because a body holds neither, after
    any noise reading starts again at the next head. Of bodies shorter than `least`, which noise is full of, one in a
    row is handed out. Never holds more than `most` bytes of a body and its heads.
    """

    def __init__(self, head: bytes, tail: bytes, *, least: int, most: int) -> None:
        self._head, self._tail, self._least, self._most = head[0], tail[0], least, most
        one, other = re.escape(head), re.escape(tail)
        self._runs = re.compile(b"%b+|%b+|[^%b%b]+" % (one, other, one, other))
        self._heads = 0
        self._body = b""
        self._in_noise = self._was_short = False

    @property
    def waiting(self) -> int:
        """How many bytes have come of a frame that is not complete."""
        return self._heads + len(self._body)

    def feed(self, data: bytes) -> list[Body | BadFrame]:
        """The bodies that `data` completes, and one BadFrame for each stretch that is none."""
        found: list[Body | BadFrame] = []
        for run in self._runs.findall(data):
            first = run[0]
            one = self._begun(run) if first == self._head else self._ended() if first == self._tail else self._more(run)
            if one is not None:
                found.append(one)
        return found

    def _begun(self, run: bytes) -> BadFrame | None:
        cut_off = self._body
        self._heads = min(len(run) + (0 if cut_off else self._heads), _MOST_HEADS)
        self._body, self._in_noise = b"", False
        if not cut_off or self._short_again(cut_off):
            return None
        return bad("a frame is cut off by the next one", cut_off)

    def _ended(self) -> Body | None:
        heads, body = self._heads, self._body
        self._heads, self._body = 0, b""
        return Body(body, heads) if heads and not self._short_again(body) else None

    def _short_again(self, body: bytes) -> bool:
        before, self._was_short = self._was_short, len(body) < self._least
        return before and self._was_short

    def _more(self, run: bytes) -> BadFrame | None:
        if not self._heads:
            already, self._in_noise = self._in_noise, True
            return None if already else bad("bytes outside any frame")
        self._body += run
        if len(self._body) <= self._most:
            return None
        too_long = bad(f"a frame of more than {self._most} bytes", self._body[: self._most])
        self._heads, self._body, self._in_noise = 0, b"", True
        return too_long


def _crc16_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_CRC16: Final = tuple(map(_crc16_of_byte, range(256)))


def crc16_arc(data: bytes) -> int:
    """CRC-16/ARC: polynomial 8005 reflected (A001), start 0, nothing xored at the end; of `123456789` it is BB3D."""
    return _crc16(data, 0)


def crc16_modbus(data: bytes) -> int:
    """CRC-16/MODBUS: as CRC-16/ARC, but the start is FFFF; of `123456789` it is 4B37, of a frame with its own, 0."""
    return _crc16(data, 0xFFFF)


def _crc16(data: bytes, crc: int) -> int:
    for byte in data:
        crc = crc >> 8 ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc


def sum16(data: bytes) -> int:
    """The low sixteen bits of the sum of the bytes."""
    return sum(data) & 0xFFFF


class Escapes:
    """A table of bytes that may not travel bare, each with the two bytes that stand for it.

    The first byte of every escape is itself in the table, so that any bytes can be told from their escapes.
    """

    def __init__(self, table: Mapping[bytes, bytes]) -> None:
        reserved = b"[" + b"".join(map(re.escape, table)) + b"]"
        self._escapes = dict(table)
        self._originals = {escaped: original for original, escaped in table.items()}
        self._bare = re.compile(reserved)
        self._pair = re.compile(reserved + b".?", re.DOTALL)

    def escape(self, data: bytes) -> bytes:
        """`data` as it travels."""
        return self._bare.sub(lambda found: self._escapes[found[0]], data)

    def unescape(self, data: bytes) -> bytes | None:
        """What `escape` was given; None when the bytes are no output of it."""
        try:
            return self._pair.sub(lambda found: self._originals[found[0]], data)
        except KeyError:
            return None
