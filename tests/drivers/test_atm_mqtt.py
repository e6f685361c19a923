import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.atm_mqtt import AtmAgent, Settings
from edge.core.events import DeviceEvent, DeviceStatus, TicketCalled
from edge.driver import BadFrame, CannotEncode, Device

AT = 1_700_000_000_000_000
TOPIC = "atm/atm-1/status"


def machine(id: str = "atm-1", **settings: Any) -> Device:
    return Device(id, "atm", Settings.model_validate(settings))


def receive(agent: AtmAgent, topic: str = TOPIC, **item: Any) -> list[Any]:
    return list(agent.receive(json.dumps(item).encode(), AT, topic))


def names(found: list[Any]) -> list[str]:
    return [one.event if isinstance(one, DeviceEvent) else one.state for one in found]


def test_a_status_in_words_is_a_status() -> None:
    found = receive(AtmAgent([machine()]), state="degraded", parts={"paper": "low"}, detail="卡纸", at="09:30:00")

    assert found == [
        DeviceStatus(
            at=AT,
            device="atm-1",
            kind="atm",
            state="degraded",
            parts={"paper": "low"},
            detail="卡纸",
            device_at="09:30:00",
        )
    ]


def test_an_event_is_an_event() -> None:
    agent = AtmAgent([machine()])

    assert receive(agent, event="card_retained", detail="slot") == [
        DeviceEvent(at=AT, device="atm-1", event="card_retained", detail="slot")
    ]
    assert names(receive(agent, event=["tamper", "cash_not_dispensed"])) == ["tamper", "cash_not_dispensed"]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("ok", "ok"),
        ("online", "ok"),
        ("hardwareError", "down"),
        ("unknown", "unknown"),
        (0, "ok"),
        (4, "down"),
        (5, "degraded"),
    ],
)
def test_a_state_is_our_word_or_a_word_of_xfs4iot_or_a_number_of_cen(said: object, state: str) -> None:
    assert names(receive(AtmAgent([machine()]), state=said)) == [state]


def test_a_status_in_numbers_is_as_grave_as_its_gravest_part() -> None:
    (status,) = receive(AtmAgent([machine()]), wfs={"cdm": {"fwDevice": 0, "fwDispenser": 2}, "ptr": {"fwMedia": 4}})

    assert status.state == "down"
    assert status.parts == {"cash_dispenser": "ok", "cash_units": "stop", "printed_page": "unknown"}


def test_low_paper_is_one_event_however_often_it_is_said() -> None:
    agent = AtmAgent([machine()])
    low, full = {"ptr": {"fwPaper": 1}}, {"ptr": {"fwPaper": 0}}

    assert names(receive(agent, wfs=low)) == ["ok", "paper_low"]
    assert names(receive(agent, wfs=low)) == ["ok"]
    assert names(receive(agent, wfs=full)) == ["ok"]
    assert names(receive(agent, wfs=low)) == ["ok", "paper_low"]


def test_an_event_both_said_and_begun_is_one() -> None:
    assert names(receive(AtmAgent([machine()]), wfs={"ptr": {"fwPaper": 1}}, event="paper_low")) == ["ok", "paper_low"]


def test_a_card_is_kept_once_whether_the_agent_the_number_or_both_tell_of_it() -> None:
    agent = AtmAgent([machine()])

    assert names(receive(agent, wfs={"idc": {"fwDevice": 0, "usCards": 3}})) == ["ok"]  # who knows since when
    assert names(receive(agent, event="card_retained")) == ["card_retained"]
    assert names(receive(agent, wfs={"idc": {"fwDevice": 0, "usCards": 4}})) == ["ok"]
    assert names(receive(agent, wfs={"idc": {"fwDevice": 0, "usCards": 6}})) == ["ok"] + ["card_retained"] * 2
    assert names(receive(agent, wfs={"idc": {"fwDevice": 0, "usCards": 0}})) == ["ok"]  # the bin was emptied


def test_machines_on_one_link_are_told_apart_by_their_topic() -> None:
    agent = AtmAgent([machine(), machine("recycler-1", name="CRS07")])

    assert receive(agent, "atm/CRS07/status", state="ok")[0].device == "recycler-1"
    assert receive(agent, "atm/recycler-1/status", state="ok") == [BadFrame("unknown topic 'atm/recycler-1/status'")]


