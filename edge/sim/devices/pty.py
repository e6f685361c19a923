"""A serial cable: one end is ours, the other a device node that the daemon opens like any port.

The node is a link to the slave of a pseudo-terminal. Like a USB adapter it comes and goes: unplugged, the daemon's
port hangs up; plugged in again, or after the daemon has closed it, the node is a new one, so that no setting and no
byte of the last connection is left in it.

While nobody has the slave open the kernel says "hung up" (POLLHUP) of the master without end, which is no way to wait;
so it is asked now and then until somebody has.
"""

from __future__ import annotations

import asyncio
import os
import select
import tty
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ASK_EVERY_S: Final = 0.02
_SETTLES_IN_S: Final = 0.1
"""Whoever opens a port sets it up and throws away what has come so far; before that, talking is in vain."""

_READ: Final = 4096


class Port:
    """Our end of the cable whose other end is found at `path`; `received` is called with what comes through it.

    Needs a running event loop. The times are those of the real world: cables know no other.
    """

    def __init__(self, path: Path, received: Callable[[bytes], None]) -> None:
        self.path = path
        self._received = received
        self._master: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._listened = asyncio.Event()

    @property
    def plugged(self) -> bool:
        """Whether the node is there."""
        return self._master is not None

    @property
    def taken(self) -> bool:
        """Whether somebody has the other end open and ready."""
        return self._listened.is_set()

    async def listened(self) -> None:
        """Returns when it is taken."""
        await self._listened.wait()

    def plug(self) -> None:
        """Makes the node; one that is there stays."""
        if self._master is not None:
            return
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self._link(os.ttyname(slave))
        os.close(slave)
        self._later(_ASK_EVERY_S, self._ask)

    def unplug(self) -> None:
        """Takes the node away; whoever has it open is told by the kernel."""
        self._let_go()
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> bool:
        """Says something; False when nobody listens or takes it, and then it is lost, as on any serial line."""
        if self._master is None or not self._listened.is_set():
            return False
        try:
            return os.write(self._master, data) == len(data)
        except OSError:
            return False

    def _link(self, node: str) -> None:
        """Puts the link in its place in one step, so that nobody finds half of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(node)
        fresh.replace(self.path)

    def _ask(self) -> None:
        if self._master is None:
            return
        poll = select.poll()
        poll.register(self._master, 0)
        if any(events & select.POLLHUP for _, events in poll.poll(0)):
            self._later(_ASK_EVERY_S, self._ask)
        else:
            asyncio.get_running_loop().add_reader(self._master, self._readable)
            self._later(_SETTLES_IN_S, self._listened.set)

    def _readable(self) -> None:
        data = b""
        if self._master is not None:
            with suppress(OSError):  # EIO: the other end was closed
                data = os.read(self._master, _READ)
        if data:
            self._listened.set()  # who talks listens
            self._received(data)
        else:
            self._let_go()
            self.plug()

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay_s, act)

    def _let_go(self) -> None:
        master, self._master = self._master, None
        self._listened.clear()
        if self._timer is not None:
            self._timer.cancel()
        if master is not None:
            asyncio.get_running_loop().remove_reader(master)
            os.close(master)
