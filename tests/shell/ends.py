"""The other ends of links: devices behind a real pseudo-terminal or a real socket, which keep and answer lines."""

import asyncio
import os
import tty
from collections.abc import Callable
from pathlib import Path

from tests.fakes import PATIENCE_S

Answer = Callable[[str], str | None]


def done(line: str) -> str:
    """Every page and question is answered: done."""
    return f"A{line[1:].partition(' ')[0]}"


def mute(line: str) -> None:
    """Nothing is ever answered."""


class Lines:
    """The lines that have come, and a bounded wait for more."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.heard: list[str] = []
        self._rest = b""
        self._news = asyncio.Event()

    def take(self, data: bytes) -> bytes:
        """Keeps what `data` completes; the bytes to answer with."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        answers = []
        for line in (line.decode("latin-1") for line in lines):
            self.heard.append(line)
            answers.append(self.answer(line))
        self._news.set()
        return b"".join(f"{answer}\n".encode() for answer in answers if answer is not None)

    async def until(self, true: Callable[[list[str]], bool]) -> None:
        """Returns once what was heard satisfies `true`; AssertionError with what was heard if it takes too long."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true(self.heard):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; what was heard: {self.heard}") from None


class Port(Lines):
    """A serial device: a pseudo-terminal behind a device node that comes and goes with the plug."""

    def __init__(self, node: Path, answer: Answer = done) -> None:
        super().__init__(answer)
        self.node = node
        self._ours = self._theirs = -1

    def plug(self) -> None:
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        asyncio.get_running_loop().add_reader(self._ours, self._readable)
        self.node.symlink_to(os.ttyname(self._theirs))

    def unplug(self) -> None:
        """The node goes, and whoever has it open is hung up."""
        if self._ours < 0:
            return
        asyncio.get_running_loop().remove_reader(self._ours)
        self.node.unlink()
        os.close(self._theirs)
        os.close(self._ours)
        self._ours = -1

    def say(self, data: bytes) -> None:
        os.write(self._ours, data)

    def _readable(self) -> None:
        answer = self.take(os.read(self._ours, 65536))
        if answer:
            self.say(answer)


class Peer(Lines):
    """A TCP device: listens on a port of the loopback; one connection at a time."""

    def __init__(self, port: int, answer: Answer = done) -> None:
        super().__init__(answer)
        self.port = port
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def plug(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def unplug(self) -> None:
        """Listens no more, and resets who is connected."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    def say(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        while data := await reader.read(65536):
            writer.write(self.take(data))
        writer.close()
