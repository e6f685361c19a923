"""Devices: what they say of themselves, what they ran out of, whom a fault bars until somebody has looked.

A device that has been silent for longer than its `stale` time is unknown; queue machine and boards are exempt, because
they may rightly say nothing for hours, and are judged by their status and their link alone. So is one that is not
configured and has told nothing of its state: of what kind it is, nobody knows.

What happens at a device is counted, because each time may be another customer; but a report that comes at the heels of
one of the same kind is the same case told twice. What its parts say of its supplies holds until they say otherwise,
whatever becomes of its link meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.aspects import DEVICES, LOST, NOTHING, OFFER, STOCK, TROUBLES, Aspects
from edge.core.commands import Command, EndDevice, PublishDevice
from edge.core.hall import Device, Trouble
from edge.core.instant import SECOND
from edge.core.policy import DEFAULT_STALE
from edge.core.supplies import ENOUGH, GONE, SUPPLIES, Supply, levels

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from edge.core import events as ev
    from edge.core.hall import Hall
    from edge.core.instant import Instant, Micros
    from edge.core.policy import Policy

SPEAKS_REGULARLY: Final = frozenset({"atm", "recycler", "kiosk", "sensor", "ups", "network"})
"""Kinds that report by themselves, so that silence means something."""

UNHEARD_OF: Final = "silent"
"""What stands in the detail of a device that has not been heard of for too long."""

NOT_DONE: Final = "not_done"
"""What our own link says of a device that has not done what it was told."""

_RUNS_OUT: Final[Mapping[str, str]] = {"cash_out": "cash", "paper_out": "paper", "cash_full": "room"}
_RUNS_SHORT: Final[Mapping[str, Supply]] = {
    "cash_low": "cash",
    "cash_out": "cash",
    "paper_low": "paper",
    "paper_out": "paper",
}

TROUBLE_OF: Final[Mapping[str, str]] = {
    "cash_not_dispensed": "cash",
    "card_retained": "card",
    "tamper": "tamper",
    "vibration": "tamper",
    "door_open": "door",
}
"""What somebody must see to, by its event: the name of the trouble."""

SAME_CASE: Final[Mapping[str, Micros]] = {
    "cash": 20 * SECOND,
    "card": 20 * SECOND,
    "tamper": 60 * SECOND,
    "door": 60 * SECOND,
}
"""A report sooner after the last of its kind is the same case (our figures): no second customer comes as far as having
card or cash kept back in so short a time, and what shakes a machine shakes it more than once."""

_BARS: Final = frozenset(TROUBLE_OF) - {"card_retained"}
"""What makes a device suspect; one that has kept a card works."""

_BY_CHECK: Final = ("cash", "tamper", "door")
"""The troubles that are settled when somebody finds the device in order. A card kept is its customer's, not the
machine's: whoever has looked at the machine has not yet spoken to anybody."""

_SHORT: Final = GONE | {"low"}
"""Words of a part without which a device that says it is in order lacks nothing."""

_IN_SERVICE: Final = frozenset({"maintenance", "supervisor"})
"""Positions of the part `operator_switch` in which staff have the machine open."""


def reported(hall: Hall, policy: Policy, event: ev.DeviceStatus, out: list[Command]) -> Aspects:
    """A device, or its link, says how it is."""
    device, before, changed = hall.devices.get(event.device), None, NOTHING
    if device is None:
        device = hall.devices[event.device] = Device(id=event.device, kind=event.kind)
    else:
        before = None if device.unheard else (device.state, device.parts, device.detail)
        changed = NOTHING if device.kind == event.kind else OFFER | LOST
    if (event.state == "unknown") is not device.lost:
        changed |= LOST
        if event.state == "unknown":
            device.lost_at = event.at
    device.kind, device.state, device.detail = event.kind, event.state, event.detail
    device.parts = dict(event.parts)
    if event.state != "unknown":
        device.said = event.state
    _seen(hall, policy, device, event.at)
    if _supplied(device):
        changed |= STOCK
    if before == (device.state, device.parts, device.detail):
        return changed
    out.append(published(device, event.at))
    return changed | DEVICES


