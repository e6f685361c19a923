"""The branch that is measured: twenty windows, four classes, and whatever devices a benchmark wants of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from edge.config import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edge.config import Loaded

ID: Final = "bench"
WINDOWS: Final[Mapping[str, tuple[str, ...]]] = {
    **{str(n): ("cash", "account") for n in range(1, 9)},
    **{str(n): ("cash",) for n in range(9, 15)},
    **{str(n): ("account", "loan") for n in range(15, 19)},
    **{str(n): ("loan", "exchange") for n in range(19, 21)},
}
"""Window to the classes it takes: general ones and narrow ones, as a large branch has them."""

SERVICES: Final[Mapping[str, float]] = {"cash": 200.0, "account": 300.0, "loan": 480.0, "exchange": 240.0}
"""Class to the mean of its service time, seconds."""

MACHINES: Final = 10

Table = dict[str, Any]


def table(state: Path, **more: Any) -> Table:
    """A configuration without pages, brokers and devices, as nested tables; `more` adds or replaces whole tables."""
    return {
        "branch": {"id": ID, "org": "example-bank", "timezone": "Asia/Shanghai", "open": "09:00", "close": "17:00"},
        "services": {
            id: {"typical_s": typical_s, "self_service": ["atm"] if id == "cash" else []}
            for id, typical_s in SERVICES.items()
        },
        "windows": {id: {"services": list(services)} for id, services in WINDOWS.items()},
        "staff": {"lobby_manager": ["lm-1"], "branch_head": ["bh-1"]},
        "web": {"listen": ""},
        "state": {"dir": str(state)},
        **more,
    }


def machines(count: int) -> Table:
    """So many ATMs, each reporting on a topic of its own; none falls silent while it is measured."""
    mqtt = {"driver": "atm_mqtt"}
    return {id: {**table, **mqtt, "link": f"mqtt:atm/{id}/status"} for id, table in unlinked(count).items()}


def unlinked(count: int) -> Table:
    """The same ATMs without a link: enough where events are made and not heard."""
    return {f"atm-{n}": {"kind": "atm", "stale_s": 86400} for n in range(count)}


def status_topic(number: int) -> str:
    """Where the agent of ATM `number` publishes."""
    return f"atm/atm-{number}/status"


def written(path: Path, tables: Mapping[str, Any]) -> Path:
    """A configuration file of these tables."""
    path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in tables.items()), encoding="utf-8")
    return path


def loaded(folder: Path) -> Loaded:
    """The branch with its machines, read with the delivered rules and texts; its file is made in `folder`."""
    return load(written(folder / "branch.toml", table(folder / "state", devices=unlinked(MACHINES))))


def _toml(value: object) -> str:
    """A value as TOML: tables inline, everything else as JSON writes it (TOML 1.0 reads the same)."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
