"""A serial cable of pseudo-terminals: real bytes, real hang-ups."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.sim.devices.pty import Port
from tests.fakes import PATIENCE_S


@contextmanager
def plugged(path: Path, heard: list[bytes]) -> Iterator[Port]:
    port = Port(path, heard.append)
    port.plug()
    try:
        yield port
    finally:
        port.unplug()


@contextmanager
def opened(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)


async def read(fd: int, size: int) -> bytes:
    """What comes, up to `size` bytes; fewer when the other end hangs up."""
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < size:
        ready = asyncio.Event()
        loop.add_reader(fd, ready.set)
        async with asyncio.timeout(PATIENCE_S):
            await ready.wait()
        loop.remove_reader(fd)
        try:
            chunk = os.read(fd, size - len(data))
        except OSError:
            chunk = b""
        if not chunk:
            break
        data += chunk
    return data


async def until(heard: list[bytes], data: bytes) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while b"".join(heard) != data:
            await asyncio.sleep(0)


async def test_bytes_pass_both_ways_and_are_not_touched(tmp_path: Path) -> None:
    heard: list[bytes] = []
    every = bytes(range(256))
    with plugged(tmp_path / "queue0", heard) as port, opened(port.path) as fd:
        await port.listened()
        assert port.write(every)
        assert await read(fd, 256) == every
        os.write(fd, every)
        await until(heard, every)


async def test_what_is_said_to_nobody_is_lost(tmp_path: Path) -> None:
    with plugged(tmp_path / "queue0", []) as port:
        assert not port.write(b"hello")
    assert not port.write(b"hello")


async def test_unplugging_hangs_up_and_takes_the_node_away(tmp_path: Path) -> None:
    with plugged(tmp_path / "queue0", []) as port, opened(port.path) as fd:
        await port.listened()
        port.unplug()
        assert await read(fd, 1) == b""
        assert not port.path.is_symlink()
        assert not port.plugged


async def test_plugged_in_again_it_is_there_again(tmp_path: Path) -> None:
    with plugged(tmp_path / "queue0", []) as port:
        with opened(port.path) as fd:
            await port.listened()
            port.unplug()
            assert await read(fd, 1) == b""
        port.plug()
        with opened(port.path) as fd:
            await port.listened()
            assert port.write(b"again")
            assert await read(fd, 5) == b"again"


async def test_a_port_that_was_closed_can_be_opened_again(tmp_path: Path) -> None:
    heard: list[bytes] = []
    with plugged(tmp_path / "queue0", heard) as port:
        for word in (b"one", b"two"):
            with opened(port.path) as fd:
                await port.listened()
                os.write(fd, word)
                await until(heard, word)
            heard.clear()
            async with asyncio.timeout(PATIENCE_S):
                while port.taken:
                    await asyncio.sleep(0)  # the kernel tells of the closing in its own time


async def test_plugging_in_what_is_plugged_in_changes_nothing(tmp_path: Path) -> None:
    with plugged(tmp_path / "queue0", []) as port:
        node = port.path.readlink()
        port.plug()
        assert port.path.readlink() == node


@pytest.mark.parametrize("left_over", ["a file", "a link"])
async def test_what_an_earlier_run_left_behind_is_replaced(tmp_path: Path, left_over: str) -> None:
    path = tmp_path / "queue0"
    if left_over == "a file":
        path.write_text("")
    else:
        path.symlink_to("/nowhere")
    with plugged(path, []) as port:
        assert port.path.readlink().parts[:2] == ("/", "dev")