def happened(hall: Hall, policy: Policy, event: ev.DeviceEvent, out: list[Command]) -> Aspects:
    """Something happened at a device; what it ran out of it can no longer offer, and one that speaks is not silent."""
    device = hall.devices.get(event.device)
    if device is None:
        plan = policy.devices.get(event.device)
        device = hall.devices[event.device] = Device(id=event.device, kind=plan.kind if plan else "atm")
    changed = DEVICES
    if event.event != NOT_DONE:
        if device.lost and device.detail == UNHEARD_OF:
            _speaks_again(device)
            out.append(published(device, event.at))
            changed |= LOST
        _seen(hall, policy, device, event.at)
    lacks = _RUNS_OUT.get(event.event)
    if lacks is not None and lacks not in device.lacks:
        device.lacks = (*device.lacks, lacks)
        changed |= STOCK
    supply = _RUNS_SHORT.get(event.event)
    if supply is not None and not levels(device.parts).get(supply):
        device.short[supply] = device.short.get(supply, 0) + 1
        changed |= STOCK
    if event.event in TROUBLE_OF:
        _troubled(device, event)
        changed |= TROUBLES
    return changed


def checked(hall: Hall, id: str, result: object) -> Aspects:
    """Somebody looked at a device: `ok` settles what a look can settle, anything else keeps it suspect."""
    device = hall.devices.get(id)
    if device is None:
        return NOTHING
    if result != "ok":
        device.suspect = device.suspect or "found faulty"
        return TROUBLES
    device.suspect = None
    told = levels(device.parts)
    for supply in SUPPLIES:
        if not told.get(supply):
            device.short.pop(supply, None)
    for name in _BY_CHECK:
        if name in device.troubles:
            device.troubles[name].open = False
    return STOCK | TROUBLES


def silent(hall: Hall, policy: Policy, id: str, out: list[Command]) -> Aspects:
    """A silent device is unknown from the first instant at which its last line is older than `stale`."""
    device = hall.devices.get(id)
    if device is None or device.lost or device.kind not in SPEAKS_REGULARLY:
        return NOTHING
    if hall.now <= device.seen_at + stale_of(policy, id):
        _seen(hall, policy, device, device.seen_at)  # it has been given more time since
        return NOTHING
    device.state, device.detail, device.lost_at = "unknown", UNHEARD_OF, hall.now
    out.append(published(device, hall.now))
    return DEVICES | LOST


def keep(hall: Hall, known: Collection[str]) -> list[Command]:
    """Forgets the devices that are not known any more."""
    gone = [id for id in hall.devices if id not in known]
    for id in gone:
        del hall.devices[id]
        hall.agenda.drop(f"device:{id}")
    return [EndDevice(id) for id in gone]


def forget(hall: Hall, policy: Policy, since: Instant) -> list[Command]:
    """Forgets those that a configuration does not name and that were not heard of since then: a name, and no device."""
    if not policy.configured:
        return []
    return keep(hall, [id for id, device in hall.devices.items() if id in policy.devices or device.seen_at >= since])


def stale_of(policy: Policy, id: str) -> int:
    """After how many microseconds of silence a device is unknown."""
    plan = policy.devices.get(id)
    return plan.stale if plan else DEFAULT_STALE


def published(device: Device, at: int) -> PublishDevice:
    """What headquarters and pages are told of a device."""
    return PublishDevice(device.id, device.kind, device.state, dict(device.parts), device.detail, at)


def _speaks_again(device: Device) -> None:
    """It is as it last said; of one that never said anything nobody knows how it is, but it is not lost."""
    device.state, device.detail = device.said or "unknown", ""
    if not device.said:
        device.lost_at = 0


def _troubled(device: Device, event: ev.DeviceEvent) -> None:
    name = TROUBLE_OF[event.event]
    if name == "door" and device.parts.get("operator_switch") in _IN_SERVICE:
        return
    trouble = device.troubles.setdefault(name, Trouble())
    if not trouble.open or event.at >= trouble.at + SAME_CASE[name]:
        trouble.count += 1
    trouble.at, trouble.open = event.at, True
    if event.event in _BARS:
        device.suspect = event.event


def _supplied(device: Device) -> bool:
    """Takes note of what its parts say of its supplies; whether that is news."""
    news = False
    if device.lacks and device.state == "ok" and not any(word in _SHORT for word in device.parts.values()):
        device.lacks, news = (), True
    for supply, told in levels(device.parts).items():
        if told != device.short.get(supply, ENOUGH):
            news = True
            if told == ENOUGH:
                del device.short[supply]
            else:
                device.short[supply] = told
    return news


def _seen(hall: Hall, policy: Policy, device: Device, at: int) -> None:
    device.seen_at = at
    if device.kind in SPEAKS_REGULARLY and (
        device.state != "unknown" or (device.unheard and device.id in policy.devices)
    ):
        hall.agenda.put(f"device:{device.id}", at + stale_of(policy, device.id) + 1)  # older than, not as old as
