"""The hall at one instant: what is costly is worked out once, and worse has a meaning for each kind of figure."""

import pytest

from edge.core.hall import Hall
from edge.core.policy import Policy
from edge.core.triage import moment as module
from edge.core.triage.facts import FACTS
from edge.core.triage.moment import Moment, Number
from edge.core.triage.windows import OneMore


def test_forecasts_are_made_once_and_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def one_more(hall: Hall, policy: Policy, at: int) -> OneMore:
        made.append(at)
        return OneMore()

    monkeypatch.setattr(module, "one_more", one_more)
    moment = Moment(Hall(), Policy(), 7)
    assert made == []
    assert [FACTS["gain_s"].value(moment, "hall") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert made == [7]


@pytest.mark.parametrize(("fact", "before", "worse"), [("waiting", 15, 16), ("longest_wait_s", 600.0, 720.0)])
def test_worse_is_one_more_of_what_is_counted_and_a_fifth_more_of_what_is_measured(
    fact: str, before: float, worse: float
) -> None:
    number = FACTS[fact]
    assert isinstance(number, Number)

    assert number.worse(before) == worse
