"""What the daemon remembers: journal, outbox, snapshot and answers in one SQLite file; one transaction a turn.

Theory of operation. WAL with `synchronous=FULL`: a commit that has returned survives a power cut. A turn of the loop is
one transaction, whatever the number of events in it (group commit), and it is made in the loop itself: a thread would
cost twice the latency of the flush it hides. The log is brought into the file (a checkpoint, several flushes) when a
turn is over; within one only where turns are so large that SQLite asks for it first. Everything that must be true
together is in it: the events, the messages for headquarters that follow from them, the answers given to handhelds, and
how far wakes have fired.

A full disk loses nothing: the turn stays in memory, unacknowledged, and is tried again. A ballast file is given up
first, so that even then there is room to trim; then what headquarters has not fetched, the oldest first (`outbox.py`).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.shell.outbox import BUDGET, Message, OutboxTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.core.instant import Instant

BALLAST: Final = 8 * 1024 * 1024
"""Bytes kept back for the day the disk is full: about a hundred turns of the busiest hour."""

SEEN_MOST: Final = 1024
"""How many message digests are remembered: far more than a broker has in flight to us."""

ANSWERS_DAYS: Final = 2

CHECKPOINT_EVERY: Final = 128
"""Commits after which the log is brought into the file: of small turns about half of what SQLite lets gather."""

_PRAGMAS: Final = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "journal_size_limit = 4194304",
    "temp_store = MEMORY",
    "cache_size = -256",  # KiB: turns are small and little is read again; SQLite would take 2 MiB
)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL, origin BLOB);
CREATE TABLE IF NOT EXISTS outbox (boot INTEGER, seq INTEGER, id TEXT NOT NULL, at INTEGER NOT NULL, clk TEXT NOT NULL,
    kind TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (boot, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshot (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS quarantine (at INTEGER NOT NULL, what TEXT NOT NULL, origin BLOB, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
"""


class StoreFailed(Exception):
    """The store cannot be used at all: a daemon that cannot remember must not decide."""


class DiskFull(Exception):
    """This turn could not be written for want of room; it may be tried again."""


class Turn(Struct):
    """All that one turn of the loop wants remembered.

    `fired` is the instant up to which wakes have fired; of a turn with events these tell it.
    `hall` is a snapshot of the hall after the turn, where one is wanted.
    """

    events: list[tuple[Instant, bytes, bytes | None]] = field(default_factory=list)
    messages: list[tuple[Instant, str, str]] = field(default_factory=list)
    answers: list[tuple[str, Instant, str]] = field(default_factory=list)
    fired: Instant = 0
    hall: bytes | None = None


