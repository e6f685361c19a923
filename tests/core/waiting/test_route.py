import random

import pytest

from edge.core.policy import Policy
from edge.core.waiting.learnt import Learnt
from edge.core.waiting.pace import Pace
from edge.core.waiting.pools import Pool, vessel
from edge.core.waiting.route import Route
from edge.core.waiting.spread import quantiles


def pool(windows: int = 1) -> Pool:
    return Pool([step for _ in range(windows) for step in vessel(200.0, 200.0, 200.0, 1.0, 0.0)], 200.0, 1.0, 1.0)


def route(*pools: Pool, learnt: Learnt | None = None) -> Route:
    return Route(pools or (pool(),), 200.0, 200.0, Pace(learnt or Learnt(), Policy(), {}))


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


def test_quantiles_are_those_of_erlang_where_services_are_exponential() -> None:
    assert quantiles(100.0, 100.0**2) == pytest.approx((10.5, 69.3, 230.3), rel=0.08)
    assert quantiles(1000.0, 100.0**2 * 10) == pytest.approx((622.1, 966.9, 1420.6), rel=0.01)


def test_quantiles_are_in_order_and_not_below_zero_however_wide() -> None:
    for variance_s2 in (0.0, 1.0, 1e4, 1e9, 1e18):
        p10_s, p50_s, p90_s = quantiles(100.0, variance_s2)
        assert 0.0 <= p10_s <= p50_s <= p90_s < 1000.0
    assert quantiles(0.0, 5.0) == (0.0, 0.0, 0.0)
