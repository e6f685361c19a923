"""The two packets of MQTT that every event brings, PUBLISH and PUBACK, and how a stream is cut into packets.

Byte tables: MQTT 3.1.1 and MQTT 5, sections 2.2 (fixed header), 3.3 (PUBLISH) and 3.4 (PUBACK). Properties come and go
as packed bytes, their length in front; 3.1.1 has none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

PUBLISH: Final = 0x30
PUBACK: Final = 0x40
KIND: Final = 0xF0
"""The bits of a packet's first byte that say what it is; the others are its flags."""

NO_PROPERTIES: Final = b"\0"

_SHORT: Final = 0x80
"""A remaining length below this is one byte."""

_HEADER_LEAST: Final = 2
"""Bytes of the shortest packet, which is a fixed header alone."""

_LENGTH_MOST: Final = 4
"""Bytes of a remaining length."""

_AT_LEAST_ONCE: Final = 1
_PUBACK: Final = bytes((PUBACK, 2))
_PLAIN_PUBACK: Final = 2
"""Bytes of an acknowledgement that is nothing but the message's number: taken (MQTT 5, section 3.4.2.1)."""


class Malformed(ValueError):
    """Bytes that are no such packet: the connection cannot go on."""


class Published(NamedTuple):
    """A message as it came; `mid` is 0 at QoS 0, `rest` what follows the number: properties, if any, and payload."""

    topic: str
    mid: int
    qos: int
    dup: bool
    retain: bool
    rest: bytes


def publish(topic: bytes, payload: bytes, mid: int, *, retain: bool, properties: bytes) -> bytes:
    """A PUBLISH; QoS 1 with a number, QoS 0 when `mid` is 0. `properties` is empty in 3.1.1."""
    number = mid.to_bytes(2, "big") if mid else b""
    head = PUBLISH | (_AT_LEAST_ONCE << 1 if mid else 0) | retain
    size = 2 + len(topic) + len(number) + len(properties) + len(payload)
    return b"%c%b%b%b%b%b%b" % (head, _length(size), len(topic).to_bytes(2, "big"), topic, number, properties, payload)


def puback(mid: int) -> bytes:
    """A PUBACK that takes message `mid`."""
    return _PUBACK + mid.to_bytes(2, "big")


def published(first: int, body: bytes) -> Published:
    """A PUBLISH taken apart, from its first byte and what follows the length; Malformed when it is none."""
    qos = first >> 1 & 3
    if qos > _AT_LEAST_ONCE:  # QoS 2 was never asked for
        raise Malformed("a message of QoS 2")
    try:
        at = 2 + (body[0] << 8 | body[1])
        topic, mid = body[2:at].decode(), 0
        if qos:
            mid = body[at] << 8 | body[at + 1]
            at += 2
    except (IndexError, UnicodeDecodeError):
        raise Malformed("a message without a whole topic and number") from None
    if len(body) < at or (qos and not mid):
        raise Malformed("a message without a whole topic and number")
    return Published(topic, mid, qos, bool(first & 8), bool(first & 1), body[at:])


def pubacked(body: bytes) -> tuple[int, int]:
    """(message number, reason code) of a PUBACK; Malformed when it is none."""
    if len(body) < _PLAIN_PUBACK:
        raise Malformed("a receipt without a number")
    return body[0] << 8 | body[1], body[2] if len(body) > _PLAIN_PUBACK else 0


def frame(data: bytes, at: int) -> tuple[int, int, int] | None:
    """(first byte, begin and end of what follows the length) of the packet at `at`; None while it is not whole."""
    have = len(data)
    if have - at < _HEADER_LEAST:
        return None
    size = data[at + 1]
    begin = at + 2
    if size >= _SHORT:
        size, begin, whole = _long(data, at + 1)
        if not whole:
            return None
    end = begin + size
    return (data[at], begin, end) if end <= have else None


def _long(data: bytes, at: int) -> tuple[int, int, bool]:
    """(remaining length, where it ends, whether it is all there) of a length of several bytes."""
    size = 0
    for place, byte in enumerate(data[at : at + _LENGTH_MOST]):
        size |= (byte & 0x7F) << 7 * place
        if byte < _SHORT:
            return size, at + place + 1, True
    if len(data) - at >= _LENGTH_MOST:
        raise Malformed("a remaining length of more than four bytes")
    return size, at, False


def _length(size: int) -> bytes:
    if size < _SHORT:
        return bytes((size,))
    out = bytearray()
    while size >= _SHORT:
        out.append(size & 0x7F | _SHORT)
        size >>= 7
    out.append(size)
    return bytes(out)
