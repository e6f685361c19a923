"""Work done over time, and when so much of it is done."""

import pytest

from edge.core.waiting.flow import Flow


def test_work_and_time_are_each_others_inverse() -> None:
    flow = Flow([(0.0, 0.5), (30.0, 1.5), (100.0, -1.0)])
    assert [flow.by(at_s) for at_s in (30.0, 100.0, 200.0)] == pytest.approx([15.0, 155.0, 255.0])
    for at_s in (1.0, 29.0, 31.0, 99.0, 500.0):
        assert flow.when(flow.by(at_s)) == pytest.approx(at_s)


def test_nothing_is_done_before_the_first_step() -> None:
    assert Flow([(60.0, 1.0)]).when(1e-3) == pytest.approx(60.0, abs=0.01)


def test_what_would_stand_still_for_ever_goes_on_slowly() -> None:
    assert Flow([(0.0, 1.0), (50.0, -1.0)]).when(60.0) == pytest.approx(50.0 + 10.0 / 0.01)


def test_a_stretch_in_which_nothing_is_done_is_passed_over() -> None:
    flow = Flow([(0.0, 1.0), (10.0, -2.0), (20.0, 2.0)])
    assert flow.when(9.0) == pytest.approx(9.0)
    assert flow.when(11.0) == pytest.approx(21.0, abs=0.01)


def test_nothing_is_done_before_now_though_a_window_may_have_come_in_the_second_before() -> None:
    assert Flow([(-0.9, 1.0)]).when(0.5) == 0.0
