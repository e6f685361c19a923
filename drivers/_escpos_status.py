"""What an ESC/POS printer says of itself, byte by byte: answers to DLE EOT, automatic status (GS a), answers to GS r.

The tables are those of the makers' manuals, which agree (Epson TM series; Samsung STP-103P, pages 44 and 45; Citizen
CT-S310, 5.3), and of python-escpos and the npm package escpos. The error bits in the second byte of an automatic
status are from Epson's documentation alone. Nothing has a checksum; fixed bits tell the kinds apart (Citizen 5.3):

    0xx1xx10  an answer to DLE EOT            0xx1xx00  the first byte of an automatic status
    0xx0xxxx  the other three bytes of one, or an answer to GS r
    11, 13    XON and XOFF, which may come at any time, also between the bytes of an automatic status

A sensor of paper is two bits that are always alike, so that half of a pair is no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from msgspec import Struct

from drivers._framing import bad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.driver import BadFrame

Question: TypeAlias = Literal["printer", "offline_cause", "error_cause", "paper", "paper_sensor"]
"""The four of DLE EOT, in the order of their numbers, and GS r 1."""

QUESTIONS: Final[Mapping[Question, bytes]] = {
    "printer": b"\x10\x04\x01",
    "offline_cause": b"\x10\x04\x02",
    "error_cause": b"\x10\x04\x03",
    "paper": b"\x10\x04\x04",
    "paper_sensor": b"\x1dr\x01",
}
AUTOMATIC: Final = b"\x1da"
"""GS a; the byte behind it says of what the printer is to tell by itself, 00 of nothing, FF of everything."""

Flag: TypeAlias = Literal[
    "drawer",
    "offline",
    "waiting_recovery",
    "feed_button",
    "cover_open",
    "feeding",
    "paper_end_stop",
    "error",
    "recoverable",
    "cutter",
    "unrecoverable",
    "auto_recoverable",
    "near_end",
    "out",
]
"""`recoverable` errors go by a command, `auto_recoverable` ones by themselves (the head cools down)."""

FLAGS: Final[tuple[Flag, ...]] = get_args(Flag)

ANSWERS: Final[Mapping[Question, Mapping[Flag, int]]] = {
    "printer": {"drawer": 0x04, "offline": 0x08, "waiting_recovery": 0x20, "feed_button": 0x40},
    "offline_cause": {"cover_open": 0x04, "feeding": 0x08, "paper_end_stop": 0x20, "error": 0x40},
    "error_cause": {"recoverable": 0x04, "cutter": 0x08, "unrecoverable": 0x20, "auto_recoverable": 0x40},
    "paper": {"near_end": 0x0C, "out": 0x60},
    "paper_sensor": {"near_end": 0x03, "out": 0x0C},
}
GROUP: Final[tuple[Mapping[Flag, int], ...]] = (
    {"drawer": 0x04, "offline": 0x08, "cover_open": 0x20, "feeding": 0x40},
    {
        "waiting_recovery": 0x01,
        "feed_button": 0x02,
        "recoverable": 0x04,
        "cutter": 0x08,
        "unrecoverable": 0x20,
        "auto_recoverable": 0x40,
    },
    {"near_end": 0x03, "out": 0x0C},
    {},
)
"""The bits of the four bytes of an automatic status; the rest of the last two is each model's own."""

XON, XOFF = 0x11, 0x13

_MOST_BETWEEN: Final = 2
"""XON and XOFF that are kept of one gap: more mean nothing new."""

_FIXED: Final = 0x93
_REAL_TIME: Final = 0x12
_FIRST: Final = 0x10
_ORDINARY: Final = 0x90


class Byte(Struct, frozen=True):
    """One byte that is well formed as an answer; to which question, only who asked can know."""

    value: int


class Automatic(Struct, frozen=True):
    """A whole automatic status of four bytes; `between` is what XON and XOFF stood in its three gaps."""

    data: bytes
    between: tuple[bytes, bytes, bytes] = (b"", b"", b"")

    @property
    def flags(self) -> frozenset[Flag]:
        """What it says."""
        return frozenset(
            flag for byte, table in zip(self.data, GROUP, strict=True) for flag, bits in table.items() if byte & bits
        )


Found: TypeAlias = "Byte | Automatic | BadFrame"


def flags_of(question: Question, value: int) -> frozenset[Flag] | None:
    """What a byte says in answer to a question; None when it is no answer to that."""
    table = ANSWERS[question]
    fits = not value & _ORDINARY if question == "paper_sensor" else value & _FIXED == _REAL_TIME
    if not fits or half_a_pair(table, value):
        return None
    return frozenset(flag for flag, bits in table.items() if value & bits)


def half_a_pair(table: Mapping[Flag, int], value: int) -> bool:
    """Whether a sensor of two bits has only one of them set."""
    return any(value & bits not in (0, bits) for bits in table.values())


class StatusReader:
    """Answers and automatic statuses out of what a printer sends, however it is cut. Holds eleven bytes at most."""

    def __init__(self) -> None:
        self._group: list[int] = []
        self._between: list[bytes] = [b"", b"", b""]
        self._in_noise = False

    @property
    def waiting(self) -> int:
        """How many bytes have come of an automatic status that is not complete."""
        return len(self._group)

    def feed(self, data: bytes) -> list[Found]:
        """What `data` completes, and one BadFrame for each stretch that is nothing."""
        return [one for value in data for one in self._take(value)]

    def _take(self, value: int) -> list[Found]:
        if value in (XON, XOFF):
            if self._group:
                gap = len(self._group) - 1
                self._between[gap] = (self._between[gap] + bytes((value,)))[-_MOST_BETWEEN:]
            return []
        if self._group and not value & _ORDINARY:
            self._group.append(value)
            return [self._whole()] if len(self._group) == len(GROUP) else []
        cut_off: list[Found] = []
        if self._group:
            cut_off.append(bad("an automatic status that is cut off", bytes(self._group)))
            self._begin()
        return cut_off + self._alone(value)

    def _alone(self, value: int) -> list[Found]:
        if value & _FIXED == _FIRST:
            self._begin(value)
            self._in_noise = False
            return []
        if value & _FIXED == _REAL_TIME or not value & _ORDINARY:
            self._in_noise = False
            return [Byte(value)]
        already, self._in_noise = self._in_noise, True
        return [] if already else [bad("a byte that no printer sends", bytes((value,)))]

    def _whole(self) -> Automatic | BadFrame:
        data, (first, second, third) = bytes(self._group), self._between
        self._begin()
        if half_a_pair(GROUP[2], data[2]):
            return bad("an automatic status with half a sensor", data)
        return Automatic(data, (first, second, third))

    def _begin(self, *values: int) -> None:
        self._group, self._between = [*values], [b"", b"", b""]
