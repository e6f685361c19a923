"""The brokers: whether they are reached and let us in, in which version; and what devices say on the branch's own."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from edge.core import topics
from edge.core.apply.devices import SPEAKS_REGULARLY
from edge.shell.doctor.finding import Finding, in_halves
from edge.shell.doctor.look import Seen, speaks
from edge.shell.links.mqtt import Dialler, Settings
from edge.shell.links.stream import LinkLost
from edge.shell.logs import Bounded
from edge.shell.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.config import Loaded
    from edge.config.load import Bus
    from edge.config.models import BrokerTable
    from edge.shell.clock import Clock
    from edge.shell.doctor.finding import Level
    from edge.shell.links.mqtt import Connection
    from edge.shell.links.paho import Incoming

_CREDENTIALS: Final = "/run/credentials/"
_FIRST: Final = "mend [broker] first: its devices are only heard there"


async def headquarters(loaded: Loaded) -> list[Finding]:
    """Whether headquarters' broker lets us in; nothing is said there. Nothing is found where none is configured."""
    table = loaded.branch.hq
    if table is None:
        return []
    try:
        connection = await Dialler(_settings(loaded, "hq", table)).open(lambda message: message.ack())
    except LinkLost as fault:
        return [_unreached("hq", "warning", table, fault)]  # the branch goes on without, for weeks
    connection.close()
    return [_reached("hq", connection)]


async def branch(loaded: Loaded, clock: Clock, listen_s: float) -> list[Finding]:
    """The same of the branch's own; its devices are listened to for a while, and nothing is said to them."""
    table = loaded.branch.broker
    if table is None:
        return []
    ears = [_Ear(bus, clock) for bus in loaded.buses if bus.link.medium == "mqtt"]
    refused: list[str] = []

    def receive(message: Incoming) -> None:
        for ear in ears:
            ear.take(message, clock)
        message.ack()

    try:
        connection = await Dialler(_settings(loaded, "broker", table)).open(receive)
        connection.subscribe(topics.least([ear.bus.link.place for ear in ears]), refused.extend)
        with suppress(TimeoutError):
            async with clock.timeout(listen_s if ears else 0):
                await connection.closed()
    except LinkLost as fault:
        lost = _unreached("broker", "critical", table, fault)
        devices = [one.id for ear in ears for one in ear.bus.devices]
        return [lost, *(Finding("critical", f"device {id}", "its broker is lost", _FIRST) for id in devices)]
    connection.close()
    return [_reached("broker", connection), *(found for ear in ears for found in ear.findings(refused, listen_s))]


class _Ear:
    """What is heard of the devices on one topic filter."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self.bus, self.seen = bus, Seen(bus.devices)
        self._bad = Bounded(structlog.get_logger("doctor"), clock)
        self._routes = Routes([bus], self._bad, self._bad)

    def take(self, message: Incoming, clock: Clock) -> None:
        """Notes what a message says, if it is for one of them."""
        for event in self._routes.take(message.topic, message.payload, clock.now()):
            self.seen.note(event)

    def findings(self, refused: Sequence[str], listened_s: float) -> Iterator[Finding]:
        """What was heard of each device."""
        topic = self.bus.link.place
        for device in self.bus.devices:
            about, said = f"device {device.id}", self.seen.said.get(device.id)
            if said is not None:
                yield speaks(about, self.bus.driver, said)
            elif topic in refused:
                yield Finding("critical", about, f"the broker does not let us hear {topic}", "check its access list")
            elif self._bad.count:
                seen = f"garbage: {self._bad.count} messages on {topic} that mean nothing"
                yield Finding("critical", about, seen, f"lobbyd codec {self.bus.driver} says what is wrong with one")
            else:
                level: Level = "warning" if device.kind in SPEAKS_REGULARLY else "ok"
                remedy = "is its agent running, and is that its topic? --listen gives it longer"
                yield Finding(level, about, f"nothing on {topic} in {listened_s:g} s", remedy)


def _settings(loaded: Loaded, section: str, table: BrokerTable) -> Settings:
    return Settings(section=section, table=table, client_id=f"doctor-{section}-{loaded.branch.branch.id}")


def _reached(section: str, connection: Connection) -> Finding:
    return Finding("ok", section, f"reached and let in, MQTT {'5' if connection.v5 else '3.1.1'}")


def _unreached(section: str, level: Level, table: BrokerTable, fault: LinkLost) -> Finding:
    """The sentence of the link says what to check; but a credential of the unit is only there while the unit runs."""
    file = table.password_file
    if file is not None and str(file).startswith(_CREDENTIALS) and not file.exists():
        remedy = f"only the running unit sees {file}: start it, or lay the password where the unit says"
        return Finding(level, section, str(fault).partition("; ")[0], remedy)
    return in_halves(level, section, str(fault), f"are url, username and certificates of [{section}] right?")
