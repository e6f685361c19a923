from typing import Any

import pytest

from drivers import _xfs4iot_status as status
from drivers._xfs4iot_words import DEVICE, EXTRA_DEVICE

DISPENSER = ("cash_dispenser", DEVICE)


def said(payload: dict[str, Any], part: Any = DISPENSER) -> dict[str, tuple[str | None, str, str | None]]:
    return {name: (m.word, m.state, m.event) for name, m in status.read(payload, part).items()}


def position(**fields: str) -> dict[str, Any]:
    return {"cashDispenser": {"positions": [{"position": "outDefault", **fields}]}}


@pytest.mark.parametrize(
    ("payload", "part", "meaning"),
    [
        ({"common": {"device": "hardwareError"}}, "cash_dispenser", ("hardwareError", "down", None)),
        ({"device": "hardwareError"}, "cash_dispenser", ("hardwareError", "down", None)),
        ({"common": {"device": "fraudAttempt"}}, "cash_dispenser", ("fraudAttempt", "degraded", "tamper")),
        ({"common": {"antiFraudModule": "deviceDetected"}}, "anti_fraud", ("deviceDetected", "degraded", "tamper")),
        ({"antiFraudModule": "ok"}, "anti_fraud", (None, "ok", None)),
        ({"common": {"exchange": "active"}}, "exchange", ("active", "down", None)),
        ({"cardReader": {"media": "jammed"}}, "card", ("jammed", "degraded", None)),
        ({"cashDispenser": {"intermediateStacker": "notEmpty"}}, "stacker", (None, "ok", None)),
        (position(shutter="jammedOpen"), "shutter", ("jammedOpen", "down", None)),
        (position(shutter="jammedClosed", positionStatus="notEmpty"), "notes", ("stuck", "down", "cash_not_dispensed")),
        (position(shutter="jammedClosed", positionStatus="empty"), "notes", (None, "ok", None)),
        (position(shutter="open", positionStatus="notEmpty"), "notes", (None, "ok", None)),
        (position(transport="inoperative"), "transport", ("inoperative", "down", None)),
        ({"cashManagement": {"dispenser": "stop"}}, "cash_units", ("stop", "down", None)),
        ({"cashManagement": {"safeDoor": "doorOpen"}}, "safe_door", ("open", "degraded", "door_open")),
        ({"printer": {"paper": {"upper": "low"}}}, "paper", ("low", "ok", "paper_low")),
        ({"printer": {"paper": {"lower": "out"}}}, "paper_lower", ("out", "degraded", "paper_out")),
        ({"auxiliaries": {"tamperSensor": "on"}}, "tamper", ("on", "degraded", "tamper")),
        ({"auxiliaries": {"seismicSensor": "on"}}, "seismic", ("on", "degraded", "vibration")),
        ({"auxiliaries": {"cabinetFrontDoor": "tampered"}}, "cabinet_front", ("tampered", "degraded", "tamper")),
        ({"auxiliaries": {"operatorSwitch": "maintenance"}}, "operator_switch", ("maintenance", "down", None)),
        ({"vendorMode": {"service": "active"}}, "vendor_mode", ("active", "down", None)),
        ({"keyManagement": {"encryptionState": "notReady"}}, "encryption", ("notReady", "degraded", None)),
    ],
)  # fmt: skip
def test_a_property_is_a_part(payload: dict[str, Any], part: str, meaning: tuple[Any, ...]) -> None:
    assert said(payload)[part] == meaning


def test_what_is_not_there_or_says_nothing_of_a_lobby_is_no_part() -> None:
    payload = {
        "completionCode": "success",
        "common": {"antiFraudModule": "notSupported", "endToEndSecurity": "enforced", "powerSaveRecoveryTime": 0},
        "auxiliaries": {"tamperSensor": "notAvailable", "volume": 3, "UPS": {"low": True}},
        "printer": {"media": None, "paper": {"vendorTray": "odd"}},
        "lights": {"cardReader": {}},
    }

    assert said(payload) == {}


def test_the_gravest_of_several_outputs_counts() -> None:
    positions = [{"shutter": "closed"}, {"shutter": "jammedUnknown"}, {"shutter": "open"}]

    assert said({"cashDispenser": {"positions": positions}})["shutter"] == ("jammedUnknown", "down", None)


def test_a_service_is_what_its_first_interface_says() -> None:
    assert status.part_of({"common": {}, "cashAcceptor": {}, "cashDispenser": {}}, "x") == ("cash_dispenser", DEVICE)
    assert status.part_of({"common": {}, "printer": {}}, "x") == ("printer", EXTRA_DEVICE)
    assert status.part_of({"common": {}}, "lights") == ("lights", EXTRA_DEVICE)


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"common": []}, "'common' is no object"),
        ({"printer": {"paper": 5}}, "'printer.paper' is no object"),
        ({"cashDispenser": {"positions": {}}}, "'cashDispenser.positions' is no list of objects"),
        ({"cashDispenser": {"positions": ["x"]}}, "'cashDispenser.positions' is no list of objects"),
        (position(positionStatus="full"), "'positions.positionStatus' is no word of XFS4IoT"),
        ({"cardReader": {"media": {"track2": "6222"}}}, "'cardReader.media' is no word of XFS4IoT"),
    ],
)
def test_what_is_no_status_is_one_sentence(payload: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}") as fault:
        said(payload)

    assert "6222" not in str(fault.value)


def test_a_shutter_tells_of_the_side_where_notes_come_out() -> None:
    assert status.shutter({"position": "outDefault", "shutter": "jammed"})["shutter"].state == "down"
    assert status.shutter({"position": "inDefault", "shutter": "jammed"}) == {}
    with pytest.raises(ValueError, match="'position' is no word"):
        status.shutter({"shutter": "open"})


def test_paper_of_a_vendors_own_tray_is_nobodys() -> None:
    assert status.paper({"paperSource": "upper", "threshold": "out"})["paper"].event == "paper_out"
    assert status.paper({"paperSource": "tray9", "threshold": "out"}) == {}
    with pytest.raises(ValueError, match="'paperSource' is no word"):
        status.paper({"threshold": "out"})
