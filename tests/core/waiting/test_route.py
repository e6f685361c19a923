import random
from math import inf

import pytest

from edge.core.policy import Policy
from edge.core.waiting.calls import STEPS_S, Calls, Law
from edge.core.waiting.learnt import Learnt
from edge.core.waiting.pace import Pace
from edge.core.waiting.pools import Pool, calling, vessel
from edge.core.waiting.route import Route
from edge.core.waiting.spread import quantiles


def pool(windows: int = 1) -> Pool:
    found = Pool([step for _ in range(windows) for step in vessel(200.0, 200.0, 200.0, 1.0, 0.0)], 200.0, 1.0, 1.0)
    for _ in range(windows):
        found.calls.by_mean(200.0, inf)
    return found


def route(*pools: Pool, learnt: Learnt | None = None) -> Route:
    return Route(pools or (pool(),), (), 200.0, 200.0, Pace(learnt or Learnt(), Policy(), {}))


def test_each_ticket_starts_one_service_after_the_one_before() -> None:
    way = route(pool(2))
    starts = []
    for _ in range(3):
        starts.append(way.figures()[3])
        way.pour()
    assert starts == pytest.approx([100.0, 200.0, 300.0])


def test_positions_count_rivals_and_nobody_else() -> None:
    shared, own, other = pool(), pool(), pool()
    cash, account, loan = route(shared, own), route(shared), route(other)
    for one, two in ((account, cash), (loan, cash), (loan, account)):
        one.meet(two)
    cash.pour()
    cash.pour()
    assert (cash.position(), account.position(), loan.position()) == (3, 3, 1)


def test_people_who_leave_make_room() -> None:
    learnt = Learnt()
    learnt.leaving.left, learnt.leaving.waited_s = 100.0, 100.0 * 900.0
    patient, impatient = route(), route(learnt=learnt)
    for _ in range(10):
        patient.pour()
        impatient.pour()
    assert impatient.figures()[3] < 0.8 * patient.figures()[3]


def test_people_who_leave_narrow_the_interval_because_who_waits_longer_leaves_more() -> None:
    learnt = Learnt()
    learnt.branch.weight = 1e9  # the mean is known
    learnt.leaving.left, learnt.leaving.waited_s = 1e4, 1e4 * 900.0
    way = route(learnt=learnt)
    for _ in range(15):
        way.pour()
    chance = random.Random(5)
    drawn = sorted(last_start_s(chance, ahead=15) for _ in range(8000))
    p10_s, p50_s, p90_s, _ = way.figures()
    assert (p10_s, p50_s, p90_s) == pytest.approx([drawn[800], drawn[4000], drawn[7200]], rel=0.06)


def last_start_s(chance: random.Random, ahead: int) -> float:
    """When a window of exponential services of 200 s is done with those ahead who stay, for 900 s on average."""
    at_s = chance.expovariate(1 / 200.0)
    for _ in range(ahead):
        if chance.expovariate(1 / 900.0) > at_s:
            at_s += chance.expovariate(1 / 200.0)
    return at_s


def test_quantiles_follow_what_the_windows_will_do_and_not_their_speed_at_the_mean() -> None:
    later = Pool([(0.0, 0.2, 0.0), (300.0, 3.0, 0.0)], 200.0, 1.0, 1.0)  # one slow window, and three from 300 s on
    later.calls.by_mean(1000.0, inf)
    later.calls.by_plan(300.0)
    way = route(later)
    for _ in range(3):
        way.pour()
    p10_s, p50_s, p90_s, mean_s = way.figures()
    assert 300.0 < p10_s < p50_s < p90_s  # two in three would have to end below an hour's work of the slow one
    assert p90_s < 2.0 * mean_s


def test_quantiles_are_those_of_erlang_where_services_are_exponential() -> None:
    assert quantiles(1.0) == pytest.approx((0.105, 0.693, 2.303), rel=0.08)
    assert quantiles(0.1) == pytest.approx((0.6221, 0.9669, 1.4206), rel=0.01)


def test_quantiles_are_in_order_and_not_below_zero_however_wide() -> None:
    for square in (0.0, 1e-4, 1.0, 1e5, 1e14):
        p10, p50, p90 = quantiles(square)
        assert 0.0 <= p10 <= p50 <= p90 < 10.0


def free_windows(count: int) -> Pool:
    """Windows just left free: each calls within 4 s but for one time in twenty, then when its teller is back."""
    law: Law = [(step_s, 0.95) for step_s in STEPS_S] + [(2048.0, 1.0)]
    found = Pool([step for _ in range(count) for step in calling(law, 200.0, 200.0, 1.0, 1.0)], 200.0, 1.0, 1.0)
    for _ in range(count):
        found.calls.by_law(law, inf)
        found.calls.free += 1
    return found


@pytest.mark.parametrize("windows", [1, 2, 4])
def test_with_free_windows_enough_nobody_is_told_of_a_second_service(windows: int) -> None:
    way = route(free_windows(windows))
    for _ in range(max(windows - 1, 1)):
        p10_s, p50_s, p90_s, _ = way.figures()
        assert p10_s < p50_s < p90_s < 10.0
        way.pour()
    way.pour()
    assert way.figures()[2] > 200.0


def test_who_is_first_starts_with_the_earliest_call() -> None:
    way = route(free_windows(1), pool(2))
    together = Calls([each.calls for each in way.pools])
    assert way.figures() == together.figures(1, way.doubt)


def test_who_is_further_back_is_put_right_by_as_much_as_who_is_first() -> None:
    said = []
    for sure in (False, True):
        windows = Pool([step for _ in range(4) for step in vessel(200.0, 200.0, 200.0, 1.0, 0.0)], 200.0, 1.0, 1.0)
        for _ in range(4):
            if sure:
                windows.calls.by_plan(30.0)
            else:
                windows.calls.by_mean(200.0, inf)
        way = route(windows)
        for _ in range(8):
            way.pour()
        said.append(way.figures())
    assert said[0][1] - said[1][1] == pytest.approx(20.0, abs=2.0)
    assert said[0][3] == said[1][3]  # the mean is never later for one more window, so it is left alone


def test_what_is_supposed_makes_nobody_a_rival() -> None:
    cash, loan, more = pool(), pool(), pool()
    one, two = (Route((own,), (more,), 200.0, 200.0, Pace(Learnt(), Policy(), {})) for own in (cash, loan))
    two.meet(one)
    one.pour()
    assert two.position() == 1
