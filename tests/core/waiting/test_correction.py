import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.hall import Hall
from edge.core.instant import seconds
from edge.core.waiting import called, left, look
from edge.core.waiting.correction import FIRST, KINDS_MOST, Correction, Told
from tests.core.waiting.halls import NO_POLICY, NOON, busy_hall

FIGURES = (20.0, 60.0, 150.0, 75.0)
PLAIN_S = 60.0
KIND = "ordinary cash"


def taught(*waited_s: float, place: int = 1) -> Correction:
    """What follows when everybody was told FIGURES and these waits came."""
    correction = Correction()
    for wait_s in waited_s:
        correction.learn(Told(NOON, place, *FIGURES, PLAIN_S, KIND), wait_s, gone=False)
    return correction


def told_of(correction: Correction, place: int = 1, kind: str = KIND) -> tuple[float, float, float, float]:
    return correction.corrected(FIGURES, PLAIN_S, place, kind)


def test_without_outcomes_nothing_is_corrected() -> None:
    p10_s, p50_s, p90_s, mean_s = told_of(Correction())
    assert (p50_s, mean_s) == pytest.approx((FIGURES[1], FIGURES[3]))
    assert 0.95 * FIGURES[0] < p10_s < FIGURES[0]  # but for what a first morning is uncertain by
    assert FIGURES[2] < p90_s < 1.05 * FIGURES[2]


def test_half_of_the_waits_end_up_below_the_median_and_four_fifths_between_the_ends() -> None:
    chance = random.Random(7)
    correction = taught(*(chance.lognormvariate(4.6, 0.9) for _ in range(4000)))
    fresh = [chance.lognormvariate(4.6, 0.9) for _ in range(4000)]
    p10_s, p50_s, p90_s, _ = told_of(correction)
    assert sum(wait < p50_s for wait in fresh) / 4000 == pytest.approx(0.5, abs=0.05)
    assert sum(p10_s <= wait <= p90_s for wait in fresh) / 4000 == pytest.approx(0.8, abs=0.06)


def test_the_median_is_that_of_most_however_long_the_others_wait() -> None:
    chance = random.Random(7)
    correction = taught(*(chance.choices([25.0, 600.0], [0.6, 0.4])[0] for _ in range(2000)))
    assert told_of(correction)[1] < 40.0


def test_people_far_back_are_corrected_less() -> None:
    long = [200.0] * 30
    assert told_of(taught(*long))[1] > 1.3 * FIGURES[1]
    assert told_of(taught(*long), place=30)[1] == pytest.approx(FIGURES[1], rel=0.1)


def test_a_class_and_tier_whose_waits_differ_is_corrected_apart() -> None:
    correction = Correction()
    for _ in range(200):
        correction.learn(Told(NOON, 1, *FIGURES, PLAIN_S, "gold cash"), 20.0, gone=False)
        correction.learn(Told(NOON, 1, *FIGURES, PLAIN_S, KIND), 120.0, gone=False)
    assert told_of(correction, kind="gold cash")[1] < 0.8 * told_of(correction)[1]
    assert told_of(correction, kind="silver loan")[1] < told_of(correction)[1]


def test_where_every_place_in_the_queue_takes_as_long_whatever_the_model_says_the_waits_of_late_decide() -> None:
    chance = random.Random(3)
    correction, told = Correction(), []
    for _ in range(600):
        place = chance.randint(1, 4)
        guess_s = 40.0 * place * chance.choice([0.4, 2.5])  # the model is wrong about the windows, either way
        figures = (0.3 * guess_s, guess_s, 2.0 * guess_s, 1.2 * guess_s)
        wait_s = 40.0 * (place + 0.5)
        told.append((guess_s - wait_s, correction.corrected(figures, guess_s, place, KIND)[1] - wait_s))
        correction.learn(Told(NOON, place, *figures, guess_s, KIND), wait_s, gone=False)
    model, corrected = (sum(abs(errors[k]) for errors in told[-200:]) for k in (0, 1))
    assert corrected < 0.7 * model


def test_too_many_kinds_leave_the_ones_seen_most() -> None:
    correction = taught(*[200.0] * 5)
    for number in range(2 * KINDS_MOST):
        correction.learn(Told(NOON, 1, *FIGURES, PLAIN_S, f"gold {number}"), 100.0, gone=False)
    assert len(correction.kinds) == KINDS_MOST
    assert KIND in correction.kinds


def test_weights_of_other_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        Correction(weights=[])


def test_short_and_long_waits_keep_intervals_of_their_own() -> None:
    correction = taught(*[500.0] * 100)
    assert correction.high[1] > 1.1
    assert correction.high[3] == FIRST


def test_ten_outcomes_at_the_tenth_place_move_the_interval_as_far_as_one_at_the_first() -> None:
    first, tenth = taught(1000.0), taught(*[1000.0] * 10, place=10)
    assert 1.0 < tenth.high[1] == pytest.approx(first.high[1])
    assert tenth.low[1] == pytest.approx(first.low[1])


def test_who_left_counts_only_where_the_interval_was_outlasted() -> None:
    correction = Correction()
    correction.learn(Told(NOON, 1, *FIGURES, PLAIN_S, KIND), 100.0, gone=True)
    assert correction == Correction()
    correction.learn(Told(NOON, 1, *FIGURES, PLAIN_S, KIND), 1000.0, gone=True)
    assert correction.high[1] > 1.0
    assert correction.weights == Correction().weights


@given(
    st.lists(st.floats(0.0, 1e6), max_size=60), st.tuples(*[st.floats(0.1, 1e5)] * 4), st.floats(0.0, 1e6), st.just(1)
)
def test_no_past_makes_figures_that_are_out_of_order(
    waited_s: list[float], figures: tuple[float, float, float, float], plain_s: float, place: int
) -> None:
    p10_s, p50_s, p90_s, mean_s = sorted(figures)
    low_s, middle_s, high_s, _ = taught(*waited_s).corrected((p10_s, p50_s, p90_s, mean_s), plain_s, place, KIND)
    assert 0.0 <= low_s <= middle_s <= high_s < float("inf")


def test_a_ticket_is_told_once_and_its_call_is_the_outcome() -> None:
    hall = busy_hall(windows=1, waiting=2)
    look(hall, NO_POLICY, NOON)
    first = hall.learnt.correction.told["T1"]
    hall.now = NOON + seconds(30)
    look(hall, NO_POLICY, hall.now)
    assert hall.learnt.correction.told["T1"] is first
    called(hall, NO_POLICY, hall.tickets["T1"], hall.windows["1"], NOON + seconds(200))
    left(hall, NO_POLICY, hall.tickets["T2"], NOON + seconds(200))
    assert not hall.learnt.correction.told
    assert hall.learnt.correction.weights != Correction().weights


def test_what_was_told_of_tickets_that_are_gone_is_forgotten() -> None:
    hall = busy_hall(windows=1, waiting=3)
    look(hall, NO_POLICY, NOON)
    assert hall.learnt.correction.told.keys() == {"T1", "T2", "T3"}
    hall.waiting.clear()
    look(hall, NO_POLICY, NOON + seconds(60))
    assert not hall.learnt.correction.told
    look(Hall(now=NOON), NO_POLICY, NOON)
