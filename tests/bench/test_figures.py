from collections.abc import Callable

import pytest

from edge.bench.figures import Spread, quantile, ratios


def test_a_spread_is_median_lowest_and_highest() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0, 3)


def test_a_ratio_is_taken_inside_each_round() -> None:
    """The second round was twice as slow for both; the ratio does not see it."""
    assert ratios([10.0, 20.0, 10.0], [5.0, 10.0, 5.0]) == Spread(2.0, 2.0, 2.0, 3)


def test_rounds_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError):
        ratios([1.0], [1.0, 2.0])


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_quantile_is_a_sample(share: float, expected: int) -> None:
    assert quantile([*range(100, 0, -1)], share) == expected


def test_a_quantile_of_one_sample_is_that_sample() -> None:
    assert quantile([7.0], 0.99) == 7.0


@pytest.mark.parametrize("figure", [lambda: Spread.of([]), lambda: quantile([], 0.5)])
def test_nothing_has_no_figure(figure: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        figure()
