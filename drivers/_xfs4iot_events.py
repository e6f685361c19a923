"""What an XFS4IoT service tells of itself, and what its counters say: changes of its parts, and what has happened.

A happening is an event of ours and its witness, for a card that was kept is told of by a message and by a counter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from drivers import _xfs4iot_status as status
from drivers import _xfs4iot_storage as storage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers._xfs4iot_service import Service

Happening: TypeAlias = tuple[str, str]

_BY_NAME: Final[Mapping[str, Mapping[str, Any]]] = {
    "CashManagement.SafeDoorOpenEvent": {"cashManagement": {"safeDoor": "doorOpen"}},
    "CashManagement.SafeDoorClosedEvent": {"cashManagement": {"safeDoor": "doorClosed"}},
    "VendorMode.ModeEnteredEvent": {"vendorMode": {"service": "active"}},
    "VendorMode.ModeExitedEvent": {"vendorMode": {"service": "inactive"}},
}
"""Events whose name says it all, as the status that follows from them."""

_ERRORS: Final = frozenset({"hardware", "software", "user", "fraudAttempt"})
_FAILURES: Final = frozenset({
    "empty", "error", "full", "locked", "invalid", "config", "notConfigured",
    "feedModuleProblem", "physicalLocked", "physicalUnlocked",
})  # fmt: skip
_PLACES: Final = frozenset({"exit", "transport", "jammed"})
_MOST: Final = 16
"""Of one reading: a counter that rises by more was set, and is no pile of cards."""


def hear(service: Service, name: str, payload: Mapping[str, Any]) -> list[Happening]:
    """Takes an event; ValueError says what is bad about it, and then it has no effect. Others are passed over.

    What concerns a lobby has the service asked for its status at once: events tell of a change, answers of the whole.
    """
    if name in _BY_NAME:
        return _changed(service, _BY_NAME[name])
    match name:
        case "Common.StatusChangedEvent":
            return _changed(service, payload)
        case "Auxiliaries.AuxiliaryStatusEvent":
            return _changed(service, {"auxiliaries": payload})
        case "Common.ErrorEvent":
            return _error(service, payload)
        case "CashManagement.ShutterStatusChangedEvent":
            return _said(service, status.shutter(payload))
        case "Printer.PaperThresholdEvent":
            return _said(service, status.paper(payload))
        case "Storage.StorageThresholdEvent" | "Storage.StorageChangedEvent" | "Storage.CountsChangedEvent":
            return _units(service, payload)
        case "Storage.StorageErrorEvent":
            _one_of("failure", payload, _FAILURES)
            return _units(service, payload.get("unit", {}))
        case "CardReader.CardActionEvent":
            return _card(service, payload.get("to"))
        case "CardReader.MediaDetectedEvent":
            return _card(service, payload.get("position"))
        case "CashDispenser.IncompleteDispenseEvent":
            service.ask_again()
            return [("cash_not_dispensed", "message")]
        case _:
            return []


def counted(before: storage.Units, after: storage.Units) -> list[Happening]:
    """What counters say that have gone up between two readings."""
    cards = min(_MOST, storage.retained(before, after))
    notes = min(_MOST, storage.retracted(before, after))
    return [("card_retained", "counter")] * cards + [("cash_not_dispensed", "counter")] * notes


def _changed(service: Service, payload: Mapping[str, Any]) -> list[Happening]:
    service.changed(payload)
    service.ask_again()
    return []


def _said(service: Service, parts: status.Parts) -> list[Happening]:
    service.parts |= parts
    service.ask_again()
    return []


def _error(service: Service, payload: Mapping[str, Any]) -> list[Happening]:
    kind = _one_of("eventId", payload, _ERRORS)
    service.ask_again()
    return [("tamper", "message")] if kind == "fraudAttempt" else []


def _units(service: Service, payload: object) -> list[Happening]:
    before = service.units
    service.units = {**before, **storage.read(payload, before, among="payload")}
    service.ask_again()
    return counted(before, service.units)


def _card(service: Service, to: object) -> list[Happening]:
    if not (isinstance(to, str) and (to in _PLACES or storage.is_unit(to))):
        raise ValueError("a card went to no place of XFS4IoT")
    service.ask_again()
    kept = to not in _PLACES and storage.keeps_cards(to, service.units)
    return [("card_retained", "message")] if kept else []


def _one_of(key: str, payload: Mapping[str, Any], accepted: frozenset[str]) -> str:
    word = payload.get(key)
    if not isinstance(word, str) or word not in accepted:
        raise ValueError(f"'{key}' is no word of XFS4IoT; accepted: {', '.join(sorted(accepted))}")
    return word
