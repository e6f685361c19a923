"""Where one command of ESC/POS ends and the next begins, as the makers' manuals list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESC, _GS, _FS = b"\x1b", b"\x1d", b"\x1c"
_FIRST_OF_TWO: Final = 0x81
_CUT_WITH_FEED: Final = frozenset(b"AB")
_HEAD_OF_BLOCK: Final = 5
_HEAD_OF_IMAGE: Final = 8

PARAMETERS: Final[Mapping[bytes, int]] = {
    **{_ESC + name: 0 for name in (b"@", b"2")},
    **{_ESC + name: 1 for name in (b"!", b"-", b"3", b"E", b"G", b"J", b"M", b"R", b"V", b"a", b"d", b"r", b"t", b"{")},
    **{_ESC + name: 2 for name in (b"$", b"\\", b"c")},
    _ESC + b"p": 3,
    **{_GS + name: 1 for name in (b"!", b"B", b"H", b"I", b"a", b"b", b"f", b"h", b"r", b"w", b"|")},
    **{_GS + name: 2 for name in (b"L", b"W")},
    **{_FS + name: 0 for name in (b"&", b".")},
    **{_FS + name: 1 for name in (b"!", b"-", b"C")},
    _FS + b"S": 2,
}
"""The commands of a fixed length, and how many bytes follow the two of their names."""

KNOWN: Final = frozenset({*PARAMETERS, _GS + b"V", _GS + b"(", _GS + b"v"})
"""The names of all that are read here: the cut, blocks and pictures say themselves how long they are."""


def length(held: bytes) -> int:
    """How many bytes the command or the character (in GBK) at the beginning takes; 0 while it is not complete."""
    if not held:
        return 0
    is_command = held[:1] in (_ESC, _GS, _FS)
    size = _length_of_command(held) if is_command else 1 + (held[0] >= _FIRST_OF_TWO)
    return size if size <= len(held) else 0


def _length_of_command(held: bytes) -> int:
    """The length by the command's own bytes; 0 while they do not tell it yet. A name unknown here is two bytes."""
    name = held[:2]
    if name in PARAMETERS:
        return 2 + PARAMETERS[name]
    match name:
        case b"\x1dV":
            return 4 if held[2:3] and held[2] in _CUT_WITH_FEED else 3
        case b"\x1d(":
            return _HEAD_OF_BLOCK + int.from_bytes(held[3:5], "little") if len(held) >= _HEAD_OF_BLOCK else 0
        case b"\x1dv":
            across, down = int.from_bytes(held[4:6], "little"), int.from_bytes(held[6:8], "little")
            return _HEAD_OF_IMAGE + across * down if len(held) >= _HEAD_OF_IMAGE else 0
        case _:
            return 2
