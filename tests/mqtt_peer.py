"""A broker that does as it is told, packet by packet: for answers no real one can be talked into."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.fakes import PATIENCE_S

CONNACK_311 = b"\x20\x02\x00\x00"
CONNACK_5 = b"\x20\x03\x00\x00\x00"
OTHER_VERSION_311 = b"\x20\x02\x00\x01"
OTHER_VERSION_5 = b"\x20\x03\x00\x84\x00"
CONNECT, PUBLISH, PUBACK, SUBSCRIBE, DISCONNECT = 1, 3, 4, 8, 14


class Peer:
    """One client's connection, from the broker's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def packet(self) -> tuple[int, bytes]:
        """(type, flags and all but the length) of the next packet."""
        async with asyncio.timeout(PATIENCE_S):
            first = (await self._reader.readexactly(1))[0]
            size, shift = 0, 0
            while True:
                byte = (await self._reader.readexactly(1))[0]
                size |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            return first >> 4, await self._reader.readexactly(size)

    async def until(self, kind: int) -> bytes:
        """The body of the next packet of a type."""
        while True:
            found, body = await self.packet()
            if found == kind:
                return body

    def say(self, data: bytes) -> None:
        """Sends bytes."""
        self._writer.write(data)

    async def gone(self) -> None:
        """Returns when the client has hung up."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._reader.read(4096):
                pass


def version_of(connect: bytes) -> int:
    """The version a CONNECT speaks: 4 is 3.1.1, 5 is 5."""
    return connect[6]


def publish(mid: int, payload: bytes, *, v5: bool, dup: bool = False) -> bytes:
    """A PUBLISH to topic `t`, QoS 1."""
    body = b"\x00\x01t" + mid.to_bytes(2, "big") + (b"\x00" if v5 else b"") + payload
    return bytes([0x3A if dup else 0x32, len(body)]) + body


@asynccontextmanager
async def broker(talk: Callable[[Peer], Awaitable[None]]) -> AsyncIterator[int]:
    """The port of a broker that talks so to each client, and hangs up when the talk is over."""
    async with asyncio.TaskGroup() as talks:

        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async def whole() -> None:
                try:
                    await talk(Peer(reader, writer))
                finally:
                    writer.close()

            talks.create_task(whole())

        server = await asyncio.start_server(met, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]
