import re
from typing import Any

import pytest
from pydantic import ValidationError

from drivers._mapping import EventRule, same, to_event, to_values
from edge.core.events import DeviceStatus, TicketIssued, TicketServed, TicketTransferred, WindowOpened
from edge.driver import BadFrame, Device

AT = 1_700_000_000_000_000


class Rule(EventRule, frozen=True):
    """A rule that reads the fields it is told."""

    groups: tuple[str, ...] = ()

    def reads(self) -> tuple[str, ...]:
        return self.groups


def rule(event: str, *groups: str, **settings: Any) -> Rule:
    return Rule.model_validate({"event": event, "groups": groups, **settings})


def device(window: str | None = "3") -> Device:
    return Device("kiosk-1", "kiosk", settings=None, window=window)


def test_what_a_rule_reads_fills_the_event() -> None:
    read = {"ticket": "A001", "service": "cash"}

    assert to_event(rule("ticket.issued", "ticket", "service"), read, device(), AT) == TicketIssued(
        at=AT, ticket="A001", service="cash"
    )


def test_words_of_the_device_become_words_of_the_contract() -> None:
    issued = rule("ticket.issued", "ticket", "tier", set={"service": "cash"}, values={"tier": {"V": "gold"}})

    event = to_event(issued, {"ticket": "A001", "tier": "V"}, device(), AT)

    assert event == TicketIssued(at=AT, ticket="A001", service="cash", tier="gold")


def test_a_number_is_text_where_the_contract_wants_text() -> None:
    event = to_event(rule("ticket.served", "ticket", "rating"), {"ticket": 7, "rating": 5}, device(), AT)

    assert event == TicketServed(at=AT, ticket="7", window="3", rating=5)


def test_a_rating_may_come_as_text() -> None:
    event = to_event(rule("ticket.served", "ticket", "rating"), {"ticket": "A1", "rating": "5"}, device(), AT)

    assert isinstance(event, TicketServed)
    assert event.rating == 5


def test_a_list_comes_as_text_with_commas() -> None:
    event = to_event(rule("window.opened", "services"), {"services": "cash, account"}, device(), AT)

    assert event == WindowOpened(at=AT, window="3", services=("cash", "account"))


def test_the_device_speaks_of_itself_unless_a_rule_says_otherwise() -> None:
    read = {"state": "down", "device_at": "09:30"}
    itself = to_event(rule("device.status", "state"), read, device(), AT)
    other = to_event(rule("device.status", "state", set={"device": "printer-1"}), read, device(), AT)

    assert itself == DeviceStatus(at=AT, device="kiosk-1", kind="kiosk", state="down", device_at="09:30")
    assert isinstance(other, DeviceStatus)
    assert other.device == "printer-1"


def test_the_window_of_the_device_is_not_where_a_ticket_is_sent() -> None:
    event = to_event(rule("ticket.transferred", "ticket", "service"), {"ticket": "A1", "service": "loan"}, device(), AT)

    assert event == TicketTransferred(at=AT, ticket="A1", service="loan")


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        ({"ticket": "A1", "tier": "X"}, "ticket.issued: 'tier' is 'X'; accepted: V, G"),
        ({"ticket": "", "tier": "V"}, "ticket.issued: 'ticket' is empty"),
        ({"ticket": [1], "tier": "V"}, "ticket.issued: 'ticket' is [1]; accepted: text"),
        ({"tier": "V"}, "ticket.issued: lacks 'ticket'"),
    ],
)
def test_a_field_that_does_not_fit_is_named(read: dict[str, Any], reason: str) -> None:
    issued = rule(
        "ticket.issued", "ticket", "tier", set={"service": "c"}, values={"tier": {"V": "gold", "G": "private"}}
    )

    assert to_event(issued, read, device(), AT) == BadFrame(reason)


def test_a_call_at_a_device_without_a_window_is_bad() -> None:
    assert to_event(rule("ticket.called", "ticket"), {"ticket": "A1"}, device(window=None), AT) == BadFrame(
        "ticket.called: lacks 'window'"
    )


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"event": "ticket.lost"}, "there is no event 'ticket.lost'; there are: ticket.issued, ticket.called"),
        (
            {"event": "ticket.issued", "groups": ("ticket", "service", "name")},
            "ticket.issued has no field 'name'; it has: ",
        ),
        ({"event": "ticket.issued", "groups": ("ticket",)}, "ticket.issued needs service; map it, or give it in set"),
        (
            {"event": "ticket.called", "groups": ("ticket",), "set": {"colour": 1}},
            "ticket.called has no field 'colour'",
        ),
        (
            {"event": "ticket.called", "groups": ("ticket",), "values": {"tier": {}}},
            "ticket.called has no field 'tier'",
        ),
        (
            {"event": "ticket.issued", "groups": ("ticket", "service"), "set": {"tier": "golden"}},
            "'tier' is 'golden'; accepted: 'ordinary', 'silver', 'gold' or 'private'",
        ),
        (
            {"event": "device.status", "groups": ("state",), "values": {"state": {"1": "broken"}}},
            "'state' is 'broken'; accepted: ",
        ),
    ],
)
def test_a_rule_that_cannot_make_its_event_is_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(fault)):
        Rule.model_validate(settings)


def test_every_event_of_the_contract_can_be_mapped_from_its_compulsory_fields() -> None:
    from edge.core import wire

    for kind in wire.TYPES:
        rule(kind, *wire.field_names(kind)[1])


def test_the_words_of_the_device_are_found_again() -> None:
    issued = rule("ticket.issued", "ticket", "tier", "needs", set={"service": "cash"}, values={"tier": {"V": "gold"}})
    event = TicketIssued(at=AT, ticket="A1", service="cash", tier="gold", needs=("elderly",))

    assert to_values(issued, event) == {"ticket": "A1", "tier": "V", "needs": ["elderly"]}


def test_two_events_are_the_same_when_they_say_the_same() -> None:
    one = TicketIssued(at=1, ticket="A1", service="cash", extra={"x": 1})

    assert same(one, TicketIssued(at=2, ticket="A1", service="cash"))
    assert not same(one, TicketIssued(at=1, ticket="A2", service="cash"))
    assert not same(one, TicketTransferred(at=1, ticket="A1", service="cash"))
