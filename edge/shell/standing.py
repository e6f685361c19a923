"""A connection that stands: opened again and again, and what goes wrong with it said once."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from edge.core.instant import SECOND
from edge.shell import backoff
from edge.shell.links.mqtt import Dialler

if TYPE_CHECKING:
    from edge.shell.clock import Clock
    from edge.shell.links.mqtt import Connection, Settings
    from edge.shell.links.paho import Incoming

HEALTHY_AFTER: Final = 30 * SECOND
"""A connection that stood this long starts again with the shortest delay when it is lost."""

log = structlog.get_logger("broker")


class Party(Protocol):
    """Who uses the connection."""

    def opening(self) -> None:
        """There may be a connection in a moment; messages may come before `attend`."""

    def received(self, message: Incoming) -> None:
        """A message has come."""

    async def attend(self, connection: Connection) -> None:
        """There is a connection; runs until cancelled, because it is lost or no longer wanted.

        What is published on the way out is still sent when it is no longer wanted.
        """

    def lost(self) -> None:
        """There is no connection any more, or an attempt has failed."""


class Standing:
    """The connection to one broker; `reason` says in a sentence why there is none, empty while there is one."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.reason = "not connected yet"
        self._dialler, self._clock = Dialler(settings), clock
        self._log = log.bind(section=settings.section)
        self._rng = Random(settings.client_id)  # every branch has delays of its own
        self._told = ""

    async def serve(self, party: Party) -> None:
        """Connects, again and again, until cancelled; raises only what is a fault of the program."""
        delays = backoff.full_jitter(self._rng)
        while True:
            began = self._clock.now()
            try:
                await self._connect(party)
            except Exception as fault:
                healthy = not self.reason and self._clock.now() - began >= HEALTHY_AFTER
                self._say(fault, healthy=healthy)
                party.lost()
                if not backoff.retryable(fault):
                    raise
                if healthy:
                    delays = backoff.full_jitter(self._rng)
            await self._clock.sleep(next(delays))

    async def _connect(self, party: Party) -> None:
        party.opening()
        connection = await self._dialler.open(party.received)
        try:
            self.reason = ""
            self._log.info("connected", mqtt="5" if connection.v5 else "3.1.1")
            async with asyncio.TaskGroup() as group:
                group.create_task(party.attend(connection), name="attend")
                group.create_task(connection.closed(), name="closed")
        finally:
            connection.close()

    def _say(self, fault: BaseException, *, healthy: bool) -> None:
        """Once an outage; a connection that flaps too fast to be healthy is one outage."""
        while isinstance(fault, BaseExceptionGroup):
            fault = fault.exceptions[0]
        self.reason = str(fault) or type(fault).__name__
        if healthy or self.reason != self._told:
            self._told = self.reason
            self._log.warning("not connected, trying again", reason=self.reason)
