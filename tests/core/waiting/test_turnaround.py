"""A free window calls by how long it has been free, as others have been seen to do."""

import pytest

from edge.core.waiting import Learnt
from edge.core.waiting.learnt import KEEP
from edge.core.waiting.turnaround import AT_ONCE_S, Turnaround, ended, exposed


def seen(*gaps: tuple[float, float], times: int = 100) -> Learnt:
    """Windows that have called after letting people wait for so long, `missed_s`, having been free for `free_s`."""
    learnt = Learnt()
    for free_s, missed_s in gaps * times:
        exposed(learnt, free_s - missed_s, 0.0, missed_s)
        ended(learnt, free_s, missed_s, KEEP)
    return learnt


def called_by(learnt: Learnt, free_s: float, missed_s: float, within_s: float) -> float:
    return max(share for until_s, share in Turnaround(learnt).call_law(free_s, missed_s) if until_s <= within_s)


def test_before_anything_is_known_a_window_calls_within_seconds_and_is_doubted_as_it_does_not() -> None:
    assert called_by(Learnt(), 0.0, 0.0, 16.0) > 0.8
    assert called_by(Learnt(), 3600.0, 0.0, 16.0) > 0.8
    assert called_by(Learnt(), 600.0, 600.0, 90.0) < 0.3


def test_who_has_just_become_free_calls_soon_and_who_has_been_free_for_long_may_be_away() -> None:
    learnt = seen((5.0, 5.0), (5.0, 5.0), (5.0, 5.0), (900.0, 600.0))
    assert called_by(learnt, 0.0, 0.0, 12.0) > 0.7
    assert called_by(learnt, 500.0, 200.0, 12.0) < 0.1


def test_a_window_free_for_long_with_nobody_to_call_is_there_where_such_windows_have_called_at_once() -> None:
    learnt = seen((1200.0, 4.0))
    assert called_by(learnt, 1200.0, 0.0, 12.0) > 0.8
    assert called_by(learnt, 1200.0, 60.0, 12.0) < 0.3


def test_windows_free_for_less_long_tell_of_one_never_seen_free_for_so_long() -> None:
    slow, quick = seen((60.0, 40.0), (120.0, 100.0), (240.0, 220.0)), seen((15.0, 12.0))
    assert called_by(slow, 400.0, 20.0, 32.0) < 0.5
    assert called_by(quick, 400.0, 20.0, 32.0) > 0.6


def test_the_law_rises_to_one() -> None:
    for free_s, missed_s in ((0.0, 0.0), (50.0, 20.0), (1e6, 1e6)):
        law = Turnaround(seen((5.0, 5.0), (300.0, 100.0))).call_law(free_s, missed_s)
        assert law == sorted(law)
        assert [share for _, share in law] == sorted(share for _, share in law)
        assert law[-1][1] == 1.0


@pytest.mark.parametrize("gap_s", [0.0, 5.0, 20.0, 60.0])
def test_the_mean_turnaround_is_what_was_seen(gap_s: float) -> None:
    assert Turnaround(seen((gap_s, gap_s), times=300)).mean_s() == pytest.approx(gap_s, rel=0.3, abs=0.5)


def test_an_absence_counts_as_a_turnaround_of_minutes_at_the_most() -> None:
    assert Turnaround(seen((7200.0, 7200.0))).mean_s() < 260.0
    assert Turnaround(seen((120.0, 120.0))).mean_s() > AT_ONCE_S
