"""What experience makes of prompts' own forecasts: who agrees, what arrives of a gain, how wide an interval must be."""

from random import Random

import pytest

from edge.core.waiting import Wait
from edge.core.waiting.promised import ARRIVES, NARROW, WIDE, Promised, Stretch

NOW = Wait(9, 600.0, 900.0, 1300.0, 920.0)
THEN = Wait(5, 300.0, 500.0, 800.0, 520.0)


def test_of_those_who_are_asked_a_share_agrees_which_is_learnt() -> None:
    promised = Promised()
    assert promised.agree({"cash": 8, "payment": 2}) == {"cash": 4, "payment": 1}

    for number in range(400):
        promised.answered(yes=number % 4 == 0)
    assert promised.agree({"cash": 8}) == {"cash": 2}


def test_where_anybody_is_named_one_at_least_agrees() -> None:
    promised = Promised(asked=100.0, accepted=1.0)

    assert promised.agree({"cash": 3, "payment": 2}) == {"cash": 1}
    assert promised.agree({}) == {}


def test_of_the_gain_of_acting_at_once_a_part_arrives() -> None:
    found = Promised().corrected(NOW, THEN)

    assert found["with"] == pytest.approx(900.0 - ARRIVES * 400.0)
    assert found["p10"] / found["with"] == pytest.approx(300.0 / 500.0)
    assert found["p90"] / found["with"] == pytest.approx(800.0 / 500.0)
    assert (found["now"], found["now_p10"], found["now_p90"]) == (900.0, 600.0, 1300.0)


def test_a_forecast_of_nothing_is_left_alone() -> None:
    assert Stretch(2.0, 2.0).of(0.0, 0.0, 3.0, 0.0) == (0.0, 3.0)


def test_intervals_widen_and_narrow_until_four_of_five_are_within() -> None:
    dice, promised, within = Random(1), Promised(), []
    for _ in range(3000):
        told = promised.corrected(NOW, THEN)
        waited_s = told["with"] * dice.lognormvariate(0.0, 1.0)
        within.append(told["p10"] <= waited_s <= told["p90"])
        promised.learn(told, waited_s, acted=True)

    assert sum(within[-1000:]) / 1000 == pytest.approx(0.8, abs=0.04)
    assert promised.as_is == Stretch()


def test_what_was_left_undone_teaches_the_other_forecast() -> None:
    promised = Promised()
    promised.learn(promised.corrected(NOW, THEN), 5000.0, acted=False)

    assert promised.acting == Stretch()
    assert promised.as_is.high > 1.0 > promised.as_is.low


def test_a_stretch_is_bounded() -> None:
    stretch = Stretch()
    for _ in range(1000):
        stretch.learn(1.0, 2.0, 100.0)

    assert (stretch.low, stretch.high) == (NARROW, WIDE)
