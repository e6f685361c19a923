"""Bytes to and from an open file descriptor, by the event loop itself: what serial ports and sockets have in common.

Nothing is buffered here. Whoever stops reading leaves the bytes with the kernel, and the sender with its flow control.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK: Final = 4096
"""As much as a tty of Linux holds; also what a flood of garbage may take of one turn of the loop."""


class LinkLost(ConnectionError):
    """A link cannot be opened or is gone; the message is one plain sentence. It is tried again."""


class Pipe:
    """An open link. `place` names it in messages; `seconds_per_byte` is what the wire takes, 0.0 where no one waits.

    `echoes` says that what is written comes back before anything else.
    """

    def __init__(self, fd: int, place: str, *, seconds_per_byte: float = 0.0, echoes: bool = False) -> None:
        os.set_blocking(fd, False)
        self.seconds_per_byte, self.echoes = seconds_per_byte, echoes
        self._fd, self._place = fd, place

    async def read(self) -> bytes:
        """The bytes that have arrived, at least one; LinkLost when the other end has hung up.

        Every call gives the loop a turn, so that bytes without end starve nobody.
        """
        loop = asyncio.get_running_loop()
        while True:
            await self._ready(loop.add_reader, loop.remove_reader)
            try:
                data = os.read(self._fd, CHUNK)
            except BlockingIOError:
                continue
            except OSError as fault:
                raise LinkLost(f"{self._place}: hung up ({fault.strerror})") from fault
            if not data:
                raise LinkLost(f"{self._place}: hung up")
            return data

    async def write(self, data: bytes) -> None:
        """Returns when the kernel has taken all of `data`; LinkLost when the other end has hung up."""
        loop = asyncio.get_running_loop()
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                await self._ready(loop.add_writer, loop.remove_writer)
            except OSError as fault:
                raise LinkLost(f"{self._place}: hung up ({fault.strerror})") from fault

    async def _ready(self, watch: Callable[..., Any], forget: Callable[[int], Any]) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watch(self._fd, _wake, ready)
        try:
            await ready
        finally:
            forget(self._fd)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
