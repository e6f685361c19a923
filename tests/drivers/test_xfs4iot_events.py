from typing import Any

import pytest

from drivers._xfs4iot_events import counted, hear
from drivers._xfs4iot_service import Service
from drivers._xfs4iot_storage import Unit

KEPT, NOT_GIVEN, TAMPER = ("card_retained", "message"), ("cash_not_dispensed", "message"), ("tamper", "message")


def service() -> Service:
    return Service("ws://h/CashDispenser", 15_000_000, 5_000_000)


@pytest.mark.parametrize(
    ("name", "payload", "happened"),
    [
        ("CardReader.CardActionEvent", {"to": "unit2", "from": "exit"}, [KEPT]),
        ("CardReader.CardActionEvent", {"to": "exit", "from": "transport"}, []),
        ("CardReader.MediaDetectedEvent", {"position": "unit2"}, [KEPT]),
        ("CardReader.MediaDetectedEvent", {"position": "jammed"}, []),
        ("CashDispenser.IncompleteDispenseEvent", {"values": {"unit1": 3}}, [NOT_GIVEN]),
        ("Common.ErrorEvent", {"eventId": "fraudAttempt"}, [TAMPER]),
        ("Common.ErrorEvent", {"eventId": "hardware", "vendorDescription": "6222"}, []),
        ("CardReader.InsertCardEvent", {}, []),
        ("CardReader.EMVClessReadStatusEvent", {"anything": ["6222"]}, []),
    ],
)
def test_what_has_happened_and_who_says_so(name: str, payload: dict[str, Any], happened: list[Any]) -> None:
    assert hear(service(), name, payload) == happened


@pytest.mark.parametrize(
    ("name", "payload", "part", "word"),
    [
        ("Common.StatusChangedEvent", {"device": "offline"}, "cash_dispenser", "offline"),
        ("Common.StatusChangedEvent", {"common": {"device": "offline"}}, "cash_dispenser", "offline"),
        ("Auxiliaries.AuxiliaryStatusEvent", {"seismicSensorState": "on"}, "seismic", "on"),
        ("CashManagement.SafeDoorOpenEvent", {}, "safe_door", "open"),
        ("CashManagement.SafeDoorClosedEvent", {}, "safe_door", None),
        ("CashManagement.ShutterStatusChangedEvent", {"position": "outRear", "shutter": "jammed"}, "shutter", "jammed"),
        ("Printer.PaperThresholdEvent", {"paperSource": "upper", "threshold": "low"}, "paper", "low"),
        ("VendorMode.ModeEnteredEvent", {}, "vendor_mode", "active"),
    ],
)
def test_what_has_changed(name: str, payload: dict[str, Any], part: str, word: str | None) -> None:
    one = service()

    assert hear(one, name, payload) == []
    assert one.parts[part].word == word


@pytest.mark.parametrize("event", ["StorageThresholdEvent", "StorageChangedEvent", "CountsChangedEvent"])
def test_units_that_changed(event: str) -> None:
    one = service()
    one.units = {"unit1": Unit(content="card", retained=3), "unit2": Unit(content="card")}

    assert (
        hear(one, f"Storage.{event}", {"unit1": {"card": {"status": {"retainCount": 5}}}})
        == [("card_retained", "counter")] * 2
    )
    assert one.units == {"unit1": Unit(content="card", retained=5), "unit2": Unit(content="card")}


def test_a_unit_that_failed() -> None:
    one = service()

    assert hear(one, "Storage.StorageErrorEvent", {"failure": "error", "unit": {"unit1": {"status": "missing"}}}) == []
    assert one.units == {"unit1": Unit(status="missing")}


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("CardReader.CardActionEvent", {}),
        ("CardReader.CardActionEvent", {"to": "unit6222021234567890123"}),
        ("CardReader.CardActionEvent", {"to": ["unit1"]}),
        ("Common.ErrorEvent", {"eventId": "fraud"}),
        ("Common.StatusChangedEvent", {"device": "broken"}),
        ("Storage.StorageErrorEvent", {"failure": "sad", "unit": {}}),
        ("Storage.StorageErrorEvent", {"failure": "error", "unit": []}),
        ("Storage.StorageThresholdEvent", {"unit1": {"status": "ok"}, "unit2": {"status": "odd"}}),
        ("Printer.PaperThresholdEvent", {"paperSource": "upper", "threshold": "gone"}),
    ],
)
def test_what_is_bad_has_no_effect(name: str, payload: dict[str, Any]) -> None:
    one = service()

    with pytest.raises(ValueError, match=r"XFS4IoT|is no") as fault:
        hear(one, name, payload)
    assert (one.parts, one.units) == ({}, {})
    assert "6222" not in str(fault.value)


def test_a_counter_that_was_set_is_no_pile_of_cards() -> None:
    before, after = {"unit1": Unit(retained=0, retracted=0)}, {"unit1": Unit(retained=900, retracted=1)}

    assert counted(before, after) == [("card_retained", "counter")] * 16 + [("cash_not_dispensed", "counter")]
