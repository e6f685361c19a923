"""Common.Status and the events that change it: payloads of versions 1.0 to 3.0 to the parts of one service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from drivers import _xfs4iot_words as words
from drivers._machine import GOOD, Meaning, graver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drivers._xfs4iot_words import Table

Parts: TypeAlias = dict[str, Meaning]

_OUTPUTS: Final = "out"
"""Positions where notes come out begin with it; those where they are put in begin with `in`."""

_COMMON: Final = frozenset({"device", "devicePosition", "antiFraudModule", "exchange"})


def read(payload: Mapping[str, Any], part: tuple[str, Table]) -> Parts:
    """The parts a status payload speaks of, `part` being the service's own name and table; ValueError says what is bad.

    Version 1.0 has the common block bare in its StatusChangedEvent, later versions one object per interface. What is
    left out has not changed.
    """
    bare = {key: value for key, value in payload.items() if key in _COMMON}
    common = {**_object(payload, "common"), **bare}
    found = dict(_device(common, part))
    for interface, fields in words.FIELDS.items():
        block = common if interface == "common" else _object(payload, interface)
        for field, (name, table) in fields.items():
            found |= _one(f"{interface}.{field}", block.get(field), name, table)
    found |= _positions(_object(payload, "cashDispenser").get("positions"))
    paper = _object(_object(payload, "printer"), "paper", "printer.")
    for source, (name, table) in words.PAPER.items():
        found |= _one(f"printer.paper.{source}", paper.get(source), name, table)
    return found


def part_of(payload: Mapping[str, Any], service: str) -> tuple[str, Table]:
    """What a service is by the interfaces in its status, else by its own name: its part, and how grave its state is."""
    for interface, name, table in words.PARTS_BY_INTERFACE:
        if isinstance(payload.get(interface), dict):
            return name, table
    return service, words.EXTRA_DEVICE


def shutter(payload: Mapping[str, Any]) -> Parts:
    """CashManagement.ShutterStatusChangedEvent; nothing for the side where notes are put in."""
    position = payload.get("position")
    if not isinstance(position, str):
        raise ValueError("'position' is no word of XFS4IoT")  # noqa: TRY004 (one kind of error for all)
    state = _one("shutter", payload.get("shutter"), *words.SHUTTER)
    return state if position.startswith(_OUTPUTS) else {}


def paper(payload: Mapping[str, Any]) -> Parts:
    """Printer.PaperThresholdEvent; nothing for a source of a vendor's own."""
    source = payload.get("paperSource")
    if not isinstance(source, str):
        raise ValueError("'paperSource' is no word of XFS4IoT")  # noqa: TRY004 (as above)
    if source not in words.PAPER:
        return {}
    return _one("threshold", payload.get("threshold"), *words.PAPER[source])


def _object(payload: Mapping[str, Any], key: str, inside: str = "") -> Mapping[str, Any]:
    block = payload.get(key)
    if block is not None and not isinstance(block, dict):
        raise ValueError(f"'{inside}{key}' is no object")
    return block or {}


def _device(common: Mapping[str, Any], part: tuple[str, Table]) -> Iterator[tuple[str, Meaning]]:
    name, table = part
    meant = words.meaning("common.device", common.get("device"), table)
    if meant is not None:
        yield name, meant


def _one(where: str, word: Any, name: str, table: Table) -> Parts:
    meant = words.meaning(where, word, table)
    return {} if meant is None else {name: meant}


def _positions(positions: Any) -> Parts:
    """The gravest of every output position; a machine has one or two."""
    if positions is None:
        return {}
    if not isinstance(positions, list) or not all(isinstance(one, dict) for one in positions):
        raise ValueError("'cashDispenser.positions' is no list of objects")
    found: Parts = {}
    for one in positions:
        for name, meant in _position(one).items():
            if name not in found or graver(meant, found[name]):
                found[name] = meant
    return found


def _position(one: Mapping[str, Any]) -> Parts:
    found = _one("positions.shutter", one.get("shutter"), *words.SHUTTER)
    found |= _one("positions.transport", one.get("transport"), *words.TRANSPORT)
    words.meaning("positions.positionStatus", one.get("positionStatus"), words.POSITION)
    stuck = one.get("shutter") == "jammedClosed" and one.get("positionStatus") == "notEmpty"
    return {**found, "notes": words.STUCK if stuck else GOOD}