def test_other_keys_and_long_numbers_stay_behind() -> None:
    (status,) = receive(
        AtmAgent([machine()]), state="ok", card="6222", detail="card 6222 0200-1234 5678 at 09:30, bin 12"
    )

    assert status.extra == {}
    assert status.detail == "card … at 09:30, bin 12"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({}, "neither 'state' nor 'wfs' nor 'event'"),
        ({"state": "broken"}, "'state' is 'broken'; accepted: "),
        ({"state": 9}, "'state' is 9; accepted: "),
        ({"state": []}, "'state' is []; accepted: "),
        ({"state": True}, "'state' is True; accepted: "),
        ({"state": "ok", "parts": {"paper": 1}}, "'parts' is {'paper': 1}; accepted: an object of words"),
        ({"state": "ok", "detail": 5}, "device.status: 'detail' is 5; accepted: text"),
        ({"event": "Card Retained"}, "'event' is 'Card Retained'; accepted: words such as card_retained"),
        ({"event": ["tamper"] * 17}, "accepted: a word, or at most 16"),
        ({"event": 5}, "'event' is 5; accepted: a word, or at most 16"),
        ({"wfs": {"cdm": {"fwDevice": {}}}}, "'wfs.cdm.fwDevice' is {}; accepted: a number of CEN/XFS 3"),
    ],
)
def test_a_message_that_says_nothing_is_bad_and_has_no_effect(item: dict[str, Any], reason: str) -> None:
    (one,) = receive(AtmAgent([machine()]), **item)

    assert isinstance(one, BadFrame)
    assert reason in one.reason
    assert one.data == b""


def test_a_payload_that_is_too_long_or_no_json_is_bad() -> None:
    agent = AtmAgent([machine(max_payload=16)])

    assert agent.receive(b'{"state": "ok"}  ', AT, TOPIC) == [
        BadFrame(f"'{TOPIC}': a payload of 17 bytes; accepted: at most 16")
    ]
    assert agent.receive(b"{", AT, TOPIC) == [
        BadFrame(f"'{TOPIC}': not JSON: EOF while parsing an object at line 1 column 1")
    ]


any_json = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 20) | st.floats() | st.sampled_from(["ok", "tamper", "fwDevice", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cdm", "siu", "fwDevice", "fwSensors", "units", "usType"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["state", "parts", "event", "detail", "at", "wfs"]), any_json))
def test_any_values_are_events_or_one_bad_frame(item: dict[str, Any]) -> None:
    found = receive(AtmAgent([machine()]), **item)

    assert found
    assert len(found) == 1 or not any(isinstance(one, BadFrame) for one in found)


@pytest.mark.parametrize(
    "event",
    [
        DeviceStatus(at=AT, device="atm-1", kind="atm", state="degraded", parts={"paper": "low"}, detail="x"),
        DeviceEvent(at=AT, device="atm-1", event="card_retained", detail="x", device_at="09:30"),
    ],
)
def test_an_event_is_written_as_a_message_that_says_it(event: DeviceStatus | DeviceEvent) -> None:
    agent = AtmAgent([machine()])
    topic, payload = agent.encode_event(event)

    assert topic == TOPIC
    assert agent.receive(payload, AT, topic) == [event]


def test_what_no_machine_says_is_not_written() -> None:
    with pytest.raises(CannotEncode, match="is nothing a machine says"):
        AtmAgent([machine()]).encode_event(TicketCalled(at=AT, ticket="A1", window="3"))
    with pytest.raises(CannotEncode, match="no machine 'atm-2' on this link"):
        AtmAgent([machine()]).encode_event(DeviceEvent(at=AT, device="atm-2", event="tamper"))


@pytest.mark.parametrize("topic", ["atm/status", "+/+/status"])
def test_one_level_of_the_topic_names_the_machine(topic: str) -> None:
    with pytest.raises(
        ValidationError, match=re.escape(f"'{topic}' must have one +, the level that names the machine")
    ):
        Settings(topic=topic)
