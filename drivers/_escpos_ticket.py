"""A ticket as the bytes that print it: the few ESC/POS commands that every ticket printer has.

Sources: Epson's ESC/POS command reference, and the manuals of Chinese ticket printers, which print GBK once FS & has
switched to Chinese characters. python-escpos writes the same bytes (the tests compare them); it is not used here,
because with what it needs (Pillow, qrcode, python-barcode, PyYAML …) it weighs many times the daemon's own code.

No byte of a text is a control character, so that none can be taken for a command that printers obey at once (10 04 …).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from drivers._boards import joined, write
from edge.core import instant
from edge.core.wording import Text

if TYPE_CHECKING:
    from datetime import tzinfo

    from edge.core.outputs import PrintTicket

Cut: TypeAlias = Literal["partial", "full", "none"]
Languages: TypeAlias = Literal["zh", "en", "both"]

COLUMNS: Final = {58: 32, 80: 48}
"""Half-width characters of a line, by the width of the paper in millimetres: 12 dots each, 8 dots a millimetre."""

_INITIALIZE: Final = b"\x1b@"
_CENTRED: Final = b"\x1ba\x01"
_CHINESE: Final = b"\x1c&"
_LINE_FEED: Final = b"\n"
_CUTS: Final[dict[Cut, bytes]] = {"partial": b"\x1dVB\x00", "full": b"\x1dVA\x00", "none": b"\x1bd\x05"}
"""GS V 66 0 and GS V 65 0, which feed to the knife first; without a knife, as much paper as there is above the edge."""

_LARGEST: Final = 6
_QR_MODEL_2: Final = b"1A2\x00"
_QR_LEVEL_M: Final = b"1E1"
_QR_SIZE: Final = b"1C"
_QR_STORE: Final = b"1P0"
_QR_PRINT: Final = b"1Q0"
QR_MOST: Final = 1000
"""Bytes; far more than can be read from a ticket, and less than would put 10 04 into the length of the command."""

_AHEAD: Final = Text("前面有{n}人等候", "{n} waiting before you")
_WAIT: Final = Text("预计等候约{low}至{high}分钟", "Wait about {low} to {high} min")


class Paper(Struct, frozen=True, kw_only=True):
    """What a printer's tickets look like: the paper's width in mm, its cut, the languages, the dots of a QR module."""

    width_mm: int = 80
    cut: Cut = "partial"
    lang: Languages = "zh"
    qr_dots: int = 6
    notice: str = ""


class Ticket(Struct, frozen=True):
    """The bytes that print a ticket; `flaw` says what of it people will not read, empty where they read it all."""

    data: bytes
    flaw: str


def ticket(command: PrintTicket, paper: Paper, zone: tzinfo) -> Ticket:
    """Branch, number, class, people ahead, wait where it may be told, QR code, time; cut at the end."""
    shape = _Shape(COLUMNS[paper.width_mm])
    for words in _in(paper.lang, command.branch):
        shape.line(words)
    shape.line("")
    shape.line(command.ticket, most=_LARGEST)
    for words in _in(paper.lang, command.service):
        shape.line(words, most=2)
    for words in _told(command, paper.lang):
        shape.line(words)
    if command.qr:
        shape.qr(command.qr, paper.qr_dots)
    shape.line(f"{instant.local(command.at, zone):%Y-%m-%d %H:%M}")
    if paper.notice:
        shape.line(paper.notice)
    return Ticket(b"".join((_INITIALIZE, _CHINESE, _CENTRED, *shape.parts, _CUTS[paper.cut])), shape.flaw)


class _Shape:
    """The lines of a ticket as they come, each as large as it fits."""

    def __init__(self, columns: int) -> None:
        self.parts: list[bytes] = []
        self.flaw = ""
        self._columns, self._size = columns, 1

    def line(self, words: str, *, most: int = 1) -> None:
        written = write(words, _letter, where="in the printer")
        size = max(1, min(most, self._columns // max(len(written.data), 1)))
        if size != self._size:
            self._size = size
            self.parts.append(b"\x1d!" + bytes(((size - 1) * 0x11,)))
        self.parts.append(written.data + _LINE_FEED)
        if written.flaw not in self.flaw:
            self.flaw = joined(self.flaw, written.flaw)

    def qr(self, content: str, dots: int) -> None:
        data = content.encode()
        if len(data) > QR_MOST or not data.isascii() or not content.isprintable():
            self.flaw = joined(
                self.flaw, "the QR code is left out: its text is too long, or has other than ASCII letters"
            )
            return
        size = _QR_SIZE + bytes((dots,))
        for function in (_QR_MODEL_2, size, _QR_LEVEL_M, _QR_STORE + data, _QR_PRINT):
            self.parts.append(b"\x1d(k" + len(function).to_bytes(2, "little") + function)


def _in(lang: Languages, text: Text) -> tuple[str, ...]:
    both = (text.zh, text.en) if text.zh != text.en else (text.zh,)
    return {"zh": (text.zh,), "en": (text.en,), "both": both}[lang]


def _told(command: PrintTicket, lang: Languages) -> list[str]:
    said: list[Text] = []
    if command.ahead is not None:
        said.append(_AHEAD.fill({"n": command.ahead}))
    if command.wait.low_min is not None:
        said.append(_WAIT.fill({"low": command.wait.low_min, "high": command.wait.high_min}))
    return [words for text in said for words in _in(lang, text)]


def _letter(mark: str) -> bytes | None:
    """One character of GBK; what is no character but a command is left out."""
    if mark < " " or mark == "\x7f":
        return b""
    try:
        return mark.encode("gbk")
    except UnicodeEncodeError:
        return None
