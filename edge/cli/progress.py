"""How far long work has come: one line on a terminal, written over and over; nothing at all in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

EVERY: Final = 1000
"""Lines between two signs of life."""


def tell(work: str, what: str) -> None:
    """Says how far the work has come, in place of what was said before."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{work}: {what}", end="", file=sys.stderr, flush=True)


def clear() -> None:
    """Takes back what was said: the work is done, or something else is to be said."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def through(work: str, lines: Iterable[bytes], size: int = 0) -> Generator[bytes, None, None]:
    """The same lines, telling how many have been taken; where `size` bytes are known of, also their share.

    Close it before anything else is said.
    """
    taken = 0
    try:
        for number, line in enumerate(lines, 1):
            taken += len(line)
            if number % EVERY == 0:
                share = f", {taken / size:.0%}" if size else ""
                tell(work, f"{number} lines{share}")
            yield line
    finally:
        clear()
