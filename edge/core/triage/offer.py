"""Who could be offered a device now, and what stands in the way when nobody could.

An offer is made to a waiting ticket whose class a self-service kind can do, that has no need and has not declined,
while a usable device of such a kind is there (playbook §3 row 4b, §5 A7 A8 A14, §8.1 free choice). What is not known
to work is not offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from edge.core.policy import DEFAULT_STALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.core.hall import Device, Hall, Ticket
    from edge.core.instant import Instant
    from edge.core.policy import Policy, Service

Obstacle: TypeAlias = Literal["none", "class-not-on-device", "ticket-has-need", "ticket-declined", "no-usable-device"]
"""What stopped the ticket that came furthest, in the order in which it is asked; `none`: somebody is eligible."""

OBSTACLES: Final[tuple[Obstacle, ...]] = (
    "none",
    "class-not-on-device",
    "ticket-has-need",
    "ticket-declined",
    "no-usable-device",
)

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "atm": ("cash",),
    "recycler": ("cash", "room"),
    "kiosk": ("paper",),
    "printer": ("paper",),
}
"""The kinds that serve customers by themselves, and what each cannot do without; other kinds are never offered."""

_GONE: Final = frozenset({"out", "empty"})
"""Words of a part (device.status) that say it has run out."""


def obstacle(hall: Hall, policy: Policy, at: Instant) -> Obstacle:
    """What keeps a device from being offered to anybody who waits."""
    services = policy.services
    works: dict[str, bool] = {}
    furthest = 1
    for id in hall.waiting if policy.services else ():
        ticket = hall.tickets[id]
        service = services.get(ticket.service)
        if service is None or not service.self_service:
            continue
        if ticket.needs:
            furthest = max(furthest, 2)
        elif ticket.declined:
            furthest = max(furthest, 3)
        elif works.get(service.id) or (service.id not in works and _works(works, hall, policy, service, at)):
            return "none"
        else:
            furthest = 4
    return OBSTACLES[furthest]


def eligible(hall: Hall, policy: Policy, at: Instant) -> Iterator[Ticket]:
    """The waiting tickets that may be offered a device, the longest waiting first."""
    works: dict[str, bool] = {}
    for ticket in hall.queue():
        service = policy.services.get(ticket.service)
        if service is None or not service.self_service or ticket.needs or ticket.declined:
            continue
        if works.get(service.id) or (service.id not in works and _works(works, hall, policy, service, at)):
            yield ticket


def usable_devices(hall: Hall, policy: Policy, at: Instant) -> Iterator[Device]:
    """The devices that work and lack nothing, whatever class they are for."""
    return (device for device in hall.devices.values() if usable(device, policy, at))


def usable(device: Device, policy: Policy, at: Instant) -> bool:
    """Whether a customer may be sent to it: known to work, lately heard of, under no suspicion, not run out."""
    if device.suspect or device.state not in ("ok", "degraded"):
        return False
    needs = NEEDS.get(device.kind)
    plan = policy.devices.get(device.id)
    if needs is None or at - device.seen_at > (plan.stale if plan else DEFAULT_STALE):
        return False
    return not any(need in device.lacks or device.parts.get(need) in _GONE for need in needs)


def _works(works: dict[str, bool], hall: Hall, policy: Policy, service: Service, at: Instant) -> bool:
    """Whether a usable device can do the class; noted in `works`."""
    found = works[service.id] = any(
        device.kind in service.self_service and _takes(policy, device, service.id) and usable(device, policy, at)
        for device in hall.devices.values()
    )
    return found


def _takes(policy: Policy, device: Device, service: str) -> bool:
    plan = policy.devices.get(device.id)
    return plan is None or plan.services is None or service in plan.services
