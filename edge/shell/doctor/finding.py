"""What one check has found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Level: TypeAlias = Literal["ok", "warning", "critical"]

CODES: Final[Mapping[Level, int]] = {"ok": 0, "warning": 1, "critical": 2}
"""Exit codes as Nagios has them."""


class Finding(Struct, frozen=True):
    """`about` what, `seen` in words, and what to do about it, empty where all is well."""

    level: Level
    about: str
    seen: str
    remedy: str = ""

    def __str__(self) -> str:
        """A line for people."""
        return f"{self.level:<8}  {self.about}: {self.seen}" + (f" -> {self.remedy}" if self.remedy else "")


def in_halves(level: Level, about: str, sentence: str, remedy: str) -> Finding:
    """A finding of a sentence for the log, which says behind its first semicolon what to do; else `remedy` does."""
    seen, _, does = sentence.partition("; ")
    return Finding(level, about, seen, does or remedy)


def worst(findings: Iterable[Finding]) -> Level:
    """The gravest level; ok where there is nothing."""
    return max((finding.level for finding in findings), key=lambda level: CODES[level], default="ok")
