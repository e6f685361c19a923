import random
from itertools import pairwise

import pytest

from edge.core.hall import Hall
from edge.core.policy import Policy
from edge.core.waiting.learnt import FIRST_MEAN_S, Learnt, observe
from edge.core.waiting.pace import Pace, variation
from edge.core.waiting.turnaround import Turnaround
from tests.core.waiting.halls import policy_of

CASH_240 = policy_of({"1": ("cash",)}, typical_s=240.0)


def pace(learnt: Learnt | None = None, policy: Policy | None = None, **under_way_s: list[float]) -> Pace:
    return Pace(learnt or Learnt(), policy or Policy(), under_way_s)


def test_before_anything_is_known_a_service_takes_four_minutes() -> None:
    assert pace().cost("cash").served_s == FIRST_MEAN_S
    assert pace().cost("cash").cycle_s == FIRST_MEAN_S + Turnaround(Learnt()).mean_s()


def test_the_typical_time_of_the_configuration_is_the_first_guess() -> None:
    assert pace(policy=CASH_240).cost("cash").served_s == 240.0


def test_a_class_without_a_past_is_guessed_from_the_branch() -> None:
    learnt = Learnt()
    for _ in range(100):
        observe(learnt, "loan", "1", 1200.0)
    assert pace(learnt).cost("cash").served_s > 1000.0
    assert pace(learnt, CASH_240).cost("cash").served_s == 240.0


def test_what_happened_outweighs_the_guess_in_the_end() -> None:
    learnt = Learnt()
    for _ in range(300):
        observe(learnt, "cash", "1", 100.0)
    assert pace(learnt, CASH_240).cost("cash").served_s == pytest.approx(100.0, rel=0.06)


def test_a_tier_whose_services_take_longer_than_its_class_is_counted_so() -> None:
    learnt = Learnt()
    for _ in range(400):
        observe(learnt, "cash", "1", 200.0)
        observe(learnt, "cash", "1", 400.0, "gold")
    known = pace(learnt)
    mean_s = known.cost("cash").served_s
    assert known.share("cash", "gold") * mean_s == pytest.approx(400.0, rel=0.1)
    assert known.share("cash", "ordinary") * mean_s == pytest.approx(200.0, rel=0.1)
    assert known.share("cash", "silver") == known.share("loan", "gold") == 1.0


def test_one_long_service_says_little_of_its_tier() -> None:
    learnt = Learnt()
    for _ in range(40):
        observe(learnt, "cash", "1", 200.0)
    observe(learnt, "cash", "1", 800.0, "gold")
    assert 1.0 < pace(learnt).share("cash", "gold") < 1.4


def test_services_under_way_count_with_the_time_they_have_lasted() -> None:
    learnt = Learnt()
    for duration_s in (60.0, 80.0):
        observe(learnt, "cash", "1", duration_s)
    assert pace(learnt, cash=[500.0]).cost("cash").served_s > pace(learnt).cost("cash").served_s


def test_services_under_way_say_the_less_the_more_have_ended() -> None:
    learnt = Learnt()
    for _ in range(200):
        observe(learnt, "cash", "1", 100.0)
    moved_s = pace(learnt, cash=[500.0]).cost("cash").served_s - pace(learnt).cost("cash").served_s
    assert 0.0 < moved_s < 0.1


def test_services_that_have_just_begun_say_nothing() -> None:
    assert pace(cash=[0.0, 0.0, 0.0]).cost("cash").served_s == FIRST_MEAN_S


def test_a_service_nobody_ends_does_not_drag_its_class_along() -> None:
    assert pace(cash=[1e7]).cost("cash").served_s == 2 * FIRST_MEAN_S


def test_a_share_of_brief_calls_makes_the_mean_visit_shorter_and_leaves_the_service_time() -> None:
    learnt = Learnt()
    for _ in range(100):
        observe(learnt, "cash", "1", 240.0)
    known = learnt.of_class("cash")
    known.called, known.brief, known.brief_s = 125.0, 25.0, 25.0 * 45.0
    cost = pace(learnt).cost("cash")
    assert cost.served_s == pytest.approx(240.0, rel=0.02)
    assert cost.share == pytest.approx(0.2, rel=0.02)
    assert cost.time_s == pytest.approx(0.8 * 240 + 0.2 * 45, rel=0.02)


def test_somebody_just_called_may_not_come_but_somebody_who_came_stays() -> None:
    learnt = Learnt()
    for _ in range(100):
        observe(learnt, "cash", "1", 240.0)
    sure = pace(learnt).left_s("cash", 1.0, 10.0)
    known = learnt.of_class("cash")
    known.called, known.brief, known.brief_s = 200.0, 100.0, 100.0 * 45.0
    assert pace(learnt).left_s("cash", 1.0, 10.0) < 0.7 * sure
    assert pace(learnt).left_s("cash", 1.0, 60.0) > 150.0


def test_a_slow_window_is_left_longer_with_the_same_ticket() -> None:
    assert pace().left_s("cash", 2.0, 30.0) > pace().left_s("cash", 1.0, 30.0)


