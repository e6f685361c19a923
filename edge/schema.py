"""The published message contracts as JSON Schema, made from the records themselves, so that they cannot differ.

Names: an event's type; `prompt`, `board`, `wait`, `device`, `prediction` and so on for the rest. The output is the same
for the same build, byte for byte.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Final

import msgspec

from edge.core import commands, outputs, report, wire
from edge.core.events import StaffAction
from edge.core.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TIME: Final[Schema] = {"type": "string", "format": "date-time", "description": "RFC 3339 with offset."}
TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
NUMBER: Final[Schema] = {"type": "number"}
_TIMES: Final = frozenset({"at", "deadline", "until", "since"})


def schemas() -> dict[str, Schema]:
    """Every message by its name, in alphabetical order."""
    found = {kind: event(kind) for kind in wire.TYPES} | _published() | _spoken()
    return {name: {"$schema": DIALECT, "$id": f"urn:lobbyd:v1:{name}", **found[name]} for name in sorted(found)}


def event(kind: str) -> Schema:
    """One event type, as a log, a journal or headquarters has it; other fields may stand beside those named."""
    schema = _record(wire.TYPES[kind])
    properties: Schema = {"type": {"const": kind}, "at": schema["properties"].pop("at"), **schema["properties"]}
    del properties["extra"]
    properties["device_at"] = {**TEXT, "description": "What the device's own clock said."}
    required = ["type", *(name for name in schema["required"] if name != "extra")]
    return {**schema, "properties": properties, "required": required, "additionalProperties": True}


def envelope(data: Schema, kind: Schema) -> Schema:
    """What stands under `event/`, around `data`."""
    return _object(
        "One message for headquarters; order is (boot, seq), and one that comes twice has the same id.",
        {
            "id": TEXT,
            "boot": COUNT,
            "seq": COUNT,
            "at": TIME,
            "clk": {"enum": ["ntp", "rtc", "unsynced"]},
            "hist": {"type": "boolean", "description": "Committed before this connection, or in an earlier boot."},
            "kind": kind,
            "data": data,
        },
    )


def _published() -> dict[str, Schema]:
    """What is made of the core's commands."""
    show = _whole(_record(outputs.ShowOnBoard))
    page = _whole(show["properties"].pop("page"))["properties"]
    page.pop("aloud")  # between the core and a board's driver
    wait = _whole(_record(commands.PublishWait))
    wait["properties"]["shown"] = _whole(_record(Shown))
    show["properties"] = {"board": TEXT, **page, "at": TIME}
    device = _whole(_record(commands.PublishDevice))
    device["properties"] = {"type": {"const": "device.status"}, **device["properties"]}
    return {
        "prompt": _whole(_record(commands.PromptRecord)),
        "wait": wait,
        "board": _whole(show),
        "device": _whole(device),
        "queue-request": _whole(_record(commands.AskQueue)),
        "prediction": _prediction(),
        "figures": _figures(),
    }


def _spoken() -> dict[str, Schema]:
    """What else goes over the brokers."""
    txn: Schema = {"type": ["string", "integer"], "description": "Comes back in the answer."}
    mark = _object("The number of a message.", {"boot": COUNT, "seq": COUNT})
    status = {"state": {"enum": ["online", "offline"]}, "boot": COUNT, "version": TEXT, "config": TEXT}
    return {
        "envelope": envelope({"type": "object"}, TEXT),
        "status": _object("Whether the branch is there: retained, and the will.", status),
        "health": {**_object("How the daemon is: free-form figures.", {"boot": COUNT}), "additionalProperties": True},
        "gap": _object(
            "In the place of messages that headquarters will not get: it was away for longer than they could be kept.",
            {"first": mark, "last": mark, "messages": COUNT},
        ),
        "watermark": _object("How far headquarters has come.", {"boot": COUNT, "seq": COUNT}),
        "request": {**_object("What headquarters asks; may be empty.", {"txn": txn}, ()), "additionalProperties": True},
        "answer": _object(
            "What a branch answers.",
            {"txn": txn, "ok": {"type": "boolean"}, "data": {"type": "object"}, "error": TEXT},
            ("ok",),
        ),
        "action": _action(),
    }


def _figures() -> Schema:
    score = _whole(_record(report.WaitScore))
    figures = _whole(_record(report.PublishFigures))
    waits = {"day": score, "hours": {"type": "array", "items": score}}
    figures["properties"]["waits"] = _or_null(_object("How good the forecasts were.", waits))
    prompts = {
        "rules": {"type": "object", "additionalProperties": _whole(_record(report.RuleCounts))},
        "hours": {"type": "array", "items": _whole(_record(report.HourOfPrompts))},
        "expected": _or_null(_whole(_record(report.ExpectedCounts))),
        "review": {"type": "array", "items": TEXT, "description": "Acted on less than half the time over 50 prompts."},
    }
    figures["properties"]["prompts"] = _or_null(_object("What the rules have said.", prompts))
    return {**figures, "additionalProperties": True}


def _prediction() -> Schema:
    waits = {f"wait_{figure}": _or_null(NUMBER) for figure in ("p10", "p50", "p90", "mean")}
    return _object(
        "Seconds one ticket still waits until its first call, from what was known at `at`.",
        {"ticket": TEXT, "at": TIME, "service": TEXT, "position": COUNT, **waits, "reason": TEXT},
        ("ticket", "at", "service", "position", *waits),
    )


def _action() -> Schema:
    """A `staff.action` as handhelds send it: topic and time of arrival say the rest."""
    schema = event(StaffAction.type)
    required = [name for name in schema["required"] if name not in ("type", "at", "staff")]
    return {**schema, "required": required}


def _record(record: type[Any]) -> Schema:
    """A record's own schema: references filled in, instants as text, nothing but what says something."""
    _, named = msgspec.json.schema_components([record])
    made = named[record.__name__]
    schema: Schema = _tidy(made, named)
    for name in _TIMES & schema["properties"].keys():
        schema["properties"][name] = TIME if schema["properties"][name] == {"type": "integer"} else _or_null(TIME)
    return schema


def _tidy(node: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_tidy(item, named) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _tidy(named[node["$ref"].rpartition("/")[2]], named)
    properties = {name: _tidy(value, named) for name, value in node.get("properties", {}).items()}
    rest = {key: _tidy(value, named) for key, value in node.items() if key not in ("title", "properties", "default")}
    if "description" in rest:
        rest["description"] = cleandoc(rest["description"])
    return {**rest, "properties": properties} if properties else rest


def _whole(schema: Schema) -> Schema:
    """The same with every field compulsory, as we publish it."""
    return {**schema, "required": list(schema["properties"]), "additionalProperties": False}


def _object(description: str, properties: Schema, required: Iterable[str] | None = None) -> Schema:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}
