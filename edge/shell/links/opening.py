"""A link of the configuration, opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.config.links import Link, SerialLink, TcpLink
from edge.shell.links.tcp import open_tcp

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from edge.shell.links.stream import Pipe


def open_link(link: Link) -> AbstractAsyncContextManager[Pipe]:
    """Entered with `async with`, it gives the open pipe, or LinkLost says why not; TypeError for links of messages."""
    match link:
        case SerialLink():
            from edge.shell.links.serial import open_serial  # noqa: PLC0415 (pyserial, only where there is a port)

            return open_serial(link)
        case TcpLink():
            return open_tcp(link)
        case _:
            raise TypeError(f"a {link.medium} link carries messages, not bytes")
