"""Pages and interface over HTTP: one service on the branch's network, one on a Unix socket for the local commands."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeAlias

from edge.libraries import imported
from edge.web.events import Hub
from edge.web.guard import host_name
from edge.web.ports import CannotListen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from edge.core.commands import Command
    from edge.core.events import Happening
    from edge.web.ports import Daemon
    from edge.web.stream import Pace

Listener: TypeAlias = "Callable[[], AbstractContextManager[socket.socket]]"

PORT_MOST: Final = 65535
PASSIVE: Final = socket.AI_PASSIVE | socket.AI_NUMERICSERV

_ROUTES: Final = "edge.web.routes"
"""Imported beside the loop once a door opens: aiohttp takes a fifth of a second, and readiness must not wait for it."""

_WHY: Final = {
    errno.EADDRINUSE: "another program listens there; stop it or choose another port in [web] listen",
    errno.EACCES: "this user may not; choose a port above 1023 in [web] listen",
    errno.EADDRNOTAVAIL: "this machine has no such address; correct [web] listen",
}


class Pages:
    """The pages of one daemon: hears what was committed, and opens its two doors.

    A sink of the runtime: it is told commands (`perform`) and journalled events (`happened`) after the commit, and
    neither call waits or raises.
    """

    def __init__(self, daemon: Daemon, pace: Pace | None = None) -> None:
        self._daemon = daemon
        self._hub = Hub(daemon, pace)

    def perform(self, commands: Sequence[Command]) -> None:
        """Tells every open page what has changed."""
        self._hub.perform(commands)

    def happened(self, events: Sequence[Happening]) -> None:
        """Tells those who follow events what was journalled."""
        self._hub.happened(events)

    def on_port(self, listen: str, hosts: Collection[str] = ()) -> Door:
        """The service behind `listen` (host:port, port 0 for any); `hosts` are further names it may be called by."""
        names = frozenset({host_name(listen), *(host.lower() for host in hosts)})
        return Door("pages", partial(self._open, names), lambda: _port(listen))

    def on_socket(self, path: Path) -> Door:
        """The service behind a Unix socket which only the daemon's own user may open."""
        return Door("pages-local", partial(self._open, frozenset()), lambda: _unix(path))

    def _open(self, names: Collection[str], listening: socket.socket) -> AbstractAsyncContextManager[None]:
        serving: AbstractAsyncContextManager[None] = import_module(_ROUTES).serving(
            self._daemon, self._hub, names, listening
        )
        return serving


class Door:
    """One address on which the pages are served; `address` is where people find it, None while it is closed."""

    def __init__(
        self, name: str, pages: Callable[[socket.socket], AbstractAsyncContextManager[None]], listener: Listener
    ) -> None:
        self.name = name
        self.address: str | None = None
        self.opened = asyncio.Event()
        self._pages = pages
        self._listener = listener

    async def serve(self) -> None:
        """Answers until cancelled; CannotListen says in a sentence why the address is not to be had."""
        with self._listener() as listening:
            await imported(_ROUTES)
            async with self._pages(listening):
                self.address = _address(listening)
                self.opened.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    self.address = None
                    self.opened.clear()


@contextmanager
def _port(listen: str) -> Iterator[socket.socket]:
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > PORT_MOST:
        raise CannotListen(f"[web] listen is {listen!r}; accepted: host:port, such as 127.0.0.1:8080")
    bare = host.removeprefix("[").removesuffix("]") or None
    try:
        family, _, _, _, place = min(socket.getaddrinfo(bare, int(port), type=socket.SOCK_STREAM, flags=PASSIVE))
        listening = socket.create_server(place[:2], family=family, backlog=128)
    except OSError as fault:
        why = _WHY.get(fault.errno or 0, f"{fault.strerror}; correct [web] listen")
        raise CannotListen(f"cannot serve the pages on {listen}: {why}") from None
    with listening:
        yield listening


@contextmanager
def _unix(path: Path) -> Iterator[socket.socket]:
    """The socket file appears closed to others before anybody could connect: it listens only later."""
    with socket.socket(socket.AF_UNIX) as listening:
        try:
            if path.is_socket():
                path.unlink()
            listening.bind(str(path))
            path.chmod(0o600)
        except OSError as fault:
            raise CannotListen(f"cannot open the socket {path}: {fault.strerror or fault}") from None
        try:
            yield listening
        finally:
            path.unlink(missing_ok=True)


def _address(listening: socket.socket) -> str:
    place = listening.getsockname()
    if isinstance(place, str):
        return place
    host, port = place[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
