import asyncio
import errno
import socket

import pytest

from edge.config.links import TcpLink
from edge.shell.links.stream import LinkLost
from edge.shell.links.tcp import OPTIONS, open_tcp, refusal
from tests.processes import free_port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_bytes_go_both_ways(host: str) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(99))
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, open_tcp(TcpLink(host, server.sockets[0].getsockname()[1])) as pipe:
        pipe.send(b"page")
        assert await pipe.read() == b"page"
        with pytest.raises(LinkLost, match="hung up"):
            await pipe.read()


async def test_frames_are_not_kept_back_and_silence_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        async with open_tcp(TcpLink("127.0.0.1", server.getsockname()[1])) as pipe:
            ours = socket.socket(fileno=pipe._fd)
            options = [ours.getsockopt(level, option) for level, option, _ in OPTIONS]
            ours.detach()

    assert options == [value for _, _, value in OPTIONS]


async def test_a_refused_connection_says_so() -> None:
    port = free_port()

    with pytest.raises(LinkLost, match=f"^127.0.0.1:{port}: refuses the connection"):
        async with open_tcp(TcpLink("127.0.0.1", port)):
            pytest.fail("it opened")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (OSError(errno.EHOSTUNREACH, "x"), "cannot be reached; is the device on, and on this network?"),
        (OSError(errno.ENETUNREACH, "x"), "cannot be reached; has this machine a network?"),
        (OSError(errno.ETIMEDOUT, "x"), "does not answer; is the device on?"),
        (OSError(errno.EPERM, "x"), "is not permitted; the unit allows private networks only (IPAddressAllow)"),
        (OSError(errno.EMFILE, "Too many open files"), "cannot be connected: Too many open files"),
        (socket.gaierror(-2, "x"), "the name is not known; is there a name server, or better an address?"),
    ],
)
def test_each_refusal_has_its_remedy(fault: OSError, sentence: str) -> None:
    assert refusal("10.0.0.21:5005", fault) == f"10.0.0.21:5005: {sentence}"
