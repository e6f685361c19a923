"""English as it is called in a branch: words, capital letters, and numbers in words; a pause is `,`.

Tickets are read sign by sign; every other number up to 99 as a number (12: twelve).
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PAUSE: Final = ","

_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_COUNTED_MOST: Final = 99
_TOKEN: Final = re.compile(r"(?P<number>[0-9]+)|(?P<word>[A-Za-z]+(?:'[a-z]+)?)|(?P<pause>[,.;:!?])")


def sounds(words: str, *, ticket: str = "") -> tuple[str, ...]:
    """What is to be said, word by word: lower-case words, capital letters and pauses.

    The first occurrence of `ticket` is read sign by sign. A single letter elsewhere is a word ("a window").
    """
    before, found, after = words.partition(ticket) if ticket else (words, "", "")
    return tuple(chain(_read(before), _spelt(found), _read(after)))


def _read(words: str) -> Iterator[str]:
    for token in _TOKEN.finditer(words):
        match token.lastgroup:
            case "number":
                yield from _number(token[0])
            case "word":
                yield token[0].lower()
            case "pause":
                yield PAUSE


def _spelt(ticket: str) -> Iterator[str]:
    for sign in ticket:
        if sign.isascii() and sign.isdecimal():
            yield _ONES[int(sign)]
        elif sign.isascii() and sign.isalpha():
            yield sign.upper()


def _number(digits: str) -> Iterator[str]:
    if len(digits) > 1 and (digits[0] == "0" or int(digits) > _COUNTED_MOST):
        yield from _spelt(digits)
        return
    number = int(digits)
    if number < len(_ONES):
        yield _ONES[number]
        return
    tens, ones = divmod(number, 10)
    yield _TENS[tens]
    if ones:
        yield _ONES[ones]
