"""The envelope of XFS4IoT: what the machine sends, read; and the four questions a monitor may ask, written.

Differences between versions end here. 1.0 has completion code, acknowledgement and timeout in the payload, later ones
in the header. The standard's type for spontaneous messages is `unsolicited`, KAL's framework sends `event` without a
request; both are taken. (CWA 16926, KAL_XFS4IoT_SP-Dev.)

`Question` is all that can ever be sent: there is no way to write a command that moves or changes anything.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import Struct, field
from pydantic_core import to_json

from drivers._messages import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["acknowledge", "completion", "event"]

MOST_MESSAGE: Final = 2 * 1024 * 1024
"""Bytes; the bound of KAL's framework."""

VERSIONS: Final = ("2.0", "1.0", "3.0")
"""In the order in which a service is tried: those of 2.0 are what present services take for all four questions."""

SUCCESS: Final = "success"
REFUSED: Final = frozenset({"invalidMessage", "invalidCommand", "unsupportedCommand", "invalidRequestID"})
"""Of a question the service does not know, or not in this version."""

_KINDS: Final[Mapping[str, Kind]] = {
    "acknowledge": "acknowledge",
    "completion": "completion",
    "event": "event",
    "unsolicited": "event",
}
_NAME: Final = re.compile(r"[A-Za-z]{1,32}\.[A-Za-z]{1,48}")
_VERSION: Final = re.compile(r"[1-9]\d?\.\d{1,2}")
_CODE: Final = re.compile(r"[A-Za-z]{1,40}")
_MOST_REQUEST: Final = 2**31 - 1


class Question(Enum):
    """What a monitor asks; each only reads."""

    SERVICES = "ServicePublisher.GetServices"
    CAPABILITIES = "Common.Capabilities"
    STATUS = "Common.Status"
    STORAGE = "Storage.GetStorage"


class Message(Struct, frozen=True):
    """One message of the machine; `request` is None where it is nobody's answer.

    `code` is the completion code, or of an acknowledgement its status, empty where the command was accepted.
    """

    kind: Kind
    name: str
    request: int | None = None
    code: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


def ask(question: Question, version: str, request: int, timeout_ms: int) -> bytes:
    """A question as it is sent; `request` is new on its connection."""
    header = {"name": question.value, "type": "command", "version": version, "requestId": request}
    old = version.startswith("1.")
    timeout = {"timeout": timeout_ms}
    return to_json({"header": header if old else header | timeout, "payload": timeout if old else {}})


def read(data: bytes) -> Message:
    """A message of the machine; ValueError says what is wrong with it and quotes nothing of what it holds."""
    item = read_object(data, MOST_MESSAGE)
    if isinstance(item, str):
        raise ValueError(item)  # noqa: TRY004 (one kind of error for all)
    header, payload = item.get("header"), item.get("payload")
    if not isinstance(header, dict) or not (payload is None or isinstance(payload, dict)):
        raise ValueError("no envelope of a header and a payload")
    kind = _KINDS.get(_text(header, "type"))
    if kind is None:
        raise ValueError(f"'type' is none of {', '.join(_KINDS)}")
    _matching(header, "version", _VERSION)
    return Message(
        kind,
        _matching(header, "name", _NAME),
        _request(header, kind),
        "" if kind == "event" else _code(kind, header, payload or {}),
        payload or {},
    )


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _matching(header: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = _text(header, key)
    if not pattern.fullmatch(value):
        raise ValueError(f"'{key}' is missing or no {key} of XFS4IoT")
    return value


def _request(header: Mapping[str, Any], kind: Kind) -> int | None:
    request = header.get("requestId")
    if request is None and kind == "event":
        return None
    least = 0 if kind == "event" else 1
    if type(request) is not int or not least <= request <= _MOST_REQUEST:
        raise ValueError(f"'requestId' is missing or no number from {least}")
    return request


def _code(kind: Kind, header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """Completion code or acknowledgement, from wherever this version has it."""
    key = "status" if kind == "acknowledge" else "completionCode"
    found = header.get(key, payload.get(key))
    if kind == "acknowledge" and found in (None, "ok"):
        return ""
    if not isinstance(found, str) or not _CODE.fullmatch(found):
        raise ValueError(f"'{key}' is missing or no word")
    return found
