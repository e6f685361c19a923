import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._xfs4iot_messages import MOST_MESSAGE, REFUSED, VERSIONS, Message, Question, ask, read

ONLY_READ = {"ServicePublisher.GetServices", "Common.Capabilities", "Common.Status", "Storage.GetStorage"}


def message(payload: Any = None, **header: Any) -> bytes:
    item = {"header": {"name": "Common.Status", "type": "completion", "version": "2.0", "requestId": 4, **header}}
    return json.dumps(item if payload is None else {**item, "payload": payload}).encode()


def test_all_that_can_be_asked_only_reads() -> None:
    assert {question.value for question in Question} == ONLY_READ


@given(st.sampled_from(Question), st.sampled_from(VERSIONS), st.integers(1, 2**31 - 1), st.integers(1, 60_000))
def test_a_question_is_a_command_with_nothing_in_it_but_its_timeout(
    question: Question, version: str, request: int, timeout_ms: int
) -> None:
    item = json.loads(ask(question, version, request, timeout_ms))
    header, payload = item.pop("header"), item.pop("payload")
    timeout = {**header, **payload}.pop("timeout")

    assert item == {}
    assert header.pop("timeout", timeout_ms) == payload.pop("timeout", timeout_ms) == timeout == timeout_ms
    assert header == {"name": question.value, "type": "command", "version": version, "requestId": request}
    assert payload == {}


def test_the_completion_code_is_found_where_each_version_has_it() -> None:
    assert read(message({"completionCode": "success"}, version="1.0")).code == "success"
    assert read(message({}, completionCode="hardwareError")).code == "hardwareError"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (message(type="acknowledge"), ""),
        (message({"status": "ok"}, type="acknowledge", version="1.0"), ""),
        (message(type="acknowledge", status="invalidMessage"), "invalidMessage"),
        (message({"status": "invalidMessage"}, type="acknowledge", version="1.0"), "invalidMessage"),
    ],
)
def test_an_acknowledgement_accepts_or_refuses(data: bytes, code: str) -> None:
    assert read(data) == Message("acknowledge", "Common.Status", 4, code, read(data).payload)
    assert code in {"", *REFUSED}


@pytest.mark.parametrize("header", [{"type": "unsolicited", "requestId": 0}, {"type": "event", "requestId": None}])
def test_an_event_has_either_type_and_needs_no_request(header: dict[str, Any]) -> None:
    found = read(message({"device": "online"}, **header))

    assert (found.kind, found.payload) == ("event", {"device": "online"})


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not JSON: "),
        (b"\xff", "not JSON: "),
        (b"[1]", "not a JSON object but a list"),
        (b"{}", "no envelope of a header and a payload"),
        (message([]), "no envelope of a header and a payload"),
        (message(type="command"), "'type' is none of acknowledge, completion, event, unsolicited"),
        (message(type=None), "'type' is none of"),
        (message(name="6222 0212 3456"), "'name' is missing or no name of XFS4IoT"),
        (message(version="latest"), "'version' is missing or no version of XFS4IoT"),
        (message(requestId="4", completionCode="success"), "'requestId' is missing or no number from 1"),
        (message(requestId=True, completionCode="success"), "'requestId' is missing or no number from 1"),
        (message(requestId=0, completionCode="success"), "'requestId' is missing or no number from 1"),
        (message(type="event", requestId=-1), "'requestId' is missing or no number from 0"),
        (message(), "'completionCode' is missing or no word"),
        (message(completionCode="6222021234567890"), "'completionCode' is missing or no word"),
        (b" " * (MOST_MESSAGE + 1), f"a payload of {MOST_MESSAGE + 1} bytes"),
        (b'{"a":' * 300, "not JSON: "),
    ],
)
def test_what_is_no_message_is_one_sentence_that_quotes_nothing(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}") as fault:
        read(data)

    assert "6222" not in str(fault.value)
