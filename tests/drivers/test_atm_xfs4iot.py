"""The whole driver: a dialogue with a machine, the published messages, and messages that are broken in every way."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._xfs4iot_messages import Question
from drivers.atm_xfs4iot import Settings, Xfs4IotMachine
from edge.core.events import DeviceEvent, DeviceStatus
from edge.driver import BadFrame, Device

AT = 1_700_000_000_000_000
SECOND = 1_000_000
READER, CASH = "ws://ATM1:5846/xfs4iot/v1.0/CardReader", "ws://ATM1:5846/xfs4iot/v1.0/CashDispenser"
MUTATIONS = int(os.environ.get("LOBBYD_MUTATIONS", "20000"))
"""How many broken messages are tried; a million takes a few minutes."""

STATUS = {
    READER: {"common": {"device": "online"}, "cardReader": {"media": "notPresent"}},
    CASH: {"common": {"device": "online"}, "cashDispenser": {"intermediateStacker": "empty"}},
}
RETAIN = {"status": "ok", "card": {"capabilities": {"type": "retain"}, "status": {"retainCount": 7}}}
RETRACT = {"status": "ok", "cash": {"configuration": {"types": {"cashOutRetract": True}}, "status": {"in": {}}}}
STORAGE = {READER: {"unitRETAIN": RETAIN}, CASH: {"unit1": {"status": "ok", "cash": {"status": {"index": 1}}}}}
PERSONAL = "6222021234567890123"


class Dialogue:
    """A driver and the machine it talks to, with all the machine has been asked."""

    def __init__(self) -> None:
        self.driver = Xfs4IotMachine(Device("atm-1", "atm", Settings()))
        self.asked: list[dict[str, Any]] = []
        self.at = AT
        self.status: dict[str, Any] = json.loads(json.dumps(STATUS))
        self.storage: dict[str, Any] = json.loads(json.dumps(STORAGE))
        self.driver.opened("", self.at)

    def ask(self) -> list[tuple[str, dict[str, Any]]]:
        """The questions that are due, with their channel."""
        requests = self.driver.poll(self.at)
        found = [(request.channel, json.loads(request.data)["header"]) for request in requests]
        self.asked += [header for _, header in found]
        return found

    def say(self, channel: str, item: Any) -> list[Any]:
        data = item if isinstance(item, bytes) else json.dumps(item).encode()
        return list(self.driver.receive(data, self.at, channel))

    def answer(self, channel: str, header: dict[str, Any]) -> list[Any]:
        payload = {
            "ServicePublisher.GetServices": {"services": [{"serviceURI": READER}, {"serviceURI": CASH}]},
            "Common.Capabilities": {},
            "Common.Status": self.status.get(channel),
            "Storage.GetStorage": {"storage": self.storage.get(channel)},
        }[header["name"]]
        done = {"type": "completion", "completionCode": "success"}
        return self.say(channel, {"header": {**header, **done}, "payload": payload})

    def go_on(self) -> list[Any]:
        """Answers whatever is asked, until nothing is."""
        said: list[Any] = []
        while questions := self.ask():
            for channel, header in questions:
                said += self.answer(channel, header)
            for channel in self.driver.channels():
                if channel not in self.driver._services:
                    self.driver.opened(channel, self.at)
        return said

    def tell(self, channel: str, name: str, payload: Any, version: str = "2.0") -> list[Any]:
        return self.say(channel, {"header": {"type": "event", "name": name, "version": version}, "payload": payload})


def running() -> Dialogue:
    dialogue = Dialogue()
    dialogue.go_on()
    return dialogue


def names(received: list[Any], bad: str | None = None) -> list[str]:
    """Events by their names, statuses by their states; a bad frame as `bad`, where there may be one."""
    said: dict[type[Any], str] = {DeviceEvent: "event", DeviceStatus: "state", BadFrame: "reason"}
    assert bad is not None or not any(isinstance(one, BadFrame) for one in received), received
    return [bad or "" if isinstance(one, BadFrame) else getattr(one, said[type(one)]) for one in received]


def test_a_machine_is_told_of_once_all_its_services_have_spoken() -> None:
    (status,) = Dialogue().go_on()

    assert isinstance(status, DeviceStatus)
    assert (status.state, status.detail, status.extra) == ("ok", "", {})
    assert status.parts == {
        "card_reader": "ok", "card": "ok", "retain_bin": "ok",
        "cash_dispenser": "ok", "stacker": "ok", "cash_unit_1": "ok", "cash": "ok",
    }  # fmt: skip


def test_a_status_is_told_when_it_changes_and_again_before_it_is_stale() -> None:
    dialogue = running()
    heard: list[int] = []
    for _ in range(60):
        dialogue.at += SECOND
        heard += [(one.at - AT) // SECOND for one in dialogue.go_on()]

    assert heard == [15, 30, 45, 60]


def test_a_change_is_told_at_once_and_the_whole_is_asked_for() -> None:
    dialogue = running()
    told = dialogue.tell(READER, "Common.StatusChangedEvent", {"common": {"device": "fraudAttempt"}}, "3.0")

    assert names(told) == ["degraded", "tamper"]
    dialogue.at += SECOND
    assert [header["name"] for _, header in dialogue.ask()] == ["Common.Status", "Storage.GetStorage"]


def test_message_and_counter_are_one_card_in_either_order() -> None:
    dialogue = running()
    counter = dialogue.storage[READER]["unitRETAIN"]["card"]["status"]

    assert names(dialogue.tell(READER, "CardReader.CardActionEvent", {"to": "unitRETAIN"})) == ["card_retained"]
    counter["retainCount"] = 8
    dialogue.at += SECOND
    assert names(dialogue.go_on()) == []
    counter["retainCount"] = 10
    dialogue.at += 20 * SECOND
    assert names(dialogue.go_on()).count("card_retained") == 2
    assert names(dialogue.tell(READER, "CardReader.CardActionEvent", {"to": "unitRETAIN"})) == []


def test_a_fraud_that_is_told_twice_is_one_event() -> None:
    dialogue = running()

    assert names(dialogue.tell(READER, "Common.ErrorEvent", {"eventId": "fraudAttempt"})) == ["tamper"]
    told = dialogue.tell(READER, "Common.StatusChangedEvent", {"device": "fraudAttempt"}, "1.0")
    assert names(told) == ["degraded"]


def test_cards_kept_while_a_service_was_away_are_told_of_when_it_is_back() -> None:
    dialogue = running()
    (gone,) = dialogue.driver.closed(READER, dialogue.at)
    assert isinstance(gone, DeviceStatus)
    assert (gone.state, gone.detail, gone.parts["cash_dispenser"]) == ("unknown", "card_reader: link lost", "ok")

    dialogue.storage[READER]["unitRETAIN"]["card"]["status"]["retainCount"] = 8
    dialogue.driver.opened(READER, dialogue.at)
    assert sorted(names(dialogue.go_on())) == ["card_retained", "ok"]


def test_a_service_that_cannot_be_opened_does_not_keep_the_others_back() -> None:
    dialogue = Dialogue()
    (question,) = dialogue.ask()
    dialogue.answer(*question)
    dialogue.driver.closed(READER, dialogue.at)
    dialogue.driver.opened(CASH, dialogue.at)

    assert names(dialogue.go_on())[-1] == "unknown"
    assert dialogue.driver._told is not None
    assert dialogue.driver._told["parts"] == {
        "card_reader": "link lost", "cash_dispenser": "ok", "stacker": "ok", "cash_unit_1": "ok", "cash": "ok"
    }  # fmt: skip


def test_a_service_that_is_no_longer_named_is_forgotten() -> None:
    dialogue = running()
    dialogue.at += 61 * SECOND
    (channel, header) = next(one for one in dialogue.ask() if one[1]["name"] == Question.SERVICES.value)
    done = {**header, "type": "completion", "completionCode": "success"}
    told = dialogue.say(channel, {"header": done, "payload": {"services": [{"serviceURI": CASH}]}})

    assert dialogue.driver.channels() == (CASH,)
    assert "card" not in told[0].parts
    assert dialogue.say(READER, b"{}") == [BadFrame("a message on a channel nobody has opened")]


def test_a_link_that_leads_to_one_service_is_read_as_one() -> None:
    dialogue = Dialogue()
    dialogue.status[""], dialogue.storage[""] = STATUS[READER], STORAGE[READER]
    told: list[Any] = []
    for _ in range(6):
        for channel, header in dialogue.ask():
            if header["name"] == "ServicePublisher.GetServices":
                refused = {**header, "type": "completion", "completionCode": "unsupportedCommand"}
                told += dialogue.say(channel, {"header": refused})
            else:
                told += dialogue.answer(channel, header)

    assert names(told)[-1] == "ok"
    assert told[-1].parts == {"card_reader": "ok", "card": "ok", "retain_bin": "ok"}


def test_a_silent_machine_is_unknown() -> None:
    dialogue = running()
    told: list[Any] = []
    for _ in range(40):
        dialogue.at += SECOND
        dialogue.ask()
        told += dialogue.driver.overdue(dialogue.at)

    assert names(told)[-1] == "unknown"
    assert told[-1].detail == "card_reader: no answer, cash_dispenser: no answer"


# ---- nobody's secrets, and nothing but questions ----

EVERYWHERE = dict.fromkeys(
    ("track1", "track2", "cardNumber", "vendorDescription", "errorDescription", "serialNumber", "id", "positionName"),
    PERSONAL,
)


def strewn(item: Any) -> Any:
    """A message with personal data added to every object in it but the envelope and the list of units."""
    if not isinstance(item, dict):
        return item
    inner = {key: strewn(value) for key, value in item.items()}
    is_list_of_units = any(key.startswith("unit") for key in item)
    return inner if is_list_of_units or "header" in item else {**inner, **EVERYWHERE}


def test_personal_data_never_leaves_the_driver() -> None:
    dialogue = running()
    told = dialogue.tell(READER, "CardReader.CardActionEvent", strewn({"to": "unitRETAIN", "from": "exit"}))
    told += dialogue.tell(READER, "CardReader.EMVClessReadStatusEvent", EVERYWHERE)
    told += dialogue.tell(CASH, "Common.ErrorEvent", strewn({"eventId": "fraudAttempt"}))
    told += dialogue.tell(CASH, "Storage.StorageThresholdEvent", strewn(STORAGE[CASH]))
    told += dialogue.say(READER, json.dumps(EVERYWHERE).encode()[:-1])
    for key in ("name", "type", "version", "completionCode", "requestId", "status"):
        header = {"type": "completion", "name": "Common.Status", "version": "2.0", "requestId": 1, key: PERSONAL}
        told += dialogue.say(READER, {"header": header})
    for channel in (READER, CASH):
        dialogue.status[channel], dialogue.storage[channel] = strewn(STATUS[channel]), strewn(STORAGE[channel])
    dialogue.at += 20 * SECOND
    told += dialogue.go_on()

    assert {"card_retained", "tamper", "ok"} <= set(names([one for one in told if not isinstance(one, BadFrame)]))
    assert "6222" not in repr(told)


def test_nothing_but_four_questions_is_ever_asked_whatever_the_machine_says() -> None:
    rng, dialogue = Random(1), Dialogue()
    for _ in range(400):
        dialogue.at += rng.choice((0, SECOND, 20 * SECOND))
        for channel, header in dialogue.ask():
            said = json.dumps({"header": {**header, "type": rng.choice(("acknowledge", "completion")),
                               "completionCode": rng.choice(("success", "invalidCommand", "hardwareError"))},
                               "payload": rng.choice(({}, {"storage": {}}, STATUS[READER],
                               {"services": [{"serviceURI": READER}]}))}).encode()  # fmt: skip
            dialogue.say(channel, said if rng.random() < 0.8 else mutated(rng, said))
        for channel in dialogue.driver.channels():
            rng.choice((dialogue.driver.opened, dialogue.driver.closed))(channel, dialogue.at)
        dialogue.driver.overdue(dialogue.at)

    assert {header["name"] for header in dialogue.asked} == {question.value for question in Question}
    assert {header["type"] for header in dialogue.asked} == {"command"}


# ---- the published messages ----


def vectors(shared: Path) -> dict[str, Any]:
    listed = json.loads((shared / "vectors/xfs4iot.json").read_text(encoding="utf-8"))["vectors"]
    return {one["name"]: one["message"] for one in listed}


def fed(message: Any) -> list[Any]:
    """What comes of a message, its answer having been asked for just before under the number it carries."""
    driver = Xfs4IotMachine(Device("atm-1", "atm", Settings()))
    driver.opened("", AT)
    own = driver._services[""]
    own._last_request = message["header"].get("requestId", 1) - 1
    own.asks = tuple(one for one in Question if one.value == message["header"]["name"])
    driver.poll(AT)
    return list(driver.receive(json.dumps(message).encode(), AT))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("status_changed_fraud_v1", ["tamper"]),
        ("card_action_event_v1", ["card_retained"]),
        ("storage_threshold_event_v1", ["cash_low"]),
        ("storage_threshold_event_v21", ["cash_low"]),
        ("status_dispenser_ok_v1", ["ok"]),
        ("common_error_event_v1", []),
        ("common_error_event_v2", []),
        ("status_changed_event_v3", []),
        ("storage_error_event_v21", []),
        ("acknowledge_ok_v2", []),
        ("getservices_completion_v1", []),
        ("getstorage_completion_v1", ["cash_low"]),
        ("getstorage_completion_v21", ["cash_low"]),
    ],
)
def test_published_messages_are_read(shared: Path, name: str, said: list[str]) -> None:
    assert names(fed(vectors(shared)[name])) == said


def test_commands_and_a_word_that_is_none_are_bad(shared: Path) -> None:
    for name, message in vectors(shared).items():
        bad = [one for one in fed(message) if isinstance(one, BadFrame)]
        assert bool(bad) == ("command" in name or name.startswith("NEGATIVE")), name


def test_what_is_asked_are_the_published_commands(shared: Path) -> None:
    from drivers._xfs4iot_messages import ask

    published = vectors(shared)
    assert json.loads(ask(Question.SERVICES, "1.0", 1, 5000)) == published["getservices_command_v1"]
    assert json.loads(ask(Question.STATUS, "2.0", 10, 5000)) == published["status_command_v2"]


def schema_fault(shared: Path) -> Any:
    """What KAL's schema of the 2021-1 specification says against a message; None for nothing."""
    file = shared / "data/xfs4iot_schema/JsonSchema-2021-1.json"
    validator = jsonschema.Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))

    def fault(message: Any) -> Any:
        return next(validator.iter_errors(message), None)

    return fault


