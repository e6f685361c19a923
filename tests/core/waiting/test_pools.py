import pytest

from edge.core.waiting.pools import Pool, reach, vessel

EXPONENTIAL = 1.0
"""h of exponential services: (1 + 1) / 2."""


def pool(*ready_s: float, mean_s: float = 200.0, half: float = EXPONENTIAL) -> Pool:
    return Pool([step for r in ready_s for step in vessel(r, mean_s, mean_s, half, 0.0)], mean_s, half, 1.0)


def test_one_window_starts_the_next_ticket_when_it_is_ready() -> None:
    for half in (0.5, 0.9, 1.0, 1.3):
        assert pool(120.0, half=half).reach(half * 200.0) == pytest.approx(120.0)
        assert pool(400.0, half=half).reach(half * 200.0) == pytest.approx(400.0)


def test_exponential_windows_start_it_at_the_mean_of_their_earliest_end() -> None:
    assert pool(200.0, 200.0, 200.0, 200.0).reach(200.0) == pytest.approx(50.0)


def test_and_the_nth_after_n_more_ends() -> None:
    filled = pool(200.0, 200.0, 200.0, 200.0)
    for _ in range(7):
        filled.pour(200.0)
    assert filled.reach(200.0) == pytest.approx(8 * 50.0)


def test_regular_services_end_one_after_the_other() -> None:
    filled = pool(50.0, 150.0, mean_s=200.0, half=0.5)
    starts = []
    for _ in range(4):
        starts.append(filled.reach(100.0))
        filled.pour(200.0)
    assert starts == pytest.approx([50.0, 150.0, 250.0, 350.0], abs=30.0)


def test_a_window_that_comes_late_adds_nothing_before() -> None:
    assert pool(200.0, 5000.0).reach(200.0) == pool(200.0).reach(200.0)
    assert pool(200.0, 5000.0).reach(200.0 * 50) < pool(200.0).reach(200.0 * 50)


def test_pouring_reaches_what_reach_says() -> None:
    for amount_s in (0.0, 10.0, 333.3, 5000.0):
        filled = pool(30.0, 700.0, 200.0, 2000.0)
        said = filled.reach(amount_s)
        filled.pour(amount_s)
        assert filled.level == pytest.approx(said)


def test_several_pools_fill_the_lowest_first_and_then_together() -> None:
    low, high = pool(100.0), pool(100.0)
    high.pour(1000.0)
    assert reach((low, high), 300.0) == pytest.approx(low.reach(300.0))
    assert reach((pool(100.0), pool(100.0)), 300.0) == pytest.approx(pool(100.0, 100.0).reach(300.0))


def test_a_slow_window_takes_its_share_more_slowly() -> None:
    steps = vessel(200.0, 400.0, 200.0, 1.0, 0.0)
    assert Pool(steps, 200.0, 1.0, 1.0).reach(200.0) == pytest.approx(200.0)
    assert Pool(steps, 200.0, 1.0, 1.0).reach(400.0) == pytest.approx(600.0)
