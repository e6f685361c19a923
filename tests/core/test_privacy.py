"""No long number leaves in free text, wherever in it it stands."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.privacy import masked, without_numbers

TEXT = st.text(st.sampled_from("0123456789 -a"), max_size=30)
DETAIL = st.recursive(
    TEXT | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(DETAIL)
def test_no_six_digits_in_a_row_are_left_anywhere(detail: Any) -> None:
    left = json.dumps(without_numbers({"type": "staff.action", "detail": detail})["detail"])

    assert not re.search(r"\d{6}", left)


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("card 6222021234567890123 retained", "card ###### retained"),
        ("card 6222 0212 3456 7890 retained", "card ###### retained"),
        ("call 13800138000", "call ######"),
        ("window 3, ticket A012, 12345 left", "window 3, ticket A012, 12345 left"),
        ("2026-11-21 10.0.0.21:5005", "2026-11-21 10.0.0.21:5005"),
    ],
)
def test_long_numbers_are_masked_and_short_ones_kept(text: str, leaves: str) -> None:
    assert masked(text) == leaves


def test_what_names_something_of_ours_is_kept() -> None:
    item = {"type": "staff.action", "detail": {"prompt": "device-down.atm-000123.1", "note": "000123"}}

    assert without_numbers(item)["detail"] == {"prompt": "device-down.atm-000123.1", "note": "######"}


def test_an_event_without_free_text_costs_nothing() -> None:
    item = {"type": "ticket.issued", "at": "2026-03-02T09:00:00.123456+00:00", "ticket": "A001", "reason": "left"}

    assert without_numbers(item) is item
