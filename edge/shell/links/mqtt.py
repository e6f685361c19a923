"""MQTT on the loop, without a thread: connections to a broker, each driven by readiness of its socket.

Theory of operation. The client (`paho.py`) keeps the protocol, the loop keeps the socket. A connection gets a client
of its own, so that nothing of an earlier one survives in it, and the client gets a `Wire` for its socket: one read of
the kernel feeds every packet that has arrived, and what is published or acknowledged while they are handled leaves in
one write.

A message is acknowledged when its owner says so, in the order of arrival (MQTT 5, section 4.6), however the commits
behind it finish. What is not acknowledged the broker delivers again, marked as a duplicate.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.shell.links.dial import WITHIN_S, Place, dial, password
from edge.shell.links.stream import LinkLost
from edge.shell.links.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.config.models import BrokerTable
    from edge.shell.links.paho import Client, Incoming

DISCONNECT: Final = b"\xe0\x00"

FIRST_ANSWER_WITHIN_S: Final = 3.0
"""How long a broker of unknown version may take for its first answer: amqtt never gives MQTT 5 one."""


class Will(Struct, frozen=True):
    """What the broker publishes, retained, when we vanish without a word."""

    topic: str
    payload: bytes


class Settings(Struct, frozen=True, kw_only=True):
    """How to be connected to a broker. `session_expiry_s` 0: the broker forgets us when we go."""

    section: str
    table: BrokerTable
    client_id: str
    session_expiry_s: int = 0
    receive_maximum: int = 100
    will: Will | None = None


class Dialler:
    """Connects to one broker, again and again; remembers which version of the protocol it speaks."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.place = Place.of(settings.section, settings.table)
        self._v5, self._sure = True, False

    async def open(self, on_message: Callable[[Incoming], None]) -> Connection:
        """A connection the broker has accepted; LinkLost says why there is none.

        `on_message` is called from the loop, also for what the broker sends at once to a session it has kept.
        """
        within_s = WITHIN_S if self._sure else FIRST_ANSWER_WITHIN_S
        try:
            connection = await self._attempt(on_message, v5=self._v5, within_s=within_s)
        except _OtherVersion:
            # A broker of 3.1.1 refuses MQTT 5 by code 1 or 0x84, by hanging up, or by never answering.
            connection = await self._attempt(on_message, v5=not self._v5, within_s=WITHIN_S)
        self._v5, self._sure = connection.v5, True
        return connection

    async def _attempt(self, on_message: Callable[[Incoming], None], *, v5: bool, within_s: float) -> Connection:
        from edge.shell.links.paho import Client  # noqa: PLC0415 (with the first connection: readiness need not wait)

        table = self.settings.table
        secret = password(self.place, table)
        wire = Wire(await dial(self.place, table))
        client = Client(wire, self.settings, secret, v5=v5)
        connection = Connection(client, wire, self.place, on_message)
        try:
            await connection.begin(keepalive_s=table.keepalive_s, within_s=within_s)
        except BaseException:
            connection.lose("was left")
            raise
        return connection


