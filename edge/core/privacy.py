"""What may not leave the branch: long numbers, which could be cards, accounts, identities, phones.

Whoever types or sends text is not asked what is in it (PIPL art. 6, minimum scope); so every long number in it is
masked before it is published to headquarters or written to the log, however it is written. The journal keeps it as it
came. What the branch itself has given a name, and what says when or how much, is no such number and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from edge.core.policy import Policy

    Ours: TypeAlias = Callable[[str], bool]

MASK: Final = "######"

_TIGHT: Final = r"[-._/·‐‑‒–—―−－]"
_BETWEEN: Final = r"[-._/·‐‑‒–—―−－()（）\t \u00a0\u2000-\u200b\u3000]"
_ENDS: Final = rf"(?!\d|{_TIGHT}\d)"
_STOPS: Final = rf"(?!\d|{_BETWEEN}{{1,3}}\d)"

_CLOCK: Final = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?"
_DATE: Final = r"(?:19|20)\d\d[-./](?:1[0-2]|0?[1-9])[-./](?:3[01]|[12]\d|0?[1-9])"
_MOMENT: Final = rf"{_DATE}(?:[Tt ]{_CLOCK}(?:[Zz]|[+-]\d\d:\d\d)?)?{_ENDS}"
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_KEPT: Final = (
    _MOMENT,
    rf"{_CLOCK}{_ENDS}",
    rf"(?:{_OCTET}\.){{3}}{_OCTET}(?::\d{{1,5}})?{_ENDS}",  # an IP address
    rf"[¥￥$€]\s?\d{{1,9}}(?:\.\d{{1,2}})?{_ENDS}",
    rf"\d{{1,3}}(?:,\d{{3}}){{1,3}}(?:\.\d{{1,2}})?(?!,){_ENDS}",
    rf"(?:\d{{1,8}}\.\d{{1,2}}|\d{{1,5}}\.\d{{3}}){_ENDS}",
    r"\d{1,9}(?:\.\d{1,3})?\s?(?:万?元|万|秒|毫秒|分钟|小时|(?:CNY|RMB|ms|s|min|h)(?![A-Za-z]))",
    rf"0\d{{2,3}}-\d{{4}}{_STOPS}",  # a branch: an area code and too few digits for a telephone behind it
    rf"(?:(?<=precursor-)[12]|(?<=[a-z_]))\.1[5-9]\d{{14}}\.\d{{1,4}}{_STOPS}",  # a case, by its kind and instant
)
_LONG_NUMBER: Final = (
    rf"(?P<kept>{'|'.join(_KEPT)})"
    rf"|\+?\d(?:(?:{_BETWEEN}{{1,3}}(?!(?<=\s)(?:{_MOMENT}|{_CLOCK})))?\d){{6,}}(?:[Xx]\b)?"
    r"|\d{3,4}(?:[,，:;]\d{4}){2,}"
    r"|\d{6,}"
)
_DIGITS: Final = re.compile(r"\d(?:\D{0,3}\d){5}")
"""Six of them not far from each other: quickly seen, and without them there is nothing to look for."""

_SHORT: Final = 6
"""Fewer characters hold no long number."""

_NAME_MOST: Final = 256
"""More characters than the id of a prompt has, also of one about another one."""

_LONG: Final = 100_000
_WRITTEN_BY_US: Final = frozenset({"type", "at", "prompt", "rule", "deadline", "about", "tickets"})
"""Fields of events and prompts that the core has made, of names it knows."""

_PSEUDONYMS: Final = frozenset({"staff", "teller", "by"})
_PSEUDONYM: Final = re.compile(r"[A-Za-z]{0,8}[-_.]?\d{6,8}", re.ASCII)
"""Of staff nobody has configured; a teller's number has eight digits at the most."""

_DEVICE_TIME: Final = re.compile(
    r"1[5-9]\d{8}(?:\d{3}|\d{6})?"
    r"|20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:\d{3})?)?",
    re.ASCII,
)
"""A device's own time in digits alone: since the epoch in s, ms or us, or year to second."""


def masked(text: str) -> str:
    """Free text with its long numbers masked: six digits or more in a row, or seven with something between them.

    Dates, times, durations with their unit, sums of money and IP addresses stay.
    """
    return _long_number().sub(_mask, text) if _DIGITS.search(text) is not None else text


@cache
def _long_number() -> re.Pattern[str]:
    """Made for the first text that may hold one: it takes longer than any other that a start makes."""
    return re.compile(_LONG_NUMBER)


def is_name(word: str, policy: Policy, tickets: Container[str] = ()) -> bool:
    """Whether a word is a name in the branch: one of its configuration, one of `tickets`, or a prompt about such."""
    if word in policy.devices or word in policy.windows or word in policy.services or word in tickets:
        return True
    if any(word in people for people in policy.staff.values()):
        return True
    if len(word) > _NAME_MOST:
        return False
    rule, _, rest = word.partition(".")
    about, _, episode = rest.rpartition(".")
    return len(episode) < _SHORT and episode.isdecimal() and masked(rule) == rule and is_name(about, policy, tickets)


def without_numbers(item: dict[str, Any], ours: Ours) -> dict[str, Any]:
    """What is published, its texts masked unless they are names of `ours`; the same object where nothing is to be.

    In `detail`, which anybody may fill, long numbers that are no text are masked too.
    """
    free: dict[str, Any] = {}
    for name, value in item.items():
        if name in _WRITTEN_BY_US or (type(value) is str and _DIGITS.search(value) is None):
            continue
        clean = _clean(value, ours, free=name == "detail")
        if clean != value and not _stays(name, value, item):
            free[name] = clean
    return {**item, **free} if free else item


def _stays(name: str, value: Any, item: Mapping[str, Any]) -> bool:
    """Whether a field is a person's pseudonym or a device's time."""
    if not isinstance(value, str):
        return False
    if name == "device_at":
        return _DEVICE_TIME.fullmatch(value) is not None
    is_person = name in _PSEUDONYMS or (name == "target" and value == item.get("staff"))
    return is_person and _PSEUDONYM.fullmatch(value) is not None


def _clean(value: Any, ours: Ours, *, free: bool) -> Any:
    match value:
        case str():
            return value if len(value) < _SHORT else _text(value, ours)
        case bool() | None:
            return value
        case int() | float():
            return MASK if free and abs(value) >= _LONG else value
        case dict() | Mapping():
            return {_text(name, ours): _clean(entry, ours, free=free) for name, entry in value.items()}
        case list() | tuple():
            return [_clean(entry, ours, free=free) for entry in value]
        case _:
            return MASK


def _text(text: str, ours: Ours) -> str:
    if _DIGITS.search(text) is None:
        return text
    clean = masked(text)
    return text if clean == text or ours(text) else clean


def _mask(found: re.Match[str]) -> str:
    return found[0] if found.lastgroup else MASK
