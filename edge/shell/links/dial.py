"""A connected socket for a broker, plain or TLS, opened on the loop; whatever goes wrong is one plain sentence."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct

from edge.shell.links.stream import LinkLost
from edge.shell.links.tcp import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.config.models import BrokerTable

WITHIN_S: Final = 10.0
"""How long a broker may take for each of connection, TLS and its first answer; a branch's line is never this slow."""

_PLAIN_PORT, _TLS_PORT = 1883, 8883

Stream: TypeAlias = socket.socket | ssl.SSLSocket


class Place(Struct, frozen=True):
    """Where a broker is, and the section of the configuration that says so."""

    section: str
    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, section: str, table: BrokerTable) -> Place:
        """The place in a table's `url`."""
        parts = urlsplit(table.url)
        tls = parts.scheme == "mqtts"
        return cls(section, parts.hostname or "", parts.port or (_TLS_PORT if tls else _PLAIN_PORT), tls)

    @property
    def doubt(self) -> str:
        """What to ask of a peer that hangs up before its first answer, as the end of a sentence.

        From TLS 1.3 on that is also how a broker goes that wants a certificate and was shown none.
        """
        wants = f", and does it want a certificate of ours? Check [{self.section}] cert_file" if self.tls else "?"
        return f"is that an MQTT broker{wants}"

    def lost(self, what: str, kind: type[LinkLost] = LinkLost) -> LinkLost:
        """What is wrong with this broker, as a sentence to raise."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return kind(f"broker {host}:{self.port} {what}")


def password(place: Place, table: BrokerTable) -> str | None:
    """The first line of the password file, None without one; LinkLost says why it cannot be read."""
    if table.password_file is None:
        return None
    try:
        return table.password_file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "is not UTF-8 text"
        raise place.lost(
            f"cannot be asked: {table.password_file}: {reason}; check [{place.section}] password_file"
        ) from fault


async def dial(place: Place, table: BrokerTable) -> Stream:
    """A connected, non-blocking socket; LinkLost says why there is none and what to do."""
    context = _context(place, table) if place.tls else None
    try:
        async with asyncio.timeout(WITHIN_S):
            sock = await _connect(place)
        if context is None:
            return sock
        async with asyncio.timeout(WITHIN_S):
            return await _encrypt(sock, context, place.host)
    except OSError as fault:
        raise place.lost(_sentence(place, fault)) from fault


def _context(place: Place, table: BrokerTable) -> ssl.SSLContext:
    """The system's authorities, or those of `ca_file`; our own certificate where the broker wants one."""
    try:
        context = ssl.create_default_context(cafile=table.ca_file)
        if table.cert_file is not None:
            context.load_cert_chain(table.cert_file, table.key_file)
    except OSError as fault:
        files = ", ".join(str(file) for file in (table.ca_file, table.cert_file, table.key_file) if file)
        reason = fault.strerror or fault
        raise place.lost(
            f"cannot be reached by TLS: {files}: {reason}; check [{place.section}] ca_file, cert_file, key_file"
        ) from fault
    return context


async def _connect(place: Place) -> socket.socket:
    loop, fault = asyncio.get_running_loop(), OSError("its name has no address")
    for family, address in await _addresses(place):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            for level, option, value in OPTIONS:
                sock.setsockopt(level, option, value)
            await loop.sock_connect(sock, address)
        except OSError as refused:
            sock.close()
            fault = refused
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise fault


async def _addresses(place: Place) -> list[tuple[int, Any]]:
    """Where the host is; an address needs no name server and no thread that waits for one."""
    kind, loop = socket.SOCK_STREAM, asyncio.get_running_loop()
    try:
        found = socket.getaddrinfo(place.host, place.port, type=kind, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await loop.getaddrinfo(place.host, place.port, type=kind)
    return [(family, address) for family, _, _, _, address in found]


async def _encrypt(sock: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    loop = asyncio.get_running_loop()
    try:
        tls = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        sock.close()
        raise
    try:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await _ready(tls, loop.add_reader, loop.remove_reader)
            except ssl.SSLWantWriteError:
                await _ready(tls, loop.add_writer, loop.remove_writer)
            else:
                return tls
    except BaseException:
        tls.close()
        raise


async def _ready(sock: Stream, watch: Callable[..., Any], forget: Callable[[Any], Any]) -> None:
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    watch(sock, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        forget(sock)


def _sentence(place: Place, fault: OSError) -> str:
    section = f"[{place.section}]"
    match fault:
        case socket.gaierror():
            return f"is not known by that name; check {section} url, and that this machine has a name server"
        case ssl.SSLCertVerificationError():
            return f"shows a certificate we do not trust ({fault.verify_message}); check {section} ca_file and its url"
        case ssl.SSLError():
            return f"does not agree on TLS ({fault.reason or fault}); check {section} url, ca_file and cert_file"
        case ConnectionRefusedError():
            return f"refused the connection; is it running, and is {section} url right?"
        case TimeoutError():
            return f"does not answer within {WITHIN_S:.0f} s; is it on, and is {section} url right?"
        case ConnectionResetError() if place.tls:
            return f"hung up during TLS; does that port speak TLS? Check {section} url, and cert_file if it wants one"
        case _:
            return f"cannot be reached: {fault.strerror or fault}"
