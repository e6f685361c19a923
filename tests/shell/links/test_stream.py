import asyncio
import os
import socket
from collections.abc import Iterator

import pytest

from edge.shell.links.stream import CHUNK, LinkLost, Pipe


@pytest.fixture
def ends() -> Iterator[tuple[Pipe, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Pipe(ours.fileno(), "there"), theirs


async def test_bytes_go_both_ways(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, far = ends

    far.send(b"ping")
    assert await pipe.read() == b"ping"
    assert pipe.send(b"pong") == b""
    assert far.recv(99) == b"pong"


async def test_a_reader_waits_for_bytes(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, far = ends
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(pipe.read())
        await asyncio.sleep(0)
        far.send(b"late")
    assert reading.result() == b"late"


async def test_a_hangup_is_the_links_end(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, far = ends

    far.send(b"last words")
    far.close()

    assert await pipe.read() == b"last words"
    with pytest.raises(LinkLost, match=r"^there: hung up"):
        await pipe.read()
    with pytest.raises(LinkLost, match=r"^there: hung up"):
        pipe.send(b"hello?")


async def test_more_than_the_kernel_takes_waits_for_the_reader(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, far = ends
    much = os.urandom(3_000_000)
    got = bytearray()

    rest = pipe.send(much)
    assert rest, "more than fits"

    def more() -> None:
        nonlocal rest
        rest = pipe.send(rest)
        pipe.when_room(more if rest else None)

    pipe.when_room(more)
    far.setblocking(False)
    while len(got) < len(much):
        got += await asyncio.get_running_loop().sock_recv(far, 1 << 16)

    assert got == much
    assert not asyncio.get_running_loop().remove_writer(pipe._fd)


async def test_bytes_without_end_starve_nobody(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, far = ends
    far.send(bytes(10 * CHUNK))
    turns = 0

    def another() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(another)

    another()
    seen = [(len(await pipe.read()), turns) for _ in range(5)]

    assert [size for size, _ in seen] == [CHUNK] * 5
    assert len({at for _, at in seen}) == 5


async def test_who_no_longer_reads_watches_nothing(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, _ = ends
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(pipe.read())
        await asyncio.sleep(0)
        reading.cancel()

    assert not asyncio.get_running_loop().remove_reader(pipe._fd)


async def test_whoever_wants_no_more_leaves_the_rest_with_the_kernel(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, far = ends
    far.send(bytes(3 * CHUNK))
    taken: list[int] = []

    def take(data: bytes) -> bool:
        taken.append(len(data))
        return len(taken) < 2

    await pipe.pass_on(take)
    for _ in range(5):
        await asyncio.sleep(0)

    assert taken == [CHUNK, CHUNK]
    assert not asyncio.get_running_loop().remove_reader(pipe._fd)  # nobody reads, so nobody is told
    assert len(await pipe.read()) == CHUNK


async def test_a_fault_of_whoever_takes_rises_where_it_waits(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, far = ends
    far.send(b"!")

    def take(data: bytes) -> bool:
        raise RuntimeError(data)

    with pytest.raises(RuntimeError, match="!"):
        await pipe.pass_on(take)


async def test_between_two_pieces_the_loop_goes_on_asking_until_it_is_released(
    ends: tuple[Pipe, socket.socket],
) -> None:
    pipe, far = ends
    far.send(b"one")
    await pipe.read()

    assert pipe._watched
    pipe.release()
    pipe.release()
    assert not asyncio.get_running_loop().remove_reader(pipe._fd)
    far.send(b"two")
    assert await pipe.read() == b"two"


async def test_what_the_kernel_does_not_take_at_once_is_given_back(ends: tuple[Pipe, socket.socket]) -> None:
    pipe, _ = ends
    much = bytes(3_000_000)

    rest = pipe.send(much)

    assert 0 < len(rest) < len(much)
    assert pipe.send(rest) == rest
