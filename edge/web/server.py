"""Pages and interface over HTTP: one service on the branch's network, one on a Unix socket for the local commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from edge.core.commands import Command
    from edge.core.events import Happening
    from edge.shell.ports import Service
    from edge.web.ports import Daemon


class Pages:
    """The pages of one daemon: hears what was committed, and opens its two doors.

    A sink of the runtime: it is told commands (`perform`) and journalled events (`happened`) after the commit, and
    neither call waits or raises.
    """

    def __init__(self, daemon: Daemon) -> None: ...

    def perform(self, commands: Sequence[Command]) -> None:
        """Tells every open page what has changed."""

    def happened(self, events: Sequence[Happening]) -> None:
        """Tells those who follow events what was journalled."""

    def on_port(self, listen: str, hosts: Collection[str] = ()) -> Service:
        """The service behind `listen` (host:port, port 0 for any); `hosts` are further names it may be called by."""
        raise NotImplementedError

    def on_socket(self, path: Path) -> Service:
        """The service behind a Unix socket which only the daemon's own user may open."""
        raise NotImplementedError
