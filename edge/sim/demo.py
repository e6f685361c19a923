"""The demo's configuration: the delivered file with the places filled in that only exist while it runs."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

QUEUE_PORT: Final = "queue0"
BOARDS_PORT: Final = "boards"
"""The names of the two serial ports in the directory of pseudo-terminals."""

_SERIAL: Final = "serial://"


def demo_config(
    base: Mapping[str, Any], *, pty_dir: Path, broker_url: str, state_dir: Path, listen: str
) -> dict[str, Any]:
    """The tables of `config/demo.toml` with ports in `pty_dir`, both brokers at `broker_url`; `base` stays as it is.

    Whatever else `base` says of a table is kept, so a demo may have rules and boards tuned like any branch.
    """
    devices = {id: _device(table, pty_dir) for id, table in base.get("devices", {}).items()}
    return {
        **base,
        "devices": devices,
        "broker": {**base.get("broker", {}), "url": broker_url},
        "hq": {**base.get("hq", {}), "url": broker_url},
        "web": {**base.get("web", {}), "listen": listen},
        "state": {**base.get("state", {}), "dir": str(state_dir)},
    }


def _device(table: Mapping[str, Any], pty_dir: Path) -> dict[str, Any]:
    link = str(table.get("link", ""))
    if not link.startswith(_SERIAL):
        return dict(table)
    path, mark, settings = link.removeprefix(_SERIAL).partition("?")
    return {**table, "link": f"{_SERIAL}{pty_dir / PurePath(path).name}{mark}{settings}"}
