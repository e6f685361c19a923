"""The words of prompts: how long a text may be, what none may say, how its `placeholders` are filled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Final

from edge.core.triage.placeholders import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.triage.desk import ObjectKind
    from edge.core.triage.moment import Moment
    from edge.core.wording import Text

LONGEST: Final = 40
"""Chinese characters of a prompt on a handheld, a placeholder counted as `PLACEHOLDER` (playbook §11)."""

PLACEHOLDER: Final = 4
FORBIDDEN: Final = (
    "这是规定", "不关我们", "与我们无关", "人手不够", "经常吃卡",
    "bank's rule", "nothing to do with us", "not enough staff", "often eats cards",
)  # fmt: skip
"""What no template may say (playbook §8.4)."""


@dataclass(frozen=True, slots=True)
class Saying:
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
    for language, words in (("zh", text.zh), ("en", text.en)):
        try:
            names = placeholders(words)
        except ValueError as fault:
            yield f"{language}: {fault}"
            continue
        known = {name for name, p in PLACEHOLDERS.items() if p.about in (None, about)}
        for name in names:
            if name not in known:
                yield f"{language}: '{{{name}}}' is no placeholder for a {about}; accepted: {', '.join(sorted(known))}"
        for phrase in FORBIDDEN:
            if phrase in words.lower():
                yield f"{language}: says '{phrase}', which no prompt may say"
    length = length_of(text.zh)
    if length > LONGEST:
        yield f"zh: is {length} characters long; accepted: at most {LONGEST}, a placeholder counted as {PLACEHOLDER}"


def length_of(zh: str) -> int:
    """Characters as the handheld counts them."""
    return len(re.sub(r"\{[^{}]*\}", "x" * PLACEHOLDER, zh))


def filled(text: Text, moment: Moment, object_id: str) -> Text:
    """The text with its placeholders filled from the hall as it stands."""
    return text.fill({name: PLACEHOLDERS[name].value(moment, object_id) for name in _names(text)})


@lru_cache(maxsize=256)
def _names(text: Text) -> tuple[str, ...]:
    """The placeholders of both languages, each once: a rule says the same text again and again."""
    return tuple(sorted({*placeholders(text.zh), *placeholders(text.en)}))
