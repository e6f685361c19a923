"""The demo's configuration: the delivered file with the places filled in that only exist while it runs."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

QUEUE_PORT: Final = "queue0"
BOARDS_PORT: Final = "boards"
CARD_PORT: Final = "card0"
SIGN_PORT: Final = "sign0"
SENSOR_PORT: Final = "sensor0"
UPS_PORT: Final = "ups0"
COUNTERS_PORT: Final = "counters0"
"""The names of the serial ports in the directory of pseudo-terminals."""

CLIPS, PLAYER = "clips", "player"
"""What is in the directory of the voice."""

_SERIAL: Final = "serial://"
_SOUND: Final = "sound:"
_WEBSOCKET: Final = "ws://"
_TCP: Final = "tcp://"


class Places(Struct, frozen=True, kw_only=True):
    """What only exists while a demo runs: serial ports are in `pty_dir`, what is in the network is at its link.

    `voice_dir` holds the player that stands for a loudspeaker, and its clips.
    """

    pty_dir: Path
    voice_dir: Path
    machine: str
    printer: str
    broker_url: str
    state_dir: Path
    listen: str


def demo_config(base: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The tables of `config/demo.toml` with everything in its place; `base` stays as it is.

    Whatever else `base` says of a table is kept, so a demo may have rules and boards tuned like any branch.
    """
    devices = {id: _device(table, places) for id, table in base.get("devices", {}).items()}
    return {
        **base,
        "devices": devices,
        "broker": {**base.get("broker", {}), "url": places.broker_url},
        "hq": {**base.get("hq", {}), "url": places.broker_url},
        "web": {**base.get("web", {}), "listen": places.listen},
        "state": {**base.get("state", {}), "dir": str(places.state_dir)},
    }


def _device(table: Mapping[str, Any], places: Places) -> dict[str, Any]:
    link = str(table.get("link", ""))
    if link.startswith(_WEBSOCKET):
        return {**table, "link": places.machine}
    if link.startswith(_TCP):
        return {**table, "link": places.printer}
    if link.startswith(_SOUND):
        settings = {**table["settings"], "clips": str(places.voice_dir / CLIPS)}
        return {**table, "link": f"{_SOUND}default?player={places.voice_dir / PLAYER}", "settings": settings}
    if not link.startswith(_SERIAL):
        return dict(table)
    path, mark, line = link.removeprefix(_SERIAL).partition("?")
    return {**table, "link": f"{_SERIAL}{places.pty_dir / PurePath(path).name}{mark}{line}"}
