"""Who could be offered a device: usable means known to work, and nobody is offered what may fail."""

from typing import Any

import pytest
from msgspec.structs import replace

from edge.core.hall import Device, Hall, Ticket
from edge.core.instant import seconds
from edge.core.policy import DevicePlan, Policy
from edge.core.triage.offer import eligible, obstacle, obstacle_of, usable
from tests.core.triage.branch import policy

BRANCH = policy()
NOW = seconds(100_000)
WORKS = Device(id="recycler-1", kind="recycler", state="ok", seen_at=NOW)


def hall(*tickets: Ticket, devices: tuple[Device, ...] = (WORKS,)) -> Hall:
    return Hall(
        tickets={ticket.id: ticket for ticket in tickets},
        waiting={ticket.id: 0 for ticket in tickets},
        devices={device.id: device for device in devices},
    )


def ticket(id: str, service: str = "cash", **more: Any) -> Ticket:
    return Ticket(id=id, service=service, **more)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"state": "degraded"}, True),
        ({"state": "down"}, False),
        ({"state": "unknown"}, False),
        ({"suspect": True}, False),
        ({"lacks": ("cash",)}, False),
        ({"lacks": ("room",)}, False),
        ({"lacks": ("paper",)}, True),
        ({"parts": {"cash": "out"}}, False),
        ({"parts": {"cash": "low", "paper": "out"}}, True),
        ({"seen_at": NOW - seconds(60)}, True),
        ({"seen_at": NOW - seconds(60) - 1}, False),
        ({"kind": "board"}, False),
        ({"kind": "dispenser"}, False),
        ({"kind": "kiosk", "lacks": ("paper",)}, False),
        ({"kind": "kiosk", "lacks": ("cash",)}, True),
    ],
)
def test_a_device_is_usable_only_when_it_is_known_to_work(change: dict[str, Any], *, expected: bool) -> None:
    device = replace(WORKS, **change)

    assert usable(device, Policy(), NOW) is expected


def test_a_printer_of_tickets_is_nothing_to_be_offered() -> None:
    printer = replace(WORKS, id="printer-1", kind="printer")
    tickets = Policy(devices={"printer-1": DevicePlan("printer-1", "printer", prints="tickets")})

    assert usable(printer, Policy(), NOW)
    assert not usable(printer, tickets, NOW)


def test_a_device_is_stale_by_its_own_time() -> None:
    slow = Policy(devices={"recycler-1": DevicePlan("recycler-1", "recycler", stale=seconds(90))})

    assert usable(replace(WORKS, seen_at=NOW - seconds(90)), slow, NOW)


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ((), "class-not-on-device"),
        ((ticket("A1"),), "none"),
        ((ticket("A1", "corporate"),), "class-not-on-device"),
        ((ticket("A1", "unheard-of"),), "class-not-on-device"),
        ((ticket("A1", needs=("elderly",)),), "ticket-has-need"),
        ((ticket("A1", needs=("elderly",), declined=True),), "ticket-has-need"),
        ((ticket("A1", declined=True),), "ticket-declined"),
        ((ticket("A1", "account"),), "no-usable-device"),
        ((ticket("A1", "account"), ticket("A2", declined=True), ticket("A3")), "none"),
        ((ticket("A1", needs=("infant",)), ticket("A2", declined=True)), "ticket-declined"),
        ((ticket("A1", "account"), ticket("A2", declined=True)), "no-usable-device"),
        ((ticket("A1", returned=True),), "class-not-on-device"),
        ((ticket("A1", returned=True), ticket("A2", declined=True)), "ticket-declined"),
    ],
)
def test_the_obstacle_is_that_of_the_ticket_that_came_furthest(tickets: tuple[Ticket, ...], expected: str) -> None:
    assert obstacle(hall(*tickets), BRANCH, NOW) == expected


def test_a_device_narrowed_to_some_classes_is_none_for_others() -> None:
    narrow = replace(BRANCH, devices={"recycler-1": DevicePlan("recycler-1", "recycler", services=frozenset({"coin"}))})

    assert obstacle(hall(ticket("A1")), narrow, NOW) == "no-usable-device"


def test_the_eligible_are_those_with_no_obstacle_the_longest_waiting_first() -> None:
    back = ticket("A5", returned=True)
    crowd = hall(ticket("A1", "account"), ticket("A2"), ticket("A3", declined=True), ticket("A4"), back)

    assert obstacle_of(crowd, BRANCH, back, NOW) == "class-not-on-device"
    assert [t.id for t in eligible(crowd, BRANCH, NOW)] == ["A2", "A4"]


def test_without_configuration_nothing_is_divertible() -> None:
    assert obstacle(hall(ticket("A1")), Policy(), NOW) == "class-not-on-device"
    assert list(eligible(hall(ticket("A1")), Policy(), NOW)) == []
