r"""Onbon BX-5K and BX-6K LED cards: a page becomes the text of one dynamic area (maker's protocol document, 1.4).

Of the card's commands four are ever sent (`SENDS`): update dynamic areas, query status and, where the settings ask for
it, brightness and set time. Those that write or erase its flash (write file, delete files, format, reset, and speech
with its store flag) are not in here. The maker allows an area one refresh a second.

Unverified, for want of a card: which Latin font a card takes for ASCII behind `\FO001` and `\FO002`; whether it cuts
or drops a text that is too long for its area; whether the brightness it reports is on the scale of the one it is told;
whether a YY card heeds the tag `[n1]` inside an area's speech, and that 0 repeats there means once; whether a status
names every dynamic area that was written.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Final, Literal

from msgspec import Struct
from msgspec.structs import replace
from pydantic import AfterValidator, BaseModel, Field, model_validator

from drivers._boards import Looks, Written, cut, joined, overflow, to_show, words_of, write
from drivers._framing import bad
from drivers._onbon_areas import IN_PIXELS, SPEAKS_OWN_TEXT, Area, Update, pack
from drivers._onbon_frames import (
    ACK,
    ANY,
    BRIGHTNESS,
    HOSTS,
    NACK,
    SET_TIME,
    STATUS,
    UPDATE_AREAS,
    Frame,
    FrameReader,
    encode,
)
from drivers._onbon_json import Frames
from drivers._onbon_upkeep import Upkeep, read_status, times_of_day
from edge.core.instant import seconds
from edge.driver import BadFrame, Device, Driver, Received, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.instant import Instant
    from edge.core.outputs import Output
    from edge.driver import FrameLayer, Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})
FRAMES: Final[FrameLayer] = Frames()
SENDS: Final = frozenset({UPDATE_AREAS, STATUS, BRIGHTNESS, SET_TIME})
"""All commands a card ever gets from here."""

_FACTORY_ADDRESS: Final = 1
_SLOWEST_BITS_PER_S: Final = 9600
_BITS_PER_BYTE: Final = 10  # 8N1
_THINKING_S: Final = 2.0  # the maker's own timeout on a serial line
_REFRESH_S: Final = 1.0

_FONTS: Final = {("zh", 16): "O000", ("zh", 24): "O001", ("zh", 32): "O002"} | {
    ("en", 16): "E000",
    ("en", 24): "E001",
    ("en", 32): "E002",
}
"""Font files by language and height in dots, as cards are delivered."""

_COLOURS: Final = {"red": "1", "green": "2", "yellow": "3", "blue": "4", "cyan": "5", "magenta": "6", "white": "7"}
_MOTIONS: Final = {"static": 1, "quick": 2, "left": 3, "right": 4, "up": 5, "down": 6}
_ALIGNMENTS: Final = {"left": 0, "right": 1, "centre": 2}
_VERTICALLY_CENTRED: Final = 2 << 2

_ERRORS: Final = {
    0: "no error",
    1: "no such command group",
    2: "no such command",
    3: "busy",
    4: "out of memory",
    5: "checksum",
    6: "no such file",
    7: "flash",
    8: "download",
    9: "file name",
    10: "file type",
    11: "file checksum",
    12: "no such font",
    13: "wrong controller type",
    14: "date or time format",
    15: "file exists",
    16: "file block number",
}


class _Generation(Struct, frozen=True):
    """What a generation of cards holds: bytes of one message and of one area, and how many areas."""

    buffer: int
    areas: int


_GENERATIONS: Final = {"5k": _Generation(512, 8), "6k": _Generation(1024, 5)}


class Voice(BaseModel, extra="forbid", frozen=True):
    """The speech of a YY card: one of its speakers, how loud (0 is mute) and how fast."""

    person: int = Field(ge=0, le=5, default=0)
    volume: int = Field(ge=0, le=10, default=5)
    speed: int = Field(ge=0, le=10, default=5)


class Settings(Looks, extra="forbid", frozen=True):
    """The board's size and looks, and what its card does beside.

    `wrap` lets the card break lines by itself; `brightness` is 0 to 15 by the time of day from which it holds;
    `status_s` is how often the card is asked how it is, 0 for never.
    """

    wrap: bool = False
    area: int = Field(ge=0, default=0)
    generation: Literal["5k", "6k"] = "5k"
    status_s: float = Field(ge=0, le=86400, default=60.0)
    brightness: Annotated[dict[str, int], AfterValidator(times_of_day)] = Field(default_factory=dict)
    set_time: bool = False
    voice: Voice | None = None

    @model_validator(mode="after")
    def _area_exists(self) -> Settings:
        areas = _GENERATIONS[self.generation].areas
        if self.area >= areas:
            raise ValueError(f"area is {self.area}; accepted on {self.generation}: 0 to {areas - 1}")
        return self

    @model_validator(mode="after")
    def _is_asked(self) -> Settings:
        if not self.status_s and (self.brightness or self.set_time):
            raise ValueError("brightness and set_time follow the card's status; give status_s more than 0")
        return self


class OnbonBoards(Driver):
    """The cards on one link, told apart by address; a card without one has the factory's, 1.

    Addresses FFFE (any card, RS-485 with a single board) and 8000 (TCP, where the link names the card) may be
    configured like others.
    """

    def __init__(self, boards: Sequence[Device]) -> None:
        self._boards = {board.id: board for board in boards}
        self._addresses = {_address(board) for board in boards}
        self._reader = FrameReader()
        self._upkeep = {_address(board): _upkeep(board) for board in boards}

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """ACK, NACK and status answers as `Reply`; whatever else comes is bad."""
        return [one if isinstance(one, BadFrame) else self._reply(one, at) for one in self._reader.feed(data)]

    def poll(self, at: Instant) -> list[Request]:
        """Asks each card how it is, and tells it what follows from its last answer: another brightness, the time."""
        return [
            replace(_request(address, encode(frame)), alters=frame.command != STATUS)
            for address, upkeep in self._upkeep.items()
            for frame in upkeep.due(at)
        ]

    def encode(self, command: Output) -> Request:
        """The page as the whole text of the board's area, cut to what the card's buffer takes."""
        board, show = to_show(command, self._boards)
        settings: Settings = board.settings
        words = words_of(show, settings.lang)
        speaks = settings.voice is not None and show.page.level == "call" and show.page.aloud
        spoken = _spoken(words) if speaks else b""
        data, written = _fitting(_address(board), settings, write(words, _gb2312), spoken)
        flaw = joined(written.flaw, overflow(settings, words, wraps=settings.wrap))
        return _request(_address(board), data, refresh_s=_REFRESH_S, flaw=flaw)

    def _reply(self, frame: Frame, at: Instant) -> Received:
        address = self._answering(frame)
        if frame.dst not in HOSTS or address is None:
            return bad(f"a frame from {frame.src:04x} to {frame.dst:04x}: not to us, or from no board of ours")
        error = frame.response_or_error
        word = _ERRORS.get(error, f"error {error}")
        if frame.command == ACK:
            return Reply(address, ok=error == 0, detail="" if error == 0 else word)
        if frame.command == NACK:
            return Reply(address, ok=False, detail=word)
        status = read_status(frame.data) if frame.command == STATUS else None
        if status is not None:
            if error:
                return Reply(address, ok=False, detail=word)
            flaw = self._upkeep[address].heard(status, at)
            lit = "on" if status.lit else "off"
            detail = flaw or f"{lit}, brightness {status.brightness}"
            blank = self._upkeep[address].blank(status)
            return Reply(address, ok=True, detail=detail, flawed=bool(flaw), blank=blank)
        return bad(f"an answer to nothing we ask: {frame.cmd_group:02x} {frame.cmd:02x}", frame.data)

    def _answering(self, frame: Frame) -> int | None:
        """The configured address that this answer is from; a lone board may have, or answer by, one that fits any."""
        if frame.src in self._addresses:
            return frame.src
        if len(self._addresses) != 1:
            return None
        (only,) = self._addresses
        return only if _fits_any(frame.src) or _fits_any(only) else None


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the boards that share one link."""
    return OnbonBoards(devices)


