"""Storage units of an XFS4IoT service: how full they are, and what their counters say has happened.

Counters are the second witness of a card that was kept (`retainCount`) and the only one of notes that were drawn back
because nobody took them (`retractOperations`): the messages of the command itself go to the machine's own application.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from drivers._machine import GOOD, NO_CASH, SOME_CASH_LEFT, Meaning, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_KEY: Final = re.compile(r"unit([0-9A-Za-z]{1,12})")
"""The standard sets no bound; twelve hold no card number."""
_MOST_UNITS: Final = 64

_STATUS: Final[Mapping[str, Meaning | None]] = {
    "ok": None,
    "inoperative": Meaning("inoperative", "degraded"),
    "missing": Meaning("missing", "degraded"),
    "notConfigured": Meaning("notConfigured", "degraded"),
    "manipulated": Meaning("manipulated", "degraded"),
}
_OPERATION: Final[Mapping[str, Meaning | None]] = {
    "dispenseInoperative": Meaning("dispenseInoperative", "degraded"),
    "depositInoperative": Meaning("depositInoperative", "degraded"),
}
_GIVING: Final[Mapping[str, Meaning]] = {
    "low": Meaning("low", "ok", "cash_low"),
    "empty": Meaning("empty", "degraded", "cash_low"),
}
_TAKING: Final[Mapping[str, Meaning]] = {"high": Meaning("high"), "full": Meaning("full", "degraded", "cash_full")}
_BIN: Final[Mapping[str, Meaning]] = {"high": Meaning("high"), "full": Meaning("full", "degraded")}
_LEVELS: Final = frozenset({"ok", "full", "high", "low", "empty", "unknown"})
_CARD_TYPES: Final = frozenset({"retain", "dispense", "park"})
_NO_RETAINING: Final = frozenset({"dispense", "park"})
_CASH_TYPES: Final = ("cashIn", "cashOut", "replenishment", "cashInRetract", "cashOutRetract", "reject")


class Unit(Struct, frozen=True):
    """What is known of one unit; None and the empty set stand for what was never said."""

    content: str = ""
    status: str = "ok"
    level: str = "ok"
    operation: str | None = None
    types: frozenset[str] = frozenset()
    card: str = "retain"
    retained: int | None = None
    retracted: int | None = None

    @property
    def gives(self) -> bool:
        """Whether customers are paid from it; one that does not say what it is for is taken to be a cassette."""
        return self.content == "cash" and (not self.types or "cashOut" in self.types)

    @property
    def meaning(self) -> Meaning:
        """Its worst news: what is wrong with it, else how full it is."""
        wrong = _STATUS[self.status] or (_OPERATION[self.operation] if self.operation else None)
        if wrong is not None:
            return wrong
        if self.content != "cash":
            return _BIN.get(self.level, GOOD) if self.card not in _NO_RETAINING else GOOD
        taking = _TAKING if self.types - {"cashOut"} else {}
        giving = _GIVING if self.gives else {}
        return {**taking, **giving}.get(self.level, GOOD)


Units = dict[str, Unit]


def read(storage: object, known: Mapping[str, Unit], *, among: str = "storage") -> Units:
    """The units that `storage` speaks of, each as it is `known` but for what is said; ValueError names what is bad."""
    if not isinstance(storage, dict):
        raise ValueError(f"'{among}' is no object")  # noqa: TRY004 (one kind of error for all)
    if len(storage) > _MOST_UNITS:
        raise ValueError(f"'{among}' has {len(storage)} units; accepted: at most {_MOST_UNITS}")
    return {_key(key): _unit(key, item, known.get(key, Unit())) for key, item in storage.items()}


def parts(units: Mapping[str, Unit], *, whole: bool) -> Iterator[Part]:
    """A part for each unit, and of those that give notes together; that only when the `whole` storage is known."""
    giving = [unit.level for unit in units.values() if unit.gives and _STATUS[unit.status] is None]
    for key, unit in units.items():
        yield Part(_name(key, unit, units.values()), unit.meaning)
    if whole and giving and set(giving) == {"empty"}:
        yield Part("cash", NO_CASH)
    elif whole and giving:
        yield Part("cash", SOME_CASH_LEFT if {"low", "empty"}.intersection(giving) else GOOD)


def retained(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> int:
    """How many cards were kept between two readings; a counter that was not known, or was set back, says nothing."""
    return sum(_growth(before[key].retained, unit.retained) for key, unit in after.items() if key in before)


def retracted(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> int:
    """How often paid-out notes were drawn back; a unit that only takes deposits back does not count."""
    return sum(
        _growth(before[key].retracted, unit.retracted)
        for key, unit in after.items()
        if key in before and ("cashOutRetract" in unit.types or "cashInRetract" not in unit.types)
    )


def keeps_cards(key: str, units: Mapping[str, Unit]) -> bool:
    """Whether a card that went to this unit was kept: not when it was put back where cards are issued or parked."""
    unit = units.get(key)
    return unit is None or unit.card not in _NO_RETAINING


def is_unit(key: object) -> bool:
    """Whether it names a unit, rather than a place such as `exit`."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def _growth(before: int | None, after: int | None) -> int:
    return max(0, after - before) if before is not None and after is not None else 0


