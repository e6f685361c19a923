"""Devices: what they say of themselves, what they ran out of, whom a fault bars until somebody has looked.

A device that has been silent for longer than its `stale` time is unknown; queue machine and boards are exempt, because
they may rightly say nothing for hours, and are judged by their status and their link alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.aspects import DEVICES, NOTHING, Aspects
from edge.core.commands import Command, PublishDevice
from edge.core.hall import Device
from edge.core.policy import DEFAULT_STALE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from edge.core import events as ev
    from edge.core.hall import Hall
    from edge.core.policy import Policy

SPEAKS_REGULARLY: Final = frozenset({"atm", "recycler", "kiosk", "sensor", "ups", "network"})
"""Kinds that report by themselves, so that silence means something."""

_RUNS_OUT: Final[Mapping[str, str]] = {"cash_out": "cash", "paper_out": "paper", "cash_full": "room"}
_SUSPECT: Final = frozenset({"cash_not_dispensed", "tamper"})


def reported(hall: Hall, policy: Policy, event: ev.DeviceStatus, out: list[Command]) -> Aspects:
    """A device, or its link, says how it is."""
    device = hall.devices.get(event.device)
    if device is None:
        device = hall.devices[event.device] = Device(id=event.device, kind=event.kind)
        before = None
    else:
        before = (device.state, device.parts, device.detail)
    device.kind, device.state, device.detail = event.kind, event.state, event.detail
    device.parts = dict(event.parts)
    _seen(hall, policy, device, event.at)
    if event.state == "ok" and not any(state in ("out", "low", "empty") for state in event.parts.values()):
        device.lacks = ()
    if before == (device.state, device.parts, device.detail):
        return NOTHING
    out.append(published(device, event.at))
    return DEVICES


def happened(hall: Hall, policy: Policy, event: ev.DeviceEvent) -> Aspects:
    """Something happened at a device; what it ran out of it can no longer offer."""
    device = hall.devices.get(event.device)
    if device is None:
        plan = policy.devices.get(event.device)
        device = hall.devices[event.device] = Device(id=event.device, kind=plan.kind if plan else "atm")
    _seen(hall, policy, device, event.at)
    lacks = _RUNS_OUT.get(event.event)
    if lacks is not None and lacks not in device.lacks:
        device.lacks = (*device.lacks, lacks)
    if event.event in _SUSPECT:
        device.suspect = event.event
    return DEVICES


def checked(hall: Hall, id: str, result: object) -> Aspects:
    """Somebody looked at a device: `ok` lifts the suspicion, anything else keeps it."""
    device = hall.devices.get(id)
    if device is None:
        return NOTHING
    device.suspect = None if result == "ok" else device.suspect or "found faulty"
    return DEVICES


def silent(hall: Hall, policy: Policy, id: str, out: list[Command]) -> Aspects:
    """A silent device is unknown from the first instant at which its last line is older than `stale`."""
    device = hall.devices.get(id)
    if device is None or device.state == "unknown":
        return NOTHING
    if hall.now <= device.seen_at + stale_of(policy, id):
        _seen(hall, policy, device, device.seen_at)  # it has been given more time since
        return NOTHING
    device.state, device.detail = "unknown", "silent"
    out.append(published(device, hall.now))
    return DEVICES


def keep(hall: Hall, known: Collection[str]) -> None:
    """Forgets the devices that are not known any more."""
    for id in hall.devices.keys() - known:
        del hall.devices[id]
        hall.agenda.drop(f"device:{id}")


def stale_of(policy: Policy, id: str) -> int:
    """After how many microseconds of silence a device is unknown."""
    plan = policy.devices.get(id)
    return plan.stale if plan else DEFAULT_STALE


def published(device: Device, at: int) -> PublishDevice:
    """What headquarters and pages are told of a device."""
    return PublishDevice(device.id, device.kind, device.state, dict(device.parts), device.detail, at)


def _seen(hall: Hall, policy: Policy, device: Device, at: int) -> None:
    device.seen_at = at
    if device.kind in SPEAKS_REGULARLY and device.state != "unknown":
        hall.agenda.put(f"device:{device.id}", at + stale_of(policy, device.id) + 1)  # older than, not as old as
