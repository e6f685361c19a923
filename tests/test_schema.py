"""The schemas against what the program really says, by a reader that knows no keyword but those they use."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import asyncapi, schema
from edge.cli import BAD_USE, main
from edge.core import events as ev
from edge.core import instant, messages, wire
from edge.core.commands import AskQueue, PromptRecord, PublishDevice, PublishWait
from edge.core.hall import Ticket
from edge.core.outputs import Page, ShowOnBoard
from edge.core.report import PublishFigures, WaitScore, WaitScores
from edge.core.topics import BranchTopics, UpwardTopics
from edge.core.waiting import Wait
from edge.core.wording import Text
from edge.shell.outbox import Message
from edge.shell.requests import answer
from tests.json_schema import faults

ZONE = ZoneInfo("Asia/Shanghai")
AT = instant.parse("2026-11-20T10:00:00.5+08:00")
SCHEMAS = schema.schemas()


def meets(item: Any, name: str) -> bool:
    found = list(faults(json.loads(wire.line(item)) if isinstance(item, dict) else json.loads(item), SCHEMAS[name]))
    assert found == []
    return True


EVENTS = st.one_of(
    [
        st.builds(
            kind,
            at=st.integers(0, 4_000_000_000_000_000),
            extra=st.dictionaries(st.sampled_from(["maker", "firmware"]), st.integers()),
        )
        for kind in get_args(ev.Event)
    ]
)


@given(EVENTS)
def test_every_event_as_it_is_written_meets_its_schema(event: ev.Event) -> None:
    assert meets(wire.encode(event, ZONE), event.type)
    assert meets(wire.publish(event, ZONE), event.type)


@pytest.mark.parametrize("kind", wire.TYPES)
def test_a_schema_asks_for_what_the_reader_of_logs_asks_for(kind: str) -> None:
    all_, compulsory = wire.field_names(kind)
    rule = SCHEMAS[kind]
    assert set(rule["properties"]) == {"type", "at", "device_at", *all_}
    assert set(rule["required"]) == {"type", "at", *compulsory}


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"type": "ticket.called", "at": "2026-11-20T10:00:00+08:00", "ticket": "A1"}, "lacks window"),
        (
            {"type": "ticket.called", "at": "2026-11-20T10:00:00+08:00", "ticket": 7, "window": "3"},
            "7 does not meet type",
        ),
        ({"type": "ticket.called", "at": "10:00", "ticket": "A1", "window": "3"}, "'10:00' does not meet format"),
    ],
)
def test_what_is_no_event_does_not_meet_it(item: dict[str, Any], fault: str) -> None:
    (found,) = faults(item, SCHEMAS["ticket.called"])
    assert fault in found


def test_what_we_publish_meets_its_schema() -> None:
    record = PromptRecord(
        prompt="p.hall.1",
        rule="p",
        at=AT,
        state="done",
        priority="high",
        to=("lobby_manager",),
        about={"kind": "hall", "id": "hall"},
        zone="waiting",
        text=Text("请", "Please"),
        because={"waiting": 15},
        tickets=("A1",),
        deadline=AT,
        outcome={"served": 1},
    )
    figures = PublishWait(
        service="cash",
        at=AT,
        waiting=1,
        longest_wait_s=1.0,
        wait_p10=None,
        wait_p50=2.0,
        wait_p90=3,
        windows=1,
        sample=0,
        confidence="low",
    )
    ticket = Ticket(id="A1", service="cash")
    assert meets(messages.prompt(record, ZONE), "prompt")
    assert meets(messages.wait(figures, ZONE), "wait")
    assert meets(messages.board(ShowOnBoard("b", Page("call", Text("一", "one"), "A1", "3"), AT), ZONE), "board")
    asked = AskQueue("3", "terminal-3", "call_next", AT)
    assert meets(messages.request(asked, ZONE), "queue-request")
    assert meets(messages.device(PublishDevice("a", "atm", "ok", {"paper": "low"}, "", AT), ZONE), "device")
    assert meets(messages.status("online", 7, "1", "ab"), "status")
    score = WaitScore(since=AT, tickets=3, bias_s=-1.5, mae_s=60.0, coverage=0.8, naive_mae_s=90.0)
    assert meets(messages.figures(PublishFigures("2026-11-20", AT, WaitScores(score, (score,))), ZONE), "figures")
    assert meets(messages.prediction(ticket, 1, Wait(1, 1.0, 2.0, 3.0, 2.0), AT, ZONE), "prediction")
    assert meets(messages.prediction(ticket, 1, None, AT, ZONE), "prediction")
    assert meets(messages.envelope(Message(7, 1, "x", AT, "rtc", "prompt", "{}"), hist=True, zone=ZONE), "envelope")
    assert meets(answer("ping", b'{"txn": 7}', {"ping": dict}), "answer")
    assert meets(answer("dance", b"[", {"ping": dict}), "answer")
    assert meets({"role": "teller", "action": "done", "target": "p.hall.1"}, "action")


def test_schemas_are_whole_and_always_the_same() -> None:
    assert list(SCHEMAS) == sorted(SCHEMAS)
    assert json.dumps(schema.schemas()) == json.dumps(SCHEMAS)
    assert "$ref" not in json.dumps(SCHEMAS)
    assert all(rule["description"] for rule in SCHEMAS.values())


# ---- AsyncAPI ----

DOCUMENT = asyncapi.document()


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from references(one)


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        target: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_every_parameter_of_an_address_is_described() -> None:
    for channel in DOCUMENT["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == set(channel["parameters"])
        assert channel["messages"]


def test_the_addresses_are_the_topics_that_are_used() -> None:
    up, lobby = UpwardTopics("O", "B"), BranchTopics("B")
    used = {
        up.status,
        up.health,
        up.wait("S"),
        up.device("D"),
        up.report("T"),
        up.ack,
        up.answer("N"),
        up.commands.replace("+", "N"),
        lobby.prompt("P"),
        lobby.board("D"),
        lobby.wait("S"),
        lobby.request("V"),
        lobby.actions.replace("+", "W"),
        *(up.event(kind) for kind in [*wire.TYPES, "prompt", "figures", "gap"] if kind != "tick"),
    }
    ids = {"org": "O", "branch": "B", "staff": "W", "prompt": "P"}
    values = {**ids, "service": "S", "device": "D", "date": "T", "name": "N", "window": "V"}
    assert {channel["address"].format_map(values) for channel in DOCUMENT["channels"].values()} == used


def test_an_enveloped_event_meets_its_payload() -> None:
    event = ev.TicketCalled(at=AT, ticket="A1", window="3")
    data = wire.line(wire.publish(event, ZONE)).decode()
    sealed = messages.envelope(Message(7, 1, "x", AT, "rtc", event.type, data), hist=False, zone=ZONE)
    assert list(faults(json.loads(sealed), DOCUMENT["components"]["schemas"]["event.ticket.called"])) == []


# ---- the command ----


def test_without_options_the_command_lists_every_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SCHEMAS)


def test_the_command_writes_the_same_files_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for run in ("1", "2"):
        assert main(["schema", "--asyncapi", f"{tmp_path}/{run}/a.json", "--json-schema", f"{tmp_path}/{run}/s"]) == 0
    assert capsys.readouterr().out == ""
    first, second = (
        {file.relative_to(tmp_path / run): file.read_bytes() for file in (tmp_path / run).rglob("*.json")}
        for run in ("1", "2")
    )
    assert first == second
    assert {file.stem for file in (tmp_path / "1/s").iterdir()} == set(SCHEMAS)
    assert json.loads(first[Path("a.json")]) == DOCUMENT


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["schema", "--asyncapi", f"{tmp_path}/file/a.json"]) == BAD_USE
    assert capsys.readouterr().err == f"lobbyd schema: {tmp_path}/file/a.json: cannot be written: File exists\n"
