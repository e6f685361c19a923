"""Onbon controllers on one RS-485 line: each takes what is addressed to it, shows it, and answers as the maker says.

A frame that fails its check is met with silence, as on a line where nobody can know whom it was for. The frames are
the driver's own layer (`edge.driver.FrameLayer`), which published captures hold to the maker's document.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from edge import driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edge.driver import FrameLayer

_TAIL: Final = b"\x5a"
_MOST: Final = 4096
"""Bytes without a tail, after which a controller starts afresh."""

_PING: Final = (0xA2, 0x00)
_STATUS: Final = (0xA1, 0x02)
_SET_TIME: Final = (0xA2, 0x03)
_BRIGHTNESS: Final = (0xA3, 0x02)
_SWITCH: Final = (0xA3, 0x00)
_UPDATE_AREAS: Final = (0xA3, 0x06)
_ACK: Final = (0xA0, 0x00)
_NACK: Final = (0xA0, 0x01)
_NO_SUCH_COMMAND: Final = 2
_BUSY: Final = 3
_OUT_OF_MEMORY: Final = 4
_FORCED: Final = "01"
_ON, _OFF = "01", "02"
_LIMITS: Final = {"5k": (512, 8), "6k": (1024, 5)}
"""By generation: bytes of one message, and how many dynamic areas."""
_MUST_REPLY: Final = 1
_TO_ANYBODY: Final = 0xFFFE
_TO_ALL_SILENTLY: Final = 0xFFFF
_EVERY_AREA: Final = 0xFF
_ESCAPES: Final = re.compile(r"\\F[OE]\d{3}|\\C\d")
"""Font and colour, which are inside the text and not seen."""


class Board(Struct):
    """One controller and what it shows: the text of each dynamic area. Without power it neither takes nor answers."""

    id: str
    address: int
    areas: dict[int, str] = field(default_factory=dict)
    powered: bool = True
    frames: int = 0
    lit: bool = True
    brightness: int = 15
    clock_fast: timedelta = timedelta()
    spoken: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What people read on it."""
        if not self.lit:
            return ""
        return " ".join(_ESCAPES.sub("", self.areas[area]).replace(r"\n", "\n") for area in sorted(self.areas))

    def blank(self) -> None:
        """Dynamic areas live in memory."""
        self.areas.clear()


class Boards:
    """The controllers of one bus; `busy` says whether one has no time for the request just now, `now` is their time."""

    def __init__(
        self,
        addresses: Mapping[str, int],
        busy: Callable[[], bool] = lambda: False,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        generation: str = "5k",
    ) -> None:
        self.boards = {id: Board(id, address) for id, address in addresses.items()}
        self.bad_frames = 0
        self._busy, self._now = busy, now
        self._most_bytes, self._most_areas = _LIMITS[generation]
        self._frames = _frame_layer()
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to what `data` completes, in order, however it is cut."""
        *whole, rest = (self._rest + data).split(_TAIL)
        self._rest = rest[-_MOST:]
        for chunk in whole:
            for frame in self._frames.decode([chunk + _TAIL]) if chunk else ():
                yield from self._take(frame, size=len(chunk + _TAIL))

    def _take(self, frame: Mapping[str, Any], size: int) -> Iterator[bytes]:
        if "bad_frame" in frame:
            self.bad_frames += 1
            return
        silent = frame["dst"] == _TO_ALL_SILENTLY or frame["response_or_error"] != _MUST_REPLY
        for board in self.boards.values():
            if board.powered and frame["dst"] in (board.address, _TO_ANYBODY, _TO_ALL_SILENTLY):
                error = _OUT_OF_MEMORY if size > self._most_bytes else self._obey(board, frame)
                if not silent and not error and (frame["cmd_group"], frame["cmd"]) == _STATUS:
                    yield self._status(board, frame)
                elif not silent:
                    yield self._answer(frame, error)

    def _obey(self, board: Board, frame: Mapping[str, Any]) -> int:
        """Does as the frame says; the error that the answer carries, 0 for none."""
        board.frames += 1
        command, data = (frame["cmd_group"], frame["cmd"]), frame.get("data_hex", "")
        if self._busy():
            return _BUSY
        if command in (_PING, _STATUS):
            return 0
        if command == _BRIGHTNESS and data[:2] == _FORCED:
            board.brightness = int(data[2:4], 16)
            return 0
        if command == _SWITCH and data in (_ON, _OFF):
            board.lit = data == _ON
            return 0
        if command == _SET_TIME:
            board.clock_fast = _told_time(data) - self._now().replace(tzinfo=None)
            return 0
        if command == _UPDATE_AREAS and "areas" in frame:
            return self._update(board, frame)
        return _NO_SUCH_COMMAND

    def _update(self, board: Board, frame: Mapping[str, Any]) -> int:
        if any(area["area_id"] >= self._most_areas for area in frame["areas"]):
            return _OUT_OF_MEMORY
        gone = board.areas if frame.get("delete_count") == _EVERY_AREA else frame.get("delete_ids", ())
        for area in tuple(gone):
            board.areas.pop(area, None)
        for area in frame["areas"]:
            board.areas[area["area_id"]] = area.get("text", "")
            if area.get("sound_hex"):
                board.spoken.append(bytes.fromhex(area["sound_hex"]).decode("gbk"))
        return 0

    def _status(self, board: Board, frame: Mapping[str, Any]) -> bytes:
        """The status as the maker's document lays it out; the programs it speaks of are none."""
        at = self._now() + board.clock_fast
        clock = f"{at:%y}{at:%Y}"[:4] + f"{at:%m%d}0{at.isoweekday()}{at:%H%M%S}"
        areas = bytes((len(board.areas), *sorted(board.areas))).hex()
        data = f"{_ON if board.lit else _OFF}{board.brightness:02x}{clock}{bytes(7).hex()}{areas}{bytes(28).hex()}"
        heads = {"dst": frame["src"], "src": frame["dst"], "cmd_group": _STATUS[0], "cmd": _STATUS[1]}
        return self._frames.encode({**heads, "response_or_error": 0, "data_hex": data})

    def _answer(self, frame: Mapping[str, Any], error: int) -> bytes:
        group, cmd = _NACK if error else _ACK
        heads = {"dst": frame["src"], "src": frame["dst"], "cmd_group": group, "cmd": cmd}
        return self._frames.encode({**heads, "response_or_error": error})


def _frame_layer() -> FrameLayer:
    layer: FrameLayer = vars(driver.load("led_onbon_bx"))["FRAMES"]
    return layer


def _told_time(data: str) -> datetime:
    """What the two digits of each byte say: year (the low ones first), month, day, hour, minute, second, weekday."""
    year, month, day, hour, minute, second = (data[2:4] + data[:2], *(data[at : at + 2] for at in range(4, 14, 2)))
    return datetime(*map(int, (year, month, day, hour, minute, second)))  # type: ignore[arg-type]  # noqa: DTZ001
