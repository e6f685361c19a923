"""Bytes to and from an open file descriptor, by the event loop itself: what serial ports and sockets have in common.

Nothing is buffered here. Whoever stops reading leaves the bytes with the kernel, and the sender with its flow control.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

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
        self._take: Callable[[bytes], bool] = bool
        self._enough: asyncio.Future[None] | None = None
        self._watched = False

    async def read(self) -> bytes:
        """The bytes that have arrived, at least one; LinkLost when the other end has hung up.

        Every call gives the loop a turn, so that bytes without end starve nobody.
        """
        arrived = b""

        def keep(data: bytes) -> bool:
            nonlocal arrived
            arrived = data
            return False

        await self.pass_on(keep)
        return arrived

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        """Gives `take` what arrives, a piece each turn of the loop, until it says False: it wants no more for now.

        LinkLost when the other end has hung up; what `take` raises is raised here. Whoever comes back at once finds the
        loop still asking: between two pieces nothing is said to the kernel.
        """
        loop = asyncio.get_running_loop()
        self._take, self._enough = take, loop.create_future()
        if not self._watched:
            loop.add_reader(self._fd, self._readable)
            self._watched = True
        try:
            await self._enough
        except asyncio.CancelledError:
            self.release()
            raise
        finally:
            self._enough = None

    def _readable(self) -> None:
        """Reads when somebody takes; otherwise the loop is not to ask again, and the bytes stay with the kernel."""
        enough = self._enough
        if enough is None or enough.done():
            self.release()
            return
        try:
            data = os.read(self._fd, CHUNK)
            if not data:
                raise LinkLost(f"{self._place}: hung up")  # noqa: TRY301 (one place where a link's end is told)
            if not self._take(data):
                enough.set_result(None)
        except BlockingIOError:
            return
        except LinkLost as fault:
            enough.set_exception(fault)
        except OSError as fault:
            enough.set_exception(self._hung_up(fault))
        except Exception as fault:  # noqa: BLE001 (it rises where `pass_on` is awaited)
            enough.set_exception(fault)

    def send(self, data: bytes) -> bytes:
        """Gives the kernel what it takes at once, and returns the rest; LinkLost when the other end has hung up."""
        try:
            return data[os.write(self._fd, data) :]
        except BlockingIOError:
            return data
        except OSError as fault:
            raise self._hung_up(fault) from fault

    def when_room(self, act: Callable[[], None] | None) -> None:
        """Calls `act` in every turn of the loop in which the kernel takes bytes; None ends that."""
        if act is None:
            asyncio.get_running_loop().remove_writer(self._fd)
        else:
            asyncio.get_running_loop().add_writer(self._fd, act)

    def release(self) -> None:
        """The loop is not to ask for bytes any more: before the descriptor is closed, and while nobody reads."""
        if self._watched:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._watched = False

    def _hung_up(self, fault: OSError) -> LinkLost:
        return LinkLost(f"{self._place}: hung up ({fault.strerror})")
