"""TCP links: we connect, bytes go at once, and a peer that vanished without a word is noticed."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from edge.shell.links.stream import LinkLost, Pipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from edge.config.links import TcpLink

_Address: TypeAlias = tuple[int, Any]
"""Address family, and what connect() of that family takes."""

OPTIONS: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),  # a frame is not kept back until the one before is acknowledged
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),  # milliseconds that sent bytes may stay unacknowledged
)
"""A silent peer is given up after a minute, one that stops acknowledging after half of it (tcp(7))."""

_REMEDIES: Final[Mapping[int | None, str]] = {
    errno.ECONNREFUSED: "refuses the connection; is that the device's port?",
    errno.EHOSTUNREACH: "cannot be reached; is the device on, and on this network?",
    errno.ENETUNREACH: "cannot be reached; has this machine a network?",
    errno.ETIMEDOUT: "does not answer; is the device on?",
    errno.EPERM: "is not permitted; the unit allows private networks only (IPAddressAllow)",
}


@asynccontextmanager
async def open_tcp(link: TcpLink) -> AsyncIterator[Pipe]:
    """The open connection; LinkLost says in one sentence why there is none. Waits for as long as the system does."""
    with await _connect(link) as sock:
        pipe = Pipe(sock.fileno(), link.place)
        try:
            yield pipe
        finally:
            pipe.release()


def refusal(place: str, fault: OSError) -> str:
    """Why there is no connection, and what to do: one sentence for the log and for `doctor`."""
    if isinstance(fault, socket.gaierror):
        return f"{place}: the name is not known; is there a name server, or better an address?"
    return f"{place}: {_REMEDIES.get(fault.errno, f'cannot be connected: {fault.strerror or fault}')}"


async def _connect(link: TcpLink) -> socket.socket:
    try:
        fault = OSError("the name has no address")
        for family, address in await _addresses(link):
            try:
                return await _attempt(family, address)
            except OSError as refused:
                fault = refused
        raise fault
    except OSError as fault:
        raise LinkLost(refusal(link.place, fault)) from fault


async def _attempt(family: int, address: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        for level, option, value in OPTIONS:
            sock.setsockopt(level, option, value)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


async def _addresses(link: TcpLink) -> list[_Address]:
    """Where the host is; an address needs no name server and no thread that waits for one."""
    try:
        version = ipaddress.ip_address(link.host).version
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(link.host, link.port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]
    return [(socket.AF_INET if version == 4 else socket.AF_INET6, (link.host, link.port))]  # noqa: PLR2004 (IPv4)
