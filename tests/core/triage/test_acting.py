"""A forecast of acting at once, moved to when somebody will have acted."""

import pytest

from edge.core.triage.acting import TAKES_S, delayed
from edge.core.waiting import Wait

SOON_S, USUAL_S, LATE_S = TAKES_S
NOW = Wait(9, 600.0, 900.0, 1300.0, 920.0)


def test_whom_the_new_window_would_call_first_waits_until_it_is_open() -> None:
    later = delayed(NOW, Wait(1, 0.0, 0.0, 0.0, 0.0))

    assert (later.p10_s, later.p50_s, later.p90_s) == TAKES_S


def test_of_the_delay_the_share_of_the_gain_is_added() -> None:
    later = delayed(NOW, Wait(5, 400.0, 600.0, 850.0, 610.0))

    assert later.p50_s == pytest.approx(600.0 + USUAL_S / 3)
    assert later.p50_s - later.p10_s == pytest.approx((200.0**2 + ((USUAL_S - SOON_S) / 3) ** 2) ** 0.5)
    assert later.p90_s - later.p50_s == pytest.approx((250.0**2 + ((LATE_S - USUAL_S) / 3) ** 2) ** 0.5)


def test_nobody_waits_longer_than_if_nobody_had_acted() -> None:
    now = Wait(1, 10.0, 90.0, 200.0, 95.0)
    later = delayed(now, Wait(1, 5.0, 20.0, 60.0, 25.0))

    assert later.p10_s <= now.p10_s
    assert later.p50_s <= now.p50_s
    assert later.p90_s <= now.p90_s


def test_what_helps_nobody_is_left_alone() -> None:
    assert delayed(NOW, NOW) is NOW
