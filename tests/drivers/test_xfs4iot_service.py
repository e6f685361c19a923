import json
from typing import Any

import pytest

from drivers._xfs4iot_messages import Message, Question
from drivers._xfs4iot_service import Service, name_of, services_in, versions_in

SECOND = 1_000_000
URI = "ws://ATM1:5846/xfs4iot/v1.0/CardReader"
ONLINE = {"common": {"device": "online"}, "cardReader": {"media": "notPresent"}}


def fresh(channel: str = URI) -> Service:
    service = Service(channel, 15 * SECOND, 5 * SECOND)
    service.opened()
    return service


def asked(service: Service, at: int = 0) -> list[tuple[str, str, int]]:
    headers = [json.loads(question)["header"] for question in service.questions(at)]
    return [(header["name"], header["version"], header["requestId"]) for header in headers]


def answer(service: Service, question: Question, request: int, payload: Any = None, code: str = "success") -> Any:
    return service.answered(Message("completion", question.value, request, code, payload or {}))


def offers(**versions: str) -> dict[str, Any]:
    names = {"capabilities": "Common.Capabilities", "status": "Common.Status", "storage": "Storage.GetStorage"}
    return {"interfaces": [{"name": "x", "commands": {names[k]: {"versions": [v]} for k, v in versions.items()}}]}


def test_a_service_is_asked_for_its_capabilities_and_then_as_they_say() -> None:
    service = fresh()

    assert asked(service) == [("Common.Capabilities", "2.0", 1)]
    answer(service, Question.CAPABILITIES, 1, offers(status="2.1", storage="1.0"))
    assert asked(service) == [("Common.Status", "2.1", 2), ("Storage.GetStorage", "1.0", 3)]


def test_one_without_storage_is_not_asked_for_it() -> None:
    service = fresh()
    asked(service)
    answer(service, Question.CAPABILITIES, 1, offers(status="2.0"))

    assert asked(service) == [("Common.Status", "2.0", 2)]


def test_each_question_waits_for_its_answer_and_then_for_its_turn() -> None:
    service = fresh()
    asked(service)
    answer(service, Question.CAPABILITIES, 1, offers(status="2.0"))
    asked(service)

    assert asked(service, 14 * SECOND) == []
    answer(service, Question.STATUS, 2, ONLINE)
    assert asked(service, 14 * SECOND) == []
    assert asked(service, 15 * SECOND) == [("Common.Status", "2.0", 3)]


def test_something_that_happened_has_it_asked_soon_but_never_twice_at_a_time_or_in_a_second() -> None:
    service = fresh()
    asked(service)
    answer(service, Question.CAPABILITIES, 1, offers(status="2.0"))
    asked(service)
    service.ask_again()

    assert asked(service, SECOND) == []
    answer(service, Question.STATUS, 2, ONLINE)
    assert asked(service, SECOND - 1) == []
    assert asked(service, SECOND) == [("Common.Status", "2.0", 3)]
    answer(service, Question.STATUS, 3, ONLINE)
    service.ask_again()
    assert asked(service, 5 * SECOND) == [("Common.Status", "2.0", 4)]


@pytest.mark.parametrize("code", ["invalidMessage", "unsupportedCommand"])
def test_a_version_that_is_refused_is_followed_by_the_next(code: str) -> None:
    service = fresh()
    asked(service)
    service.answered(Message("acknowledge", "Common.Capabilities", 1, code))

    assert asked(service) == [("Common.Capabilities", "1.0", 2)]
    assert service.overdue(6 * SECOND)
    assert asked(service, 6 * SECOND) == [("Common.Capabilities", "3.0", 3)]


def test_a_service_without_capabilities_is_asked_for_its_status_all_the_same() -> None:
    service = fresh()
    for request in (1, 2, 3):
        asked(service)
        answer(service, Question.CAPABILITIES, request, code="unsupportedCommand")

    assert [name for name, _, _ in asked(service)] == ["Common.Status", "Storage.GetStorage"]


def test_the_links_own_is_the_publisher_or_else_a_service() -> None:
    own = fresh("")
    assert asked(own) == [("ServicePublisher.GetServices", "2.0", 1)]
    answer(own, Question.SERVICES, 1, {"services": [{"serviceURI": URI}, {"serviceURI": URI}]})
    assert own.services == (URI,)

    lone = fresh("")
    for request in (1, 2, 3):
        asked(lone)
        answer(lone, Question.SERVICES, request, code="unsupportedCommand")
    assert asked(lone) == [("Common.Capabilities", "2.0", 4)]


