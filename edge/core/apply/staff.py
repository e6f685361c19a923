"""Staff: who is signed in as what, and what their actions say of tickets, windows and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from edge.core import cases, presence
from edge.core import events as ev
from edge.core.apply import devices, windows
from edge.core.aspects import CASES, NOTHING, QUEUE, STAFF, TICKETS, Aspects
from edge.core.commands import Command, Ignore
from edge.core.triage.rule import ZONES

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket


def acted(hall: Hall, event: ev.StaffAction, out: list[Command]) -> Aspects:
    """What an action changes in the picture; actions on prompts are the desk's and touch nothing here."""
    match event.action:
        case "sign_in":
            role = event.detail.get("role", event.role)
            hall.signed_in[event.target] = role if role in get_args(ev.Role) else event.role
            presence.signed(hall, event.at)
            return STAFF
        case "sign_out":
            hall.signed_in.pop(event.target, None)
            presence.signed(hall, event.at)
            return STAFF
        case "asked" | "customer_accepted" | "customer_declined" | "need_added" | "priority":
            return _about_ticket(hall, event, out)
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


def _raised(hall: Hall, event: ev.StaffAction, out: list[Command]) -> Aspects:
    if cases.raised(hall.cases, event, ZONES, hall.tickets, hall.windows):
        return CASES
    out.append(Ignore(event.type, event.target, f"raise: no kind of case; accepted: {', '.join(sorted(cases.KINDS))}"))
    return NOTHING


def _about_ticket(hall: Hall, event: ev.StaffAction, out: list[Command]) -> Aspects:
    ticket = hall.tickets.get(event.target)
    if ticket is None:
        out.append(Ignore(event.type, event.target, f"{event.action} of a ticket nobody drew"))
        return NOTHING
    if event.action == "customer_declined":
        ticket.declined = True
    elif event.action == "need_added":
        _add_need(ticket, event.detail.get("need"))
    elif event.action == "priority" and event.detail.get("tier") in get_args(ev.Tier):
        ticket.tier = event.detail["tier"]
    return QUEUE | TICKETS


def _add_need(ticket: Ticket, need: object) -> None:
    if need in get_args(ev.Need) and need not in ticket.needs:
        ticket.needs = (*ticket.needs, str(need))
