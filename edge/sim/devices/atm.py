"""The agent of the self-service machines: JSON on `atm/{machine}/status`, the whole state or something that happened.

{"state": "degraded", "parts": {"cash": "low"}, "detail": "", "at": "…"}
{"event": "card_retained", "detail": "…", "at": "…"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.core import events as ev

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_THE_AGENT: Final = frozenset({"atm", "recycler", "kiosk"})


def message(event: ev.Happening, at: str) -> tuple[str, Mapping[str, Any]] | None:
    """Topic and message of an event, `at` being the machine's own time; None when no machine says it."""
    match event:
        case ev.DeviceStatus() if event.kind in _OF_THE_AGENT:
            item = {"state": event.state, "parts": dict(event.parts), "detail": event.detail, "at": at}
        case ev.DeviceEvent():
            item = {"event": event.event, "detail": event.detail, "at": at}
        case _:
            return None
    return f"atm/{event.device}/status", item
