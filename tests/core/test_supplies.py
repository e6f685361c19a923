"""What parts say of cash and paper: enough, low, out, or nothing at all."""

import pytest

from edge.core.supplies import ENOUGH, LOW, OUT, Supply, levels


@pytest.mark.parametrize(
    ("parts", "supply", "expected"),
    [
        ({}, "cash", None),
        ({"card_reader": "low"}, "cash", None),
        ({"cash": "ok"}, "cash", ENOUGH),
        ({"cash": "full"}, "cash", ENOUGH),
        ({"cash": "low"}, "cash", LOW),
        ({"cash": "out"}, "cash", OUT),
        ({"cash": "low"}, "paper", None),
        ({"cash_unit_1": "empty", "cash_unit_2": "ok"}, "cash", LOW),
        ({"cash_unit_1": "ok", "cash_unit_2": "high"}, "cash", ENOUGH),
        ({"cash_unit_1": "empty", "cash": "empty"}, "cash", OUT),
        ({"cash_units": "low"}, "cash", None),
        ({"paper": "low", "paper_lower": "ok"}, "paper", LOW),
        ({"paper_lower": "out", "paper": "ok"}, "paper", LOW),
        ({"printer": "out"}, "paper", OUT),
        ({"receipt": "low"}, "paper", LOW),
        ({"printer": "hardwareError"}, "paper", None),
        ({"paper": "unknown"}, "paper", None),
        ({"paper": "jammed", "paper_aux": "low"}, "paper", LOW),
    ],
)
def test_what_parts_say(parts: dict[str, str], supply: Supply, expected: int | None) -> None:
    assert levels(parts).get(supply) == expected
