"""What the store's file holds without its log."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def journalled(folder: Path) -> int:
    """How many events are in the file `lobbyd.db` of a folder alone; 0 while not even the table is."""
    copy = folder / "without-log"
    copy.mkdir(exist_ok=True)
    shutil.copy(folder / "lobbyd.db", copy)
    with closing(sqlite3.connect(copy / "lobbyd.db")) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal'").fetchone():
            return 0
        return int(db.execute("SELECT count(*) FROM journal").fetchone()[0])
