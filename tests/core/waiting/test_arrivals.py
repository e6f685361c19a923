from math import inf

import pytest
from msgspec import json

from edge.core.hall import Hall, Ticket
from edge.core.instant import seconds
from edge.core.waiting import issued
from edge.core.waiting.arrivals import KINDS_MOST, SLOT_S, Arrivals, Coming, Later
from tests.core.waiting.halls import NO_POLICY, NOON, busy_hall, queue, waits

DAY_S = 86400.0


def draw(hall: Hall, *at_s: float, day: int = 0, tier: str = "gold") -> None:
    """Tickets drawn so many seconds after noon of a day."""
    hall.day_began = NOON + seconds(day * DAY_S)
    for count, since_s in enumerate(at_s):
        at = hall.day_began + seconds(since_s)
        issued(hall, NO_POLICY, Ticket(id=f"G{count}", service="cash", tier=tier), at)  # type: ignore[arg-type]


def rates(hall: Hall, at_s: float, day: int = 0) -> list[float]:
    coming = Coming(hall.learnt.later, NO_POLICY, NOON + seconds(day * DAY_S + at_s))
    return [rate * SLOT_S for _, rate in coming.rates(hall.learnt.later.kinds["gold cash"], 0.0, inf)]


def test_ordinary_tickets_are_not_counted() -> None:
    hall = Hall(now=NOON)
    draw(hall, 1.0, 2.0, tier="ordinary")
    assert not hall.learnt.later.kinds


def test_on_the_first_day_a_rush_fades_into_an_ordinary_quarter_of_an_hour() -> None:
    hall = Hall(now=NOON)
    draw(hall, 10.0, 1000.0, 1900.0, *(2750.0 + 50.0 * n for n in range(12)))
    said = rates(hall, 3500.0)
    assert said[0] == pytest.approx(12.0)
    assert said[-1] == pytest.approx(1.0, abs=0.2)


def test_earlier_days_say_when_the_rush_comes() -> None:
    hall = Hall(now=NOON)
    for day in range(10):
        draw(hall, 1.0, *(3650.0 + 80.0 * n for n in range(10)), day=day)
    draw(hall, 1.0, day=10)
    said = rates(hall, 60.0, day=10)
    assert said[4] == pytest.approx(10.0, rel=0.1)
    assert max(said[1:4]) < 0.2


def test_a_day_told_again_under_the_same_date_is_another_day() -> None:
    hall = Hall(now=NOON)
    draw(hall, 1.0, 100.0)
    draw(hall, 1.0)
    assert hall.learnt.later.days == 1.0
    assert sum(hall.learnt.later.kinds["gold cash"].today.values()) == 1


def test_between_two_instants_others_come_than_before_and_after() -> None:
    hall = Hall(now=NOON)
    draw(hall, 10.0, 1000.0, 1900.0)
    coming = Coming(hall.learnt.later, NO_POLICY, NOON + seconds(1900.0))
    kind = hall.learnt.later.kinds["gold cash"]
    assert [at_s for at_s, _ in coming.rates(kind, 100.0, 1000.0)] == [100.0, 800.0, 1000.0]
    assert coming.rates(kind, 100.0, 1000.0)[-1] == (1000.0, 0.0)
    assert coming.rates(kind, 0.0, 50.0)[0][1] == coming.rates(kind, 0.0, inf)[0][1] > 0.0


def test_those_who_come_later_and_go_first_make_ordinary_tickets_wait() -> None:
    hall = busy_hall(windows=2, waiting=8)
    queue(hall, "G", waited_s=1, tier="gold")
    before = waits(hall)
    hall.learnt.later = Later(kinds={"gold cash": Arrivals("cash", "gold", {48: 5}, ordinary=5)}, began=NOON)
    after = waits(hall)
    assert after["G"] == before["G"]
    assert after["T1"].mean_s > before["T1"].mean_s
    assert after["T8"].mean_s > 1.3 * before["T8"].mean_s
    assert after["T8"].p90_s - after["T8"].p10_s > before["T8"].p90_s - before["T8"].p10_s


def test_more_than_the_windows_can_do_leaves_finite_waits() -> None:
    hall = busy_hall(windows=1, waiting=8)
    kinds = {f"{tier} cash": Arrivals("cash", tier, {48: 900}, ordinary=900) for tier in ("gold", "silver", "private")}
    hall.learnt.later = Later(kinds=kinds, began=NOON)
    assert waits(hall)["T8"].mean_s < 24 * 3600.0


def test_its_size_is_bounded_and_it_comes_back_as_it_was() -> None:
    later = Later()
    for number in range(500):
        later.add(f"class-{number}", "gold", number % 96)
    assert len(later.kinds) == KINDS_MOST
    assert json.decode(json.encode(later), type=Later) == later
