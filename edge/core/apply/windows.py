"""Windows through their day: opened, paused, resumed, closed; a call opens one implicitly (see `tickets`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.aspects import NOTHING, WINDOWS, Aspects
from edge.core.commands import Command, Ignore
from edge.core.hall import Window

if TYPE_CHECKING:
    from edge.core import events as ev
    from edge.core.hall import Hall, WindowState
    from edge.core.policy import Policy


def of(hall: Hall, policy: Policy, id: str) -> Window:
    """The window of that id; one nobody spoke of yet is closed and takes what is planned for it."""
    window = hall.windows.get(id)
    if window is None:
        plan = policy.windows.get(id)
        window = hall.windows[id] = Window(id=id, services=plan.services if plan else ())
    return window


def opened(hall: Hall, policy: Policy, event: ev.WindowOpened) -> Aspects:
    """The window takes exactly these classes from now on."""
    window = of(hall, policy, event.window)
    window.services = event.services
    window.teller = event.teller or window.teller
    for service in event.services:
        hall.services.setdefault(service, 0)
    _turn(window, "open", event.at)
    window.free_since = event.at
    return WINDOWS


def paused(hall: Hall, policy: Policy, event: ev.WindowPaused, out: list[Command]) -> Aspects:
    """The window calls nobody for now."""
    window = of(hall, policy, event.window)
    if window.state == "closed":
        out.append(Ignore(event.type, event.window, "closed, so it cannot pause"))
        return NOTHING
    _turn(window, "paused", event.at)
    window.reason = event.reason
    return WINDOWS


def resumed(hall: Hall, policy: Policy, event: ev.WindowResumed) -> Aspects:
    """The window calls again; resuming a closed one opens it."""
    window = of(hall, policy, event.window)
    _turn(window, "open", event.at)
    window.free_since = event.at
    return WINDOWS


def closed(hall: Hall, policy: Policy, event: ev.WindowClosed) -> Aspects:
    """The window takes nobody more; a service under way goes on."""
    window = of(hall, policy, event.window)
    _turn(window, "closed", event.at)
    window.teller = None
    return WINDOWS


def reason_given(hall: Hall, id: str, reason: str) -> Aspects:
    """Somebody said why a window is paused."""
    window = hall.windows.get(id)
    if window is None:
        return NOTHING
    window.reason = reason
    return WINDOWS


def _turn(window: Window, state: WindowState, at: int) -> None:
    if window.state != state:
        window.state, window.changed_at = state, at
    window.reason = None
