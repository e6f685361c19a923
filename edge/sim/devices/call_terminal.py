"""The call terminals: what tellers press, as JSON on `terminal/{window}/event`.

{"cmd": "call", "no": "A012", "ts": "…"}          also recall, absent
{"cmd": "finish", "no": "A012", "stars": 5}       stars only where the customer gave some; rate when they come later
{"cmd": "transfer", "no": "A012", "to": {"class": "account"}}   or {"window": "3"}; on terminal/desk/event
{"cmd": "sign_in", "classes": ["cash"], "operator": "t-01"}     then pause and resume, sign_out, with "why"

Their gateway says {"state": "online"} on `terminal/state`, retained, and leaves "offline" there as its will.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.core import events as ev

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMANDS: Final[Mapping[str, str]] = {
    "ticket.called": "call",
    "ticket.recalled": "recall",
    "ticket.served": "finish",
    "ticket.no_show": "absent",
    "ticket.rated": "rate",
    "ticket.transferred": "transfer",
    "window.opened": "sign_in",
    "window.paused": "pause",
    "window.resumed": "resume",
    "window.closed": "sign_out",
}
_NO_WINDOW: Final = "desk"
PRESENCE: Final = "terminal/state"


def message(event: ev.Happening, ts: str) -> tuple[str, Mapping[str, Any]] | None:
    """Topic and message of an event, `ts` being the terminal's own time; None when no terminal says it."""
    if event.type not in _COMMANDS:
        return None
    window = _NO_WINDOW if isinstance(event, ev.TicketTransferred) else getattr(event, "window", _NO_WINDOW)
    return f"terminal/{window}/event", {"cmd": _COMMANDS[event.type], **_known(_fields(event)), "ts": ts}


def _fields(event: ev.Happening) -> dict[str, Any]:
    match event:
        case ev.TicketServed() | ev.TicketRated():
            return {"no": event.ticket, "stars": event.rating}
        case ev.TicketCalled() | ev.TicketRecalled() | ev.TicketNoShow():
            return {"no": event.ticket}
        case ev.TicketTransferred():
            return {"no": event.ticket, "to": _known({"class": event.service, "window": event.window})}
        case ev.WindowOpened():
            return {"classes": list(event.services), "operator": event.teller}
        case ev.WindowPaused() | ev.WindowResumed() | ev.WindowClosed():
            return {"why": event.reason}
        case _:
            return {}


def _known(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}
