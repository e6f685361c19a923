"""What a prompt shows beside the figures that met its rule, and what it says acting would change.

Both are closed lists of named functions: `FIGURES` go into a record's `because`, `FORECASTS` into its `expect`.
Device details are a vendor's free text and stay out: they may carry what must not leave (playbook §8.2).
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from edge.core import waiting
from edge.core.instant import in_seconds
from edge.core.triage import backgrounds, offer, promises
from edge.core.triage.lost_facts import lost_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.triage.moment import Moment
    from edge.core.waiting import NextWait

NAMED_AT_MOST: Final = 8
"""Tickets one prompt names: as many people as one person can walk up to before the picture has changed (our figure)."""


def named(moment: Moment, besides: Mapping[str, Any]) -> tuple[str, ...]:
    """The eligible tickets to walk up to, the longest waiting first, without those who were asked already."""
    eligible = offer.eligible(moment.hall, moment.policy, moment.at)
    return tuple(islice((ticket.id for ticket in eligible if ticket.id not in besides), NAMED_AT_MOST))


def _usable_devices(moment: Moment, object_id: str) -> list[str]:
    """Of a ticket those that can do its class, else all."""
    hall, policy, at = moment.hall, moment.policy, moment.at
    ticket = hall.tickets.get(object_id)
    service = policy.services.get(ticket.service) if ticket is not None else None
    devices = hall.devices.values()
    if service is None:
        return sorted(device.id for device in devices if offer.usable(device, policy, at))
    return sorted(device.id for device in devices if offer.can_do(device, policy, service, at))


def _unusable_devices(moment: Moment, _: str) -> dict[str, str]:
    hall, policy = moment.hall, moment.policy
    return {
        device.id: "suspect"
        if device.suspect is not None
        else f"no {device.lacks[0]}"
        if device.lacks
        else device.state
        for _, device in sorted(hall.devices.items())
        if device.kind in offer.NEEDS and not offer.usable(device, policy, moment.at)
    }


def _pauses(moment: Moment, _: str) -> list[dict[str, Any]]:
    return [
        {"window": window.id, "reason": window.reason, "for_s": round(in_seconds(moment.at - window.changed_at), 1)}
        for _, window in sorted(moment.hall.windows.items())
        if window.state == "paused"
    ]


def _device(moment: Moment, device_id: str) -> dict[str, Any]:
    device = moment.hall.devices[device_id]
    parts = {part: state for part, state in device.parts.items() if state != "ok"}
    return {"kind": device.kind, "state": device.state, "parts": parts}


def _lost_machines(moment: Moment, device_id: str) -> list[str]:
    return list(lost_with(moment, device_id))


FIGURES: Final[Mapping[str, Callable[[Moment, str], Any]]] = MappingProxyType(
    {
        "usable_devices": _usable_devices,
        "unusable_devices": _unusable_devices,
        "pauses": _pauses,
        "device": _device,
        "lost_machines": _lost_machines,
        **backgrounds.FIGURES,
    }
)


def _eligible_leave(moment: Moment, tickets: tuple[str, ...]) -> dict[str, Any]:
    """What waits become if as many of those named go to a device as have agreed before."""
    hall, policy = moment.hall, moment.policy
    named = Counter(hall.tickets[id].service for id in tickets)
    leave = hall.learnt.promised.agree(named)
    if not leave:
        return {}
    before = waiting.what_if(hall, policy, moment.at)
    after = waiting.what_if(hall, policy, moment.at, leave=leave)
    service = min(leave, key=lambda id: (-leave[id], id))
    change = _change(before.next.get(service), after.next.get(service))
    if not change:
        return {}
    measured = promises.measured(moment, before, after, besides=tickets)
    return {**change, "service": service, "leave": dict(sorted(leave.items())), **measured}


def _one_more_window(moment: Moment, _: tuple[str, ...]) -> dict[str, Any]:
    """What waits become with one more window, and which window that would be."""
    one_more = moment.one_more()
    change = _change(one_more.now, one_more.then)
    if not change or one_more.before is None or one_more.after is None:
        return {}
    known = {} if one_more.window is None else {"window": one_more.window}
    measured = promises.measured(moment, one_more.before, one_more.after, at_once=False)
    return {**change, "service": one_more.service, **known, **measured}


FORECASTS: Final[Mapping[str, Callable[[Moment, tuple[str, ...]], dict[str, Any]]]] = MappingProxyType(
    {
        "eligible-leave": _eligible_leave,
        "one-more-window": _one_more_window,
    }
)


def _change(now: NextWait | None, then: NextWait | None) -> dict[str, Any]:
    """Seconds until the call of the class's next ticket: now, and if acted on with its 80 % interval."""
    if now is None or then is None or now.p50_s is None or then.p50_s is None:
        return {}
    figures = {"now": now.p50_s, "with": then.p50_s, "p10": then.p10_s, "p90": then.p90_s}
    return {
        "wait_p50_s": {name: round(value or 0.0, 1) for name, value in figures.items()},
        "confidence": then.confidence,
    }
