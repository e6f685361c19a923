"""The wire between a page and the daemon, which a test can cut, or hold so that it is silent and nothing says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """A TCP proxy to one port of the loopback."""

    def __init__(self, port: int) -> None:
        self._far = port
        self._whole = asyncio.Event()
        self._whole.set()
        self._accepts = True
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    @asynccontextmanager
    async def plugged_in(self) -> AsyncIterator["Cable"]:
        async with asyncio.TaskGroup() as self._tasks:
            server = await asyncio.start_server(self._join, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            async with server:
                yield self
                self._whole.set()
                self.cut()

    def cut(self) -> None:
        """Everything that was open breaks, and nothing can be opened."""
        self._accepts = False
        for writer in tuple(self._open):
            writer.transport.abort()

    def hold(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._whole.clear()

    def mend(self) -> None:
        """As if nothing had been."""
        self._accepts = True
        self._whole.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._accepts:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        ends = (writer, far_writer)
        self._open.update(ends)
        there = self._tasks.create_task(self._carry(reader, far_writer))
        back = self._tasks.create_task(self._carry(far_reader, writer))
        await asyncio.wait((there, back))
        self._open.difference_update(ends)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
