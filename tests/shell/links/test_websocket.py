"""WebSockets to a real server (aiohttp's) on the loopback, plain and TLS, and to what is no WebSocket at all."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from edge.config.links import WebSocketLink
from edge.shell.links import websocket
from edge.shell.links.stream import LinkLost
from edge.shell.links.websocket import MOST_MESSAGE, open_websocket
from tests.processes import free_port

Serve = Callable[[web.WebSocketResponse], Awaitable[None]]


@asynccontextmanager
async def server(
    serve: Serve | None = None, *, tls: ssl.SSLContext | None = None, autoping: bool = True
) -> AsyncIterator[int]:
    """The port of a server whose only WebSocket is at /there; /elsewhere sends one on to it."""

    async def there(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0, autoping=autoping)
        await socket.prepare(request)
        await (serve or echo)(socket)
        return socket

    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPFound("/there")

    app = web.Application()
    app.router.add_get("/there", there)
    app.router.add_get("/elsewhere", elsewhere)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    try:
        yield port
    finally:
        await runner.cleanup()


async def echo(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        await socket.send_str(message.data)


def link(port: int, path: str = "/there", *, scheme: str = "ws", ca_file: str | None = None) -> WebSocketLink:
    return WebSocketLink(f"{scheme}://127.0.0.1:{port}{path}", ca_file)


async def why(where: WebSocketLink, ports: tuple[int, ...] = ()) -> str:
    """The sentence that says why it cannot be opened."""
    with pytest.raises(LinkLost) as lost:
        async with open_websocket(where, ports):
            pytest.fail("it opened")
    return str(lost.value)


async def lost(serve: Serve) -> str:
    """The sentence that says why it is over."""
    async with server(serve) as port, open_websocket(link(port)) as (_, end):
        with pytest.raises(LinkLost, match=f"^127.0.0.1:{port}: ") as over:
            while True:
                await end.receive()
    return str(over.value).partition(": ")[2]


async def test_messages_go_both_ways_whole() -> None:
    async with server() as port, open_websocket(link(port)) as (_, end):
        for text in ("{}", "吞卡" * 100_000):
            await end.send(text.encode())
            assert await end.receive() == text.encode()


async def test_bytes_are_taken_as_they_are() -> None:
    async def binary(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"\xff\x00")
        await socket.receive()

    async with server(binary) as port, open_websocket(link(port)) as (_, end):
        assert await end.receive() == b"\xff\x00"


async def test_a_peer_that_hangs_up_or_breaks_off_is_said_plainly() -> None:
    async def goes_away(socket: web.WebSocketResponse) -> None:
        await socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)

    async def done(socket: web.WebSocketResponse) -> None:
        await socket.close()

    async def cut(socket: web.WebSocketResponse) -> None:
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()

    assert await lost(goes_away) == "hung up (code 1001)"
    assert await lost(done) == "hung up"
    assert "hung up" in await lost(cut)


async def test_a_message_that_is_too_long_ends_it() -> None:
    async def floods(socket: web.WebSocketResponse) -> None:
        await socket.send_str("x" * (MOST_MESSAGE + 1))
        await socket.receive()

    assert await lost(floods) == f"sent a message of more than {MOST_MESSAGE} bytes"


async def test_a_message_that_is_no_text_ends_it() -> None:
    async def babbles(socket: web.WebSocketResponse) -> None:
        assert socket._writer is not None
        await socket._writer.send_frame(b"\xff\xfe", aiohttp.WSMsgType.TEXT)
        await socket.receive()

    assert (await lost(babbles)).startswith("broke the WebSocket off: ")


async def test_a_peer_that_answers_no_ping_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "PING_EVERY_S", 0.2)
    enough = asyncio.Event()

    async def deaf(socket: web.WebSocketResponse) -> None:
        await enough.wait()

    async with server(deaf, autoping=False) as port, open_websocket(link(port)) as (_, end):
        with pytest.raises(LinkLost, match=r"left a ping unanswered for 0\.1 s; is the device still on\?"):
            await end.receive()
        enough.set()


async def test_sending_to_one_that_is_gone_is_said_plainly() -> None:
    async def leaves(socket: web.WebSocketResponse) -> None:
        await socket.close()

    async with server(leaves) as port, open_websocket(link(port)) as (_, end):
        with pytest.raises(LinkLost, match="hung up"):
            await end.receive()
        with pytest.raises(LinkLost, match="hung up"):
            await end.send(b"{}")


# ---- where it is ----


async def test_what_is_no_websocket_is_said_plainly(unknown_name: str) -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    closed = free_port()
    assert await why(link(closed)) == f"127.0.0.1:{closed}: refuses the connection; is that the device's port?"
    async with server() as port:
        assert await why(link(port, "/nowhere")) == (
            f"127.0.0.1:{port}: answers, but with no WebSocket (HTTP 404); is the path right?"
        )
        assert "sends us elsewhere (HTTP redirect); is the path right?" in await why(link(port, "/elsewhere"))
        assert "does not agree on TLS; does that port speak TLS (wss://)?" in await why(link(port, scheme="wss"))
    async with await asyncio.start_server(rude, "127.0.0.1", 0) as mail:
        port = mail.sockets[0].getsockname()[1]
        assert f"127.0.0.1:{port}: answers, but with no WebSocket" in await why(link(port))
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as dumb:
        port = dumb.sockets[0].getsockname()[1]
        assert "hung up when asked for a WebSocket; does that port want TLS (wss://)?" in await why(link(port))
    assert await why(WebSocketLink(f"ws://{unknown_name}:1/there")) == (
        f"{unknown_name}:1: the name is not known; is there a name server, or better an address?"
    )


async def test_without_a_port_it_is_looked_for_on_those_of_the_devices() -> None:
    closed = free_port()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = mute.getsockname()[1]
        await looked_for(closed, silent)


async def looked_for(closed: int, silent: int) -> None:
    async with server() as port:
        anywhere = WebSocketLink("ws://127.0.0.1/there")
        async with open_websocket(anywhere, (silent, closed, port)) as (_, found):
            await found.send(b"{}")
            assert await found.receive() == b"{}"
        assert await why(anywhere, (closed,)) == (
            f"127.0.0.1: no WebSocket on any of the ports {closed}; is it on, and its publisher running?"
        )


async def test_a_service_is_sought_on_the_links_own_host() -> None:
    async with server() as port, server() as other, open_websocket(link(port)) as (sockets, _):
        async with sockets.beside(f"ws://ATM1.invalid:{other}/there") as end:
            await end.send(b"{}")
            assert await end.receive() == b"{}"
        with pytest.raises(LinkLost, match="HTTP 404"):
            async with sockets.beside(f"ws://ATM1.invalid:{other}/nowhere"):
                pytest.fail("it opened")


# ---- TLS ----


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=atm"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*new, *files, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return tmp_path / "cert.pem"


async def test_tls_with_an_authority_of_our_own(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    async with server(tls=tls) as port:
        trusted = link(port, scheme="wss", ca_file=str(certificate))
        async with open_websocket(trusted) as (sockets, end):
            await end.send(b"{}")
            assert await end.receive() == b"{}"
            with pytest.raises(LinkLost, match="is not encrypted, but the link is wss://"):
                async with sockets.beside(f"ws://ATM1:{port}/there"):
                    pytest.fail("it opened")
            async with sockets.beside(f"wss://ATM1:{port}/there") as beside:
                await beside.send(b"{}")
        assert await why(link(port, scheme="wss")) == (
            f"127.0.0.1:{port}: shows a certificate we do not trust (self-signed certificate); "
            "check ca_file of the link, and its host"
        )
        assert "hung up when asked for a WebSocket; does that port want TLS" in await why(link(port))
        other = WebSocketLink(f"wss://localhost:{port}/there", str(certificate))
        assert "shows a certificate we do not trust" in await why(other)
        missing = link(port, scheme="wss", ca_file="/nowhere/ca.pem")
        assert "cannot be reached by TLS: /nowhere/ca.pem: No such file or directory; check ca_file" in await why(
            missing
        )


def test_the_library_is_loaded_when_the_first_one_is_opened() -> None:
    import sys

    look = "import sys, edge.app; print('aiohttp' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"
