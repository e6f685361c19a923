"""JSON Schema 2020-12, as far as our schemas use it: a keyword that is not known here is an error."""

from collections.abc import Callable, Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

Rule = dict[str, Any]

TYPES: Final[MappingProxyType[str, Callable[[Any], bool]]] = MappingProxyType(
    {
        "string": lambda item: isinstance(item, str),
        "integer": lambda item: isinstance(item, int) and not isinstance(item, bool),
        "number": lambda item: isinstance(item, int | float) and not isinstance(item, bool),
        "boolean": lambda item: isinstance(item, bool),
        "object": lambda item: isinstance(item, dict),
        "array": lambda item: isinstance(item, list),
        "null": lambda item: item is None,
    }
)


def faults(item: Any, rule: Rule, where: str = "") -> Iterator[str]:
    """What is wrong with `item`, one sentence a fault."""
    for keyword in rule.keys() - {"description", "$schema", "$id"}:
        if keyword in SIMPLE:
            if not SIMPLE[keyword](item, rule[keyword]):
                yield f"{where}: {item!r} does not meet {keyword} {rule[keyword]!r}"
        else:
            yield from DEEP[keyword](item, rule, where)


def _is_time(item: Any) -> bool:
    try:
        return datetime.fromisoformat(item).tzinfo is not None
    except (ValueError, TypeError):
        return False


def _items(item: Any, rule: Rule, where: str) -> Iterator[str]:
    for n, one in enumerate(item if isinstance(item, list) else ()):
        yield from faults(one, rule["items"], f"{where}[{n}]")


def _required(item: Any, rule: Rule, where: str) -> Iterator[str]:
    if isinstance(item, dict):
        yield from (f"{where}: lacks {name}" for name in rule["required"] if name not in item)


def _properties(item: Any, rule: Rule, where: str) -> Iterator[str]:
    if isinstance(item, dict):
        for name in rule["properties"].keys() & item.keys():
            yield from faults(item[name], rule["properties"][name], f"{where}.{name}")


def _others(item: Any, rule: Rule, where: str) -> Iterator[str]:
    allowed = rule["additionalProperties"]
    others = item.keys() - rule.get("properties", {}).keys() if isinstance(item, dict) else ()
    for name in others:
        if allowed is False:
            yield f"{where}: {name} is too much"
        elif allowed is not True:
            yield from faults(item[name], allowed, f"{where}.{name}")


SIMPLE: Final[MappingProxyType[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "type": lambda item, names: any(TYPES[name](item) for name in ([names] if isinstance(names, str) else names)),
        "const": lambda item, value: item == value,
        "enum": lambda item, values: item in values,
        "anyOf": lambda item, rules: any(not any(faults(item, rule)) for rule in rules),
        "minimum": lambda item, least: not isinstance(item, int | float) or item >= least,
        "format": lambda item, name: name == "date-time" and _is_time(item),
    }
)
DEEP: Final[MappingProxyType[str, Callable[[Any, Rule, str], Iterator[str]]]] = MappingProxyType(
    {"items": _items, "required": _required, "properties": _properties, "additionalProperties": _others}
)
