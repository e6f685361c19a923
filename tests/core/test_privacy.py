"""No long number leaves in free text, wherever in it it stands."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.instant import text as instant_text
from edge.core.policy import DevicePlan, Policy
from edge.core.privacy import is_name, masked, without_numbers

TEXT = st.text(st.sampled_from("0123456789 -a"), max_size=30)
NUMBER = st.text(st.sampled_from("3456789"), min_size=7, max_size=19)
"""Of digits no date can be made of."""
BETWEEN = st.sampled_from(("", " ", "  ", "-", " - ", "_", "/", "–", "\u00a0"))
BRANCH = Policy(devices={"atm-05710042-01": DevicePlan("atm-05710042-01", "atm")}, staff={"teller": ("t-20260001",)})
DETAIL = st.recursive(
    TEXT | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def nobodys(_: str) -> bool:
    """A branch without names."""
    return False


def in_the_branch(word: str) -> bool:
    return is_name(word, BRANCH, {"20260302017"})


@given(DETAIL)
def test_no_six_digits_in_a_row_are_left_anywhere(detail: Any) -> None:
    left = json.dumps(without_numbers({"type": "staff.action", "detail": detail}, nobodys)["detail"])

    assert not re.search(r"\d{6}", left)


@given(NUMBER, st.data())
def test_no_long_number_is_left_however_it_is_written(number: str, data: st.DataObject) -> None:
    written = "".join(digit + data.draw(BETWEEN) for digit in number)

    assert len(re.findall(r"\d", masked(f"call {written} now"))) == 0


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("card 6222021234567890123 retained", "card ###### retained"),
        ("card 6222 0212 3456 7890 retained", "card ###### retained"),
        ("card 6222.0212.3456.7890", "card ######"),
        ("card 6222–0212–3456–7890", "card ######"),
        ("card 6222,0212,3456,7890", "card ######"),
        ("id 330106 19900101 123X", "id ######"),
        ("id 330106-1990-01-01-123X", "id ######"),
        ("call 13800138000", "call ######"),
        ("call 138-0013-8000", "call ######"),
        ("call +86 138 0013 8000", "call ######"),
        ("call 138.0013.8000", "call ######"),
        ("回电１３８００１３８０００", "回电######"),
        ("call (0571) 8765 4321", "call (######"),
        ("call 0571-8765 4321", "call ######"),
        ("2026-11-22 138 0013 8000 09:30", "2026-11-22 ###### 09:30"),
        ("window 3, ticket A012, 12345 left", "window 3, ticket A012, 12345 left"),
    ],
)
def test_long_numbers_are_masked_and_short_ones_kept(text: str, leaves: str) -> None:
    assert masked(text) == leaves


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 10.0.0.21:5005",
        "2026-03-02T09:30:00.123456+08:00",
        "window 3 2026-11-22 09:30:15",
        "2026/11/22 - 2026/11/25",
        "09:00-11:30, 12:30-17:00",
        "¥500000",
        "12345.67",
        "1,234,567.89",
        "500000元，5万元",
        "after 86400 s, 1234.567 s, 90000000 ms",
        "secondary-triage.hall.1",
        "lobby/0571-0042/board/led-1",
        "0571-0042:7:10231",
        "complaint.1772442120000000.1",
        "precursor-2.1772442120000000.12",
        "192.168.100.200:5846/xfs4iot/v1.0/",
    ],
)
def test_times_sums_durations_addresses_and_our_own_ids_are_kept(text: str) -> None:
    assert masked(text) == text


@given(st.integers(0, 4_000_000_000_000_000))
def test_every_instant_is_kept(at: int) -> None:
    assert masked(instant_text(at, UTC)) == instant_text(at, UTC)


def test_what_names_something_of_the_branch_is_kept_wherever_it_stands() -> None:
    item = {
        "target": "device-down.atm-05710042-01.1",
        "by": "t-20260001",
        "detail": {
            "prompt": "takeover.device-down.atm-05710042-01.1.2",
            "ticket": "20260302017",
            "note": "20260302018",
        },
        "because": {"unusable_devices": {"atm-05710042-01": "down"}},
    }

    assert without_numbers(item, in_the_branch) == {**item, "detail": {**item["detail"], "note": "######"}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "item",
    [
        {"appointment": "13812345678 王芳"},
        {"target": "13812345678"},
        {"detail": {"ticket": "13812345678"}},
        {"parts": {"card": "13812345678"}},
        {"parts": {"13812345678": "ok"}},
        {"device_at": "13812345678"},
        {"staff": "13812345678"},
        {"because": {"pauses": [{"window": "2", "reason": "call 13812345678"}]}},
        {"problems": ["KeyError: '13812345678'"]},
    ],
    ids=lambda item: next(iter(item)),
)
def test_no_field_is_forgotten(item: dict[str, Any]) -> None:
    assert "13812345678" not in json.dumps(without_numbers(item, in_the_branch))


def test_a_text_without_end_is_no_name() -> None:
    assert without_numbers({"reason": "1." * 10_000 + "1"}, in_the_branch) == {"reason": "######"}


@pytest.mark.parametrize(
    "item",
    [
        {"staff": "00123456", "action": "sign_in", "target": "00123456"},
        {"teller": "080123"},
        {"device_at": "1772442120000"},
        {"device_at": "20260302093000"},
        {"because": {"cash_left": 1234567}},
    ],
    ids=lambda item: next(iter(item)),
)
def test_pseudonyms_the_times_of_devices_and_figures_are_kept(item: dict[str, Any]) -> None:
    assert without_numbers(item, nobodys) is item


def test_an_event_without_free_text_costs_nothing() -> None:
    item = {"type": "ticket.issued", "at": "2026-03-02T09:00:00.123456+00:00", "ticket": "A001", "reason": "left"}

    assert without_numbers(item, nobodys) is item
