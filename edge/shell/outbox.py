"""The outbox: what headquarters has not acknowledged, in order, within a budget of bytes.

Headquarters may be away for months, and the branch goes on. So the outbox has a budget: the configuration's, and
never more than half of what the disk has left. Beyond it the oldest messages are given up, and never silently: in
their place stands one message of kind `gap` that says from which (boot, seq) to which, and how many. It is numbered as
the last of them, so headquarters reads it where the missing ones would have come.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct
from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from edge.core.instant import Instant

Mark: TypeAlias = tuple[int, int]

MEGABYTE: Final = 1_000_000
BUDGET: Final = 256 * MEGABYTE
"""Bytes: about a month of a busy branch."""

GAP: Final = "gap"
ROW: Final = 60
"""Bytes of a message besides its data, about: numbers, id, kind and what the table needs."""

LONG, PAGE = 900, 4096
"""A row longer than about this goes on in a page of its own, for SQLite keeps four rows to a page in such a table."""

_SLABS: Final = 64
"""Room is made in slabs, so that not every commit has to; and a few at a time, so that none takes long."""
_SLABS_AT_ONCE: Final = 4
_NONE: Final[Mark] = (0, 0)
_GAP_SIZE: Final = 4 * ROW
_ALL: Final = "SELECT count(*), sum(size), sum(size > ?) FROM (SELECT length(CAST(data AS BLOB)) AS size FROM outbox)"
_UP_TO: Final = (
    "SELECT count(*), sum(size), sum(size > ?) FROM (SELECT length(CAST(data AS BLOB)) AS size FROM outbox"
    " WHERE (boot, seq) <= (?, ?))"
)
_OLDEST: Final = "SELECT boot, seq, at, clk, kind, length(CAST(data AS BLOB)), data FROM outbox ORDER BY boot, seq"
_DELETE: Final = "DELETE FROM outbox WHERE (boot, seq) <= (?, ?)"


class Message(Struct):
    """One message for headquarters (see `ports.Message`)."""

    boot: int
    seq: int
    id: str
    at: Instant
    clk: str
    kind: str
    data: str

    @property
    def size(self) -> int:
        """The bytes it counts for."""
        return _size(len(self.data.encode()))


class OutboxTable:
    """The table `outbox` of an open store. Only `write` changes it, inside the store's transaction."""

    def __init__(self, db: sqlite3.Connection, branch: str, budget: int) -> None:
        self._db, self._branch, self._budget = db, branch, budget
        self._most = budget
        self._settled = _NONE
        self._rows, self._bytes = self._measure(_ALL)
        self._written = (self._rows, self._bytes, 0)
        self.lost = 0
        """How many messages have been given up since the start."""

    def fit(self, folder: Path) -> None:
        """Keeps within half of what the disk has left."""
        disk = os.statvfs(folder)
        left = disk.f_bavail * disk.f_frsize + self._bytes
        self._most = min(self._budget, max(left // 2, MEGABYTE))

    # ---- reading ----

    @property
    def depth(self) -> int:
        """How many messages headquarters has not acknowledged."""
        return self._rows - self._measure(_UP_TO, self._settled)[0]

    def after(self, mark: Mark, limit: int) -> list[Message]:
        """The messages behind (boot, seq), the oldest first."""
        rows = self._db.execute(
            "SELECT * FROM outbox WHERE (boot, seq) > (?, ?) ORDER BY boot, seq LIMIT ?", (*mark, limit)
        )
        return [Message(*row) for row in rows]

    def problems(self) -> list[str]:
        """What headquarters will never hear of, as a sentence, until it has been told so."""
        oldest = self.after(self._settled, 1)
        if not oldest or oldest[0].kind != GAP:
            return []
        count = from_json(oldest[0].data)["messages"]
        return [f"headquarters has been away too long: the oldest {count} messages for it were given up"]

    # ---- writing ----

    @property
    def pending(self) -> bool:
        """Whether something is settled that still stands in the table."""
        return self._settled != _NONE

    def settle(self, mark: Mark) -> None:
        """Everything up to and with (boot, seq) is acknowledged; it is deleted with the next `write`."""
        self._settled = max(self._settled, mark)

    def write(self, messages: Sequence[Message]) -> None:
        """Deletes what is settled, makes room where there is none, and adds; call `written` after the commit."""
        rows, size, lost = self._rows, self._bytes, 0
        if self.pending:
            gone, freed = self._measure(_UP_TO, self._settled)
            self._db.execute(_DELETE, self._settled)
            rows, size = rows - gone, size - freed
        grown = sum(message.size for message in messages)
        if size + grown > self._most:
            gone, freed, lost = self._give_up(size + grown - self._most, grown)
            rows, size = rows - gone, size - freed
        if messages:
            self._insert(messages)
        self._written = rows + len(messages), size + grown, lost

    def written(self) -> None:
        """What `write` did is on disk."""
        self._rows, self._bytes, lost = self._written
        self._settled = _NONE
        self.lost += lost

    def _give_up(self, excess: int, grown: int) -> tuple[int, int, int]:
        """Puts a gap in the place of the oldest messages; how many rows and bytes fewer, and how many messages lost."""
        slab = self._most // _SLABS
        wanted = min(excess, max(grown, _SLABS_AT_ONCE * slab)) + slab + _GAP_SIZE
        rows = freed = 0
        first: Any = None
        last: Any = None
        for last in self._db.execute(_OLDEST):
            first = first or last
            rows, freed = rows + 1, freed + _size(last[5])
            if freed >= wanted:
                break
        known = from_json(first[6]) if first is not None and first[4] == GAP else None
        lost = rows if known is None else rows - 1
        if not lost:
            return 0, 0, 0
        boot, seq, at, clk = last[:4]
        gap = {
            "first": {"boot": first[0], "seq": first[1]} if known is None else known["first"],
            "last": {"boot": boot, "seq": seq},
            "messages": lost + (0 if known is None else known["messages"]),
        }
        message = Message(boot, seq, f"{self._branch}:{boot}:{seq}:{GAP}", at, clk, GAP, to_json(gap).decode())
        self._db.execute(_DELETE, (boot, seq))
        self._insert([message])
        return rows - 1, freed - message.size, lost

    def _insert(self, messages: Sequence[Message]) -> None:
        self._db.executemany(
            "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(m.boot, m.seq, m.id, m.at, m.clk, m.kind, m.data) for m in messages],
        )

    def _measure(self, query: str, mark: Sequence[int] = ()) -> tuple[int, int]:
        """How many rows, and how many bytes they count for."""
        count, size, long = self._db.execute(query, (LONG, *mark)).fetchone()
        return count, (size or 0) + count * ROW + (long or 0) * PAGE


def _size(data: int) -> int:
    """What a row with so many bytes of data counts for."""
    return data + ROW + (PAGE if data > LONG else 0)
