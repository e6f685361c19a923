"""Onbon controllers on one RS-485 line: each takes what is addressed to it, shows it, and answers as the maker says.

A frame that fails its check is met with silence, as on a line where nobody can know whom it was for. The frames are
the driver's own layer (`edge.driver.FrameLayer`), which published captures hold to the maker's document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from edge import driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edge.driver import FrameLayer

_TAIL: Final = b"\x5a"
_MOST: Final = 4096
"""Bytes without a tail, after which a controller starts afresh."""

_PING: Final = (0xA2, 0x00)
_UPDATE_AREAS: Final = (0xA3, 0x06)
_ACK: Final = (0xA0, 0x00)
_NACK: Final = (0xA0, 0x01)
_NO_SUCH_COMMAND: Final = 2
_BUSY: Final = 3
_MUST_REPLY: Final = 1
_TO_ANYBODY: Final = 0xFFFE
_TO_ALL_SILENTLY: Final = 0xFFFF
_EVERY_AREA: Final = 0xFF
_ESCAPES: Final = re.compile(r"\\F[OE]\d{3}|\\C\d")
"""Font and colour, which are inside the text and not seen."""


@dataclass(slots=True)
class Board:
    """One controller and what it shows: the text of each dynamic area. Without power it neither takes nor answers."""

    id: str
    address: int
    areas: dict[int, str] = field(default_factory=dict)
    powered: bool = True
    frames: int = 0

    @property
    def text(self) -> str:
        """What people read on it."""
        return " ".join(_ESCAPES.sub("", self.areas[area]).replace(r"\n", "\n") for area in sorted(self.areas))

    def blank(self) -> None:
        """Dynamic areas live in memory."""
        self.areas.clear()


class Boards:
    """The controllers of one bus; `busy` says whether one has no time for the request just now."""

    def __init__(self, addresses: Mapping[str, int], busy: Callable[[], bool] = lambda: False) -> None:
        self.boards = {id: Board(id, address) for id, address in addresses.items()}
        self.bad_frames = 0
        self._busy = busy
        self._frames = _frame_layer()
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to what `data` completes, in order, however it is cut."""
        *whole, rest = (self._rest + data).split(_TAIL)
        self._rest = rest[-_MOST:]
        for chunk in whole:
            for frame in self._frames.decode([chunk + _TAIL]) if chunk else ():
                yield from self._take(frame)

    def _take(self, frame: Mapping[str, Any]) -> Iterator[bytes]:
        if "bad_frame" in frame:
            self.bad_frames += 1
            return
        silent = frame["dst"] == _TO_ALL_SILENTLY or frame["response_or_error"] != _MUST_REPLY
        for board in self.boards.values():
            if board.powered and frame["dst"] in (board.address, _TO_ANYBODY, _TO_ALL_SILENTLY):
                error = self._obey(board, frame)
                if not silent:
                    yield self._answer(frame, error)

    def _obey(self, board: Board, frame: Mapping[str, Any]) -> int:
        """Does as the frame says; the error that the answer carries, 0 for none."""
        board.frames += 1
        command = (frame["cmd_group"], frame["cmd"])
        if self._busy():
            return _BUSY
        if command == _PING:
            return 0
        if command != _UPDATE_AREAS or "areas" not in frame:
            return _NO_SUCH_COMMAND
        gone = board.areas if frame.get("delete_count") == _EVERY_AREA else frame.get("delete_ids", ())
        for area in tuple(gone):
            board.areas.pop(area, None)
        for area in frame["areas"]:
            board.areas[area["area_id"]] = area.get("text", "")
        return 0

    def _answer(self, frame: Mapping[str, Any], error: int) -> bytes:
        group, cmd = _NACK if error else _ACK
        heads = {"dst": frame["src"], "src": frame["dst"], "cmd_group": group, "cmd": cmd}
        return self._frames.encode({**heads, "response_or_error": error})


def _frame_layer() -> FrameLayer:
    layer: FrameLayer = vars(driver.load("led_onbon_bx"))["FRAMES"]
    return layer
