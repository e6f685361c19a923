"""Events as JSON: nothing lost in the journal, nothing unforeseen published, every fault named."""

from contextlib import suppress
from datetime import UTC
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import events as ev
from edge.core import wire

AT = "2026-03-02T09:00:00+00:00"


def test_the_contract_s_sixteen_types_are_all_there() -> None:
    assert set(wire.TYPES) == {t.type for t in get_args(ev.Event)}
    assert len(wire.TYPES) == 16


def test_defaults_are_filled_in_and_left_out_again() -> None:
    event = wire.decode({"type": "ticket.issued", "at": AT, "ticket": "A1", "service": "cash"})

    assert event == ev.TicketIssued(at=event.at, ticket="A1", service="cash", tier="ordinary", needs=())
    assert wire.encode(event, UTC) == {"type": "ticket.issued", "at": AT, "ticket": "A1", "service": "cash"}


def test_unknown_fields_are_kept_but_not_published() -> None:
    item = {"type": "window.closed", "at": AT, "window": "3", "device_at": "09:00", "name": "somebody"}
    event = wire.decode(item)

    assert wire.encode(event, UTC) == item
    assert "name" not in wire.publish(event, UTC)
    assert wire.publish(event, UTC)["device_at"] == "09:00"


FULL: list[dict[str, Any]] = [
    {"type": "ticket.issued", "ticket": "A1", "service": "cash", "tier": "gold", "needs": ["elderly", "deaf"],
     "amount_band": "small", "appointment": "x"},
    {"type": "ticket.called", "ticket": "A1", "window": "3"},
    {"type": "ticket.recalled", "ticket": "A1", "window": "3"},
    {"type": "ticket.served", "ticket": "A1", "window": "3", "rating": 5},
    {"type": "ticket.no_show", "ticket": "A1", "window": "3"},
    {"type": "ticket.rated", "ticket": "A1", "window": "3", "rating": 1},
    {"type": "ticket.transferred", "ticket": "A1", "service": "loan", "window": "2"},
    {"type": "ticket.cancelled", "ticket": "A1", "reason": "left"},
    {"type": "window.opened", "window": "3", "services": ["cash", "account"], "teller": "t-1"},
    {"type": "window.paused", "window": "3", "reason": "lunch"},
    {"type": "window.resumed", "window": "3"},
    {"type": "window.closed", "window": "3"},
    {"type": "device.status", "device": "r-1", "kind": "recycler", "state": "ok", "parts": {"cash": "low"}},
    {"type": "device.event", "device": "r-1", "event": "tamper", "detail": "x"},
    {"type": "staff.action", "staff": "lm-1", "role": "lobby_manager", "action": "done", "target": "p.1",
     "detail": {"a": [1, {"b": None}]}},
    {"type": "tick"},
]  # fmt: skip


@pytest.mark.parametrize("item", FULL, ids=lambda item: str(item["type"]))
def test_every_type_survives_a_round_trip(item: dict[str, Any]) -> None:
    whole = {**item, "at": AT}

    assert wire.encode(wire.decode(whole), UTC) == whole
    assert wire.encode(wire.decode_line(wire.line(whole)), UTC) == whole


@pytest.mark.parametrize("item", FULL, ids=lambda item: str(item["type"]))
def test_every_compulsory_field_is_missed_by_name(item: dict[str, Any]) -> None:
    for name in wire.field_names(item["type"])[1]:
        short = {key: value for key, value in item.items() if key != name} | {"at": AT}
        with pytest.raises(wire.WireError, match=f"lacks '{name}'"):
            wire.decode(short)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tier": "platinum"}, "'tier' is 'platinum'; accepted: 'ordinary', 'silver', 'gold' or 'private'"),
        ({"ticket": 7}, "'ticket' is 7; accepted: text"),
        ({"needs": "elderly"}, "'needs' is 'elderly'"),
        ({"at": "2026-03-02T09:00:00"}, "'at' is '2026-03-02T09:00:00'; accepted: RFC 3339"),
        ({"at": 5}, "'at' is 5"),
        ({"type": "ticket.eaten"}, "'type' is 'ticket.eaten'; accepted: ticket.issued"),
        ({"type": None}, "'type' is None"),
    ],
)
def test_a_wrong_value_is_shown_with_what_is_accepted(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(wire.WireError) as fault:
        wire.decode({"type": "ticket.issued", "at": AT, "ticket": "A1", "service": "cash", **change})

    assert sentence in str(fault.value)


@pytest.mark.parametrize("rating", [0, 6, "5", 2.5, 3.0, True])
def test_a_rating_is_a_whole_number_from_1_to_5(rating: object) -> None:
    with pytest.raises(wire.WireError, match="rating"):
        wire.decode({"type": "ticket.rated", "at": AT, "ticket": "A", "window": "1", "rating": rating})


def test_a_transfer_says_where_to() -> None:
    with pytest.raises(wire.WireError, match="lacks 'service' or 'window'"):
        wire.decode({"type": "ticket.transferred", "at": AT, "ticket": "A1"})


@pytest.mark.parametrize("name", ["ticket", "service"])
def test_nothing_is_named_by_nothing(name: str) -> None:
    item = {"type": "ticket.issued", "at": AT, "ticket": "A1", "service": "cash", name: ""}
    with pytest.raises(wire.WireError, match=f"'{name}' is ''; accepted: text that is not empty"):
        wire.decode(item)


ACTION = f'{{"type": "staff.action", "at": "{AT}", "staff": "lm-1", "role": "teller", "action": "done", "target": "p"'


@pytest.mark.parametrize("number", ["1e999", "-1e999", '[{"of": 1e999}]', str(2**63), f"[{-(2**63) - 1}]"])
def test_no_number_of_the_contract_is_beyond_all_bounds(number: str) -> None:
    with pytest.raises(wire.WireError, match="'detail' holds a number that is too large"):
        wire.decode_line(f'{ACTION}, "detail": {{"note": {number}}}}}')


@pytest.mark.parametrize("number", ["1e999", "-1e999", '[{"of": 1e999}]'])
def test_what_the_contract_does_not_name_is_named_where_it_is_infinite(number: str) -> None:
    with pytest.raises(wire.WireError, match="'other' holds a number that is too large"):
        wire.decode_line(f'{ACTION}, "other": {number}}}')


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**4000])
def test_a_long_number_the_contract_does_not_name_loses_no_event(number: int) -> None:
    event = wire.decode_line(f'{ACTION}, "serial": {number}, "others": [{number}]}}')

    assert event.extra == {"serial": number, "others": [number]}
    assert wire.decode_line(wire.line(wire.encode(event, UTC))) == event


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_it_raise_anything_else(line: bytes) -> None:
    with suppress(wire.WireError):
        wire.decode_line(line)


def test_the_offset_of_a_line_is_that_of_its_time() -> None:
    zone = wire.offset_of_line(b'{"at": "2026-03-02T09:00:00+08:00"}')

    assert zone is not None
    assert str(zone) == "UTC+08:00"
    assert wire.offset_of_line(b"{") is None
    assert [wire.offset_of_line(b'{"at": %b}' % at) for at in (b"5", b"true", b"null", b"[]", b"1.5")] == [None] * 5
