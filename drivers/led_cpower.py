"""Lumen C-Power LED cards: a page becomes a window as large as the board and a text in it ("external calls", 7B).

Of the card's commands three are ever sent: call 01 (divide the screen into windows), call 12 (pure text) and 76 with
data 01 (is the screen on?). None of them writes flash, which call 07 and the file commands would.

Unverified, for want of a card: what it shows of a text that is wider than its window; whether a call's answer repeats
the call (both are taken); how many bytes of text a card takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers._boards import Looks, Written, cut, joined, overflow, to_show, words_of, write
from drivers._cpower_calls import PURE_TEXT, SPLIT, Call, PureText, Window, pack, pack_text, pack_windows, unpack
from drivers._cpower_frames import (
    ANSWER,
    ANSWER_WANTED,
    EVERY_CARD,
    EXTERNAL_CALLS,
    POWER,
    REQUEST,
    Frame,
    FrameReader,
    encode,
)
from drivers._cpower_json import Frames
from drivers._framing import bad
from edge.core.instant import SECOND
from edge.driver import BadFrame, CannotEncode, Device, Driver, Received, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.instant import Instant
    from edge.core.outputs import Output
    from edge.driver import FrameLayer, Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})
FRAMES: Final[FrameLayer] = Frames()
ADDRESSES: Final = range(1, EVERY_CARD + 1)

_FACTORY_CARD: Final = 1
_SLOWEST_BITS_PER_S: Final = 38400
_BITS_PER_BYTE: Final = 10  # 8N1
_THINKING_S: Final = 1.0
_ASK_EVERY: Final = 60 * SECOND

_MOST_TEXT: Final = 400
"""Bytes of a text: the papers give no limit but 512 bytes at a time for files, and no page comes near it."""

_FONT_SIZES: Final = {16: 2, 24: 3, 32: 4}
_COLOURS: Final = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "yellow": (255, 255, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "white": (255, 255, 255),
}
_EFFECTS: Final = {"static": 0, "quick": 0, "left": 11, "right": 12, "up": 10, "down": 64}
"""Draw, and the scrolls; this maker has no "quick", which appears at once too."""

_ALIGNMENTS: Final = {"left": 0, "centre": 1, "right": 2}
_VERTICALLY_CENTRED: Final = 1 << 2
_SPEED_STEP: Final = 4  # 0 to 24 of the settings are 1 to 97 of the card's 1 to 100

_RESULTS: Final = {1: "checksum", 2: "packets out of order"}
_QUERY: Final = 1
_ON: Final = 1


class Settings(Looks, extra="forbid", frozen=True):
    """The board's size and looks, under the names that every board has."""


