"""Certificates: how far a count, a queue and a share are from the next level, and not a step further."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.instant import SECOND, seconds
from edge.core.triage.arrival_facts import _changes
from edge.core.triage.calm import FOREVER, STEPS_MOST, before_short, climb, fall, first_few, grown, room


@given(st.integers(0, 60), st.sampled_from((0.1, 1, 9.9, 10, 20.000001, inf)))
def test_a_count_climbs_as_far_as_below_the_level(count: int, high: float) -> None:
    steps = climb(count, high)
    if high == inf:
        assert steps == STEPS_MOST
    elif count < high:
        assert count + steps < high <= count + steps + 1


@given(st.integers(0, 60), st.sampled_from((-inf, 0, 0.1, 1, 9.9, 10)))
def test_a_count_falls_as_far_as_the_level(count: int, low: float) -> None:
    steps = fall(count, low)
    if low == -inf:
        assert steps == STEPS_MOST
    elif count >= low:
        assert count - steps >= low > count - steps - 1


def test_between_two_levels_the_nearer_counts() -> None:
    assert (room(14, 10, 15), room(11, 10, 15), room(60, 20, inf)) == (0, 1, 40)


@pytest.mark.parametrize(("low_s", "steps"), [(-inf, STEPS_MOST), (30, 2), (60, 1), (60.5, 0), (90, 0), (91, -1)])
def test_a_wait_is_long_until_all_have_gone_who_have_waited_so_long(low_s: float, steps: int) -> None:
    since = [10 * SECOND, 40 * SECOND, 70 * SECOND]

    assert before_short(100 * SECOND, since, low_s) == steps


@given(st.integers(0, 10**15), st.sampled_from((0, 0.3, 419.9, 420, 600.0000005)))
def test_what_grows_is_below_the_level_until_then(since: int, level_s: float) -> None:
    assert since + seconds(level_s) - 1 <= grown(since, level_s) <= since + seconds(level_s)
    assert grown(since, inf) == FOREVER


def test_of_a_long_queue_the_first_are_counted() -> None:
    assert (first_few([]), first_few("abc"), first_few(iter(range(1000)))) == (0, 3, 16)


@given(st.integers(0, 40), st.integers(1, 60), st.sampled_from((0.49, 0.56, 0.7)), st.lists(st.booleans(), max_size=40))
def test_a_share_does_not_reach_its_level_by_fewer_changes(
    count: int, others: int, level: float, comes: list[bool]
) -> None:
    total = count + others
    if count / total >= level:
        return
    for more in comes[: _changes(level * total - count, max(level, 1 - level))]:
        if more:
            count, total = count + 1, total + 1
        elif total > count:
            total -= 1
        assert total == count == 0 or count / total < level
