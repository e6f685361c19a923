import re
from typing import Any

import pytest

from drivers._machine import Part
from drivers._wfs import DEVICE, cards_kept, read


def said(parts: list[Part]) -> dict[str, tuple[str | None, str, str | None]]:
    return {part.name: (part.meaning.word, part.meaning.state, part.meaning.event) for part in parts}


def test_a_part_in_order_has_no_word() -> None:
    assert said(read({"cdm": {"fwDevice": 0, "fwShutter": 1}})) == {
        "cash_dispenser": (None, "ok", None),
        "shutter": (None, "ok", None),
    }


def test_a_part_that_is_not_supported_is_no_part() -> None:
    assert read({"cdm": {"fwSafeDoor": 1, "fwShutter": 4}, "siu": {"fwDoors": [0, 0]}}) == []


@pytest.mark.parametrize(
    ("status", "part", "meaning"),
    [
        ({"cdm": {"fwDevice": 4}}, "cash_dispenser", ("hardwareError", "down", None)),
        ({"cdm": {"fwDevice": 7}}, "cash_dispenser", ("fraudAttempt", "degraded", "tamper")),
        ({"cdm": {"fwDispenser": 2}}, "cash_units", ("stop", "down", None)),
        ({"cdm": {"fwSafeDoor": 2}}, "safe_door", ("open", "degraded", "door_open")),
        ({"cdm": {"fwShutter": 2}}, "shutter", ("jammed", "down", None)),
        ({"idc": {"fwMedia": 3}}, "card", ("jammed", "degraded", None)),
        ({"idc": {"fwRetainBin": 3}}, "retain_bin", ("full", "degraded", None)),
        ({"ptr": {"fwMedia": 7}}, "printed_page", (None, "ok", None)),
        ({"ptr": {"fwDevice": 4}}, "printer", ("hardwareError", "degraded", None)),
        ({"ptr": {"fwPaper": 1}}, "paper", ("low", "ok", "paper_low")),
        ({"ptr": {"fwPaper": [0, 2]}}, "paper_lower", ("out", "degraded", "paper_out")),
        ({"siu": {"fwSensors": [2]}}, "operator_switch", ("maintenance", "down", None)),
        ({"siu": {"fwSensors": [1, 2]}}, "tamper", ("on", "degraded", "tamper")),
        ({"siu": {"fwSensors": [1, 1, 1, 2]}}, "seismic", ("on", "degraded", "vibration")),
        ({"siu": {"fwDoors": [2]}}, "cabinet", ("open", "degraded", "door_open")),
        ({"siu": {"fwDoors": [1, 8]}}, "safe", (None, "ok", None)),
        ({"cdm": {"fwDispenser": 77}}, "cash_units", ("value 77", "unknown", None)),
    ],
)
def test_a_number_is_a_word_a_state_and_an_event(status: dict[str, Any], part: str, meaning: tuple[Any, ...]) -> None:
    assert said(read(status))[part] == meaning


def test_a_cassette_that_is_empty_beside_one_that_is_not_is_little_cash() -> None:
    parts = said(read({"cdm": {"units": [{"usType": 3, "usStatus": 4}, {"usType": 12, "usStatus": 0}]}}))

    assert parts == {
        "cash_unit_1": ("empty", "degraded", "cash_low"),
        "cash_unit_2": (None, "ok", None),
        "cash": ("low", "ok", "cash_low"),
    }


def test_when_every_cassette_that_gives_notes_is_empty_the_machine_is_out_of_cash() -> None:
    parts = said(read({"cdm": {"units": [{"usType": 3, "usStatus": 4}, {"usType": 2, "usStatus": 0}]}}))

    assert parts["cash"] == ("empty", "down", "cash_out")


def test_busy_is_in_order() -> None:
    assert DEVICE[6] == DEVICE[0]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ([], "'wfs' is []; accepted: an object"),
        ({"cdm": 5}, "'wfs.cdm' is 5; accepted: an object"),
        ({"cdm": {"fwDevice": "0"}}, "'wfs.cdm.fwDevice' is '0'; accepted: a number of CEN/XFS 3"),
        ({"cdm": {"fwDevice": True}}, "'wfs.cdm.fwDevice' is True; accepted: a number of CEN/XFS 3"),
        ({"cdm": {"fwDevice": [0]}}, "'wfs.cdm.fwDevice' is [0]; accepted: a number of CEN/XFS 3"),
        ({"cdm": {"units": 5}}, "'wfs.cdm.units' is 5; accepted: a list of objects with usType and usStatus"),
        ({"cdm": {"units": [{"usType": []}]}}, "'wfs.cdm.units.usStatus' is None; accepted: a number of CEN/XFS 3"),
        (
            {"cdm": {"units": [{"usType": [], "usStatus": 0}]}},
            "'wfs.cdm.units.usType' is []; accepted: a number of CEN/XFS 3",
        ),
    ],
)
def test_a_status_that_is_not_as_cen_has_it_is_one_sentence(status: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        read(status)


def test_the_bin_of_the_card_reader_says_how_many_cards_it_holds() -> None:
    assert cards_kept({"idc": {"usCards": 3}}) == 3
    assert cards_kept({"cdm": {}}) is None
    assert cards_kept(None) is None
    for cards in (True, "3", -1, 65536):
        with pytest.raises(ValueError, match=r"'wfs\.idc\.usCards' is "):
            cards_kept({"idc": {"usCards": cards}})
