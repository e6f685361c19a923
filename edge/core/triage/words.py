"""The words of prompts: how long a text may be, what none may say, how its `placeholders` are filled."""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.core.privacy import masked
from edge.core.triage.placeholders import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from edge.core.triage.desk import ObjectKind
    from edge.core.triage.moment import Moment
    from edge.core.wording import Text

LONGEST: Final = 40
"""Chinese characters of a prompt on a handheld, a placeholder counted as `PLACEHOLDER` (playbook §11)."""

PLACEHOLDER: Final = 4
"""Chinese characters: wide enough for a ticket, a time of day and any count or minutes. An id of the configuration may
be wider; `edge.config.check` counts the longest there is, two of its letters as one Chinese character."""

FORBIDDEN: Final = (
    "这是规定", "不关我们", "与我们无关", "人手不够", "经常吃卡",
    "bank's rule", "nothing to do with us", "not enough staff", "often eats cards",
)  # fmt: skip
"""What no template may say (playbook §8.4)."""


class Saying(Struct, frozen=True):
    """What one arm says when it fires: the text, its id of the playbook, and where to go if not the rule's zone."""

    id: str
    text: Text
    zone: str | None = None


def placeholders(text: str) -> list[str]:
    """The names in braces, in order; ValueError when the braces do not pair."""
    found = []
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            found.append(name if not form and not conversion else f"{name}{'!' if conversion else ':'}…")
    return found


def faults(text: Text, about: ObjectKind) -> Iterator[str]:
    """What is wrong with a text, each as the end of a sentence that begins with its key."""
    known = {name for name, p in PLACEHOLDERS.items() if p.about in (None, about)}
    yield from misplaced(text, known, f"a {about}")
    yield from unspeakable(text)
    length = length_of(text.zh)
    if length > LONGEST:
        yield f"zh: is {length} characters long; accepted: at most {LONGEST}, a placeholder counted as {PLACEHOLDER}"


def misplaced(text: Text, known: Collection[str], of: str) -> Iterator[str]:
    """The faults of a text's braces: every name in them is one of the `known`, and so no person can stand there."""
    for language, words in (("zh", text.zh), ("en", text.en)):
        try:
            names = placeholders(words)
        except ValueError as fault:
            yield f"{language}: {fault}"
            continue
        for name in names:
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                yield f"{language}: '{{{name}}}' is no placeholder for {of}; accepted: {listed}"


def unspeakable(text: Text, besides: Iterable[str] = ()) -> Iterator[str]:
    """What no text may say, and these `besides`; nor may one hold a number so long that it may be somebody's."""
    for language, words in (("zh", text.zh), ("en", text.en)):
        for phrase in (*FORBIDDEN, *besides):
            if phrase in words.lower():
                yield f"{language}: says '{phrase}', which no {'prompt' if phrase in FORBIDDEN else 'board'} may say"
        if masked(words) != words:
            yield f"{language}: holds a long number; no text gives a phone, card or account number"


def length_of(zh: str, widths: Mapping[str, float] = MappingProxyType({})) -> int:
    """Characters as the handheld counts them; a placeholder is as wide as `widths` says, and four at least."""
    names = re.findall(r"\{([^{}]*)\}", zh)
    return len(re.sub(r"\{[^{}]*\}", "", zh)) + ceil(sum(max(PLACEHOLDER, widths.get(name, 0)) for name in names))


def filled(text: Text, moment: Moment, object_id: str) -> Text:
    """The text with its placeholders filled from the hall as it stands."""
    return text.fill({name: PLACEHOLDERS[name].value(moment, object_id) for name in _names(text)})


@lru_cache(maxsize=256)
def _names(text: Text) -> tuple[str, ...]:
    """The placeholders of both languages, each once: a rule says the same text again and again."""
    return tuple(sorted({*placeholders(text.zh), *placeholders(text.en)}))
