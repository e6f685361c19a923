"""C-Power cards on one line: each takes what is addressed to it, shows it, and answers as the maker's papers say.

The bytes are read here from the papers anew, so that the driver is not its own witness. A frame whose sum is wrong is
answered with result 1, if it says whom it is for; what a card does with a text for a window it does not have is not in
the papers, and here it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_START, _END, _ESCAPE = 0xA5, 0xAE, 0xAA
_ESCAPED: Final = {0x05: 0xA5, 0x0E: 0xAE, 0x0A: 0xAA}
_REQUEST, _ANSWER, _CARD_TYPE = 0x68, 0xE8, 0x32
_ALL_CARDS: Final = 0xFF
_POWER, _CALLS = 0x76, 0x7B
_SPLIT, _TEXT = 0x01, 0x12
_OK, _BAD_SUM, _REFUSED = 0, 1, 4
_MOST: Final = 4096
_LEAST: Final = 7
"""Packet type, card type, card, code, flag and the sum."""
_HEAD_OF_A_CALL: Final = 4
"""Its length, its number and the last packet's."""
_HEAD_OF_A_TEXT: Final = 11
"""Call, window, effect, alignment, speed, two bytes of stay, font, red, green, blue."""


class Card(Struct):
    """One card: the windows it is divided into, and the text in each of them."""

    id: str
    number: int
    windows: list[tuple[int, int, int, int]] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    lit: bool = True
    powered: bool = True
    frames: int = 0

    @property
    def text(self) -> str:
        """What people read on it."""
        if not self.lit:
            return ""
        return " ".join(self.texts[window] for window in sorted(self.texts)).replace("\r", "\n")

    def blank(self) -> None:
        """Windows and texts live in memory."""
        self.windows.clear()
        self.texts.clear()


class Cards:
    """The cards of one line; `answers_like_old` makes them answer as programs up to version 3.2 do."""

    def __init__(self, numbers: Mapping[str, int], *, answers_like_old: bool = False) -> None:
        self.boards = {id: Card(id, number) for id, number in numbers.items()}
        self.bad_frames = 0
        self._type = _REQUEST if answers_like_old else _ANSWER
        self._body: bytearray | None = None
        self._escaping = False

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to what `data` completes, in order, however it is cut."""
        for byte in data:
            if byte == _START:
                self._body, self._escaping = bytearray(), False
            elif self._body is None:
                continue
            elif byte == _END:
                body, self._body = bytes(self._body), None
                yield from self._take(body)
            elif self._escaping:
                self._body.append(_ESCAPED.get(byte, byte))
                self._escaping = False
            elif byte == _ESCAPE:
                self._escaping = True
            elif len(self._body) < _MOST:
                self._body.append(byte)

    def _take(self, body: bytes) -> Iterator[bytes]:
        if len(body) < _LEAST or body[:2] != bytes((_REQUEST, _CARD_TYPE)):
            self.bad_frames += 1
            return
        number, code, flag, data = body[2], body[3], body[4], body[5:-2]
        good = sum(body[:-2]) & 0xFFFF == int.from_bytes(body[-2:], "little")
        self.bad_frames += not good
        for card in self.boards.values():
            if card.powered and number in {card.number, _ALL_CARDS}:
                card.frames += good
                result, answer = self._obey(card, code, data) if good else (_BAD_SUM, _empty(code))
                if flag & 1:
                    yield self._frame(card.number, code, result, answer)

    def _obey(self, card: Card, code: int, data: bytes) -> tuple[int, bytes]:
        """Does as the frame says; the result and the data of the answer."""
        if code == _POWER and data[:1] == b"\x01":
            return _OK, bytes((1, card.lit)) + bytes(8)
        if code == _POWER and len(data) > 1:
            card.lit = data[1] == 1
            return _OK, bytes((0, card.lit))
        if code != _CALLS or len(data) <= _HEAD_OF_A_CALL:
            return _REFUSED, _empty(code)
        said, call = int.from_bytes(data[:2], "little"), data[_HEAD_OF_A_CALL:]
        taken = said == len(call) and self._call(card, call)
        return (_OK if taken else _REFUSED), _empty(code)

    def _call(self, card: Card, call: bytes) -> bool:
        if call[0] == _SPLIT:
            places = [int.from_bytes(call[at : at + 2], "big") for at in range(2, len(call), 2)]
            if len(places) != 4 * call[1]:
                return False
            card.windows = [(x, y, w, h) for x, y, w, h in zip(*[iter(places)] * 4, strict=True)]
            card.texts.clear()
            return True
        if call[0] != _TEXT or len(call) <= _HEAD_OF_A_TEXT or call[-1] != 0 or call[1] >= len(card.windows):
            return False
        card.texts[call[1]] = call[_HEAD_OF_A_TEXT:-1].decode("gbk", "replace")
        return True

    def _frame(self, number: int, code: int, result: int, data: bytes) -> bytes:
        body = bytes((self._type, _CARD_TYPE, number, code, result)) + data
        travels = bytearray((_START,))
        for byte in body + (sum(body) & 0xFFFF).to_bytes(2, "little"):
            if byte in _ESCAPED.values():
                travels += bytes((_ESCAPE, byte & 0x0F))
            else:
                travels.append(byte)
        return bytes(travels) + bytes((_END,))


def _empty(code: int) -> bytes:
    """The data of an answer that has none to give: that of a call still has its head."""
    return bytes(_HEAD_OF_A_CALL) if code == _CALLS else b""
