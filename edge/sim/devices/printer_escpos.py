"""A ticket printer: prints what it is sent as ESC/POS says, runs out of paper, and tells how it is.

The bytes are read and written here from the makers' manuals anew, so that the driver is not its own witness. A question
of DLE EOT is answered the moment it comes, whatever else is going on; everything else waits its turn in a buffer, and
while the printer is offline (cover open, paper out, a fault) nothing of it is printed, and nothing of it is lost.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from edge.sim.devices.escpos import KNOWN, length
from edge.sim.devices.pty import Port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_HOST: Final = "127.0.0.1"
_LINE_MM: Final = 4
_CUT_MM: Final = 15
_MOST_HELD: Final = 4096
"""The receive buffer; what is sent beyond it is lost."""

_REAL_TIME: Final = b"\x10\x04"
_LINE_FEED: Final = 0x0A
_NO_TEXT: Final = 0x20


class Slip(Struct, frozen=True):
    """What came out between two cuts: its lines, how many times enlarged each is, and the texts of its QR codes."""

    lines: tuple[str, ...]
    sizes: tuple[int, ...]
    codes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What people read on it."""
        return "\n".join(self.lines)


class Printer(Struct, kw_only=True):
    """A printer and what is wrong with it; `paper_mm` is what is left on the roll, `low_mm` where the sensor looks.

    `tells` is what GS a has told it to tell of by itself, `asked` counts the questions of DLE EOT, `unknown` holds the
    commands that it does not know.
    """

    paper_mm: float = 50_000
    low_mm: float = 3_000
    cover_open: bool = False
    cutter_jammed: bool = False
    broken: bool = False
    hot: bool = False
    powered: bool = True
    knows_dle_eot: bool = True
    knows_automatic: bool = True
    asked: int = 0
    unknown: list[bytes] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    _held: bytes = b""
    _real_time: bytes = b""
    tells: int = 0
    _told: bytes = b""
    _line: bytes = b""
    _size: int = 1
    _lines: list[tuple[str, int]] = field(default_factory=list)
    _code: bytes = b""
    _codes: list[str] = field(default_factory=list)

    @property
    def offline(self) -> bool:
        """Whether it prints nothing now."""
        return self.cover_open or self.cutter_jammed or self.broken or self.hot or self.paper_mm <= 0

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to what `data` completes, in order, however it is cut; it prints what it can."""
        if not self.powered:
            return
        for byte in data:
            yield from self._take(byte)
        yield from self.proceed()

    def proceed(self) -> Iterator[bytes]:
        """What it says when something about it has changed, and then of the commands that waited for that."""
        yield from self._tell_change()
        while self.powered and not self.offline and (size := length(self._held)):
            command, self._held = self._held[:size], self._held[size:]
            yield from self._obey(command)
            yield from self._tell_change()

    def switch_off(self) -> None:
        """Without power what it held is gone, and so is what it was told to tell."""
        self.powered = False
        self._held = self._real_time = self._line = b""
        self.tells, self._size = 0, 1
        self._lines.clear()

    def switch_on(self) -> None:
        """It is there again."""
        self.powered = True

    # ---- what comes in ----

    def _take(self, byte: int) -> Iterator[bytes]:
        """One byte: the third of a question in real time is answered and goes no further."""
        begun = self._real_time + bytes((byte,))
        if _REAL_TIME.startswith(begun):
            self._real_time = begun
            return
        self._real_time = b""
        if begun[:-1] == _REAL_TIME:
            self.asked += 1
            if self.knows_dle_eot:
                yield from self._answer(byte)
            return
        self._held = (self._held + begun[:-1])[:_MOST_HELD]
        if bytes((byte,)) == _REAL_TIME[:1]:
            self._real_time = _REAL_TIME[:1]
        else:
            self._held = (self._held + begun[-1:])[:_MOST_HELD]

    def _answer(self, number: int) -> Iterator[bytes]:
        low, out = self.paper_mm <= self.low_mm, self.paper_mm <= 0
        fault = self.cutter_jammed or self.broken or self.hot
        bits = {
            1: (False, self.offline, False, False),
            2: (self.cover_open, False, out, fault),
            3: (False, self.cutter_jammed, self.broken, self.hot),
            4: (low, low, out, out),
        }.get(number)
        if bits is not None:
            yield bytes((0x12 | sum(bit << place for bit, place in zip(bits, (2, 3, 5, 6), strict=True)),))

    # ---- what it does ----

    def _obey(self, command: bytes) -> Iterator[bytes]:
        match command[:2], command[2:]:
            case (b"\x1b@", _):
                self.tells, self._line, self._size = 0, b"", 1
            case (b"\x1b!", style):
                self._size = 2 if style[0] & 0x30 else 1
            case (b"\x1d!", size):
                self._size = 1 + (size[0] & 0x07)
            case (b"\x1bd", lines):
                self._feed(_LINE_MM * lines[0])
            case (b"\x1dV", _):
                self._cut()
            case (b"\x1d(", code):
                self._two_dimensional(code)
            case (b"\x1da", tells) if self.knows_automatic:
                self.tells, self._told = tells[0], b""
            case (b"\x1dr", what) if what in (b"\x01", b"1"):
                yield bytes((0x03 * (self.paper_mm <= self.low_mm) | 0x0C * (self.paper_mm <= 0),))
            case _ if command[0] == _LINE_FEED:
                self._end_line()
            case _ if command[0] >= _NO_TEXT:
                self._line += command
            case (name, _) if name not in KNOWN:
                self.unknown.append(command)

    def _end_line(self) -> None:
        self._lines.append((self._line.decode("gbk", "replace"), self._size))
        self._feed(_LINE_MM * self._size)
        self._line = b""

    def _feed(self, length_mm: float) -> None:
        self.paper_mm = max(0.0, self.paper_mm - length_mm)

    def _cut(self) -> None:
        if self._line:
            self._end_line()
        self._feed(_CUT_MM)
        lines, codes = tuple(self._lines), tuple(self._codes)
        self.slips.append(Slip(tuple(text for text, _ in lines), tuple(size for _, size in lines), codes))
        self._lines.clear()
        self._codes.clear()

    def _two_dimensional(self, code: bytes) -> None:
        """GS ( k: of the functions for QR codes, 80 keeps the text and 81 prints it."""
        function = code[3:5]
        if function == b"1P":
            self._code = code[6:]
        elif function == b"1Q":
            self._codes.append(self._code.decode("utf-8", "replace"))
            self._feed(5 * _LINE_MM)

    # ---- what it tells by itself ----

    def _tell_change(self) -> Iterator[bytes]:
        group = self._automatic()
        if self.powered and self.tells and group != self._told:
            self._told = group
            yield group

    def _automatic(self) -> bytes:
        faults = 0x08 * self.cutter_jammed | 0x20 * self.broken | 0x40 * self.hot
        paper = 0x03 * (self.paper_mm <= self.low_mm) | 0x0C * (self.paper_mm <= 0)
        return bytes((0x10 | 0x08 * self.offline | 0x20 * self.cover_open, faults, paper, 0))


class PrinterLine:
    """The printer at the end of a cable."""

    def __init__(self, path: Path, printer: Printer) -> None:
        self.printer = printer
        self.port = Port(path, self._received)

    def become(self, **state: Any) -> None:
        """Something about the printer changes; it may say so."""
        _become(self.printer, state)
        self._received(b"")

    def _received(self, data: bytes) -> None:
        for answer in self.printer.receive(data):
            self.port.write(answer)


class PrinterPort:
    """The printer in a network, on a TCP port as 9100 is; one caller at a time is heard."""

    def __init__(self, printer: Printer, number: int = 0) -> None:
        self.printer = printer
        self.number = number
        self._server: asyncio.Server | None = None
        self._caller: asyncio.StreamWriter | None = None

    @property
    def plugged(self) -> bool:
        """Whether it takes callers."""
        return self._server is not None

    async def plug(self) -> None:
        """Takes callers from now on, on the port `number`, any while that is 0: the same again once it has had one."""
        if self.plugged:
            return
        listening = socket.create_server((_HOST, self.number))  # at once, so that nobody who comes is refused
        self.number = listening.getsockname()[1]
        self._server = await asyncio.start_server(self._called, sock=listening)

    async def unplug(self) -> None:
        """Hangs up and takes no more."""
        if self._server is not None:
            self._server.close()
        if self._caller is not None:
            self._caller.transport.abort()
        self._server = None

    def become(self, **state: Any) -> None:
        """Something about the printer changes; it may say so."""
        _become(self.printer, state)
        self._say(b"")

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._caller = writer
        with suppress(ConnectionError):
            while data := await reader.read(_MOST_HELD):
                self._say(data)
        writer.close()

    def _say(self, data: bytes) -> None:
        for answer in self.printer.receive(data):
            if self._caller is not None:
                self._caller.write(answer)


def _become(printer: Printer, state: Mapping[str, Any]) -> None:
    for name, value in state.items():
        setattr(printer, name, value)