def _name(key: str, unit: Unit, others: Iterable[Unit]) -> str:
    if unit.content == "card" and unit.card == "retain" and sum(one.card == "retain" for one in _cards(others)) == 1:
        return "retain_bin"
    return f"{unit.content or 'cash'}_unit_{key.removeprefix('unit')}"


def _cards(units: Iterable[Unit]) -> Iterator[Unit]:
    return (unit for unit in units if unit.content == "card")


def _key(key: str) -> str:
    if not is_unit(key):
        raise ValueError("a storage unit's key is not unit… with at most 12 letters and digits behind it")
    return key


def _unit(key: str, item: Any, known: Unit) -> Unit:
    if not isinstance(item, dict):
        raise ValueError(f"'{key}' is no object")  # noqa: TRY004 (one kind of error for all)
    unit = replace(known, status=_word(item, "status", _STATUS) or known.status)
    for content, fill in (
        ("cash", _cash),
        ("card", _card),
        ("printer", _other),
        ("check", _other),
        ("deposit", _other),
    ):
        if item.get(content) is not None:
            unit = fill(_object(item, content), replace(unit, content=content))
    return unit


def _cash(item: Mapping[str, Any], unit: Unit) -> Unit:
    status = _object(item, "status")
    types = {**_object(_object(item, "capabilities"), "types"), **_object(_object(item, "configuration"), "types")}
    if not all(value is None or isinstance(value, bool) for value in types.values()):
        raise ValueError("'cash.configuration.types' is no object of true and false")
    return replace(
        unit,
        level=_word(status, "replenishmentStatus", _LEVELS) or unit.level,
        operation=_word(status, "operationStatus", _OPERATION) if "operationStatus" in status else unit.operation,
        types=frozenset(name for name in _CASH_TYPES if types.get(name)) or unit.types,
        retracted=_count(_object(status, "in"), "retractOperations", unit.retracted),
    )


def _card(item: Mapping[str, Any], unit: Unit) -> Unit:
    status = _object(item, "status")
    return replace(
        unit,
        card=_word(_object(item, "capabilities"), "type", _CARD_TYPES) or unit.card,
        level=_word(status, "replenishmentStatus", _LEVELS) or unit.level,
        retained=_count(status, "retainCount", unit.retained),
    )


def _other(item: Mapping[str, Any], unit: Unit) -> Unit:
    return replace(unit, level=_word(_object(item, "status"), "replenishmentStatus", _LEVELS) or unit.level)


def _object(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = item.get(key)
    if found is not None and not isinstance(found, dict):
        raise ValueError(f"'{key}' of a storage unit is no object")
    return found or {}


def _word(item: Mapping[str, Any], key: str, accepted: Iterable[str]) -> str | None:
    word = item.get(key)
    if word is not None and (not isinstance(word, str) or word not in accepted):
        raise ValueError(f"'{key}' of a storage unit is no word of XFS4IoT; accepted: {', '.join(sorted(accepted))}")
    return word


def _count(item: Mapping[str, Any], key: str, known: int | None) -> int | None:
    count = item.get(key)
    if count is not None and (type(count) is not int or count < 0):
        raise ValueError(f"'{key}' of a storage unit is no number from 0")
    return known if count is None else count
