"""Reads the texts besides those of the rules: what boards show, what the handheld says of its own.

`PLACES` says which texts there have to be and what may stand in the braces of each. A length counts Chinese characters,
a placeholder as four of them (playbook §11); where the configuration's own ids stand in a text, `longest_ids` in
`edge.config.check` counts the longest of these instead. Boards and voice say nothing of who somebody is or what brought
them (playbook §8.2, rule 2).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from edge.core.triage.words import length_of, misplaced, unspeakable
from edge.core.wording import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LONGEST: Final[Mapping[str, int]] = MappingProxyType({"boards": 24, "handheld": 40, "voice": 24})
"""Chinese characters of a text, by the name of its file (playbook §11); nothing is said that is longer."""

PLACES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = MappingProxyType(
    {
        "boards": {
            "L01": frozenset(),
            "L02": frozenset({"t", "w"}),
            "L03": frozenset({"t", "w"}),
            "L04": frozenset({"a", "b"}),
            "L05": frozenset(),
            "L21": frozenset(),
            "L23": frozenset({"n"}),
        },
        "handheld": {"D01": frozenset({"n"})},
        "voice": {"V01": frozenset({"t", "w"}), "V02": frozenset({"t", "w"})},
    }
)
"""The texts that are shown, and their placeholders: ticket, window, minutes from and to, a count. Others have none."""

NOT_ON_BOARDS: Final = (
    "贵宾", "销户", "挂失", "大额", "老人", "老年", "残疾", "孕妇", "午休", "休息",
    "vip", "account closing", "loss report", "large cash", "elderly", "disabled", "pregnant", "at lunch", "on a break",
)  # fmt: skip
"""No board shows labels for people, business that is nobody else's, or why staff are away (playbook §8.1, §8.2, §9)."""

PUBLIC: Final = frozenset({"boards", "voice"})
"""The files whose texts the whole hall reads or hears."""


def read(tables: Mapping[Path, Mapping[str, Any]], faults: list[str]) -> dict[str, Text]:
    """The texts of all files by their id; adds what is wrong with them to `faults`, each with file and key."""
    words: dict[str, Text] = {}
    for file, table in tables.items():
        for id, entry in table.items():
            found = [f"{file}: {id}{fault}" for fault in _shape(entry)]
            if id in words:
                found.append(f"{file}: {id} is there twice; give each text its own id")
            if not found:
                words[id] = Text(entry["zh"], entry["en"])
                found = [f"{file}: {id}.{fault}" for fault in _faults(file.stem, id, words[id])]
            faults += found
        for id in PLACES.get(file.stem, {}):
            if id not in table:
                faults.append(f"{file}: {id} is missing; accepted: a table of zh and en")
    return words


def _shape(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield " is no table; accepted: a table of zh and en"
        return
    for key in ("zh", "en"):
        if key not in entry:
            yield f".{key} is missing; accepted: text"
        elif not isinstance(entry[key], str) or not entry[key].strip():
            yield f".{key} is {entry[key]!r:.60}; accepted: text"
    for key in entry:
        if key not in ("zh", "en"):
            yield f".{key} is unknown; accepted: en, zh"


def _faults(file: str, id: str, text: Text) -> Iterator[str]:
    yield from misplaced(text, PLACES.get(file, {}).get(id, frozenset()), id)
    yield from unspeakable(text, NOT_ON_BOARDS if file in PUBLIC else ())
    length, most = length_of(text.zh), LONGEST.get(file, LONGEST["handheld"])
    if length > most:
        yield f"zh: is {length} characters long; accepted: at most {most}, a placeholder counted as 4"
