"""MQTT 3.1.1 by hand, as much as a load generator needs: connected, QoS 1 both ways, one write a turn of the loop.

It exists so that what drives the load is never what is measured: a message costs it a few microseconds. Section
numbers are those of the OASIS standard, version 3.1.1.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 1, 2, 3, 4, 8, 9, 14
QOS_1: Final = 2
"""The bits of QoS 1 in a PUBLISH's first byte (section 3.3.1.2)."""

KEEPALIVE_S: Final = 60
"""Longer than any quiet spell of a benchmark; mosquitto waits half as long again."""


class Client(asyncio.Protocol):
    """One connection; `connect` makes it. `on_message` is called with topic and payload, before its acknowledgement."""

    def __init__(self, client_id: str, on_message: Callable[[str, bytes], None]) -> None:
        self._client_id, self._on_message = client_id, on_message
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._in, self._out = bytearray(), bytearray()
        self._number, self._subscribed = 0, asyncio.Event()
        self.accepted: asyncio.Future[None] = self._loop.create_future()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self.unacknowledged = 0

    async def subscribe(self, filters: Sequence[str]) -> None:
        """Returns when the broker has taken the subscriptions, QoS 1."""
        self._subscribed.clear()
        self._send(subscribe(1, filters))
        async with asyncio.timeout(10):
            await self._subscribed.wait()

    def publish(self, topic: str, payload: bytes) -> None:
        """Sends a message, QoS 1; it leaves with all others of this turn of the loop."""
        self._number = self._number % 0xFFFF + 1
        self.unacknowledged += 1
        self._send(publish(topic, payload, self._number))

    def close(self) -> None:
        """Leaves in order."""
        if self._transport is not None:
            self._transport.write(packet(DISCONNECT, 0, b""))
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Says CONNECT; the loop has set TCP_NODELAY."""
        self._transport = cast("asyncio.Transport", transport)
        self._send(connect(self._client_id))

    def connection_lost(self, exc: Exception | None) -> None:
        """The broker has gone, or we have."""
        for future in (self.accepted, self.gone):
            if not future.done():
                future.set_exception(ConnectionError(f"the broker has gone: {exc or 'it hung up'}"))
        self.gone.exception()  # looked at here, because nobody waits for an end in order

    def data_received(self, data: bytes) -> None:
        """Takes in every packet that is whole."""
        self._in += data
        at = 0
        for kind, flags, start, end in packets(self._in):
            self._take(kind, flags, self._in[start:end])
            at = end
        del self._in[:at]

    def _take(self, kind: int, flags: int, body: bytearray) -> None:
        if kind == PUBLISH:
            topic, number, payload = published(flags, body)
            self._on_message(topic, payload)
            if number is not None:
                self._send(packet(PUBACK, 0, number))
        elif kind == PUBACK:
            self.unacknowledged -= 1
        elif kind == SUBACK:
            self._subscribed.set()
        elif kind == CONNACK and not self.accepted.done():
            if body[1]:
                self.accepted.set_exception(ConnectionError(f"the broker refused us: code {body[1]}"))
            else:
                self.accepted.set_result(None)

    def _send(self, data: bytes) -> None:
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out += data

    def _flush(self) -> None:
        if self._transport is not None:
            self._transport.write(bytes(self._out))
        self._out.clear()


async def open_client(port: int, client_id: str, on_message: Callable[[str, bytes], None]) -> Client:
    """A connection to the broker on the loopback's `port` that has been accepted."""
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(client_id, on_message), "127.0.0.1", port)
    async with asyncio.timeout(10):
        await client.accepted
    return client


# ---- the packets ----


def packet(kind: int, flags: int, body: bytes) -> bytes:
    """A control packet: kind and flags, the length of the body in groups of seven bits (section 2.2.3), the body."""
    length, left = bytearray(), len(body)
    while True:
        left, group = left >> 7, left & 0x7F
        length.append(group | 0x80 if left else group)
        if not left:
            return bytes((kind << 4 | flags, *length)) + body


def connect(client_id: str) -> bytes:
    """CONNECT with a clean session (section 3.1)."""
    return packet(CONNECT, 0, _text("MQTT") + b"\x04\x02" + KEEPALIVE_S.to_bytes(2) + _text(client_id))


def subscribe(number: int, filters: Sequence[str]) -> bytes:
    """SUBSCRIBE at QoS 1 (section 3.8)."""
    return packet(SUBSCRIBE, 2, number.to_bytes(2) + b"".join(_text(each) + b"\x01" for each in filters))


def publish(topic: str, payload: bytes, number: int) -> bytes:
    """PUBLISH at QoS 1 (section 3.3)."""
    return packet(PUBLISH, QOS_1, _text(topic) + number.to_bytes(2) + payload)


def published(flags: int, body: bytes | bytearray) -> tuple[str, bytes | None, bytes]:
    """(topic, packet number, payload) of a PUBLISH's body; the number is None at QoS 0."""
    end = 2 + int.from_bytes(body[:2])
    topic = body[2:end].decode()
    if not flags & 6:
        return topic, None, bytes(body[end:])
    return topic, bytes(body[end : end + 2]), bytes(body[end + 2 :])


def packets(data: bytes | bytearray) -> Iterator[tuple[int, int, int, int]]:
    """(kind, flags, first byte of the body, first byte behind it) of every packet that is whole."""
    at, size = 0, len(data)
    while at + 1 < size:
        length, shift, start = 0, 0, at + 1
        while start < size:
            group = data[start]
            start += 1
            length |= (group & 0x7F) << shift
            shift += 7
            if not group & 0x80:
                break
        else:
            return
        if start + length > size:
            return
        yield data[at] >> 4, data[at] & 0x0F, start, start + length
        at = start + length


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2) + encoded
