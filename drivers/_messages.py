"""What drivers of JSON on MQTT share: payloads that may be anything, topic filters, paths into a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PAYLOAD: Final = 64 * 1024
"""Bytes of a payload unless the settings say otherwise: a thousand times what a status needs."""

MISSING: Final = object()
"""What `dig` answers where there is nothing."""


def read_object(payload: bytes, most: int) -> dict[str, Any] | str:
    """The JSON object in a payload, or why there is none. Nesting beyond 200 levels is refused by the parser.

    The reason never quotes the payload: it may hold what must not get into a log.
    """
    if len(payload) > most:
        return f"a payload of {len(payload)} bytes; accepted: at most {most}"
    try:
        item = from_json(payload, allow_inf_nan=False)
    except ValueError as fault:
        return f"not JSON: {fault}"
    return item if isinstance(item, dict) else f"not a JSON object but {_NAMES.get(type(item), 'something else')}"


_NAMES: Final[Mapping[type, str]] = {
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def dig(item: object, path: str) -> Any:
    """What stands at a dotted path, whose numbers count from 0 in lists; MISSING where nothing does."""
    for step in path.split("."):
        if isinstance(item, dict) and step in item:
            item = item[step]
        elif isinstance(item, list) and step.isdecimal() and step.isascii() and int(step) < len(item):
            item = item[int(step)]
        else:
            return MISSING
    return item


def fill(item: dict[str, Any], path: str, value: object) -> None:
    """Puts `value` where `dig` will find it, through objects only."""
    *steps, last = path.split(".")
    for step in steps:
        item = item.setdefault(step, {})
    item[last] = value


def matches(pattern: str, topic: str) -> bool:
    """Whether a topic passes a topic filter, by the rules of MQTT; one that begins with `$` passes no wildcard."""
    wanted, levels = pattern.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    if wanted[-1] == "#":
        wanted = wanted[:-1]
        levels = levels[: len(wanted)]
    return len(wanted) == len(levels) and all(want in ("+", level) for want, level in zip(wanted, levels, strict=True))


def topic_filter(text: str) -> str:
    """The text, when it is a topic filter; ValueError says what is wrong with it."""
    levels = text.split("/")
    if not text or "\0" in text or "#" in levels[:-1]:
        raise ValueError(f"{text!r} is no topic filter: # may only be its last level")
    if any(len(level) > 1 and ("+" in level or "#" in level) for level in levels):
        raise ValueError(f"{text!r} is no topic filter: + and # stand for whole levels")
    return text
