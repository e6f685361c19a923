"""Which driver a message on the branch's broker is for, and what its devices' standing is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge import driver as drivers
from edge.config.links import MqttLink
from edge.core import topics
from edge.core.events import Tick
from edge.driver import Answer, BadFrame, Reply
from edge.shell.health import Health

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from edge.config.load import Bus
    from edge.core.events import Happening
    from edge.core.instant import Instant
    from edge.driver import Driver, Received
    from edge.shell.logs import Bounded

KNOWN_MOST: Final = 1024
"""Topics whose routes are remembered; a branch has some dozens, and a flood of new ones must not fill memory."""


@dataclass(slots=True)
class _Route:
    """One bus: its filter, its codec of this connection, and what its link says of its devices."""

    bus: Bus
    filter: str
    health: Health
    driver: Driver = field(init=False)

    def renew(self) -> None:
        """A fresh driver."""
        self.driver = drivers.load(self.bus.driver).create(self.bus.devices)


class Routes:
    """The buses of one broker. Bad frames are counted and logged by `bad`, what drivers fail over by `failed`.

    A driver that fails over a message is made anew, and takes no other one down.
    """

    def __init__(
        self, buses: Iterable[Bus], bad: Bounded, failed: Bounded, unheard: Collection[str] | None = None
    ) -> None:
        self._bad, self._failed = bad, failed
        self._routes = [
            _Route(bus, bus.link.filter, Health(bus.devices, unheard=_ids(bus) if unheard is None else unheard))
            for bus in buses
            if isinstance(bus.link, MqttLink)
        ]
        self._known: dict[str, list[_Route]] = {}
        self.renew()

    @property
    def filters(self) -> list[str]:
        """What is to be subscribed to."""
        return [route.filter for route in self._routes]

    def renew(self) -> None:
        """Fresh drivers, for a new connection."""
        for route in self._routes:
            route.renew()

    def take(self, topic: str, payload: bytes, at: Instant) -> list[Happening]:
        """The events of a message, of every bus it is for."""
        routes = self._known.get(topic)
        if routes is None:
            if len(self._known) >= KNOWN_MOST:
                self._known.clear()
            routes = self._known[topic] = [r for r in self._routes if topics.matches(r.filter, topic)]
        return [event for route in routes for event in self._heard(route, topic, payload, at)]

    def lost(self, at: Instant) -> list[Happening]:
        """The broker is gone, or has never come."""
        return [status for route in self._routes for status in route.health.lost(at)]

    def stands(self, at: Instant) -> list[Happening]:
        """The broker has stood for a while: devices that never report their state are taken to be there."""
        return [status for route in self._routes for status in route.health.open((), at)]

    def _heard(self, route: _Route, topic: str, payload: bytes, at: Instant) -> list[Happening]:
        events: list[Happening] = []
        for item in self._received(route, topic, payload, at):
            if isinstance(item, BadFrame):
                self._bad.warning("bad message", topic=topic, reason=item.reason, bytes=len(payload))
            elif not isinstance(item, Reply | Answer | Tick):
                events.append(item)
        return [*route.health.heard(events, at), *events]

    def _received(self, route: _Route, topic: str, payload: bytes, at: Instant) -> list[Received]:
        try:
            return route.driver.receive(payload, at, topic)
        except Exception as fault:  # noqa: BLE001 (whatever it is, it is one driver's)
            driver, devices = route.bus.driver, ", ".join(_ids(route.bus))
            self._failed.warning("driver failed", driver=driver, devices=devices, topic=topic, exc_info=fault)
            route.renew()
            return []


def _ids(bus: Bus) -> list[str]:
    return [device.id for device in bus.devices]
