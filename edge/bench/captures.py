"""The captures of a checkout, as every driver has some: what a link brought, and what was asked to bring it.

A capture is a file in `tests/captures/DRIVER/` beside the events it must give (`.jsonl`): raw bytes (`.bin`), chunks in
hexadecimal, a line each (`.hex`, where a line behind `>` is what we asked), or whole messages, a line each, behind
their topic (`.mqtt`) or without one. A `.toml` of its name describes the device.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomli
from msgspec import Struct

from edge import driver as drivers
from edge.bench.broker import Missing
from edge.core.instant import parse
from edge.driver import BadFrame, Device, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.driver import Driver, Received

FOLDER: Final = Path(__file__).resolve().parents[2] / "tests" / "captures"
AT: Final = parse("2026-01-05T09:00:00+00:00")
load = cache(drivers.load)
"""The driver of that name, looked for in the folder once."""

_ASKED: Final = ">"
_STREAMS: Final = frozenset({".bin", ".hex"})
_BESIDE: Final = frozenset({".jsonl", ".toml"})


class Turn(Struct, frozen=True):
    """Bytes that came, or that we sent to make others come."""

    data: bytes
    topic: str = ""
    asked: bool = False


class Capture(Struct, frozen=True):
    """One capture; on a stream the turns may be cut anywhere, elsewhere each is one message."""

    driver: str
    name: str
    device: Device
    turns: tuple[Turn, ...]
    stream: bool

    def fresh(self) -> Driver:
        """A codec for the device whose capture this is."""
        return load(self.driver).create([self.device])

    def frames(self) -> list[tuple[Turn, ...]]:
        """The shortest stretches of which the driver makes something and nothing bad; questions stay in front."""
        driver, found = self.fresh(), []
        pending: list[Turn] = []
        for turn in self._cut():
            pending.append(turn)
            received = feed(driver, turn)
            if not received:
                continue
            frame, pending = _whole(pending), []
            if not _bad(received) and not _bad(self._read_alone(frame)):
                found.append(frame)
        return found

    def _read_alone(self, frame: tuple[Turn, ...]) -> list[Received]:
        """What the frame is without what came before it: noise that was reported already is still noise."""
        driver = self.fresh()
        return [one for turn in frame for one in feed(driver, turn)]

    def _cut(self) -> Iterator[Turn]:
        for turn in self.turns:
            if turn.asked or not self.stream:
                yield turn
            else:
                yield from (Turn(turn.data[at : at + 1], turn.topic) for at in range(len(turn.data)))


def captures(folder: Path = FOLDER) -> list[Capture]:
    """All there are, in the order of their names; Missing where there are none."""
    paths = sorted(path for path in folder.glob("*/*") if path.suffix not in _BESIDE)
    if not paths:
        raise Missing(f"the captures are those of a checkout, and there is no {folder}")
    return [_capture(path) for path in paths]


def feed(driver: Driver, turn: Turn) -> list[Received]:
    """What a driver makes of one turn; drivers that keep account of what was asked are told of it."""
    if not turn.asked:
        return driver.receive(turn.data, AT, turn.topic)
    driver.asked(Request(0, turn.data, expects=True))
    return []


def _capture(path: Path) -> Capture:
    beside = path.with_suffix(".toml")
    table = tomli.loads(beside.read_text(encoding="utf-8")) if beside.exists() else {}
    return Capture(
        driver=path.parent.name,
        name=path.name,
        device=_device(path.parent.name, table),
        turns=tuple(_turns(path)),
        stream=path.suffix in _STREAMS,
    )


def _device(name: str, table: dict[str, Any]) -> Device:
    """The device that a capture's own file describes, else the driver's example."""
    model = load(name).Settings
    example = model.model_json_schema().get("examples", [{}])[0]
    return Device(
        id=table.get("id", "device-1"),
        kind=table.get("kind", "atm"),
        settings=model.model_validate(table.get("settings", example)),
        address=table.get("address"),
        window=table.get("window"),
    )


def _turns(path: Path) -> Iterator[Turn]:
    if path.suffix == ".bin":
        yield Turn(path.read_bytes())
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        if path.suffix == ".mqtt":
            topic, _, payload = line.partition(" ")
            yield Turn(payload.encode(), topic)
        elif path.suffix != ".hex":
            yield Turn(line.encode())
        elif not line.startswith("#"):
            yield Turn(bytes.fromhex(line.removeprefix(_ASKED)), asked=line.startswith(_ASKED))


def _bad(received: list[Received]) -> bool:
    return any(isinstance(one, BadFrame) for one in received)


def _whole(turns: list[Turn]) -> tuple[Turn, ...]:
    """The turns with what came as one; questions are kept apart, in their place before it."""
    asked = [turn for turn in turns if turn.asked]
    came = [turn for turn in turns if not turn.asked]
    return (*asked, Turn(b"".join(turn.data for turn in came), came[-1].topic))
