"""What staff in the lobby do by themselves: come and go, ask, turn away, notice, refer, and close what they raise."""

from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise

import pytest
from msgspec.structs import replace

from edge.core import events as ev
from edge.core import instant
from edge.sim import premises
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS

LIVELY = replace(SCENARIOS["rush"], wrong_form=0.3, grumbles=0.5, declines=0.3, turned_away=0.3, referred=0.6)


@cache
def lively() -> tuple[ev.Happening, ...]:
    """A rush in which much is raised."""
    return tuple(Day(LIVELY, 1))


def acts(action: ev.Action, day: tuple[ev.Happening, ...] | None = None) -> list[ev.StaffAction]:
    return [e for e in day or lively() if isinstance(e, ev.StaffAction) and e.action == action]


def tickets() -> dict[str, ev.TicketIssued]:
    return {event.ticket: event for event in lively() if isinstance(event, ev.TicketIssued)}


def raised(kind: str) -> list[ev.StaffAction]:
    return [action for action in acts("raise") if action.target == kind]


def test_whatever_is_raised_is_closed_again() -> None:
    kinds = Counter(action.target for action in acts("raise"))
    assert {"complaint", "referral", "turn_away"} <= kinds.keys()
    assert Counter(action.target for action in acts("close")) == kinds


def test_only_somebody_without_a_need_is_asked_and_only_for_what_a_machine_can_do() -> None:
    declined = [tickets()[action.target] for action in acts("customer_declined")]
    assert len(declined) > 10
    assert all(not ticket.needs and premises.CLASSES[ticket.service].machines for ticket in declined)


def test_who_declined_keeps_the_place_and_is_called_or_leaves_like_everybody() -> None:
    ends = {e.ticket for e in lively() if isinstance(e, ev.TicketCalled)}
    ends |= {e.ticket for e in lively() if isinstance(e, ev.TicketCancelled) and e.reason == "left"}
    assert {action.target for action in acts("customer_declined")} <= ends


def test_who_is_turned_away_gives_the_ticket_back_and_is_never_called() -> None:
    away = {str(action.detail["ticket"]) for action in raised("turn_away")}
    back = {e.ticket for e in lively() if isinstance(e, ev.TicketCancelled) and e.reason == "documents"}
    assert away == back != set()
    assert away.isdisjoint(e.ticket for e in lively() if isinstance(e, ev.TicketCalled))


def test_who_grumbles_has_waited_long_and_some_complain() -> None:
    levels = Counter(action.detail["level"] for action in raised("complaint"))
    assert levels[2] > levels[3] > 0
    waits = [a.at - tickets()[str(a.detail["ticket"])].at for a in raised("complaint") if a.detail["level"] == 2]
    assert min(waits) > instant.seconds(300)


def test_a_teller_refers_those_a_customer_manager_would_like_to_meet() -> None:
    for action in raised("referral"):
        ticket = tickets()[str(action.detail["ticket"])]
        assert ticket.tier in ("gold", "private") or ticket.amount_band == "large"
        assert action.role == "teller"


def test_a_wrong_form_comes_back_to_the_same_window_minutes_later_and_once() -> None:
    sent: dict[str, list[ev.TicketTransferred]] = defaultdict(list)
    for event in lively():
        if isinstance(event, ev.TicketTransferred) and event.window is not None:
            sent[event.ticket].append(event)
    calls: dict[str, list[ev.TicketCalled]] = defaultdict(list)
    for event in lively():
        if isinstance(event, ev.TicketCalled):
            calls[event.ticket].append(event)
    returned = 0
    for ticket, events in sent.items():
        for transfer in events:
            before = [call for call in calls[ticket] if call.at <= transfer.at]
            after = [call for call in calls[ticket] if call.at > transfer.at]
            if before and after and transfer.window == before[-1].window:
                returned += 1
                assert after[0].window == transfer.window
                assert after[0].at >= transfer.at + instant.seconds(150)
    assert returned > 3
    assert all(sum(a.window == b.window for a, b in pairwise(events)) == 0 for events in sent.values())


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_everybody_who_signs_in_signs_out_and_is_where_the_scenario_wants(name: str) -> None:
    day = tuple(Day(SCENARIOS[name], 2))
    signed = [a for a in day if isinstance(a, ev.StaffAction) and a.action in ("sign_in", "sign_out")]
    for staff in premises.STAFF:
        own = [action.action for action in signed if action.target == staff]
        assert own == ["sign_in", "sign_out"] * (len(own) // 2)
    gaps = [b.at - a.at for a, b in pairwise(a for a in signed if a.role in ("lobby_manager", "lobby_guide"))
            if a.action == "sign_out" and b.action == "sign_in"]  # fmt: skip
    assert bool(gaps) is (name == "lunch-gap")


def test_who_is_away_at_the_moment_somebody_joins_is_not_said_to_be_there() -> None:
    day = Day(SCENARIOS["lunch-gap"], 1)
    day.skip(day.moment(premises.WINDOWS["3"].lunch) + instant.seconds(360))
    here = {a.target for a in day.standing() if isinstance(a, ev.StaffAction)}
    assert here == premises.STAFF.keys() - {"lm-1", "lg-1"}


def test_a_shaken_machine_is_looked_at_by_the_guard() -> None:
    day = tuple(Day(SCENARIOS["outage"], 1))
    shaken = next(e for e in day if isinstance(e, ev.DeviceEvent) and e.event == "vibration")
    checked = next(a for a in acts("device_checked", day) if a.target == shaken.device)
    assert checked.role == "guard"
    assert shaken.at < checked.at < shaken.at + instant.seconds(600)