def _fits_any(address: int) -> bool:
    return address == ANY or address in HOSTS


def _address(board: Device) -> int:
    return _FACTORY_ADDRESS if board.address is None else board.address


def _upkeep(board: Device) -> Upkeep:
    settings: Settings = board.settings
    return Upkeep(
        _address(board),
        zone=board.zone,
        ask_every=seconds(settings.status_s),
        brightness=settings.brightness,
        keeps_time=settings.set_time,
        area=settings.area,
    )


def _request(address: int, data: bytes, *, refresh_s: float = 0.0, flaw: str = "") -> Request:
    return Request(
        address=address,
        data=data,
        expects=True,
        deadline_s=_THINKING_S + len(data) * _BITS_PER_BYTE / _SLOWEST_BITS_PER_S,
        refresh_s=refresh_s,
        flaw=flaw,
    )


def _fitting(address: int, settings: Settings, written: Written, spoken: bytes) -> tuple[bytes, Written]:
    """The frame with as much of the words as the card's buffer takes, cut between characters, and those words."""
    most = _GENERATIONS[settings.generation].buffer
    sizes = accumulate(len(letter) for letter in written.letters)
    length = sum(size <= most for size in sizes)
    while len(frame := _update(address, settings, b"".join(written.letters[:length]), spoken)) > most and length:
        length -= 1
    if len(frame) > most:
        return _fitting(address, settings, written, b"")  # rather shown and not spoken than neither
    return frame, cut(written, length)


