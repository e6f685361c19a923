"""What streams carry, as JSON: commands and events in their published form, and the parts of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.core import commands as cmd
from edge.core import messages, report, wire
from edge.core import outputs as out

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import tzinfo

    from edge.core.events import Happening
    from edge.web.ports import View

_ALWAYS: Final = ("at", "branch", "language", "services", "speed")
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "prompt": ("prompts", "staff"),
    "queue": ("waiting", "windows", "health"),
    "device": ("devices",),
    "wait": ("waits",),
    "board": ("boards",),
}
"""Which parts of a view belong to which kind: a page is never sent what it does not show."""


def of(content: cmd.Command | Happening, zone: tzinfo) -> Mapping[str, Any]:
    """One command or event as pages and followers read it."""
    match content:
        case cmd.RepeatPrompt(record=record, aloud=aloud):
            return {**messages.prompt(record, zone), "again": aloud}
        case cmd.PublishPrompt(record=record):
            return messages.prompt(record, zone)
        case out.ShowOnBoard():
            return {"board": content.board, **messages.board(content, zone)}
        case cmd.PublishWait():
            return messages.wait(content, zone)
        case cmd.PublishDevice():
            return messages.device(content, zone)
        case cmd.EndDevice():
            return {"device": content.device, "gone": True}
        case report.PublishFigures():
            return messages.figures(content, zone)
        case cmd.Ignore():
            return {"event": content.event, "about": content.about, "reason": content.reason}
        case out.ShowOnCounter() | out.Say() | out.PrintTicket() | cmd.AskQueue() | cmd.EndWait():
            raise TypeError(f"no page shows a {type(content).__name__}")
        case _:
            return wire.publish(content, zone)


def snapshot(view: View, kinds: Collection[str]) -> Mapping[str, Any]:
    """The parts of a view that a page of these kinds shows."""
    wanted = [*_ALWAYS, *(part for kind, parts in _PARTS.items() if kind in kinds for part in parts)]
    whole: Mapping[str, Any] = {**view}
    return {part: whole[part] for part in wanted if part in whole}


def queue(view: View) -> Mapping[str, Any]:
    """Who waits and what the windows do, as of now; of the daemon's health what people should know."""
    whole: Mapping[str, Any] = {**view["health"]}
    return {
        "at": view["at"],
        "waiting": view["waiting"],
        "windows": view["windows"],
        "health": {part: whole[part] for part in ("state", "problems", "troubles")},
    }
