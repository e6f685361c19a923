"""WebSockets: we connect, pings find out a peer that vanished without a word, and messages are bounded.

aiohttp carries them; it is loaded when the first one is opened, for readiness must not wait for it.
"""

from __future__ import annotations

import asyncio
import errno
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from edge.libraries import imported
from edge.shell.links.stream import LinkLost
from edge.shell.links.tcp import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from types import SimpleNamespace

    import aiohttp

    from edge.config.links import WebSocketLink

MOST_MESSAGE: Final = 2 * 1024 * 1024
"""Bytes; no device of a branch has more to say at once, and nobody is to fill the memory."""

PING_EVERY_S: Final = 15.0
"""A peer that leaves a ping unanswered for half of it is gone."""

ATTEMPT_WITHIN_S: Final = 4.0
_WELL_DONE: Final = 1000


class Socket:
    """An open WebSocket; `place` names it in messages, `aio` is the library."""

    def __init__(self, aio: Any, socket: aiohttp.ClientWebSocketResponse, place: str) -> None:
        self._aio, self._socket, self._place = aio, socket, place

    async def receive(self) -> bytes:
        """The next whole message, text as UTF-8; LinkLost when there will be none."""
        aio = self._aio
        try:
            message = await self._socket.receive()
        except aio.ClientError as fault:
            raise LinkLost(f"{self._place}: {fault}") from fault
        match message.type:
            case aio.WSMsgType.TEXT:
                return str(message.data).encode()
            case aio.WSMsgType.BINARY:
                return bytes(message.data)
        raise LinkLost(f"{self._place}: {self._why(message)}")

    async def send(self, data: bytes) -> None:
        """Returns when the message is on its way; LinkLost when the other end has hung up."""
        try:
            await self._socket.send_str(data.decode())
        except (ConnectionError, RuntimeError) as fault:
            raise LinkLost(f"{self._place}: hung up") from fault

    async def close(self) -> None:
        """Says goodbye, and does not wait long for an answer."""
        await self._socket.close()

    def _why(self, message: aiohttp.WSMessage) -> str:
        aio = self._aio
        fault = message.data if message.type is aio.WSMsgType.ERROR else self._socket.exception()
        if isinstance(fault, aio.WebSocketError) and fault.code == aio.WSCloseCode.MESSAGE_TOO_BIG:
            return f"sent a message of more than {MOST_MESSAGE} bytes"
        if isinstance(fault, aio.ServerTimeoutError | TimeoutError):
            return f"left a ping unanswered for {PING_EVERY_S / 2:g} s; is the device still on?"
        if isinstance(fault, ConnectionError):
            return "hung up"
        if fault is not None:
            return f"broke the WebSocket off: {fault}"
        code = message.data if message.type is aio.WSMsgType.CLOSE else self._socket.close_code
        return "hung up" if code in (None, _WELL_DONE) else f"hung up (code {code})"


class Sockets(Struct, frozen=True):
    """Opens the WebSockets of one machine: the link's own, and others beside it."""

    link: WebSocketLink
    aio: Any
    session: aiohttp.ClientSession
    tls: ssl.SSLContext | None

    @asynccontextmanager
    async def beside(self, address: str) -> AsyncIterator[Socket]:
        """A socket at an address the machine has given; LinkLost says in one sentence why there is none.

        It is looked for on the link's own host, whatever name the machine gives itself: nobody sends us elsewhere.
        """
        given, own = urlsplit(address), urlsplit(self.link.url)
        host = f"[{own.hostname}]" if ":" in (own.hostname or "") else own.hostname
        port = f":{given.port}" if given.port is not None else ""
        url = f"{given.scheme}://{host}{port}{given.path}"
        if own.scheme == "wss" and given.scheme != "wss":
            raise LinkLost(f"{url}: is not encrypted, but the link is wss://; the machine must offer its services so")
        socket = await _connect(self, url)
        try:
            yield socket
        finally:
            await socket.close()


