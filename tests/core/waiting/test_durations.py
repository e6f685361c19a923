import pytest

from edge.core.waiting.durations import EDGES_S, Durations, Mean


def law(*durations_s: float, times: int = 1) -> Durations:
    found = Durations()
    for duration_s in durations_s * times:
        found.add(duration_s, 1.0)
    return found


def test_a_mean_forgets_old_values_exponentially() -> None:
    mean = Mean()
    for value in (0.0, 0.0, 8.0):
        mean.add(value, 0.5)
    assert mean == Mean(weight=1.75, total=8.0)


def test_a_prior_counts_as_so_many_observations() -> None:
    assert Mean(weight=2.0, total=200.0).shrunk(400.0, 2.0) == 250.0


def test_what_is_left_of_a_service_that_always_takes_as_long_shrinks_with_the_time_spent() -> None:
    assert law(256.0, times=1000).left_s(0.0, 256.0, 2.0) == pytest.approx(256.0, rel=0.01)
    assert law(256.0, times=1000).left_s(128.0, 256.0, 2.0) == pytest.approx(128.0, rel=0.01)


def test_a_service_that_has_outlasted_all_others_is_left_the_prior_and_no_less() -> None:
    assert law(100.0, 200.0, times=50).left_s(5000.0, 180.0, 2.0) == 180.0
    assert law(100.0).left_s(1e9, 180.0, 2.0) == 180.0


def test_half_of_long_and_short_services_are_long_once_the_short_ones_have_ended() -> None:
    mixed = law(60.0, 600.0, times=500)
    assert mixed.left_s(0.0, 330.0, 2.0) == pytest.approx(330.0)
    assert mixed.left_s(200.0, 330.0, 2.0) == pytest.approx(400.0, rel=0.01)
    assert mixed.survival(200.0) == 0.5


def test_a_wait_that_has_not_ended_yet_counts_as_time_without_an_end() -> None:
    gaps = Durations()
    gaps.expose(0.0, 300.0)
    assert gaps.ends_per_s(0.0, 300.0, 5.0, 1.0) < 1 / 200.0
    gaps.end(300.0, 1.0)
    assert gaps.weight == 1.0
    assert gaps.excess_s[0] == gaps.total_s == 300.0


def test_ends_are_counted_by_the_time_they_came_after() -> None:
    gaps = Durations()
    for duration_s in (0.0, 0.0, 100.0):
        gaps.expose(0.0, duration_s)
        gaps.end(duration_s, 1.0)
    assert gaps.ends_per_s(0.0, 4.0, 5.0, 1.0) == pytest.approx(3 / 9.0)
    assert gaps.ends_per_s(8.0, 32.0, 5.0, 1.0) == pytest.approx(1 / 29.0)
    assert gaps.ends_per_s(64.0, 128.0, 5.0, 1.0) == pytest.approx(2 / 41.0)
    assert gaps.ends_per_s(1e6, 2e6, 50.0, 1.0) == pytest.approx(1 / 50.0)


def test_of_times_for_which_little_was_seen_shorter_ones_tell() -> None:
    gaps = Durations()
    for _ in range(100):
        gaps.expose(8.0, 11.0)
        gaps.end(11.0, 1.0)
    told = gaps.seconds_per_end(5.0, 1.0)
    assert told[:4] == [5.0, 5.0, 5.0, 5.0], "nothing is known below"
    assert told[4] == pytest.approx(305.0 / 101.0)
    assert set(told[4:]) == {told[4]}, "nor above"
    assert gaps.seconds_per_end(5.0, 1.0, first=4) == [5.0] * len(EDGES_S), "the steps below the first say nothing"


def test_whoever_never_ends_early_is_expected_no_later_than_as_long_again() -> None:
    gaps = Durations()
    gaps.expose(0.0, 100_000.0)
    assert gaps.seconds_per_end(5.0, 1.0) == pytest.approx([5.0 + edge_s for edge_s in EDGES_S])


def test_exposure_in_pieces_is_exposure_at_once() -> None:
    whole, pieces = Durations(), Durations()
    whole.expose(0.0, 100.0)
    for start in range(0, 100, 10):
        pieces.expose(start, start + 10.0)
    assert pieces.excess_s == pytest.approx(whole.excess_s)


def test_a_law_on_another_ladder_is_refused() -> None:
    with pytest.raises(ValueError, match="edges"):
        Durations(beyond=[1.0], excess_s=[1.0])