def _spoken(words: str) -> bytes:
    """What a YY card is to say: numbers digit by digit, as tickets are called."""
    said = "，".join(line for line in words.split("\n") if line)
    return b"[n1]" + b"".join(_gb2312(mark) or b"" for mark in said)


def _update(address: int, settings: Settings, words: bytes, spoken: bytes) -> bytes:
    voice = settings.voice or Voice()
    area = Area(
        w_raw=IN_PIXELS | settings.width,
        h=settings.height,
        area_id=settings.area,
        timeout_s=30,  # only read in run mode 2; what the card shows is ours to take away
        sound_mode=SPEAKS_OWN_TEXT if spoken else 0,
        sound_voice=voice.person,
        sound_volume=voice.volume,
        sound_speed=voice.speed,
        sound=spoken,
        align=_ALIGNMENTS[settings.align] | _VERTICALLY_CENTRED,
        new_line=2 if settings.wrap else 1,
        display_mode=_MOTIONS[settings.motion],
        speed=settings.speed,
        stay_half_s=round(settings.stay_s * 2),
        data=_text(settings, words),
    )
    group, cmd = UPDATE_AREAS
    return encode(Frame(dst=address, cmd_group=group, cmd=cmd, data=pack(Update(areas=(area,)))))


def _text(settings: Settings, words: bytes) -> bytes:
    """Font, colour, then the words; an empty page is a blank, for what an area without text shows is not documented."""
    start = f"\\F{_FONTS[settings.lang, settings.font]}\\C{_COLOURS[settings.colour]}"
    return start.encode("ascii") + (words or b" ")


def _gb2312(mark: str) -> bytes | None:
    """One character for the card's font; None where the font has none.

    The bytes are GBK's, whose names for dash and middle dot are those people type, as far as they are GB2312 too. A
    backslash would begin one of the card's escapes, so the wide one stands for it; a line break is such an escape.
    """
    if mark == "\n":
        return rb"\n"
    if mark < " " or mark == "\x7f":
        return b""
    if mark == "\\":
        mark = "＼"
    try:
        data = mark.encode("gbk")
        data.decode("gb2312")
    except UnicodeError:
        return None
    return data
