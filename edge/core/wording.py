"""Words shown to people: every text is a pair, Chinese first, English beside it, with placeholders filled alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Text(Struct, frozen=True):
    """One message in both languages; `{name}` is a placeholder."""

    zh: str
    en: str

    def fill(self, values: Mapping[str, object]) -> Text:
        """The text with its placeholders filled; KeyError names one that has no value."""
        return Text(self.zh.format_map(values), self.en.format_map(values))