class Connection:
    """One connection, from its acceptance to its loss; made by `Dialler.open`."""

    def __init__(self, client: Client, wire: Wire, place: Place, on_message: Callable[[Incoming], None]) -> None:
        self.v5: Final = client.v5
        self._client, self._wire, self._place, self._on_message = client, wire, place, on_message
        self._loop = asyncio.get_running_loop()
        self._unacked: deque[Incoming] = deque()
        self._done: dict[int, Callable[[str | None], None]] = {}
        self._subscribing: dict[int, tuple[Sequence[str], Callable[[list[str]], None]]] = {}
        self._fault: BaseException | None = None
        self._answered, self._gone = asyncio.Event(), asyncio.Event()
        self._paused = self._stuck = self._writing = False
        self._ticking: asyncio.TimerHandle | None = None

    # ---- for its owner ----

    async def closed(self) -> None:
        """Never returns: raises when the connection has gone, LinkLost unless the program is at fault."""
        await self._gone.wait()
        raise self._fault or self._place.lost("was left")

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        done: Callable[[str | None], None] | None = None,
        answers: bytes | None = None,
    ) -> None:
        """Sends a message, QoS 1; `done` is called with None when the broker has it, else with why it refused it.

        `answers` is the correlation of the request this is the answer to. On a connection that has gone nothing is
        sent, and `done` is never called.
        """
        if self._fault is None:
            mid = self._client.send(topic, payload, retain=retain, answers=answers)
            if done is not None:
                self._done[mid] = done

    def push(self) -> None:
        """What has gathered is sent now, and not when the turn is over."""
        if self._writing:
            self._send_gathered()

    def clear(self, topic: str) -> None:
        """Takes what is retained there off the broker, QoS 0: nobody is told whether it arrived."""
        if self._fault is None:
            self._client.take_off(topic)

    def subscribe(self, filters: Sequence[str], done: Callable[[list[str]], None]) -> None:
        """Asks for the messages of these filters, QoS 1; `done` is called with those the broker refuses us.

        What is retained under them comes again with every call.
        """
        if self._fault is None and filters:
            mid = self._client.ask_for(filters)
            if mid is not None:
                self._subscribing[mid] = (filters, done)

    def unsubscribe(self, pattern: str) -> None:
        """Asks for no more messages of a filter."""
        if self._fault is None:
            self._client.unsubscribe(pattern)

    def pause(self) -> None:
        """Takes no more messages until `resume`; they stay with the kernel and the broker."""
        if not self._paused and self._fault is None:
            self._paused = True
            self._loop.remove_reader(self._wire)

    def resume(self) -> None:
        """Takes messages again."""
        if self._paused and self._fault is None:
            self._paused = False
            self._loop.add_reader(self._wire, self._readable)
            self._loop.call_soon(self._readable)

    def close(self) -> None:
        """Leaves in order: the will is not published. Not to be called while a message is being handled."""
        if self._fault is None:
            self._write()
        if self._fault is None:
            self._wire.send(DISCONNECT)
            with suppress(OSError):  # we leave either way
                self._wire.flush()
            self.lose("was left")

    def lose(self, what: str, kind: type[LinkLost] = LinkLost) -> None:
        """Ends the connection as a lost one, without a word to the broker: it will publish the will."""
        self._end(self._place.lost(what, kind))

    # ---- the loop's side ----

    async def begin(self, *, keepalive_s: int, within_s: float) -> None:
        """Returns when the broker has accepted us; LinkLost says why it has not."""
        self._client.begin(self, self._place.host, self._place.port, self._write_soon)
        self._loop.add_reader(self._wire, self._readable)
        try:
            async with asyncio.timeout(within_s):
                await self._answered.wait()
        except TimeoutError:
            self.lose(f"does not answer within {within_s:.0f} s; is that an MQTT broker?", _OtherVersion)
        if self._fault is not None:
            raise self._fault
        self._tick(keepalive_s / 4)

    def _readable(self) -> None:
        if self._fault is not None or self._paused:
            return
        try:
            alive = self._wire.fill()
        except OSError as fault:
            self._hung_up(fault)
            return
        self._take()
        if not alive:
            self._hung_up(None)
        elif self._wire.unfetched and not self._paused:
            self._loop.call_soon(self._readable)

    def _take(self) -> None:
        read = self._client.read
        try:
            while not self._paused and self._fault is None and read():
                pass
        except Exception as fault:  # noqa: BLE001 (handed to the service whole)
            self._end(fault)

    def _write_soon(self) -> None:
        if not self._writing:
            self._writing = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        self._writing = False
        self._send_gathered()

    def _send_gathered(self) -> None:
        if self._fault is None:
            if self._client.want_write():
                self._client.loop_write()
            self._flush()

    def _flush(self) -> None:
        try:
            stuck = not self._wire.flush()
        except OSError as fault:
            self._hung_up(fault)
            return
        if stuck and not self._stuck:
            self._loop.add_writer(self._wire, self._flush)
        elif self._stuck and not stuck:
            self._loop.remove_writer(self._wire)
        self._stuck = stuck

    def _tick(self, every_s: float) -> None:
        """Sends a ping when it is time, and gives the broker up when the last one was not answered."""
        self._client.loop_misc()
        if self._fault is None:
            self._ticking = self._loop.call_later(every_s, self._tick, every_s)

    def _hung_up(self, fault: OSError | None) -> None:
        reason = f" ({fault.strerror or fault})" if fault else ""
        self.lost(f"hung up{reason}")

    def _end(self, fault: BaseException) -> None:
        if self._fault is not None:
            return
        self._fault = fault
        if self._ticking is not None:
            self._ticking.cancel()
        if self._wire.fileno() >= 0:
            self._loop.remove_reader(self._wire)
            self._loop.remove_writer(self._wire)
            self._wire.close()
        self._answered.set()
        self._gone.set()

    # ---- what the client says (see `paho.Hearer`) ----

    def accepted(self) -> None:
        """The broker has accepted us."""
        self._answered.set()

    def refused(self, why: str, *, other_version: bool) -> None:
        """The broker has not accepted us."""
        self.lose(f"refused: {why}", _OtherVersion if other_version else LinkLost)

    def lost(self, why: str) -> None:
        """The connection is over; before the broker's first answer that may be for the version's sake."""
        if self._answered.is_set():
            self.lose(why)
        else:
            self.lose(f"{why}; {self._place.doubt}", _OtherVersion)

    def message(self, message: Incoming) -> None:
        """A message has come."""
        if message.qos:
            self._unacked.append(message)
        self._on_message(message)

    def settle(self) -> None:
        """Acknowledges the messages at the head of the line whose owners have said so."""
        unacked = self._unacked
        while unacked and unacked[0].acked:
            self._client.acknowledge(unacked.popleft().mid)

    def published(self, mid: int, refusal: str | None) -> None:
        """The broker has taken, or refused, a message of ours."""
        done = self._done.pop(mid, None)
        if done is not None:
            done(refusal)

    def subscribed(self, mid: int, refused: Sequence[bool]) -> None:
        """The broker has answered a subscription."""
        filters, done = self._subscribing.pop(mid, ((), None))
        if done is not None:
            done([f for f, no in zip(filters, refused, strict=False) if no])


class _OtherVersion(LinkLost):
    """The broker may speak the other version of the protocol."""
