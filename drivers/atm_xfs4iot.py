"""An ATM or recycler by XFS4IoT (CEN CWA 16926, XFS 4): JSON over WebSockets, one for each service of the machine.

A monitor that only reads. It asks the publisher for the services, each service for its capabilities, its status and
its storage, and hears what they tell of themselves; `_xfs4iot_messages.Question` holds all it can ever send. Versions
1.0, 2.x and 3.0 go the same way.

What leaves this file are words of the standard, numbers of units and our own words. Free text, counts of notes, serial
numbers, and whatever a card reader or a transaction put into a message are never read.

Not certain, for no machine has been met: whether one shows its counters (`retractOperations`) to a monitor at once; and
whether it tells a monitor of events that belong to its own application's commands (`IncompleteDispenseEvent`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field

from drivers._framing import bad
from drivers._machine import Incidents, Meaning, Part, Told, graver, gravest
from drivers._xfs4iot_events import Happening, counted, hear
from drivers._xfs4iot_messages import Message, Question, read
from drivers._xfs4iot_service import LINK_LOST, NO_ANSWER, Service
from edge.core import wire
from edge.core.instant import SECOND, seconds
from edge.driver import Device, Received, Request, SocketDriver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edge.core.events import Event
    from edge.core.instant import Instant
    from edge.driver import Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"websocket"})

PORTS: Final = (80, 443, *range(5846, 5857))
"""The publisher listens on the first of these that is free."""

_SERVICE_DETAIL: Final = "ServicePublisher.ServiceDetailEvent"
_UNREACHED: Final = (LINK_LOST, NO_ANSWER)
_INCIDENTS: Final = ("card_retained", "cash_not_dispensed", "tamper")
_ONE_INCIDENT: Final = 60 * SECOND
"""Witnesses of the same card or the same notes speak within this; counters are read several times in it."""


class Settings(BaseModel, extra="forbid", frozen=True):
    """Seconds between two readings of each service, and how long an answer may take."""

    poll_s: float = Field(ge=5, le=300, default=15)
    timeout_s: float = Field(ge=1, le=60, default=5)


class Xfs4IotMachine(SocketDriver):
    """The machine at the end of one link, with its publisher and services."""

    def __init__(self, device: Device) -> None:
        settings: Settings = device.settings
        self._device = device
        self._poll, self._timeout = seconds(settings.poll_s), seconds(settings.timeout_s)
        self._services = {"": self._service("")}
        self._conditions = Told()
        self._incidents = {event: Incidents(_ONE_INCIDENT) for event in _INCIDENTS}
        self._told: Mapping[str, Any] | None = None
        self._told_at: Instant = 0
        self._alive = False

    # ---- its sockets ----

    def channels(self) -> Sequence[str]:
        """The services that the publisher has named."""
        return self._services[""].services

    def opened(self, channel: str, at: Instant) -> None:
        """Everything is asked of it."""
        self._services.setdefault(channel, self._service(channel)).opened()

    def closed(self, channel: str, at: Instant) -> list[Received]:
        """Its part is unknown from now on; a service that the publisher no longer names is forgotten."""
        self._services.setdefault(channel, self._service(channel)).closed()
        self._forget()
        return [*self._news([], at)]

    def poll(self, at: Instant) -> list[Request]:
        """The questions that are due."""
        return [
            Request(address=0, data=question, channel=channel)
            for channel, service in self._services.items()
            for question in service.questions(at)
        ]

    def overdue(self, at: Instant) -> list[Received]:
        """A service that has not answered is unknown from its second status on."""
        late = [service.overdue(at) for service in self._services.values()]
        return [*self._news([], at)] if any(late) else []

    # ---- what it says ----

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """One whole message and its channel: the machine's status when there is news of it, then what has happened."""
        service = self._services.get(topic)
        if service is None:
            return [bad("a message on a channel nobody has opened")]
        self._alive = False
        try:
            message = read(data)
            happened = self._take(service, message, at)
        except ValueError as fault:
            return [bad(f"{service.name}: {fault}")]
        return [*self._news(happened, at)]

    def _take(self, service: Service, message: Message, at: Instant) -> list[str]:
        """What has happened."""
        if message.kind == "event" and message.name == _SERVICE_DETAIL and not service.channel:
            service.found(message.payload)
            return []
        if message.kind == "event":
            return self._once(service, hear(service, message.name, message.payload), at)
        before = service.units
        answered = service.answered(message)
        self._alive = answered is Question.STATUS and service.misses == 0
        if answered is Question.SERVICES:
            self._forget()
        return self._once(service, counted(before, service.units) if answered is Question.STORAGE else [], at)

    def _once(self, service: Service, happenings: Iterable[Happening], at: Instant) -> list[str]:
        """The events that no other witness has told of."""
        return [
            event for event, witness in happenings if self._incidents[event].is_new(f"{service.channel} {witness}", at)
        ]

    # ---- what becomes of it ----

    def _news(self, happened: Sequence[str], at: Instant) -> Iterator[Event]:
        """The status when it has changed or was not told for a while; then what has happened."""
        parts = self._parts()
        begun = [event for event in self._conditions.begun(parts) if self._is_new(event, at)]
        item: dict[str, Any] = {"state": gravest(parts), "parts": {one.name: one.meaning.word or "ok" for one in parts}}
        item["detail"] = ", ".join(f"{one.name}: {one.meaning.word}" for one in parts if one.meaning in _UNREACHED)
        again = self._alive and at - self._told_at >= self._poll
        if self._settled() and (again or item != self._told):
            self._told, self._told_at = item, at
            yield wire.make("device.status", at, {"device": self._device.id, "kind": self._device.kind} | item)
        for event in (*happened, *begun):
            yield wire.make("device.event", at, {"device": self._device.id, "event": event})

    def _is_new(self, event: str, at: Instant) -> bool:
        """Whether a condition that has begun is told of for the first time."""
        return event not in self._incidents or self._incidents[event].is_new("condition", at)

    def _parts(self) -> list[Part]:
        """Every part once; where two services speak of the same one, what the graver of them says."""
        found: dict[str, Meaning] = {}
        for channel, service in self._services.items():
            if channel or not self.channels():
                for part in service.report():
                    if part.name not in found or graver(part.meaning, found[part.name]):
                        found[part.name] = part.meaning
        return [Part(name, meaning) for name, meaning in found.items()]

    def _settled(self) -> bool:
        """Whether every service has said how it is, or cannot be asked: a half-known machine is not told of."""
        known = all(channel in self._services for channel in self.channels())
        return known and all(service.settled for service in self._services.values())

    def _service(self, channel: str) -> Service:
        return Service(channel, self._poll, self._timeout)

    def _forget(self) -> None:
        """Services that are gone from the publisher's list."""
        wanted = {"", *self.channels()}
        self._services = {channel: one for channel, one in self._services.items() if channel in wanted}


def create(devices: Sequence[Device]) -> SocketDriver:
    """A codec for the machine of one link; a machine has a link to itself."""
    return Xfs4IotMachine(devices[0])
