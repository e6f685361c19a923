import errno
import fcntl
import os
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge.config.links import SerialLink
from edge.shell.links.serial import open_serial, refusal, seconds_per_byte
from edge.shell.links.stream import LinkLost
from tests.shell.ends import Port, mute


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[Port]:
    port = Port(tmp_path / "queue0", mute)
    port.plug()
    yield port
    port.unplug()


async def refused(link: SerialLink) -> str:
    with pytest.raises(LinkLost) as refused:
        async with open_serial(link):
            pytest.fail("it opened")
    return str(refused.value)


async def test_bytes_go_both_ways_unchanged(port: Port) -> None:
    async with open_serial(SerialLink(str(port.node))) as pipe:
        pipe.send(b"\x00\x03\x11\x13\xff\r\n")
        await port.until(lambda heard: heard == ["\x00\x03\x11\x13\xff\r"])
        port.say(b"\r\n\x04\x00\x7f")
        got = await pipe.read()
        while len(got) < 5:
            got += await pipe.read()

    assert got == b"\r\n\x04\x00\x7f"


async def test_the_line_is_set_as_the_link_says(port: Port) -> None:
    async with open_serial(SerialLink(str(port.node), baud=19200, stop=2.0)):
        _, _, cflag, lflag, _, speed, _ = termios.tcgetattr(port._theirs)

    assert speed == termios.B19200
    assert cflag & termios.CSTOPB
    assert not lflag & (termios.ECHO | termios.ICANON | termios.ISIG)


async def test_a_missing_node_is_named_with_what_to_do(tmp_path: Path) -> None:
    node = tmp_path / "queue0"

    assert await refused(SerialLink(str(node))) == (
        f"{node}: there is no such device; is it plugged in? It is looked for every second"
    )


async def test_a_port_has_one_owner_and_the_other_is_named(port: Port) -> None:
    link = SerialLink(str(port.node))

    async with open_serial(link):
        sentence = await refused(link)

    assert sentence.startswith(f"{port.node}: is in use by ")
    assert f"(process {os.getpid()})" in sentence
    async with open_serial(link):
        pass  # given back


async def test_what_is_no_serial_port_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.touch()

    assert (await refused(SerialLink(str(file)))).startswith(f"{file}: cannot be used as a serial port: ")


def test_what_is_not_permitted_names_the_group(tmp_path: Path) -> None:
    node = tmp_path / "queue0"
    node.touch()

    sentence = refusal(str(node), PermissionError(errno.EACCES, "Permission denied"))

    assert sentence == f"{node}: not permitted; it belongs to group {node.group()}: have the daemon run with that group"


def test_a_holder_out_of_sight_is_left_to_fuser(tmp_path: Path) -> None:
    node = tmp_path / "queue0"

    assert refusal(str(node), BlockingIOError(errno.EAGAIN, "locked")) == (
        f"{node}: is in use by another program (sudo fuser -v {node} names it); stop that, a port has one owner"
    )


async def test_a_port_that_knows_no_rs485_is_used_without_and_says_so(port: Port) -> None:
    with capture_logs() as logs:
        async with open_serial(SerialLink(str(port.node), rs485=True)) as pipe:
            pipe.send(b"page\n")
            await port.until(lambda heard: heard == ["page"])

    assert [log["event"] for log in logs] == [
        "rs485=1 has no effect on this port; adapters that switch by themselves need none"
    ]


async def test_an_idle_port_is_no_hangup_and_a_pulled_plug_is(port: Port) -> None:
    async with open_serial(SerialLink(str(port.node))) as pipe:
        with pytest.raises(BlockingIOError):
            os.read(pipe._fd, 1)
        port.unplug()
        with pytest.raises(LinkLost, match="hung up"):
            await pipe.read()


async def test_the_lock_is_the_descriptors_and_goes_with_it(port: Port) -> None:
    async with open_serial(SerialLink(str(port.node))):
        with pytest.raises(BlockingIOError):
            fcntl.flock(port._theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)

    fcntl.flock(port._theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(
    ("link", "bits"),
    [
        (SerialLink("/dev/x"), 10),
        (SerialLink("/dev/x", parity="E"), 11),
        (SerialLink("/dev/x", bits=7, parity="O", stop=2.0), 11),
    ],
)
def test_a_byte_takes_its_bits_on_the_wire(link: SerialLink, bits: int) -> None:
    assert seconds_per_byte(link) == pytest.approx(bits / 9600)
