import random
from math import exp, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.waiting.calls import STEPS_S, Calls, Law

SURE = 1e-6
"""A doubt so small is none."""


def at_any_moment(*means_s: float) -> Calls:
    calls = Calls()
    for mean_s in means_s:
        calls.by_mean(mean_s, inf)
    return calls


def test_the_first_of_several_that_call_at_any_moment_calls_at_the_sum_of_their_rates() -> None:
    p10_s, p50_s, p90_s, mean_s = at_any_moment(300.0, 200.0, 600.0).figures(1, SURE)
    assert (p10_s, p50_s, p90_s, mean_s) == pytest.approx((10.54, 69.31, 230.26, 100.0), rel=1e-3)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_as_many_as_there_are_places_have_called_when_draws_say(place: int) -> None:
    chance = random.Random(7)
    means_s = (40.0, 90.0, 150.0, 400.0)
    drawn = sorted(sorted(chance.expovariate(1.0 / mean_s) for mean_s in means_s)[place - 1] for _ in range(20_000))
    found = at_any_moment(*means_s).figures(place, SURE)
    assert found[:3] == pytest.approx([drawn[2_000], drawn[10_000], drawn[18_000]], rel=0.12)
    assert found[3] == pytest.approx(sum(drawn) / len(drawn), rel=0.05)


def test_a_law_is_followed_from_step_to_step() -> None:
    law: Law = [(step_s, 0.0 if step_s < 64.0 else 0.95) for step_s in STEPS_S]
    calls = Calls()
    calls.by_law(law, inf)
    p10_s, _, p90_s, _ = calls.figures(1, SURE)
    assert 32.0 < p10_s < p90_s < 64.0


def test_a_window_that_goes_calls_before_or_not_at_all() -> None:
    stays, goes = Calls(), Calls()
    stays.by_mean(100.0, inf)
    goes.by_mean(100.0, 40.0)
    assert stays.figures(1, SURE)[1] == pytest.approx(69.3, rel=0.01)
    assert goes.figures(1, SURE)[1] > 512.0
    goes.by_plan(300.0)
    assert goes.figures(1, SURE)[1] == 300.0


def test_those_that_come_at_a_known_instant_have_called_then() -> None:
    calls = at_any_moment(1e6)
    calls.by_plan(120.0)
    calls.by_plan(60.0)
    assert calls.figures(1, SURE)[1:3] == (60.0, 60.0)
    assert calls.figures(2, SURE)[1:] == pytest.approx((120.0, 120.0, 120.0), rel=1e-3)


def test_a_doubt_they_share_widens_what_is_said_of_the_first() -> None:
    sure, unsure = (at_any_moment(200.0, 200.0).figures(1, doubt) for doubt in (SURE, 0.3))
    assert unsure[1] > sure[1]
    assert unsure[2] / unsure[0] > sure[2] / sure[0]
    assert unsure[2] == pytest.approx(100.0 * (0.1**-0.3 - 1.0) / 0.3, rel=1e-3)


def test_of_windows_of_which_nothing_is_known_no_call_is_foreseen_and_nothing_is_infinite() -> None:
    found = Calls().figures(1, 0.1)
    assert found[0] > 1e6
    assert all(one < inf for one in found)


@given(
    st.lists(st.tuples(st.floats(1.0, 5000.0), st.sampled_from([inf, 30.0, 700.0])), min_size=1, max_size=5),
    st.lists(st.floats(0.0, 3000.0), max_size=2),
    st.floats(SURE, 0.5),
)
def test_later_places_start_later_and_one_more_window_makes_nobody_later(
    means: list[tuple[float, float]], plans: list[float], doubt: float
) -> None:
    calls, more = Calls(), Calls()
    for mean_s, until_s in means:
        calls.by_mean(mean_s, until_s)
    for at_s in plans:
        calls.by_plan(at_s)
    more.by_law([(step_s, 1.0 - exp(-step_s / 77.0)) for step_s in STEPS_S], inf)
    together = Calls([calls, more])
    before = [0.0] * 4
    for place in range(1, len(means) + 1):
        figures = calls.figures(place, doubt)
        assert figures[0] <= figures[1] <= figures[2]
        assert all(now >= earlier - 1e-9 for now, earlier in zip(figures, before, strict=True))
        assert all(a <= b + 1e-6 for a, b in zip(together.figures(place, doubt), figures, strict=True))
        before = list(figures)
