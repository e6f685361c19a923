"""Alpha signs on one line: each takes what is addressed to it and shows its priority text, else its text A.

The bytes are read here from the protocol anew, so that the driver is not its own witness.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FRAME: Final = re.compile(rb"\x01([^\x00-\x04])([^\x00-\x04]{2})((?:\x02[^\x00\x01\x04]*)+)\x04")
_COMMAND: Final = re.compile(rb"\x02([^\x02\x03]*)(\x03([0-9A-F]{4})?)?")
_TEXT: Final = re.compile(rb"A(.)(?:\x1b(.)(n?.)(.*))?", re.DOTALL)
_CONTROLS: Final = re.compile(rb"\x1c.|\x1a.|[\x15-\x19]")
"""Colour, character set and speed, which are inside the text and not seen."""
_SET_ACKNOWLEDGING: Final = re.compile(rb"Es([01])")
_PRIORITY, _DEFAULT = b"0", b"A"
_MOST_PRIORITY: Final = 125
_MOST: Final = 8192
_WELL, _ILLEGAL, _CHECKSUM = 0x40, 0x60, 0x50
_ALL_TYPES: Final = b"Z"


class Sign(Struct):
    """One sign: its texts by label, and the status of the last frame it took."""

    id: str
    address: int
    texts: dict[bytes, bytes] = field(default_factory=dict)
    acknowledges: bool = False
    powered: bool = True
    frames: int = 0

    @property
    def text(self) -> str:
        """What people read on it."""
        shown = self.texts.get(_PRIORITY, self.texts.get(_DEFAULT, b""))
        return _CONTROLS.sub(b"", shown).replace(b"\r", b"\n").decode("ascii", "replace")

    def blank(self) -> None:
        """A sign's memory outlives minutes without power, not days; here it never does."""
        self.texts.clear()


class Signs:
    """The signs of one line."""

    def __init__(self, addresses: Mapping[str, int], *, acknowledge: bool = False) -> None:
        self.boards = {id: Sign(id, address, acknowledges=acknowledge) for id, address in addresses.items()}
        self.bad_frames = 0
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to what `data` completes, in order, however it is cut."""
        *whole, rest = (self._rest + data).split(b"\x04")
        self._rest = rest[-_MOST:]
        for one in whole:
            found = _FRAME.search(one[one.rfind(b"\x01") :] + b"\x04") if b"\x01" in one else None
            if found is None:
                self.bad_frames += 1
            else:
                yield from self._take(*found.groups())

    def _take(self, kind: bytes, address: bytes, commands: bytes) -> Iterator[bytes]:
        for sign in self.boards.values():
            if sign.powered and kind == _ALL_TYPES and _is_for(address, sign.address):
                sign.frames += 1
                statuses = [self._obey(sign, *found.groups()) for found in _COMMAND.finditer(commands)]
                status = next((status for status in statuses if status != _WELL), _WELL)
                self.bad_frames += status == _CHECKSUM
                if sign.acknowledges:
                    yield bytes((0x06 if status == _WELL else 0x15, status))

    def _obey(self, sign: Sign, data: bytes, etx: bytes | None, said: bytes | None) -> int:
        """Does as the command says; the status it leaves."""
        if said is not None and int(said, 16) != (sum(data) + 0x02 + 0x03) & 0xFFFF:
            return _CHECKSUM
        acknowledging = _SET_ACKNOWLEDGING.fullmatch(data)
        if acknowledging is not None:
            sign.acknowledges = acknowledging[1] == b"1"
            return _WELL
        text = _TEXT.fullmatch(data)
        if text is None or (text[1] == _PRIORITY and len(text[4] or b"") > _MOST_PRIORITY):
            return _ILLEGAL
        if text[2] is None:
            sign.texts.pop(text[1], None)
        else:
            sign.texts[text[1]] = text[4]
        return _WELL


def _is_for(said: bytes, address: int) -> bool:
    """Whether an address of two digits, "?" fitting any, means the sign; 00 means everybody."""
    own = b"%02X" % address
    return said == b"00" or all(digit in (ord("?"), mine) for digit, mine in zip(said, own, strict=True))
