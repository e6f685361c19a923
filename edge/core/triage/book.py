"""All rules of a policy together: read from their files, and indexed by what moves them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from edge.core.aspects import EVERYTHING
from edge.core.triage.rules import parse
from edge.core.triage.table import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.triage.rule import Rule


def load(files: Mapping[str, Mapping[str, Any]], tuning: Mapping[str, Any]) -> tuple[tuple[Rule, ...], list[str]]:
    """The rules of all files (name → table) under the configuration's `[rules]`, and every fault of all of them.

    A rule that is `tuned_with` another takes that one's overrides where it has the same key and none of its own.
    """
    rules, faults = [], []
    homes: dict[str, str] = {}
    for where, table in sorted(files.items()):
        id = str(table.get("id"))
        if id in homes:
            faults.append(f"{where}: id is {shown(id)}, which {homes[id]} has already")
        homes.setdefault(id, where)
        rule, found = parse(table, where, _overrides(table, id, tuning))
        faults += found
        if rule is not None:
            rules.append(rule)
    known = ", ".join(sorted(homes))
    faults += [f"[rules.{id}] is the table of no rule; accepted: {known}" for id in tuning if id not in homes]
    return tuple(rules), faults


def _overrides(table: Mapping[str, Any], id: str, tuning: Mapping[str, Any]) -> Mapping[str, Any]:
    own = tuning.get(id, {})
    other = tuning.get(str(table.get("tuned_with")), {})
    keys = table.get("keys")
    if not (isinstance(own, dict) and isinstance(other, dict) and isinstance(keys, dict)):
        return own  # type: ignore[no-any-return]  # not a table: parse says so
    return {key: value for key, value in other.items() if key in keys} | own


@dataclass(frozen=True, slots=True)
class Index:
    """The rules switched on, by their id, and for every union of aspects those it may move, in order of evaluation.

    Rules that ask how another rule stands come last; otherwise the order is that of their ids.
    """

    by_id: Mapping[str, Rule]
    moved: tuple[tuple[Rule, ...], ...]
    readers: tuple[Rule, ...]


@lru_cache(maxsize=4)
def index(rules: tuple[Rule, ...]) -> Index:
    """The index over a policy's rules; remembered, because every step asks for it."""
    order = sorted((rule for rule in rules if rule.enabled), key=lambda rule: (rule.reads_desk, rule.id))
    moved = tuple(tuple(rule for rule in order if rule.moved_by & changed) for changed in range(EVERYTHING + 1))
    return Index({rule.id: rule for rule in order}, moved, tuple(rule for rule in order if rule.reads_desk))