class Store:
    """The file, open. Use `Store.open`; every method but `commit` reads or tidies."""

    def __init__(self, folder: Path, db: sqlite3.Connection, lock: int, branch: str, budget: int) -> None:
        self._folder, self._db, self._lock, self._branch = folder, db, lock, branch
        self._outbox = OutboxTable(db, branch, budget)
        self._journal_seq = _one(db, "SELECT max(seq) FROM journal")
        newest = db.execute(
            "SELECT origin FROM quarantine UNION ALL "
            "SELECT * FROM (SELECT origin FROM journal ORDER BY seq DESC LIMIT ?)",
            (SEEN_MOST,),
        )
        self._origins = dict.fromkeys(reversed(dict.fromkeys(row[0] for row in newest if row[0])))
        self._seq = 0
        self._in_log = 0
        self.clk = "unsynced"
        self.boot = _one(db, "SELECT value FROM meta WHERE key = 'boot'") + 1
        with db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('boot', ?)", (self.boot,))

    @classmethod
    def open(cls, folder: Path, branch: str, outbox_bytes: int = BUDGET) -> Store:
        """Opens, or makes, the store in a folder; StoreFailed says what is wrong and what to do.

        `outbox_bytes` is what messages for headquarters may take.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise StoreFailed(f"{folder}: cannot be used: {fault.strerror}; check [state] dir and its owner") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise StoreFailed(
                f"{folder}: another lobbyd runs on this state; stop it, or give another [state] dir"
            ) from None
        file, ballast = folder / "lobbyd.db", folder / "ballast"
        while True:
            try:
                return cls(folder, _connect(file), lock, branch, outbox_bytes)
            except sqlite3.DatabaseError as fault:
                if _is_full(fault) and ballast.exists():
                    ballast.unlink()
                    continue
                os.close(lock)
                remedy = "make room on this file system" if _is_full(fault) else "move it aside to start afresh"
                raise StoreFailed(f"{file}: {fault}; {remedy}") from None

    def close(self) -> None:
        """Closes the file; what was committed stays."""
        self._db.close()
        os.close(self._lock)

    def keep_room(self) -> None:
        """Takes back the room that a full disk made us give up, if there is any, and fits the outbox to the disk."""
        self._outbox.fit(self._folder)
        ballast = self._folder / "ballast"
        if ballast.exists():
            return
        try:
            ballast.touch(mode=0o600)
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BALLAST)
        except OSError:
            ballast.unlink(missing_ok=True)

    def commit(self, turn: Turn) -> list[Message]:
        """Remembers a turn, durably; returns its messages with their numbers. DiskFull leaves everything as it was."""
        messages = [
            Message(self.boot, self._seq + n, f"{self._branch}:{self.boot}:{self._seq + n}", at, self.clk, kind, data)
            for n, (at, kind, data) in enumerate(turn.messages, 1)
        ]
        try:
            self._write(turn, messages)
        except sqlite3.OperationalError as fault:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            if not _is_full(fault):
                raise StoreFailed(f"{self._folder}: {fault}") from fault
            (self._folder / "ballast").unlink(missing_ok=True)
            self._outbox.fit(self._folder)
            raise DiskFull(f"{self._folder}: {fault}; make room on this file system") from None
        except sqlite3.DatabaseError as fault:
            raise StoreFailed(f"{self._folder}: {fault}") from fault
        self._outbox.written()
        self._in_log += 1
        self._seq += len(messages)
        self._journal_seq += len(turn.events)
        for _, _, origin in turn.events:
            if origin is not None:
                self._origins.pop(origin, None)  # the order is that of the last time
                self._origins[origin] = None
        while len(self._origins) > SEEN_MOST:
            del self._origins[next(iter(self._origins))]
        return messages

    def _write(self, turn: Turn, messages: list[Message]) -> None:
        run, many = self._db.execute, self._db.executemany
        run("BEGIN IMMEDIATE")
        if turn.events:
            first = self._journal_seq + 1
            many("INSERT INTO journal VALUES (?, ?, ?, ?)", [(first + n, *row) for n, row in enumerate(turn.events)])
        self._outbox.write(messages)
        if turn.answers:
            many("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", turn.answers)
        if turn.fired:
            run("INSERT OR REPLACE INTO meta VALUES ('fired', ?)", (turn.fired,))
        if turn.hall is not None:
            run("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?)", (self._journal_seq + len(turn.events), turn.hall))
        run("COMMIT")

    def checkpoint(self) -> None:
        """Brings the log into the file if enough has gathered; call it where nobody waits. A full disk leaves it."""
        if self._in_log >= CHECKPOINT_EVERY:
            self._in_log = 0
            with suppress(sqlite3.OperationalError):
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def seen(self, origin: bytes) -> bool:
        """Whether a message of this digest was committed a short while ago, by us or before a restart."""
        return origin in self._origins

    def answer(self, key: str) -> str | None:
        """The answer given to an idempotency key."""
        row = self._db.execute("SELECT body FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    @property
    def depth(self) -> int:
        """How many messages headquarters has not acknowledged."""
        return self._outbox.depth

    @property
    def lost(self) -> int:
        """How many messages for headquarters have been given up since the start (see `outbox.py`)."""
        return self._outbox.lost

    def problems(self) -> list[str]:
        """What headquarters will never hear of, as a sentence; empty when there is no such thing."""
        return self._outbox.problems()

    def after(self, mark: tuple[int, int], limit: int) -> list[Message]:
        """The messages behind (boot, seq), the oldest first."""
        return self._outbox.after(mark, limit)

    def settle(self, mark: tuple[int, int]) -> None:
        """Everything up to and with (boot, seq) is acknowledged; it is deleted with the next commit."""
        self._outbox.settle(mark)

    def flush(self) -> None:
        """Deletes what is settled now, where no commit has come by to do it; a full disk leaves it for later."""
        if self._outbox.pending:
            with suppress(DiskFull):
                self.commit(Turn())

    def keep_snapshot(self, body: bytes) -> None:
        """Keeps the hall as it stands after the last commit, in place of the one before; DiskFull leaves that."""
        try:
            self._db.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?)", (self._journal_seq, body))
        except sqlite3.OperationalError as fault:
            raise DiskFull(f"{self._folder}: {fault}; make room on this file system") from None

    def snapshot(self) -> tuple[int, bytes] | None:
        """(journal number it stands at, hall), when there is one."""
        row = self._db.execute("SELECT seq, body FROM snapshot").fetchone()
        return None if row is None else (row[0], row[1])

    def tail(self, after: int) -> Iterator[tuple[int, bytes]]:
        """(number, event) of the journal behind a number, in order."""
        return iter(self._db.execute("SELECT seq, body FROM journal WHERE seq > ? ORDER BY seq", (after,)))

    @property
    def fired(self) -> Instant:
        """The instant up to which wakes have fired and their consequences are committed, by turns without events."""
        return _one(self._db, "SELECT value FROM meta WHERE key = 'fired'")

    def quarantine(self, at: Instant, what: str, origin: bytes | None, reason: str) -> None:
        """Sets aside an event or a wake that the core has failed over, so that no restart fails over it again."""
        with self._db:
            self._db.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?)", (at, what, origin, reason))

    def quarantined(self) -> list[tuple[Instant, str]]:
        """(instant, what) of everything set aside, the oldest first."""
        return list(self._db.execute("SELECT at, what FROM quarantine ORDER BY rowid"))

    def trim(self, before: Instant, answers_before: Instant) -> None:
        """Forgets journal events older than `before` that the snapshot covers, and old answers; a full disk waits."""
        with suppress(sqlite3.OperationalError):
            covered = _one(self._db, "SELECT seq FROM snapshot")
            self._db.execute(
                "DELETE FROM journal WHERE at < ? AND seq <= ? AND seq < ?", (before, covered, self._journal_seq)
            )
            self._db.execute("DELETE FROM answers WHERE at < ?", (answers_before,))
            self._db.execute("DELETE FROM quarantine WHERE at < ?", (before,))


def _one(db: sqlite3.Connection, query: str, *values: object) -> int:
    row = db.execute(query, values).fetchone()
    return int(row[0] or 0) if row else 0


def _is_full(fault: sqlite3.Error) -> bool:
    """Whether a fault is for want of room, which SQLite also meets as a file that cannot be written to its end."""
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)  # the files SQLite puts beside it get the same mode
    path.chmod(0o600)
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    db.executescript(_SCHEMA)
    return db