@pytest.mark.parametrize("elapsed_s", [0.0, 1.0, 179.0, 3600.0, 86400.0, 1e9])
def test_what_is_left_is_never_negative_and_never_wild(elapsed_s: float) -> None:
    learnt = Learnt()
    for duration_s in (30.0, 100.0, 250.0, 900.0):
        observe(learnt, "cash", "1", duration_s)
    assert 0.0 < pace(learnt).left_s("cash", 1.0, elapsed_s) < 1800.0


def called_by(known: Pace, elapsed_s: float, within_s: float) -> float:
    left_s = known.left_s("cash", 1.0, elapsed_s)
    law = known.call_law("cash", 1.0, elapsed_s, left_s)
    return max([share for until_s, share in law if until_s <= within_s], default=0.0)


def test_a_service_ends_when_services_like_it_have_ended_and_not_at_any_moment() -> None:
    learnt = Learnt()
    for n in range(600):
        observe(learnt, "cash", "1", 1200.0 if n % 10 == 0 else 90.0 + n % 20)
    known = pace(learnt)
    assert called_by(known, 0.0, 32.0) < 0.05  # none has ended so soon
    assert called_by(known, 80.0, 64.0) > 0.6  # most end now, though a tenth lasts and makes the mean left long
    assert known.left_s("cash", 1.0, 80.0) > 120.0


def test_a_law_of_the_end_rises_to_certainty_and_has_about_the_mean_it_is_told() -> None:
    learnt = Learnt()
    chance = random.Random(3)
    for _ in range(400):
        observe(learnt, "cash", "1", chance.expovariate(1 / 200.0))
    known = pace(learnt)
    for elapsed_s in (0.0, 30.0, 300.0):
        left_s = known.left_s("cash", 1.0, elapsed_s)
        law = [(0.0, 0.0), *known.call_law("cash", 1.0, elapsed_s, left_s)]
        shares = [share for _, share in law]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        mean_s = sum((t - s) * (1.0 - 0.5 * (p + q)) for (s, p), (t, q) in pairwise(law))
        assert mean_s == pytest.approx(left_s, rel=0.1)  # between the steps it is straight


def test_the_mean_of_a_mix_follows_the_tickets_seen() -> None:
    mixed = pace(policy=policy_of({"1": ("cash",)}, typical_s=100.0))
    assert mixed.mixed_s(("cash", "other"), {"cash": 99, "other": 0}) < mixed.mixed_s(("cash", "other"), {})
    assert mixed.mixed_s((), {}) > 0.0


def test_how_much_services_vary_is_learnt_by_class() -> None:
    learnt = Learnt()
    for service, squared in (("loan", 1.1), ("cash", 1.9)):
        for _ in range(400):
            learnt.of_class(service).ratio.add(1.0, 1.0)
            learnt.of_class(service).ratio_squared.add(squared, 1.0)
            learnt.of_class(service).bounded.add(1.0, 1.0)
            learnt.of_class(service).bounded_squared.add(squared - 0.05, 1.0)
    known = pace(learnt)
    for service in ("loan", "cash"):
        assert known.variation_of(service) - known.usual_variation_of(service) == pytest.approx(0.05, abs=0.01)
    assert known.variation_of("loan") == pytest.approx(0.1, abs=0.1)
    assert known.variation_of("cash") == pytest.approx(0.9, abs=0.05)
    assert known.variation_of("other") == known.usual_variation_of("other") == known.variation


def test_the_variation_of_a_mix_is_that_of_its_work() -> None:
    learnt = Learnt()
    for service, duration_s, squared in (("loan", 1200.0, 1.1), ("cash", 100.0, 1.9)):
        for _ in range(400):
            observe(learnt, service, "1", duration_s)
            learnt.of_class(service).ratio.add(1.0, 1.0)
            learnt.of_class(service).ratio_squared.add(squared, 1.0)
    known = pace(learnt)
    own = (known.variation_of("cash"), known.usual_variation_of("cash"))
    assert known.mixed_variation(("cash",), {"cash": 50}) == pytest.approx(own)
    cash, loan = known.variation_of("cash") * 100.0**2, known.variation_of("loan") * 1200.0**2
    mixed, _ = known.mixed_variation(("cash", "loan"), {"cash": 50, "loan": 50})
    assert mixed == pytest.approx((cash + loan) / 2 / 650.0**2, rel=0.05)
    assert known.mixed_variation((), {}) == (known.variation, known.variation)


def test_exponential_times_have_a_variation_near_one_and_constant_ones_nearly_none() -> None:
    learnt = Hall().learnt
    assert variation(learnt) == pytest.approx(0.8)
    for _ in range(400):
        learnt.ratio.add(1.0, 1.0)
        learnt.ratio_squared.add(2.0, 1.0)
    assert variation(learnt) == pytest.approx(1.0, abs=0.02)
    for _ in range(100_000):
        learnt.ratio.add(1.0, 0.99)
        learnt.ratio_squared.add(1.0, 0.99)
    assert variation(learnt) < 0.1
