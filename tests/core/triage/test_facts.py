"""The vocabulary of conditions: what each fact reads from the hall."""

from typing import Any

import pytest

from edge.core.hall import Device, Hall, Ticket, Window
from edge.core.instant import seconds
from edge.core.policy import Policy
from edge.core.triage.facts import FACTS
from edge.core.triage.guards import GUARDS
from edge.core.triage.moment import Moment, Number
from edge.core.waiting import NextWait, Outlook
from tests.core.triage.branch import policy


def wait(p50_s: float | None) -> NextWait:
    return NextWait(p50_s, p50_s, p50_s, p50_s, 1, 0, "low")


HALL = Hall(
    tickets={"A1": Ticket(id="A1", service="cash"), "A2": Ticket(id="A2", service="account")},
    waiting={"A1": 0, "A2": seconds(40)},
    windows={"1": Window(id="1", state="open"), "2": Window(id="2", state="paused")},
    devices={
        "recycler-1": Device(id="recycler-1", kind="recycler", state="down", seen_at=1, suspect="cash_not_dispensed"),
    },
    outlook=Outlook(next={"cash": wait(300.0), "account": wait(700.5), "corporate": wait(2000.0), "coin": wait(None)}),
)


@pytest.mark.parametrize(
    ("fact", "object_id", "value"),
    [
        ("waiting", "hall", 2),
        ("longest_wait_s", "hall", 100.0),
        ("paused_windows", "hall", 1),
        ("openable_windows", "hall", 2),
        ("next_wait_s", "hall", 700.5),
        ("usable_devices", "hall", 0),
        ("eligible_tickets", "hall", 0),
        ("offer_obstacle", "hall", "no-usable-device"),
        ("triage_held_by", "hall", "none"),
    ],
)
def test_what_a_fact_reads(fact: str, object_id: str, value: Any) -> None:
    assert FACTS[fact].value(Moment(HALL, policy(), seconds(100)), object_id) == value


@pytest.mark.parametrize("fact", [fact for fact in FACTS.values() if fact.about == "hall" and fact.name != "gain_s"])
def test_every_fact_reads_an_empty_hall(fact: Any) -> None:
    value = fact.value(Moment(Hall(), Policy(), 0), "hall")

    assert isinstance(value, int | float) if isinstance(fact, Number) else value in fact.words


def test_a_wait_says_when_it_will_reach_a_level() -> None:
    fact = FACTS["longest_wait_s"]
    assert isinstance(fact, Number)
    assert fact.when is not None

    assert fact.when(Moment(HALL, Policy(), 5), "hall", seconds(600)) == seconds(600)
    assert fact.when(Moment(Hall(), Policy(), 5), "hall", seconds(600)) is None


def test_a_forecast_nobody_waits_for_is_none_of_ours() -> None:
    assert FACTS["next_wait_s"].value(Moment(Hall(outlook=HALL.outlook), Policy(), 0), "hall") == 0.0


def test_without_configuration_one_window_is_always_supposed() -> None:
    assert FACTS["openable_windows"].value(Moment(Hall(), Policy(), 0), "hall") == 1


def test_every_fact_and_guard_says_what_it_is() -> None:
    assert all(fact.says.endswith(".") for fact in FACTS.values())
    assert all(guard.says.endswith(".") for guard in GUARDS.values())
