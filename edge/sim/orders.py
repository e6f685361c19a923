"""Orders to the simulated branch: pull this plug, then, for so long; from the command line, or to a demo that runs."""

from __future__ import annotations

import http.client
import json
import math
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import asdict

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMED: Final = "lobbyd simulator"
"""What its page says it is, so that no other server is taken for it."""

LONGEST_S: Final = 86_400.0
FORM: Final = "NAME[@SECONDS][:SECONDS]"
_ORDER: Final = re.compile(r"(?P<name>[^@:]+)(?:@(?P<after>[^@:]+))?(?::(?P<lasts>[^@:]+))?")
_ANSWERS_WITHIN_S: Final = 5.0


class Order(Struct, frozen=True):
    """A plug, whether it is to be in, after how many seconds of the world's, and for how many (None: from then on)."""

    name: str
    plugged: bool = False
    after_s: float = 0.0
    for_s: float | None = None

    @classmethod
    def of(cls, name: str, item: Mapping[str, Any]) -> Order:
        """The order in a message; ValueError says what is wrong with it."""
        if type(item.get("plugged")) is not bool or item.keys() - {"plugged", "after_s", "for_s"}:
            raise ValueError('an order is {"plugged": false}, with after_s and for_s where they are wanted')
        lasts = item.get("for_s")
        return cls(name, item["plugged"], _seconds(item.get("after_s", 0)), None if lasts is None else _seconds(lasts))


class NoSimulator(Exception):
    """No demo runs there."""


class Refused(Exception):
    """The demo that runs there cannot do that; the message says why."""


def parse(text: str) -> Order:
    """An order to pull a plug, as NAME[@SECONDS][:SECONDS]; ValueError says what is accepted."""
    found = _ORDER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no order; accepted: {FORM}, such as board-5@10:30")
    lasts = found["lasts"]
    return Order(found["name"], after_s=_seconds(found["after"] or 0), for_s=None if lasts is None else _seconds(lasts))


def tell(port: int, order: Order) -> str:
    """Has the demo whose simulator listens there carry out an order; what it says. NoSimulator or Refused."""
    item = {key: value for key, value in asdict(order).items() if key != "name" and value is not None}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN_S)) as connection:
        if _asked(connection, "GET", "/plugs").get("name") != NAMED:
            raise NoSimulator
        answer = _asked(connection, "POST", f"/plugs/{_quoted(order.name)}", json.dumps(item))
    if "error" in answer:
        raise Refused(answer["error"])
    return str(answer.get("said"))


def _asked(connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None) -> dict[str, Any]:
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        found = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise NoSimulator from fault
    return found if isinstance(found, dict) else {}


def _quoted(name: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 (a demo that starts needs none)

    return quote(name, safe="", errors="replace")


def _seconds(value: object) -> float:
    try:
        duration_s = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except ValueError:
        duration_s = math.nan
    if not 0 <= duration_s <= LONGEST_S:
        raise ValueError(f"{value!r} is no number of seconds; accepted: 0 to {LONGEST_S:g}")
    return duration_s
