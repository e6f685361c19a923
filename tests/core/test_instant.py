"""Instants are exact, and their text is RFC 3339 with an offset."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import instant

SHANGHAI = timezone(timedelta(hours=8))


def test_text_keeps_microseconds_and_offset() -> None:
    at = instant.parse("2026-03-02T09:00:00.000001+08:00")

    assert instant.text(at, SHANGHAI) == "2026-03-02T09:00:00.000001+08:00"
    assert instant.text(at, UTC) == "2026-03-02T01:00:00.000001+00:00"


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-02T09:00:00", "2026-03-02", "nine", "", "2026-13-02T09:00:00Z", "2026-03-02T24:00:00Z"),
        *("20260302T090000Z", "2026-W10-1T09:00:00Z", "2026-03-02T09:00Z", "2026-03-02T09:00:00+08:00:30"),
        *("1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-08:00", "0001-01-01T00:00:00+08:00"),
    ],
)
def test_a_time_without_offset_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant.parse(text)


def test_letters_may_be_small() -> None:
    assert instant.parse("2026-03-02t01:00:00z") == instant.parse("2026-03-02T09:00:00+08:00")


@given(st.integers(0, 4_000_000_000_000_000))
def test_every_instant_survives_its_text(at: int) -> None:
    assert instant.parse(instant.text(at, SHANGHAI)) == at


def test_ten_minutes_after_any_microsecond_are_ten_minutes() -> None:
    issued = instant.from_datetime(datetime(2026, 3, 2, 9, 0, 0, 123457, tzinfo=UTC))

    assert instant.in_seconds(issued + instant.seconds(600) - issued) == 600.0


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        instant.from_datetime(datetime(2026, 3, 2))  # noqa: DTZ001 (the point of the test)
