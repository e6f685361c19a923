r"""Alpha and BetaBrite LED signs: a page becomes the priority text, which a sign shows over everything it has stored.

That text (label 0, 125 bytes) is always there, so the sign's memory is never configured, which would erase it, and
nothing but "write text 0" is ever sent. Signs have ASCII and no Chinese: pages are shown in English.

Unverified, for want of a sign: which of the speed codes a model heeds, and the acknowledgement of models that have one
(one library describes it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import field_validator

from drivers._alpha_frames import BROADCAST, Acknowledgement, Command, Frame, FrameReader, encode
from drivers._alpha_json import Frames
from drivers._boards import Looks, cut, to_show, words_of, write
from drivers._framing import bad
from edge.driver import BadFrame, CannotEncode, Device, Driver, Received, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers._alpha_frames import Found
    from edge.core.instant import Instant
    from edge.core.outputs import Output
    from edge.driver import FrameLayer, Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})
FRAMES: Final[FrameLayer] = Frames()
ADDRESSES: Final = range(0xFF + 1)

_EVERYBODY: Final = 0
_THINKING_S: Final = 2.0
_BITS_PER_BYTE: Final = 10
_SLOWEST_BITS_PER_S: Final = 1200
_SETTLES_S: Final = 1.0
"""A sign blanks for a moment when its text changes; a second later it is surely listening again."""

_MOST_TEXT: Final = 125
_WRITE_PRIORITY_TEXT: Final = b"A0\x1b"
_FILL: Final = b"\x30"
_MODES: Final = {"static": b"b", "quick": b"b", "left": b"a", "right": b"h", "up": b"e", "down": b"f"}
"""Hold, which shows a text longer than the sign page after page; rotate; and the rolls, the nearest to the others."""

_COLOURS: Final = {"red": b"\x1c1", "green": b"\x1c2", "yellow": b"\x1c8"}
_SPEEDS: Final = (b"\x19", b"\x18", b"\x17", b"\x16", b"\x15")
_SPEED_STEP: Final = 5  # 0 to 24 of the settings are five speeds of the sign, its fifth being the fastest

_STATUS: Final = {
    0x20: "illegal command",
    0x10: "checksum",
    0x08: "buffer overflow",
    0x04: "timeout",
    0x02: "framing",
    0x01: "parity",
}


class Settings(Looks, extra="forbid", frozen=True):
    """The looks, under the names that every board has; `acknowledges` where the sign has been told to.

    A sign knows its own size, font, alignment and pace, so `width`, `height`, `font`, `align` and `stay_s` say nothing
    to it.
    """

    lang: Literal["en"] = "en"
    acknowledges: bool = False

    @field_validator("colour")
    @classmethod
    def _has_it(cls, colour: str) -> str:
        if colour not in _COLOURS:
            raise ValueError(f"colour is {colour}; accepted for a sign of three colours: {', '.join(_COLOURS)}")
        return colour


class AlphaSigns(Driver):
    """The signs on one link, told apart by address, 1 to 255; one without takes what is said to everybody."""

    def __init__(self, boards: Sequence[Device]) -> None:
        self._boards = {board.id: board for board in boards}
        self._reader = FrameReader()
        self._last = _address(boards[0])

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """Acknowledgements as `Reply` of the sign last spoken to, for they name nobody; whatever else comes is bad."""
        return [self._received(one) for one in self._reader.feed(data)]

    def encode(self, command: Output) -> Request:
        """The page as the sign's priority text; an empty page is an empty one, which holds the sign blank."""
        board, show = to_show(command, self._boards)
        self._last = address = _address(board)
        if address not in ADDRESSES:
            raise CannotEncode(f"{board.id}: address is {address}; accepted: 1 to {ADDRESSES[-1]}, or 0 for every sign")
        settings: Settings = board.settings
        looks = _SPEEDS[settings.speed // _SPEED_STEP] + _COLOURS[settings.colour]
        written = write(words_of(show, settings.lang), _letter)
        written = cut(written, _MOST_TEXT - len(looks))
        text = looks + written.data if written.letters else b""
        frame = Frame(
            commands=(Command(_WRITE_PRIORITY_TEXT + _FILL + _MODES[settings.motion] + text),),
            address=b"%02X" % address if address else BROADCAST,
        )
        data = encode(frame)
        return Request(
            address=address,
            data=data,
            expects=settings.acknowledges,
            deadline_s=_THINKING_S + len(data) * _BITS_PER_BYTE / _SLOWEST_BITS_PER_S,
            refresh_s=_SETTLES_S,
            flaw=written.flaw,
        )

    def _received(self, one: Found) -> Received:
        match one:
            case BadFrame():
                return one
            case Acknowledgement():
                faults = ", ".join(word for bit, word in _STATUS.items() if one.status & bit)
                return Reply(self._last, ok=one.taken, detail="" if one.taken else faults or "not taken")
            case Frame():
                return bad("a frame, ours or that of a sign that was asked nothing")


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the signs that share one link."""
    return AlphaSigns(devices)


def _address(board: Device) -> int:
    return _EVERYBODY if board.address is None else board.address


def _letter(mark: str) -> bytes | None:
    """One character of a sign: printable ASCII, of which 7E is half a space there; a line break is a new line."""
    if mark == "\n":
        return b"\r"
    if mark < " " or mark == "\x7f":
        return b""
    return mark.encode("ascii") if mark.isascii() and mark != "~" else None
