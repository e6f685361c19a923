"""What triage need not ask makes no difference: with every short cut taken away the prompts are the same.

Of prompts of one and the same instant the order may differ: which comes first is decided by which wake comes first,
and a fact that need not be asked wakes nobody.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from edge import resources
from edge.config import load
from edge.core import events as ev
from edge.core import triage
from edge.core.aspects import ARRIVALS, CALLED, ENDED, TICKETS, WINDOWS
from edge.core.commands import PublishPrompt
from edge.core.engine import Engine
from edge.core.instant import seconds
from edge.core.policy import Calendar, Policy
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS
from tests.core.triage.branch import policy
from tests.play import at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.aspects import Aspects
    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.triage.scope import Scope

LOW: Final[dict[str, dict[str, Any]]] = {
    "secondary_triage": {"waiting": 4, "reset_waiting": 2, "wait_s": 60, "reset_wait_s": 40, "cooldown_s": 30},
    "paused_windows": {"waiting": 3, "cooldown_s": 10},
    "education_peak": {"waiting": 5, "cooldown_s": 20},
    "education_idle": {"quiet_s": 40, "cooldown_s": 20},
    "fairness": {"ordinary_wait_s": 50, "cooldown_s": 20},
    "opening_crowd": {"tickets": 4, "window_s": 60},
    "group_arrival": {"tickets": 3, "share": 0.6, "window_s": 90, "cooldown_s": 20},
    "surge": {"window_s": 120, "min_tickets": 3, "cooldown_s": 30},
    "long_wait": {"beyond_s": 20},
    "long_service": {"min_s": 60, "quantile": 0.3},
    "pause_reason": {"cooldown_s": 20},
}
"""Thresholds that a few events reach."""

BRANCH: Final = replace(policy(**LOW), calendar=Calendar(open=time(9, 0), close=time(17, 0)))
UNCONFIGURED: Final = Policy(rules=BRANCH.rules)
NUMBERS: Final = [f"A{number}" for number in range(12)]


def prompted(chosen: Policy, events: Iterable[ev.Event]) -> list[tuple[int, str]]:
    """Every change of every prompt with its instant, those of one instant in the order of their words."""
    engine, found = Engine(chosen), []
    for event in events:
        commands = [command for command in engine.feed(event) if isinstance(command, PublishPrompt)]
        found += [(command.record.at, repr(command)) for command in commands]
    return sorted(found)


def prompted_the_long_way(chosen: Policy, events: Iterable[ev.Event]) -> list[tuple[int, str]]:
    """The same where every rule an event may concern looks and every fact it may have moved is asked."""
    review = triage.review

    def at_length(hall: Hall, policy: Policy, changed: Aspects, now: Instant, touched: Scope | None = None) -> Any:
        hall.desk.naps.clear()
        changed |= TICKETS if changed & (ARRIVALS | CALLED | ENDED) else 0
        changed |= WINDOWS | CALLED | ENDED if changed & (CALLED | ENDED) else 0
        return review(hall, policy, changed, now, touched)

    rules = tuple(replace(rule, begins_by=rule.moved_by, musts=()) for rule in chosen.rules)
    with patch.object(triage, "review", at_length):
        return prompted(replace(chosen, rules=rules), events)


def _made(made: type[Any], /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"made": st.just(made), **values})


ticket, window = st.sampled_from(NUMBERS), st.sampled_from("123")
drawn = _made(
    ev.TicketIssued,
    ticket=ticket,
    service=st.sampled_from(("cash", "cash", "account", "corporate")),
    tier=st.sampled_from(("ordinary", "ordinary", "gold")),
    needs=st.sampled_from(((), (), ("elderly",), ("deaf",))),
    amount_band=st.sampled_from((None, "small")),
)
called = _made(ev.TicketCalled, ticket=ticket, window=window)
staff = {"staff": st.just("lm-1"), "role": st.just("lobby_manager")}
happening = st.one_of(
    drawn, drawn, drawn, drawn, called, called, called,
    _made(ev.TicketServed, ticket=ticket, window=window, rating=st.sampled_from((None, 1, 5))),
    _made(ev.TicketServed, ticket=ticket, window=window),
    _made(ev.TicketNoShow, ticket=ticket, window=window),
    _made(ev.TicketTransferred, ticket=ticket, window=window),
    _made(ev.TicketRated, ticket=ticket, window=window, rating=st.integers(1, 5)),
    _made(ev.TicketCancelled, ticket=ticket),
    _made(ev.WindowOpened, window=window, services=st.just(("cash", "account"))),
    _made(ev.WindowPaused, window=window),
    _made(ev.WindowClosed, window=window),
    _made(ev.DeviceStatus, device=st.just("recycler-1"), kind=st.just("recycler"),
          state=st.sampled_from(("ok", "down"))),
    _made(ev.StaffAction, **staff, action=st.sampled_from(("customer_declined", "need_added")), target=ticket,
          detail=st.just({"need": "elderly"})),
    _made(ev.StaffAction, **staff, action=st.just("priority"), target=ticket,
          detail=st.sampled_from(({"tier": "ordinary"}, {"tier": "gold"}))),
    _made(ev.Tick),
)  # fmt: skip


@st.composite
def days(draw: st.DrawFn) -> list[ev.Event]:
    """So many events, some at once and some a while apart, from a little before the branch opens."""
    now, events = at("8:59:30"), []
    for values in draw(st.lists(happening, min_size=20, max_size=120)):
        now += seconds(draw(st.sampled_from((0, 0.5, 1, 3, 7, 15, 31))))
        events.append(values.pop("made")(at=now, **values))
    return events


@settings(max_examples=60)
@given(days(), st.booleans())
def test_on_any_day(events: list[ev.Event], configured: bool) -> None:
    chosen = BRANCH if configured else UNCONFIGURED
    assert prompted(chosen, events) == prompted_the_long_way(chosen, events)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_on_simulated_days(scenario: str) -> None:
    chosen = load(resources.config_dir() / "demo.toml").policy
    events = list(Day(SCENARIOS[scenario], 1))
    found = prompted(chosen, events)
    assert found
    assert found == prompted_the_long_way(chosen, events)
