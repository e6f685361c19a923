"""What a branch gets wrong: every figure stays sane, and the mistake is forgotten."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from edge.core import events as ev
from edge.core.engine import Engine
from edge.core.hall import Hall
from edge.core.instant import seconds
from edge.core.policy import Policy
from edge.core.waiting import Learnt, NextWait, Outlook, Wait
from tests.core.waiting.halls import NO_POLICY, NOON, policy_of


class Day:
    """Events of one day, told in seconds after noon; `outlook` is the forecast then."""

    def __init__(self, policy: Policy = NO_POLICY, learnt: Learnt | None = None) -> None:
        self.engine = Engine(policy, Hall(learnt=learnt or Learnt()))

    def tell(self, at_s: float, kind: type[Any], **fields: Any) -> None:
        self.engine.feed(kind(at=NOON + seconds(at_s), **fields))

    def issue(self, at_s: float, ticket: str, service: str = "cash") -> None:
        self.tell(at_s, ev.TicketIssued, ticket=ticket, service=service)

    def call(self, at_s: float, ticket: str, window: str = "1") -> None:
        self.tell(at_s, ev.TicketCalled, ticket=ticket, window=window)

    def outlook(self, at_s: float) -> Outlook:
        for _ in self.engine.wakes(NOON + seconds(at_s)):
            pass
        return self.engine.forecast(NOON + seconds(at_s))


def figures(outlook: Outlook) -> Iterator[float]:
    waits: list[Wait | NextWait] = [*outlook.tickets.values(), *outlook.next.values()]
    for wait in waits:
        known = (wait.p10_s, wait.p50_s, wait.p90_s)
        assert None not in known
        assert list(known) == sorted(value for value in known if value is not None)
        yield from (value for value in (*known, wait.mean_s) if value is not None)


def sane(outlook: Outlook, most_s: float = 6 * 3600.0) -> bool:
    said = list(figures(outlook))
    return bool(said) and all(0.0 <= value < most_s and math.isfinite(value) for value in said)


def ordinary(day: Day, windows: int = 2, served: int = 20, from_s: float = 0.0) -> float:
    """Services of three minutes, one after the other; returns when the last has ended."""
    for number in range(1, windows + 1):
        day.tell(from_s, ev.WindowOpened, window=str(number), services=("cash",))
    at_s = from_s
    for count in range(served):
        at_s = from_s + count * 90.0
        day.issue(at_s, f"S{from_s:.0f}-{count}")
        day.call(at_s + 60.0, f"S{from_s:.0f}-{count}", str(count % windows + 1))
    return at_s + 60.0


def test_a_window_that_never_reports_its_closing_is_not_counted_for_ever() -> None:
    day = Day()
    at_s = ordinary(day)
    day.tell(at_s + 1, ev.WindowOpened, window="9", services=("cash",))
    for count in range(6):
        day.issue(at_s + 2 + count, f"T{count}")
    fresh = day.outlook(at_s + 10).tickets["T5"].mean_s
    silent = day.outlook(at_s + 1500)
    assert sane(silent)
    assert silent.next["cash"].windows == 2
    assert silent.tickets["T5"].mean_s > 0.5 * fresh


def test_a_teller_who_forgets_to_end_a_service_teaches_nothing() -> None:
    day = Day()
    at_s = ordinary(day)
    before = day.engine.hall.learnt.branch.weight
    day.issue(at_s + 5 * 3600.0, "T1")
    day.call(at_s + 5 * 3600.0 + 1, "T1", "1")
    day.issue(at_s + 5 * 3600.0 + 2, "T2")
    said = day.outlook(at_s + 5 * 3600.0 + 3)
    assert sane(said, 3600.0)
    assert day.engine.hall.learnt.branch.weight == before


@pytest.mark.parametrize("step_s", [3600.0, 10 * 3600.0, 40 * 86400.0])
def test_a_clock_that_jumps_leaves_sane_figures(step_s: float) -> None:
    day = Day()
    at_s = ordinary(day)
    day.issue(at_s, "T1")
    day.outlook(at_s + 1)
    day.issue(at_s + step_s, "T2")
    assert sane(day.outlook(at_s + step_s + 1))
    day.call(at_s + step_s + 2, "T2")
    assert sane(day.outlook(at_s + step_s + 3))


def test_a_number_of_another_day_is_told_afresh() -> None:
    first = Day()
    at_s = ordinary(first)
    first.issue(at_s, "A001")
    first.outlook(at_s + 600)
    learnt = first.engine.hall.learnt
    assert "A001" in learnt.correction.told
    again = Day(learnt=learnt)
    again.issue(10.0, "A001")
    again.outlook(11.0)
    assert learnt.correction.told["A001"].at == NOON + seconds(10.25)


def test_a_ticket_called_twice_waited_once() -> None:
    day = Day()
    at_s = ordinary(day)
    for id in ("T1", "T2"):
        day.issue(at_s, id)
    day.call(at_s + 60, "T1", "1")
    waited_s = day.engine.hall.learnt.leaving.waited_s
    day.call(at_s + 70, "T1", "1")
    day.call(at_s + 80, "T1", "2")
    assert day.engine.hall.learnt.leaving.waited_s == waited_s
    assert sane(day.outlook(at_s + 81))


def test_a_class_nobody_configured_is_told_of_as_soon_as_a_window_takes_it() -> None:
    day = Day(policy_of({"1": ("cash",)}))
    day.tell(0.0, ev.WindowOpened, window="1", services=("cash",))
    day.issue(1.0, "L1", "loan")
    assert day.outlook(2.0).next["loan"].mean_s is None
    day.tell(3.0, ev.WindowOpened, window="7", services=("loan",))
    assert sane(day.outlook(4.0))


def test_a_day_with_no_data_says_what_nobody_has_told_yet() -> None:
    assert Day().outlook(0.0).next == {}
    told = Day(policy_of({"1": ("cash",)})).outlook(0.0)
    assert sane(told)
    assert told.next["cash"].confidence == "low"