class CPowerBoards(Driver):
    """The cards on one link, told apart by the card's number; a card without one has the factory's, 1.

    The number 255 reaches every card; it serves a lone board whose number nobody knows.
    """

    def __init__(self, boards: Sequence[Device]) -> None:
        self._boards = {board.id: board for board in boards}
        self._numbers = {_number(board) for board in boards}
        self._reader = FrameReader()
        self._sent: dict[int, tuple[Frame, ...]] = {}
        self._asked_at: Instant | None = None

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """Answers to pages and to questions as `Reply`; whatever else comes is bad."""
        return [one if isinstance(one, BadFrame) else self._reply(one) for one in self._reader.feed(data)]

    def encode(self, command: Output) -> Request:
        """The page as one window and the text in it: two frames, of which the second is to be answered."""
        board, show = to_show(command, self._boards)
        settings: Settings = board.settings
        words = words_of(show, settings.lang)
        written = _fitting(write(words, _letter))
        window = Window(width=settings.width, height=settings.height)
        split = Call(cc=SPLIT, data=pack_windows((window,)))
        text = Call(cc=PURE_TEXT, data=pack_text(_text(settings, written)))
        frames = (self._call(board, split, flag=0), self._call(board, text, flag=ANSWER_WANTED))
        return self._request(board, frames, joined(written.flaw, overflow(settings, words, wraps=False)))

    def poll(self, at: Instant) -> list[Request]:
        """Asks every board once a minute whether its screen is on."""
        if self._asked_at is None:
            self._asked_at = at
        if at - self._asked_at < _ASK_EVERY:
            return []
        self._asked_at = at
        return [self._request(board, (self._question(board),)) for board in self._boards.values()]

    def _call(self, board: Device, call: Call, *, flag: int) -> Frame:
        return Frame(card_id=_number(board), protocol_code=EXTERNAL_CALLS, flag_or_result=flag, rest=pack(call))

    def _question(self, board: Device) -> Frame:
        return Frame(card_id=_number(board), protocol_code=POWER, rest=bytes((_QUERY,)))

    def _request(self, board: Device, frames: tuple[Frame, ...], flaw: str = "") -> Request:
        number = _number(board)
        if number not in ADDRESSES:
            raise CannotEncode(f"{board.id}: address is {number}; accepted: 1 to {EVERY_CARD - 1}, or {EVERY_CARD}")
        self._sent[number] = frames
        data = b"".join(map(encode, frames))
        return Request(
            address=number,
            data=data,
            expects=True,
            deadline_s=_THINKING_S + len(data) * _BITS_PER_BYTE / _SLOWEST_BITS_PER_S,
            flaw=flaw,
        )

    def _reply(self, frame: Frame) -> Received:
        if frame.packet_type == REQUEST and frame in self._sent.get(frame.card_id, ()):
            return bad("our own request, heard on the bus", frame.rest)
        number = self._answering(frame)
        if number is None:
            return bad(f"an answer of card {frame.card_id}: no board of ours", frame.rest)
        result = frame.flag_or_result
        if frame.protocol_code == EXTERNAL_CALLS and unpack(frame.rest) is not None:
            return Reply(number, ok=result == 0, detail=_RESULTS.get(result, f"error {result}") if result else "")
        if frame.protocol_code == POWER and len(frame.rest) >= len(("query", "on or off")) and frame.rest[0] == _QUERY:
            lit = frame.rest[1] == _ON
            return Reply(number, ok=True, detail="on" if lit else "the screen is switched off", flawed=not lit)
        return bad(f"an answer to nothing we ask: {frame.protocol_code:02x}", frame.rest)

    def _answering(self, frame: Frame) -> int | None:
        """The configured number that this answer is from; a lone card addressed as 255 may answer by its own."""
        if frame.packet_type not in {REQUEST, ANSWER}:
            return None
        if frame.card_id in self._numbers:
            return frame.card_id
        return EVERY_CARD if self._numbers == {EVERY_CARD} else None


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the boards that share one link."""
    return CPowerBoards(devices)


def _number(board: Device) -> int:
    return _FACTORY_CARD if board.address is None else board.address


def _fitting(written: Written) -> Written:
    """As much of the words as `_MOST_TEXT` bytes hold, cut between characters."""
    size = length = 0
    for letter in written.letters:
        size += len(letter)
        if size > _MOST_TEXT:
            break
        length += 1
    return cut(written, length)


def _text(settings: Settings, written: Written) -> PureText:
    red, green, blue = _COLOURS[settings.colour]
    return PureText(
        effect=_EFFECTS[settings.motion],
        align=_ALIGNMENTS[settings.align] | _VERTICALLY_CENTRED,
        speed=1 + settings.speed * _SPEED_STEP,
        stay_s=round(settings.stay_s),
        font=_FONT_SIZES[settings.font],
        red=red,
        green=green,
        blue=blue,
        text=written.data or b" ",  # what a window shows of no text at all is not documented
    )


def _letter(mark: str) -> bytes | None:
    """One character for the card's font, GBK; a line break is the carriage return of the maker's example."""
    if mark == "\n":
        return b"\r"
    if mark < " " or mark == "\x7f":
        return b""
    try:
        return mark.encode("gbk")
    except UnicodeEncodeError:
        return None
