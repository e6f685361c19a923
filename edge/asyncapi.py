"""The topics of the contract as an AsyncAPI 3 document, for whoever reads or writes them at the other end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct

from edge import __version__, schema
from edge.core import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

HQ, BRANCH = "headquarters", "branch"

_PARAMETERS: Final[Mapping[str, str]] = {
    "org": "The bank.",
    "branch": "The branch.",
    "service": "A service class; characters that cannot stand in a topic are written as ~ and their UTF-8 in hex.",
    "device": "A device of the branch.",
    "prompt": "A prompt: rule.object.episode.",
    "staff": "A member of staff, a pseudonym.",
    "window": "A window.",
    "name": "The request: ping, status.",
    "date": "A day, such as 2026-11-20.",
}


class Topic(Struct, frozen=True):
    """One kind of topic; `action` is the daemon's side of it. `messages` are names of schemas."""

    id: str
    server: str
    address: str
    action: Literal["send", "receive"]
    retained: bool
    messages: tuple[str, ...]
    summary: str


_UP: Final = "bank/v1/{org}/{branch}"
_LOBBY: Final = "lobby/{branch}"

TOPICS: Final = (
    Topic("status", HQ, f"{_UP}/status", "send", True, ("status",), "Whether the branch is there; also the will."),
    Topic("health", HQ, f"{_UP}/health", "send", True, ("health",), "How the daemon is, every minute."),
    Topic("wait", HQ, f"{_UP}/wait/{{service}}", "send", True, ("wait",), "What the next ticket may expect."),
    Topic("device", HQ, f"{_UP}/device/{{device}}/state", "send", True, ("device",), "A device's last status."),
    *(
        Topic(
            f"event.{kind}", HQ, f"{_UP}/event/{kind}", "send", False, (f"event.{kind}",), "From the outbox, in order."
        )
        for kind in (*(kind for kind in wire.TYPES if kind != "tick"), "prompt", "figures", "gap")
    ),
    Topic("report", HQ, f"{_UP}/report/{{date}}", "send", True, ("figures",), "A day's figures."),
    Topic("request", HQ, f"{_UP}/cmd/{{name}}", "receive", False, ("request",), "What headquarters asks."),
    Topic(
        "answer", HQ, f"{_UP}/rsp/{{name}}", "send", False, ("answer",), "The answer, unless a response topic is given."
    ),
    Topic("ack", HQ, f"{_UP}/ack", "receive", True, ("watermark",), "Optional: how far headquarters has come."),
    Topic(
        "prompt", BRANCH, f"{_LOBBY}/prompt/{{prompt}}", "send", True, ("prompt",), "Retained while open, then empty."
    ),
    Topic("board", BRANCH, f"{_LOBBY}/board/{{device}}", "send", True, ("board",), "What a board should show."),
    Topic(
        "lobby-wait", BRANCH, f"{_LOBBY}/wait/{{service}}", "send", True, ("wait",), "What the next ticket may expect."
    ),
    Topic(
        "queue-request",
        BRANCH,
        f"{_LOBBY}/request/{{window}}",
        "send",
        False,
        ("queue-request",),
        "What a teller asks of the queue machine by a key of a call terminal; it answers by what it does.",
    ),
    Topic("action", BRANCH, f"{_LOBBY}/staff/{{staff}}/action", "receive", False, ("action",), "What staff do."),
)


def document() -> dict[str, Any]:
    """The whole document; deterministic."""
    payloads = _payloads()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "lobbyd",
            "version": __version__,
            "description": "One bank branch's lobby, as its own broker and its headquarters hear of it. Every message "
            "is JSON, QoS 1; MQTT 5 where the broker offers it, the same payloads on 3.1.1.",
        },
        "defaultContentType": "application/json",
        "servers": {
            HQ: {"host": "headquarters.example:8883", "protocol": "secure-mqtt", "description": "[hq] url"},
            BRANCH: {"host": "127.0.0.1:1883", "protocol": "mqtt", "description": "[broker] url"},
        },
        "channels": {topic.id: _channel(topic) for topic in TOPICS},
        "operations": {f"{topic.action}.{topic.id}": _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {name: {"name": name, "payload": _ref("schemas", name)} for name in payloads},
            "schemas": payloads,
        },
    }


def _payloads() -> dict[str, Any]:
    known = {name: _bare(item) for name, item in schema.schemas().items()}
    used = dict.fromkeys(name for topic in TOPICS for name in topic.messages)
    found = {name: known[name] for name in used if name in known}
    for name in used:
        kind = name.removeprefix("event.")
        if kind != name:
            found[name] = schema.envelope(known[kind], {"const": kind})
    return dict(sorted(found.items()))


def _bare(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if not key.startswith("$")}


def _channel(topic: Topic) -> dict[str, Any]:
    names = [part[1:-1] for part in topic.address.split("/") if part.startswith("{")]
    return {
        "address": topic.address,
        "summary": topic.summary,
        "servers": [{"$ref": f"#/servers/{topic.server}"}],
        "parameters": {name: {"description": _PARAMETERS[name]} for name in names},
        "messages": {name: _ref("messages", name) for name in topic.messages},
    }


def _operation(topic: Topic) -> dict[str, Any]:
    return {
        "action": topic.action,
        "channel": {"$ref": f"#/channels/{topic.id}"},
        "summary": topic.summary,
        "bindings": {"mqtt": {"qos": 1, "retain": topic.retained}},
    }


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
