"""FF 68 call boxes on one RS-485 line: keys that are pressed, answers that are waited for, what their screens show.

The frames are built and taken apart here by the protocol's own description, not by the driver's code. A box takes what
is addressed to it, answers nothing, and says nothing by itself but its keys; a blank digit leaves what is there unless
`blanks_clear`, for nobody has said which of the two a box does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.sim.devices.pty import Port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CALL_NEXT: Final = b"\x0c"
RECALL: Final = b"\x0d"
PAUSE: Final = b"\x12"
ABANDON: Final = b"\x06\x0f"
TRANSFER: Final = b"\x13"
"""What a teller types, as the bytes that go out."""

_HEAD: Final = b"\xff\x68"
_KEYS, _SHOW, _BEEP, _RATED = 0x01, 0x02, 0x03, 0x11
_BLANK: Final = 0x0A
_DIGITS: Final = 3


class Box(Struct):
    """One box: what its screen shows, how often it has beeped, and the frames it has had no answer to."""

    id: str
    address: int
    waiting: str = ""
    ticket: str = ""
    beeps: int = 0
    powered: bool = True
    answered: int = 0
    unanswered: list[bytes] = field(default_factory=list)


class Terminals:
    """The boxes of one line."""

    def __init__(self, addresses: Mapping[str, int], *, blanks_clear: bool = False) -> None:
        self.boxes = {id: Box(id, address) for id, address in addresses.items()}
        self.bad_frames = 0
        self._blanks_clear = blanks_clear
        self._rest = b""

    def press(self, id: str, keys: bytes) -> bytes:
        """The frame of these keys, for which the box waits for an answer."""
        box = self.boxes[id]
        box.unanswered.append(framed(box.address, _KEYS, keys))
        return box.unanswered[-1]

    def rate(self, id: str, value: int) -> bytes:
        """The frame of a customer's rating, and the answer the box waits for."""
        box = self.boxes[id]
        box.unanswered.append(framed(box.address, _KEYS, bytes((value,))))
        return framed(box.address, _RATED, bytes((value,)))

    def receive(self, data: bytes) -> None:
        """Takes what has come, however it is cut."""
        self._rest += data
        while True:
            begin = self._rest.find(_HEAD)
            rest = self._rest[begin:] if begin >= 0 else self._rest[-1:]
            if begin < 0 or len(rest) < len(_HEAD) + 1 or len(rest) < rest[2] + 7:
                self._rest = rest
                return
            frame = rest[: rest[2] + 7]
            sound = frame == framed(frame[5], frame[6], frame[7:-2])
            self.bad_frames += not sound
            self._rest = rest[len(frame) if sound else 1 :]
            if sound:
                self._take(frame)

    def _take(self, frame: bytes) -> None:
        for box in self.boxes.values():
            if not box.powered or box.address != frame[5]:
                continue
            if frame in box.unanswered:
                box.unanswered.remove(frame)
                box.answered += 1
            elif frame[6] == _BEEP:
                box.beeps += 1
            elif frame[6] == _SHOW and len(frame) - 9 == 2 * _DIGITS:
                box.waiting = self._read(frame[7:10], box.waiting)
                box.ticket = self._read(frame[10:13], box.ticket)

    def _read(self, digits: bytes, before: str) -> str:
        if set(digits) == {_BLANK}:
            return "" if self._blanks_clear else before
        return "".join(str(digit) if digit < _BLANK else " " for digit in digits)


def framed(address: int, function: int, data: bytes) -> bytes:
    """FF 68 LEN LEN 68 ADDR FUNC DATA SUM 16."""
    body = bytes((address, function)) + data
    return _HEAD + bytes((len(body), len(body), 0x68)) + body + bytes((sum(body) % 256, 0x16))


def collided(*frames: bytes) -> bytes:
    """What is left of frames that go out in the same instant: where two drive the line, a 0 bit wins."""
    length = max(map(len, frames))
    left = bytearray(b"\xff" * length)
    for frame in frames:
        for at, byte in enumerate(frame):
            left[at] &= byte
    return bytes(left)


class TerminalLine:
    """The boxes at the end of a cable."""

    def __init__(self, path: Path, terminals: Terminals) -> None:
        self.terminals = terminals
        self.port = Port(path, terminals.receive)

    def press(self, id: str, keys: bytes) -> None:
        """A teller presses keys; a box without power says nothing."""
        if self.terminals.boxes[id].powered:
            self.port.write(self.terminals.press(id, keys))

    def rate(self, id: str, value: int) -> None:
        """A customer rates."""
        self.port.write(self.terminals.rate(id, value))

    def press_at_once(self, keys: Mapping[str, bytes]) -> None:
        """Several tellers press in the same instant."""
        self.port.write(collided(*(self.terminals.press(id, typed) for id, typed in keys.items())))

    def disturb(self, noise: bytes) -> None:
        """What no box has said."""
        self.port.write(noise)
