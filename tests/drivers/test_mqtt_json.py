import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.mqtt_json import EXAMPLE, JsonDriver, Settings
from edge.core.events import TicketCalled, TicketIssued, TicketServed
from edge.driver import BadFrame, CannotEncode, Device

AT = 1_700_000_000_000_000
CALL = "terminals/3/call"


def driver(*topics: dict[str, Any], window: str | None = None, **settings: Any) -> JsonDriver:
    table = {"topics": topics, **settings} if topics else {**EXAMPLE, **settings}
    return JsonDriver([Device("queue-1", "dispenser", Settings.model_validate(table), window=window)])


def say(**item: Any) -> bytes:
    return json.dumps(item).encode()


def test_fields_come_from_paths_and_from_the_topic() -> None:
    assert driver().receive(say(cmd="call", no="A001", ts="09:30:00"), AT, CALL) == [
        TicketCalled(at=AT, ticket="A001", window="3", device_at="09:30:00")
    ]
    assert driver().receive(say(no=7, **{"class": {"id": "cash"}}), AT, "queue/issued") == [
        TicketIssued(at=AT, ticket="7", service="cash")
    ]


def test_only_mapped_fields_get_into_the_event() -> None:
    (event,) = driver().receive(say(cmd="call", no="A001", name="王芳", card="6222 0000 1111"), AT, CALL)

    assert isinstance(event, TicketCalled)
    assert event.extra == {}
    assert "王芳" not in repr(event)


def test_a_bad_message_is_not_quoted() -> None:
    (one,) = driver().receive(say(cmd="bye", name="王芳"), AT, CALL)

    assert one == BadFrame("'terminals/3/call': no rule matches what the message says")


def test_the_first_rule_that_matches_wins() -> None:
    served = {"topic": "w/#", "event": "ticket.served", "when": {"over": True}, "fields": {"ticket": "no"}}
    called = {"topic": "w/+", "event": "ticket.called", "fields": {"ticket": "no"}}
    one = driver(served, called, window="3")

    assert one.receive(say(no="A1", over=True), AT, "w/1") == [TicketServed(at=AT, ticket="A1", window="3")]
    assert one.receive(say(no="A1", over=1), AT, "w/1") == [TicketCalled(at=AT, ticket="A1", window="3")]


def test_an_ignored_message_leaves_no_trace() -> None:
    assert driver().receive(say(cmd="heartbeat"), AT, CALL) == []


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("terminals/3", b"{}", "unknown topic 'terminals/3'"),
        ("x" * 200, b"{}", "unknown topic '" + "x" * 58 + "…"),
        (
            CALL,
            b'{"cmd": "call", "no"',
            "'terminals/3/call': not JSON: EOF while parsing an object at line 1 column 20",
        ),
        (CALL, b'["call"]', "'terminals/3/call': not a JSON object but a list"),
        (CALL, b" " * 1_000_000, "'terminals/3/call': a payload of 1000000 bytes; accepted: at most 65536"),
        (CALL, say(cmd="call"), "ticket.called: lacks 'ticket'"),
        (CALL, say(cmd="call", no=None), "ticket.called: lacks 'ticket'"),
        (CALL, say(cmd="call", no={"a": 1}), "ticket.called: 'ticket' is {'a': 1}; accepted: text"),
        (CALL, say(cmd="call", no=1.5), "ticket.called: 'ticket' is 1.5; accepted: text"),
        (CALL, b'{"cmd": "call", "no": 1e999}', "ticket.called: 'ticket' holds a number that is too large to be one"),
    ],
)
def test_a_message_that_says_nothing_is_bad(topic: str, payload: bytes, reason: str) -> None:
    assert driver().receive(payload, AT, topic) == [BadFrame(reason)]


@given(
    st.dictionaries(
        st.sampled_from(["cmd", "no", "ts"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("call"),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
            max_leaves=4,
        ),
    )
)
def test_any_values_are_one_event_or_one_bad_frame(item: dict[str, Any]) -> None:
    assert len(driver(*EXAMPLE["topics"]).receive(json.dumps(item).encode(), AT, CALL)) == 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("event", "topic", "item"),
    [
        (TicketCalled(at=AT, ticket="A001", window="3"), CALL, {"cmd": "call", "no": "A001"}),
        (TicketIssued(at=AT, ticket="A1", service="cash"), "queue/issued", {"no": "A1", "class": {"id": "cash"}}),
    ],
)
def test_an_event_is_written_as_a_message_that_says_it(
    event: TicketCalled | TicketIssued, topic: str, item: dict[str, Any]
) -> None:
    written_topic, payload = driver().encode_event(event)

    assert written_topic == topic
    assert json.loads(payload) == item
    assert driver().receive(payload, AT, topic) == [event]


def test_a_level_that_means_nothing_to_the_rule_is_the_device() -> None:
    called = {
        "topic": "site/+/call/#",
        "event": "ticket.called",
        "fields": {"ticket": "no"},
        "from_topic": {"window": 3},
    }
    event = TicketCalled(at=AT, ticket="A1", window="3", device_at=None)

    assert driver(called).encode_event(event) == ("site/queue-1/call/3", b'{"no":"A1"}')


@pytest.mark.parametrize(
    "event",
    [TicketServed(at=AT, ticket="A1", window="3"), TicketIssued(at=AT, ticket="A1", service="cash", tier="gold")],
)
def test_an_event_no_message_can_say_is_refused(event: TicketServed | TicketIssued) -> None:
    with pytest.raises(CannotEncode, match=f"no rule writes this {event.type}"):
        driver().encode_event(event)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"topic": "a/#/b"}, "'a/#/b' is no topic filter: # may only be its last level"),
        ({"topic": "a/+", "from_topic": {"window": 2}}, "from_topic.window is 2; the levels of a/+ are 0 to 1"),
        ({"fields": {"ticket": "a..b"}}, "'a..b' is no path"),
        ({"fields": {"number": "no"}}, "ticket.called has no field 'number'"),
        ({"fields": {}}, "ticket.called needs ticket"),
        ({"event": "ticket.cald"}, "there is no event 'ticket.cald'"),
        ({"set": {"window": []}}, "'window' is []; accepted: text"),
        ({"colour": 1}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_cannot_work_are_refused(rule: dict[str, Any], fault: str) -> None:
    sound = {"topic": "a/+", "event": "ticket.called", "fields": {"ticket": "no"}, "from_topic": {"window": 1}}

    with pytest.raises(ValidationError, match=re.escape(fault)):
        Settings.model_validate({"topics": [{**sound, **rule}]})