@pytest.mark.parametrize(
    "message",
    [
        Message("completion", "Common.Status", 9, "success", ONLINE),
        Message("completion", "Common.Status", 1, "success", ONLINE),
        Message("acknowledge", "Common.Capabilities", 2),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(message: Message) -> None:
    service = fresh()
    asked(service)

    with pytest.raises(ValueError, match="an answer to no question of ours"):
        service.answered(message)
    assert service.parts == {}


def test_an_answer_that_is_bad_changes_nothing_and_the_question_still_waits() -> None:
    service = fresh()
    asked(service)
    answer(service, Question.CAPABILITIES, 1, offers(status="2.0"))
    asked(service)
    with pytest.raises(ValueError, match=r"'cardReader\.media' is no word"):
        answer(service, Question.STATUS, 2, {**ONLINE, "cardReader": {"media": "swallowed"}})
    assert service.parts == {}

    answer(service, Question.STATUS, 2, ONLINE)
    assert set(service.parts) == {"card_reader", "card"}


def settled() -> Service:
    service = fresh()
    asked(service)
    answer(service, Question.CAPABILITIES, 1, offers(status="2.0"))
    asked(service)
    answer(service, Question.STATUS, 2, ONLINE)
    return service


def said(service: Service) -> dict[str, tuple[str | None, str]]:
    return {part.name: (part.meaning.word, part.meaning.state) for part in service.report()}


def test_two_statuses_without_an_answer_make_it_unknown_and_one_does_not() -> None:
    service = settled()
    for turn, at in enumerate((15 * SECOND, 30 * SECOND)):
        assert said(service)["card_reader"] == (None, "ok"), turn
        asked(service, at)
        assert service.overdue(at + 6 * SECOND)
    assert said(service) == {"card_reader": ("no answer", "unknown")}

    asked(service, 45 * SECOND)
    answer(service, Question.STATUS, 5, ONLINE)
    assert said(service)["card_reader"] == (None, "ok")


def test_a_status_refused_for_the_device_itself_says_how_that_is() -> None:
    service = settled()
    asked(service, 15 * SECOND)
    answer(service, Question.STATUS, 3, code="hardwareError")

    assert said(service) == {"card_reader": ("hardwareError", "down")}


def test_a_socket_that_is_lost_takes_its_questions_with_it() -> None:
    service = settled()
    asked(service, 15 * SECOND)
    service.closed()
    assert said(service) == {"card_reader": ("link lost", "unknown")}
    assert asked(service, 16 * SECOND) == []

    service.opened()
    assert not service.settled
    with pytest.raises(ValueError, match="an answer to no question of ours"):
        answer(service, Question.STATUS, 3, ONLINE)
    assert asked(service, 16 * SECOND) == [("Common.Status", "2.0", 4)]


@pytest.mark.parametrize(
    ("uri", "name"),
    [(URI, "card_reader"), ("ws://h/xfs4iot/v1.0/SimUPS2/", "sim_ups"), ("ws://h/62220212345", "service")],
)
def test_a_service_has_a_name_without_digits(uri: str, name: str) -> None:
    assert name_of(uri) == name


@pytest.mark.parametrize(
    "services",
    [None, {}, ["ws://h/x"], [{"serviceURI": 5}], [{"serviceURI": "http://h/x"}], [{"serviceURI": "ws:///x"}],
     [{"serviceURI": "ws://h:99999/x"}], [{"serviceURI": "ws://h/" + "x" * 256}], [{"serviceURI": "ws://h/ x"}],
     [{"serviceURI": URI}] * 33],
)  # fmt: skip
def test_addresses_of_no_websocket_are_refused(services: Any) -> None:
    with pytest.raises(ValueError, match="'service"):
        services_in({"services": services})


def test_versions_beyond_ours_are_passed_over() -> None:
    listed = {"Common.Status": {"versions": ["1.0", "2.1", "2.0", "9.0", 5]}, "Storage.GetStorage": {"versions": "x"}}

    assert versions_in({"interfaces": [{"commands": listed}]}) == {"Common.Status": "2.1", "Storage.GetStorage": "2.0"}
    assert versions_in({}) == {}
    with pytest.raises(ValueError, match="'interfaces' is no list of objects"):
        versions_in({"interfaces": {}})