@pytest.mark.data
def test_what_is_asked_in_version_1_passes_the_makers_schema(shared: Path) -> None:
    from drivers._xfs4iot_messages import ask

    fault = schema_fault(shared)
    for question in Question:
        message = json.loads(ask(question, "1.0", 1, 5000))
        assert fault(message) is None
        message["payload"]["timeout"] = "soon"
        assert fault(message) is not None


@pytest.mark.data
def test_what_passes_the_makers_schema_is_read_and_what_does_not_makes_no_event(shared: Path) -> None:
    fault = schema_fault(shared)
    rng, both = Random(2021), [0, 0]
    read = [one for one in vectors(shared).values() if one["header"]["version"] == "1.0" and fault(one) is None]
    for message in (one for one in read if "services" not in one["payload"]):  # it takes any text for an address
        for _ in range(30 * (message["header"]["type"] != "command")):
            changed = word_changed(rng, message)
            wrong = fault(changed) is not None
            both[wrong] += 1
            bad = any(isinstance(one, BadFrame) for one in fed(changed))
            assert wrong or not bad, changed
            assert not wrong or set(names(fed(changed), bad="")) <= {*names(fed(message)), ""}, changed

    assert min(both) > 30


def word_changed(rng: Random, message: Any) -> Any:
    """A copy with one text of the payload replaced by another text of it, or spoilt."""
    changed = json.loads(json.dumps(message))
    places = list(texts(changed["payload"]))
    holder, key = rng.choice(places)
    holder[key] = rng.choice([where[which] for where, which in places] + [holder[key] + "x", holder[key][:-1]])
    return changed


