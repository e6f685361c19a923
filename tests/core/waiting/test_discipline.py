"""Who goes first is learnt from the calls: strictly by tier, by a lead in seconds, or not at all."""

import random

import pytest

from edge.core.hall import Hall, Ticket
from edge.core.instant import SECOND, in_seconds, seconds
from edge.core.waiting import called
from edge.core.waiting.arrivals import Arrivals, Later
from edge.core.waiting.discipline import LADDER_S, STRICT_S, Contests, Discipline
from edge.core.waiting.line import in_calling_order
from tests.core.waiting.halls import NO_POLICY, NOON, ago, busy_hall, queue, waits

LEADS = {"gold": 180.0, "silver": 90.0, "ordinary": 0.0}


def ticket(tier: str, waited_s: float) -> Ticket:
    return Ticket(id=f"{tier}-{waited_s}", service="cash", tier=tier, waiting_since=ago(waited_s))  # type: ignore[arg-type]


def shown(leads: dict[str, float], tiers: tuple[str, ...] = tuple(LEADS), times: int = 600) -> Discipline:
    """What calls by these leads show."""
    chance = random.Random(5)
    found = Discipline()
    for _ in range(times):
        heads = [ticket(tier, chance.uniform(0.0, 600.0)) for tier in tiers]
        heads.sort(key=lambda one: one.waiting_since - seconds(leads[one.tier]))
        found.called(heads[0], heads[1:])
    return found


def test_tiers_are_strict_until_a_call_says_otherwise() -> None:
    assert Discipline().lead("gold") >= seconds(STRICT_S)
    assert shown({**LEADS, "gold": 1e6, "silver": 1e5}).leads == {}


def test_a_lead_is_learnt_from_whom_a_window_calls() -> None:
    found = shown(LEADS)
    assert in_seconds(found.lead("silver")) == pytest.approx(90.0, rel=0.1)
    assert in_seconds(found.lead("gold")) == pytest.approx(180.0, rel=0.1)


def test_two_tiers_are_enough() -> None:
    assert in_seconds(shown(LEADS, ("gold", "ordinary")).lead("gold")) == pytest.approx(180.0, rel=0.1)


def test_where_nobody_goes_first_there_is_no_lead() -> None:
    assert shown(dict.fromkeys(LEADS, 0.0)).lead("gold") == 0


def test_a_few_lost_contests_do_not_undo_many_won_ones() -> None:
    found = shown({**LEADS, "gold": 1e6}, ("gold", "ordinary"))
    for _ in range(3):
        found.called(ticket("ordinary", 300.0), [ticket("gold", 200.0)])
    assert found.lead("gold") >= seconds(STRICT_S)


def test_who_has_waited_no_longer_contests_nothing() -> None:
    found = Discipline()
    found.called(ticket("gold", 300.0), [ticket("ordinary", 200.0)])
    assert not found.contests


def test_a_lower_tier_never_leads_a_higher_one() -> None:
    found = shown(LEADS, ("gold", "ordinary"))
    assert seconds(100.0) < found.lead("silver") <= found.lead("gold") < seconds(STRICT_S)


def test_a_lead_places_a_ticket_among_those_who_have_waited_longer() -> None:
    hall = Hall(now=NOON)
    queue(hall, "O1", waited_s=300)
    queue(hall, "O2", waited_s=150)
    queue(hall, "G1", waited_s=30, tier="gold")
    hall.learnt.discipline.leads = {"gold": 180 * SECOND}
    assert [one.id for one in in_calling_order(hall)] == ["O1", "G1", "O2"]


def test_calls_teach_the_hall_its_discipline() -> None:
    hall = busy_hall(windows=1, waiting=0)
    for number in range(40):
        queue(hall, f"O{number}", waited_s=300)
        queue(hall, f"G{number}", waited_s=100, tier="gold")
        for id in (f"O{number}", f"G{number}"):
            del hall.waiting[id]
            called(hall, NO_POLICY, hall.tickets[id], hall.windows["1"], NOON)
    assert in_seconds(hall.learnt.discipline.lead("gold")) < 250.0


def test_a_window_that_does_not_take_the_other_class_shows_nothing() -> None:
    hall = busy_hall(windows=1, waiting=0)
    queue(hall, "O1", waited_s=300)
    queue(hall, "G1", service="loan", waited_s=100, tier="gold")
    del hall.waiting["O1"]
    called(hall, NO_POLICY, hall.tickets["O1"], hall.windows["1"], NOON)
    assert not hall.learnt.discipline.contests


def test_by_a_lead_only_those_who_come_within_it_go_first() -> None:
    hall = busy_hall(windows=1, waiting=4)
    kinds = {"gold cash": Arrivals("cash", "gold", {48: 9}, ordinary=9)}
    hall.learnt.later = Later(kinds=kinds, began=NOON)
    strict = waits(hall)["T4"].mean_s
    hall.learnt.discipline.leads = {"gold": 180 * SECOND}
    lead = waits(hall)["T4"].mean_s
    hall.learnt.discipline.leads = {"gold": 0}
    assert waits(hall)["T4"].mean_s < lead < strict


def test_contests_on_another_ladder_are_refused_and_their_number_is_bounded() -> None:
    with pytest.raises(ValueError, match="edges"):
        Contests(won=[1.0])
    contests = Contests()
    for _ in range(10_000):
        contests.add(1e9, won=True)
        contests.add(LADDER_S[1], won=False)
    assert sum(contests.won) + sum(contests.lost) < 500.0
