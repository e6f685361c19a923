"""Staff: who is signed in as what, and what their actions say of tickets, windows and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from edge.core import cases, presence
from edge.core import events as ev
from edge.core.apply import devices, windows
from edge.core.aspects import CASES, NOTHING, QUEUE, STAFF, TICKETS, Aspects
from edge.core.commands import Command, Ignore
from edge.core.triage.rule import ZONES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.hall import Hall, Ticket

_WORDS: Final[Mapping[str, tuple[str, Any]]] = {
    "sign_in": ("role", ev.Role),
    "need_added": ("need", ev.Need),
    "priority": ("tier", ev.Tier),
}
"""Of each action that says one of the contract's words: the key in its detail, and the words."""


def acted(hall: Hall, event: ev.StaffAction, out: list[Command]) -> Aspects:
    """What an action changes in the picture; actions on prompts are the desk's and touch nothing here."""
    if (fault := _fault(hall, event)) is not None:
        out.append(Ignore(event.type, event.target, fault))
        return NOTHING
    match event.action:
        case "sign_in":
            hall.signed_in[event.target] = event.detail.get("role", event.role)
            presence.signed(hall, event.target, event.at)
            return STAFF
        case "sign_out":
            hall.signed_in.pop(event.target, None)
            presence.signed(hall, event.target, event.at)
            return STAFF
        case "asked" | "customer_accepted" | "customer_declined" | "need_added" | "priority":
            return _about_ticket(hall.tickets[event.target], event)
        case "pause_reason":
            return windows.reason_given(hall, event.target, str(event.detail.get("reason", "")))
        case "device_checked":
            return devices.checked(hall, event.target, event.detail.get("result"))
        case "raise":
            return _raised(hall, event, out)
        case "close":
            return CASES if cases.closed(hall.cases, event.target) else NOTHING
        case _:
            return NOTHING


def _fault(hall: Hall, event: ev.StaffAction) -> str | None:
    """Why an action means nothing here, as a sentence: what it is about is not there, or what it says is no word."""
    match event.action:
        case "asked" | "customer_accepted" | "customer_declined" | "need_added" | "priority":
            if event.target not in hall.tickets:
                return f"{event.action} of a ticket nobody drew"
        case "pause_reason" if event.target not in hall.windows:
            return "pause_reason of a window that was never open"
        case "device_checked" if event.target not in hall.devices:
            return "device_checked of a device nobody has heard of"
    key, words = _WORDS.get(event.action, ("", None))
    said = event.detail.get(key, event.role if key == "role" else None)
    if key and said not in get_args(words):
        return f"{event.action}: '{key}' is {said!r:.40}; accepted: {', '.join(get_args(words))}"
    return None


def _raised(hall: Hall, event: ev.StaffAction, out: list[Command]) -> Aspects:
    if cases.raised(hall.cases, event, ZONES, hall.tickets, hall.windows):
        return CASES
    out.append(Ignore(event.type, event.target, f"raise: no kind of case; accepted: {', '.join(sorted(cases.KINDS))}"))
    return NOTHING


def _about_ticket(ticket: Ticket, event: ev.StaffAction) -> Aspects:
    if event.action == "customer_declined":
        ticket.declined = True
    elif event.action == "need_added" and event.detail["need"] not in ticket.needs:
        ticket.needs = (*ticket.needs, event.detail["need"])
    elif event.action == "priority":
        ticket.tier = event.detail["tier"]
    return QUEUE | TICKETS