@asynccontextmanager
async def open_websocket(link: WebSocketLink, ports: Sequence[int] = ()) -> AsyncIterator[tuple[Sockets, Socket]]:
    """The machine's sockets, its first one open; LinkLost says in one sentence why it is not to be had.

    Where the link names no port, that of `ports` which answers is taken.
    """
    aio = await imported("aiohttp")
    trace = aio.TraceConfig()
    trace.on_request_redirect.append(_refuse)
    session = aio.ClientSession(cookie_jar=aio.DummyCookieJar(), trace_configs=[trace], trust_env=False)
    async with session:
        sockets = Sockets(link, aio, session, _context(link))
        named = urlsplit(link.url).port is not None
        socket = await (_connect(sockets, link.url) if named or not ports else _look(sockets, ports))
        try:
            yield sockets, socket
        finally:
            await socket.close()


async def _connect(sockets: Sockets, url: str) -> Socket:
    aio, place = sockets.aio, urlsplit(url).netloc
    try:
        opened = await sockets.session.ws_connect(
            url,
            heartbeat=PING_EVERY_S,
            max_msg_size=MOST_MESSAGE,
            timeout=aio.ClientWSTimeout(ws_close=1.0),
            ssl=sockets.tls if sockets.tls is not None else True,
        )
    except (aio.ClientError, OSError, ValueError) as fault:
        raise LinkLost(_sentence(aio, place, fault)) from fault
    return Socket(aio, opened, place)


async def _look(sockets: Sockets, ports: Sequence[int]) -> Socket:
    """The first of `ports` that answers as a WebSocket; one that keeps silent holds up none of the others."""
    found: list[Socket] = []
    own = urlsplit(sockets.link.url)

    async def attempt(port: int) -> None:
        try:
            async with asyncio.timeout(ATTEMPT_WITHIN_S):
                socket = await _connect(sockets, own._replace(netloc=f"{own.netloc}:{port}").geturl())
        except (LinkLost, TimeoutError):
            return
        found.append(socket)
        for other in tasks:
            if other is not asyncio.current_task():
                other.cancel()

    tasks: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:
        tasks += [group.create_task(attempt(port), name=f"port {port}") for port in ports]
    for late in found[1:]:
        await late.close()
    if not found:
        tried = ", ".join(map(str, ports))
        raise LinkLost(f"{own.netloc}: no WebSocket on any of the ports {tried}; is it on, and its publisher running?")
    return found[0]


async def _refuse(session: aiohttp.ClientSession, context: SimpleNamespace, params: Any) -> None:
    del session, context
    raise LinkLost(f"{params.url.raw_authority}: sends us elsewhere (HTTP redirect); is the path right?")


def _context(link: WebSocketLink) -> ssl.SSLContext | None:
    if urlsplit(link.url).scheme != "wss" and link.ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=link.ca_file)
    except OSError as fault:
        reason = fault.strerror or fault
        raise LinkLost(f"{link.place}: cannot be reached by TLS: {link.ca_file}: {reason}; check ca_file") from fault


def _sentence(aio: Any, place: str, fault: BaseException) -> str:
    match fault:
        case LinkLost():
            return str(fault)
        case aio.ClientConnectorCertificateError():
            why = getattr(fault.certificate_error, "verify_message", "") or fault.certificate_error
            return f"{place}: shows a certificate we do not trust ({why}); check ca_file of the link, and its host"
        case aio.ClientSSLError() | ssl.SSLError():
            return f"{place}: does not agree on TLS; does that port speak TLS (wss://)?"
        case aio.WSServerHandshakeError():
            return f"{place}: answers, but with no WebSocket (HTTP {fault.status}); is the path right?"
        case aio.ServerDisconnectedError() | OSError(errno=errno.ECONNRESET):
            return f"{place}: hung up when asked for a WebSocket; does that port want TLS (wss://)?"
        case aio.ClientConnectorDNSError():
            return f"{place}: the name is not known; is there a name server, or better an address?"
        case aio.ClientConnectorError():
            return refusal(place, fault.os_error)
        case aio.InvalidURL() | ValueError():
            return f"{place}: is no address of a WebSocket"
        case OSError():
            return refusal(place, fault)
        case _:
            return f"{place}: answers, but with no WebSocket ({type(fault).__name__}); is that the device's port?"
