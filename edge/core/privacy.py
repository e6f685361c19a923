"""What free text may not carry out of the branch: long numbers, which could be cards, accounts, identities, phones.

Whoever types or sends free text is not asked what is in it (PIPL art. 6, minimum scope); so every run of six digits in
it is masked before it is published to headquarters or written to the log. The journal keeps it as it came.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK: Final = "######"
_LONG_NUMBER: Final = re.compile(r"\d{6,}|\d{4}(?:[ -]\d{4}){2,}")
_LONG: Final = 100_000
_FREE: Final = ("detail", "reason")
_NAMES: Final = frozenset({"prompt", "ticket", "window", "device"})
"""Entries of a staff action's detail that name something of ours."""


def masked(text: str) -> str:
    """Free text with its long numbers masked: runs of six digits or more, and groups of four as on a card."""
    return _LONG_NUMBER.sub(MASK, text)


def without_numbers(item: dict[str, Any]) -> dict[str, Any]:
    """A published event with its free text masked; the very same object where there is nothing to mask."""
    free: dict[str, Any] = {
        name: clean for name in _FREE if name in item and (clean := _clean(item[name])) != item[name]
    }
    return {**item, **free} if free else item


def _clean(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case bool() | None:
            return value
        case int() | float():
            return value if abs(value) < _LONG else MASK
        case dict():
            return _clean_entries(value)
        case list() | tuple():
            return [_clean(entry) for entry in value]
        case _:
            return MASK


def _clean_entries(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {masked(name): entry if name in _NAMES and isinstance(entry, str) else _clean(entry)
            for name, entry in entries.items()}  # fmt: skip
