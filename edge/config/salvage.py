"""What can still be checked of a file that has faults: its sound tables, with empty ones in place of the others.

So that one round of `lobbyd check` names the faults of links, drivers and rules too, and not only those of the tables.
Nothing that comes from here is ever run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from edge.config.models import Branch, BranchTable, BrokerTable, DeviceTable, ServiceTable, Table, WindowTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T", bound=Table)


def salvaged(table: Mapping[str, Any]) -> Branch:
    """Names of all services and windows stay known, so that nobody is told that they are missing."""
    nobody = BranchTable(id="unknown")
    unsound = WindowTable.model_construct(services=(), hours=())
    return Branch.model_construct(
        branch=_sound(BranchTable, table.get("branch")) or nobody,
        services={id: _sound(ServiceTable, raw) or ServiceTable() for id, raw in _entries(table, "services")},
        windows={id: _sound(WindowTable, raw) or unsound for id, raw in _entries(table, "windows")},
        devices={id: sound for id, raw in _entries(table, "devices") if (sound := _sound(DeviceTable, raw))},
        rules={id: raw for id, raw in _entries(table, "rules") if isinstance(raw, dict)},
        broker=BrokerTable(url="mqtt://127.0.0.1") if "broker" in table else None,
    )


def _entries(table: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    found = table.get(key)
    yield from found.items() if isinstance(found, dict) else ()


def _sound(kind: type[T], raw: object) -> T | None:
    try:
        return kind.model_validate(raw)
    except ValidationError:
        return None
