"""Who could be offered a device now, and what stands in the way when nobody could.

An offer is made to a waiting ticket whose class a self-service kind can do, that has no need and has not declined,
while a usable device of such a kind is there (playbook §3 row 4b, §5 A7 A8 A14, §8.1 free choice). What is not known
to work is not offered, and nothing is to who was sent back for a form and goes straight to the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from edge.core.policy import DEFAULT_STALE
from edge.core.supplies import GONE

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

WORKS: Final = frozenset({"ok", "degraded"})
"""States of a device that serves customers."""

NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "atm": frozenset({"cash"}),
    "recycler": frozenset({"cash", "room"}),
    "kiosk": frozenset({"paper"}),
    "printer": frozenset({"paper"}),
}
"""The kinds that serve customers by themselves, and what each cannot do without; other kinds are never offered."""


def obstacle(hall: Hall, policy: Policy, at: Instant) -> Obstacle:
    """What keeps a device from being offered to anybody who waits."""
    tickets, hopeless = hall.tickets, set()
    furthest = 1
    for id in hall.waiting if policy.services else ():
        ticket = tickets[id]
        service_id = ticket.service
        if service_id in hopeless:
            continue
        service = policy.services.get(service_id)
        if service is None or not service.self_service:
            hopeless.add(service_id)
        elif ticket.returned:
            continue
        elif ticket.needs:
            furthest = max(furthest, 2)
        elif ticket.declined:
            furthest = max(furthest, 3)
        elif _works(hall, policy, service, at):
            return "none"
        else:
            furthest = 4
            hopeless.add(service_id)
    return OBSTACLES[furthest]


def obstacle_of(hall: Hall, policy: Policy, ticket: Ticket, at: Instant) -> Obstacle:
    """What keeps a device from being offered to one waiting ticket."""
    service = policy.services.get(ticket.service)
    if service is None or not service.self_service or ticket.returned:
        return "class-not-on-device"
    if ticket.needs:
        return "ticket-has-need"
    if ticket.declined:
        return "ticket-declined"
    return "none" if _works(hall, policy, service, at) else "no-usable-device"


def eligible(hall: Hall, policy: Policy, at: Instant) -> Iterator[Ticket]:
    """The waiting tickets that may be offered a device, the longest waiting first."""
    works = {id: bool(s.self_service) and _works(hall, policy, s, at) for id, s in policy.services.items()}
    return (t for t in hall.queue() if works.get(t.service) and not (t.needs or t.declined or t.returned))


def usable_devices(hall: Hall, policy: Policy, at: Instant) -> Iterator[Device]:
    """The devices that work and lack nothing, whatever class they are for."""
    return (device for device in hall.devices.values() if usable(device, policy, at))


def usable(device: Device, policy: Policy, at: Instant) -> bool:
    """Whether a customer may be sent to it: known to work, lately heard of, under no suspicion, not run out.

    What prints the tickets that are drawn is nothing a customer is sent to.
    """
    if device.state not in WORKS:
        return False
    plan = policy.devices.get(device.id)
    if plan is not None and plan.prints is not None:
        return False
    return at - device.seen_at <= (plan.stale if plan else DEFAULT_STALE) and not barred(device)


def stale_at(hall: Hall, policy: Policy, at: Instant) -> Instant:
    """When the first of the devices that are usable now is so no more, if nothing is heard of it until then."""
    plans = policy.devices
    dues = (
        device.seen_at + (plans[device.id].stale if device.id in plans else DEFAULT_STALE) + 1
        for device in usable_devices(hall, policy, at)
    )
    return min(dues, default=at)


def barred(device: Device) -> bool:
    """Whether nobody may be sent to it however it says it is: no machine for that, under suspicion, or run out."""
    needs = NEEDS.get(device.kind)
    if needs is None or device.suspect is not None:
        return True
    return not (needs.isdisjoint(device.lacks) and GONE.isdisjoint(map(device.parts.get, needs)))


def can_do(device: Device, policy: Policy, service: Service, at: Instant) -> bool:
    """Whether the device is usable, and can do the class."""
    if device.kind not in service.self_service or not usable(device, policy, at):
        return False
    plan = policy.devices.get(device.id)
    return plan is None or plan.services is None or service.id in plan.services


def _works(hall: Hall, policy: Policy, service: Service, at: Instant) -> bool:
    """Whether a usable device can do the class."""
    return any(can_do(device, policy, service, at) for device in hall.devices.values())