def texts(item: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in item.items() if isinstance(item, dict) else enumerate(item):
        if isinstance(value, str):
            yield item, key
        elif isinstance(value, dict | list):
            yield from texts(value)


# ---- broken messages ----


def mutated(rng: Random, data: bytes) -> bytes:
    """Bytes changed, lost, doubled, inserted or cut off, one to three times."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + rng.randint(1, 8) :]
            case 2:
                data = data[:at] + data[at : at + rng.randint(1, 40)] + data[at:]
            case 3:
                data = data[:at] + rng.choice((b'"', b"{", b"}", b"0", b",", b":", b"unit", b"\x00")) + data[at:]
            case _:
                data = data[:at]
    return data


def misspelt(rng: Random, data: bytes) -> bytes:
    """A sound message with one character of one text of it changed."""
    item = json.loads(data)
    holder, key = rng.choice(list(texts(item)))
    at = rng.randrange(len(holder[key]))
    holder[key] = holder[key][:at] + rng.choice("aeU19.") + holder[key][at + 1 :]
    return json.dumps(item).encode()


def meant(data: bytes) -> set[str]:
    """The events that a message means, read once more by somebody who knows only these few."""
    item = json.loads(data)
    name, payload = item["header"]["name"], item.get("payload") or {}
    assert item["header"]["type"] in ("event", "unsolicited")
    match name:
        case "CardReader.CardActionEvent":
            return {"card_retained"} if payload["to"].startswith("unit") else set()
        case "CashDispenser.IncompleteDispenseEvent":
            return {"cash_not_dispensed"}
        case "Common.ErrorEvent":
            return {"tamper"} if payload["eventId"] == "fraudAttempt" else set()
        case "Common.StatusChangedEvent":
            words = {payload.get("device"), payload.get("common", {}).get("device")}
            return {"tamper"} if words & {"fraudAttempt", "potentialFraud"} else set()
        case "Storage.StorageThresholdEvent":
            levels = {one["cash"]["status"]["replenishmentStatus"] for one in payload.values()}
            return {"cash_low"} if levels & {"low", "empty"} else set()
        case "Printer.PaperThresholdEvent":
            return {f"paper_{payload['threshold']}"} if payload["paperSource"] != "none" else set()
        case "Auxiliaries.AuxiliaryStatusEvent":
            return {"door_open", "vibration"}
    return set()


def test_a_broken_message_is_no_event_unless_it_still_is_one() -> None:
    file = Path(__file__).resolve().parent.parent / "captures/atm_xfs4iot/told.ws"
    good = [line.encode() for line in file.read_text(encoding="utf-8").splitlines()[:9]]
    rng, bad, still = Random(4), 0, 0
    for _ in range(MUTATIONS):
        data = rng.choice((mutated, misspelt))(rng, rng.choice(good))
        driver = Xfs4IotMachine(Device("atm-1", "atm", Settings()))
        received = driver.receive(data, AT)
        assert not any(isinstance(one, DeviceStatus) for one in received)  # nobody has asked for one
        events = {one.event for one in received if isinstance(one, DeviceEvent)}
        if any(isinstance(one, BadFrame) for one in received):
            assert not events
            bad += 1
        elif events:
            assert events <= meant(data), data
            still += 1

    assert min(bad, still) > MUTATIONS // 20


def test_a_broken_answer_is_no_event_unless_it_still_answers_that_question() -> None:
    rng, bad = Random(5), 0
    for _ in range(MUTATIONS // 10):
        dialogue = running()
        dialogue.at += 20 * SECOND
        channel, header = rng.choice(dialogue.ask())
        payload = STATUS.get(channel, {}) if header["name"] == "Common.Status" else {"storage": STORAGE.get(channel)}
        sound = json.dumps({"header": header | {"type": "completion", "completionCode": "success"}, "payload": payload})
        data = mutated(rng, sound.encode())
        received = dialogue.say(channel, data)
        bad += any(isinstance(one, BadFrame) for one in received)
        if any(isinstance(one, DeviceEvent) for one in received):
            answer = json.loads(data)["header"]
            assert (answer["type"], answer["name"]) == ("completion", header["name"]), data
            assert answer["requestId"] == header["requestId"], data

    assert bad > MUTATIONS // 20


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["online", "unit1", "empty", "fraudAttempt", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["common", "device", "unit1", "cash", "card", "status", "storage", "to", "eventId", "in"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(["Common.StatusChangedEvent", "Storage.StorageChangedEvent", "Storage.StorageErrorEvent",
                     "CardReader.CardActionEvent", "Common.ErrorEvent", "ServicePublisher.ServiceDetailEvent",
                     "CashManagement.ShutterStatusChangedEvent", "Auxiliaries.AuxiliaryStatusEvent"]),
    anything,
)  # fmt: skip
def test_any_payload_is_read_or_one_bad_frame(name: str, payload: Any) -> None:
    received = Dialogue().tell("", name, payload)

    assert len(received) == 1 or not any(isinstance(one, BadFrame) for one in received)
