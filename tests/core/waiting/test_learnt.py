import math
from itertools import cycle, islice

import pytest
from msgspec import ValidationError, json

from edge.core.waiting import Learnt
from edge.core.waiting.learnt import CLASSES_MOST, LONGEST_S, WINDOWS_MOST, observe


def test_an_impossible_duration_teaches_nothing() -> None:
    learnt = Learnt()
    for duration_s in (-1.0, math.nan, math.inf, LONGEST_S + 1):
        observe(learnt, "cash", "1", duration_s)
    assert learnt == Learnt()


def test_a_slow_window_is_known_as_slow_and_a_quick_one_as_quick() -> None:
    learnt = Learnt()
    for duration_s, window in islice(cycle([(400.0, "slow"), (200.0, "quick")]), 100):
        observe(learnt, "cash", window, duration_s)
    assert 1.2 < learnt.windows["slow"].pace < 4 / 3
    assert 2 / 3 < learnt.windows["quick"].pace < 0.8


def test_a_window_that_only_has_the_long_class_is_not_slow() -> None:
    learnt = Learnt()
    for _ in range(50):
        observe(learnt, "loan", "1", 1200.0)
        observe(learnt, "cash", "2", 200.0)
    assert learnt.windows["1"].pace == pytest.approx(1.0)
    assert learnt.windows["2"].pace == pytest.approx(1.0)


def test_one_service_makes_no_window_slow() -> None:
    learnt = Learnt()
    for _ in range(20):
        observe(learnt, "cash", "1", 200.0)
    observe(learnt, "cash", "2", 800.0)
    assert 1.0 < learnt.windows["2"].pace < 1.4


def test_its_size_is_bounded_and_what_is_best_known_stays() -> None:
    learnt = Learnt()
    for _ in range(10):
        observe(learnt, "cash", "1", 200.0)
        learnt.of_class("cash").called += 1.0
    for number in range(1000):
        observe(learnt, f"class-{number}", f"window-{number}", 100.0)
        learnt.of_class(f"class-{number}").called += 1.0
        observe(learnt, f"class-{number}", "1", 100.0)
    assert len(learnt.classes) == CLASSES_MOST
    assert len(learnt.windows) == WINDOWS_MOST
    assert max(len(window.cells) for window in learnt.windows.values()) == CLASSES_MOST
    assert "cash" in learnt.classes
    assert "cash" in learnt.windows["1"].cells


def test_a_year_leaves_no_more_than_a_month() -> None:
    learnt = Learnt()
    sizes = set()
    for number in range(5000):
        observe(learnt, "cash", f"{number % 5}", 100.0 + number % 200)
        if number > 1000 and number % 1000 == 0:
            sizes.add(len(json.encode(learnt)) // 1000)
    assert len(sizes) == 1


def test_it_comes_back_from_json_as_it_was() -> None:
    learnt = Learnt(day=7)
    observe(learnt, "cash", "1", 123.4)
    learnt.gaps.expose(0.0, 7.0)
    assert json.decode(json.encode(learnt), type=Learnt) == learnt
    assert json.decode(json.encode(Learnt()), type=Learnt) == Learnt()


def test_a_memory_on_another_ladder_is_refused() -> None:
    with pytest.raises(ValidationError, match="a law of durations has"):
        json.decode(b'{"gaps": {"beyond": [1.0], "excess_s": [1.0]}}', type=Learnt)
