"""What CEN/XFS 3 says in numbers, in the words of XFS4IoT and as states of a device.

The numbers are those of the CEN headers, release 3.20 (`xfscdm.h`, `xfsidc.h`, `xfsptr.h`, `xfssiu.h`); the keys are
the field names of their status structures, and `units` the list of cash units. Which state a number puts the device
in, and which event of ours it is, is our reading. A word of None is a part in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from drivers._framing import shown
from drivers._machine import GOOD, NO_CASH, SOME_CASH_LEFT, UNKNOWN, Meaning, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Table: TypeAlias = Mapping[int, Meaning | None]

_ABSENT: Final = None
"""Of a number that stands for "not supported"."""

DEVICE: Final[_Table] = {
    0: GOOD,
    1: Meaning("offline", "down"),
    2: Meaning("powerOff", "down"),
    3: Meaning("noDevice", "down"),
    4: Meaning("hardwareError", "down"),
    5: Meaning("userError", "degraded"),
    6: GOOD,  # busy: it serves somebody
    7: Meaning("fraudAttempt", "degraded", "tamper"),
    8: Meaning("potentialFraud", "degraded", "tamper"),
}
"""`fwDevice` of every service class."""

_EXTRA_DEVICE: Final[_Table] = {
    number: replace(meaning, state="degraded") if meaning and meaning.state == "down" else meaning
    for number, meaning in DEVICE.items()
}
"""`fwDevice` of what a machine can do without: customers are still served when its printer is down."""

_UNIT: Final[_Table] = {
    0: GOOD,
    1: Meaning("full", "degraded", "cash_full"),
    2: Meaning("high"),
    3: Meaning("low", "ok", "cash_low"),
    4: Meaning("empty", "degraded", "cash_low"),
    5: Meaning("inoperative", "degraded"),
    6: Meaning("missing", "degraded"),
    7: Meaning("noValues", "degraded"),
    8: Meaning("noReference", "degraded"),
    9: Meaning("manipulated", "degraded"),
}
_MOST_CARDS: Final = 65535
_LOW: Final = 3
_EMPTY: Final = 4
_GIVES_NOTES: Final = frozenset({3, 12})  # usType: bill cassette, recycling

_SAFE_DOOR: Final[_Table] = {1: _ABSENT, 2: Meaning("open", "degraded", "door_open"), 3: GOOD, 5: UNKNOWN}
_DISPENSER: Final[_Table] = {0: GOOD, 1: Meaning("attention", "degraded"), 2: Meaning("stop", "down"), 3: UNKNOWN}
_STACKER: Final[_Table] = {
    0: GOOD,
    1: GOOD,
    2: Meaning("notEmptyCustomer", "degraded"),
    3: Meaning("notEmptyUnknown", "degraded"),
    4: UNKNOWN,
    5: _ABSENT,
}
_SHUTTER: Final[_Table] = {0: GOOD, 1: GOOD, 2: Meaning("jammed", "down"), 3: UNKNOWN, 4: _ABSENT}
_CARD: Final[_Table] = {1: GOOD, 2: GOOD, 3: Meaning("jammed", "degraded"), 4: _ABSENT, 5: UNKNOWN, 6: GOOD, 7: GOOD}
_RETAIN_BIN: Final[_Table] = {
    1: GOOD,
    2: _ABSENT,
    3: Meaning("full", "degraded"),
    4: Meaning("high"),
    5: Meaning("missing", "degraded"),
}
_PAGE: Final[_Table] = {
    **dict.fromkeys((0, 1, 5, 6, 7), GOOD),  # present, not present, entering, retracted, expelled
    2: Meaning("jammed", "degraded"),
    3: _ABSENT,
    4: UNKNOWN,
}
_PAPER: Final[_Table] = {
    0: GOOD,
    1: Meaning("low", "ok", "paper_low"),
    2: Meaning("out", "degraded", "paper_out"),
    3: _ABSENT,
    4: UNKNOWN,
    5: Meaning("jammed", "degraded"),
}
_SWITCH: Final[_Table] = {0: _ABSENT, 1: GOOD, 2: Meaning("maintenance", "down"), 4: Meaning("supervisor", "down")}
_DOOR: Final[_Table] = {0: _ABSENT, 1: GOOD, 2: Meaning("open", "degraded", "door_open"), 4: GOOD, 8: GOOD}


def _alarm(event: str) -> _Table:
    return {0: _ABSENT, 1: GOOD, 2: Meaning("on", "degraded", event)}


_FIELDS: Final[Mapping[tuple[str, str], Sequence[tuple[str, _Table]]]] = {
    ("cdm", "fwDevice"): [("cash_dispenser", DEVICE)],
    ("cdm", "fwSafeDoor"): [("safe_door", _SAFE_DOOR)],
    ("cdm", "fwDispenser"): [("cash_units", _DISPENSER)],
    ("cdm", "fwIntermediateStacker"): [("stacker", _STACKER)],
    ("cdm", "fwShutter"): [("shutter", _SHUTTER)],
    ("idc", "fwDevice"): [("card_reader", DEVICE)],
    ("idc", "fwMedia"): [("card", _CARD)],
    ("idc", "fwRetainBin"): [("retain_bin", _RETAIN_BIN)],
    ("ptr", "fwDevice"): [("printer", _EXTRA_DEVICE)],
    ("ptr", "fwMedia"): [("printed_page", _PAGE)],
    ("ptr", "fwPaper"): [("paper", _PAPER), ("paper_lower", _PAPER), ("paper_external", _PAPER), ("paper_aux", _PAPER)],
    ("siu", "fwDevice"): [("sensors", _EXTRA_DEVICE)],
    ("siu", "fwSensors"): [
        ("operator_switch", _SWITCH),
        ("tamper", _alarm("tamper")),
        ("internal_tamper", _alarm("tamper")),
        ("seismic", _alarm("vibration")),
        ("heat", _alarm("heat")),
    ],
    ("siu", "fwDoors"): [
        ("cabinet", _DOOR),
        ("safe", _DOOR),
        ("vandal_shield", {number: GOOD if meaning else meaning for number, meaning in _DOOR.items()}),
        ("cabinet_front", _DOOR),
        ("cabinet_rear", _DOOR),
        ("cabinet_left", _DOOR),
        ("cabinet_right", _DOOR),
    ],
}
"""Service class and field to the parts it reports: one for a number, several, by index, for a list."""


def read(status: object) -> list[Part]:
    """The parts of `{"cdm": {"fwDevice": 0, …}, "idc": …}`; ValueError names a field that is not as CEN has it.

    Classes and fields that say nothing about a lobby are passed over, and numbers beyond the tables are `unknown`.
    """
    if not isinstance(status, dict):
        raise ValueError(f"'wfs' is {shown(status)}; accepted: an object")  # noqa: TRY004 (one kind of error for all)
    parts: list[Part] = []
    for (service, field), meanings in _FIELDS.items():
        fields = status.get(service, {})
        if not isinstance(fields, dict):
            raise ValueError(f"'wfs.{service}' is {shown(fields)}; accepted: an object")  # noqa: TRY004 (as above)
        if field in fields:
            parts += _parts(f"wfs.{service}.{field}", fields[field], meanings)
    parts += _units(status.get("cdm", {}).get("units", []))
    return parts


def cards_kept(status: object) -> int | None:
    """`usCards` of the card reader: how many cards its bin holds; None where the agent does not say."""
    cards = status.get("idc", {}).get("usCards") if isinstance(status, dict) else None
    if cards is not None and not 0 <= _number("wfs.idc.usCards", cards) <= _MOST_CARDS:
        raise ValueError(f"'wfs.idc.usCards' is {shown(cards)}; accepted: 0 to {_MOST_CARDS}")
    return cards


def _parts(where: str, value: object, meanings: Sequence[tuple[str, _Table]]) -> Iterator[Part]:
    numbers = value if isinstance(value, list) and len(meanings) > 1 else [value]
    for number, (name, table) in zip(numbers, meanings, strict=False):
        meaning = _meaning(where, number, table)
        if meaning is not None:
            yield Part(name, meaning)


def _meaning(where: str, number: object, table: _Table) -> Meaning | None:
    known = _number(where, number)
    return table.get(known, Meaning(f"value {known}", "unknown"))


def _number(where: str, value: object) -> int:
    if type(value) is not int:
        raise ValueError(f"'{where}' is {shown(value)}; accepted: a number of CEN/XFS 3")
    return value


def _units(units: object) -> Iterator[Part]:
    """The cash units, by place, and as `cash` those that give notes together: in order, low, or all of them empty."""
    if not isinstance(units, list) or not all(isinstance(unit, dict) for unit in units):
        raise ValueError(f"'wfs.cdm.units' is {shown(units)}; accepted: a list of objects with usType and usStatus")
    giving: set[int] = set()
    for place, unit in enumerate(units, 1):
        status = _number("wfs.cdm.units.usStatus", unit.get("usStatus"))
        if _number("wfs.cdm.units.usType", unit.get("usType")) in _GIVES_NOTES:
            giving.add(status)
        yield Part(f"cash_unit_{place}", _UNIT.get(status) or Meaning(f"value {status}", "unknown"))
    if giving:
        some = SOME_CASH_LEFT if giving & {_LOW, _EMPTY} else GOOD
        yield Part("cash", NO_CASH if giving == {_EMPTY} else some)
