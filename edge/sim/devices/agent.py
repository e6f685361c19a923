"""A program somewhere in the branch that speaks MQTT: says what it is given in order, and hears what it asked for.

Its cable can be pulled out: the broker then says what it left as its will, and what it has to say waits in it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiomqtt
from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    Greeting = Callable[[aiomqtt.Client], Awaitable[None]]

_RETRY_S: Final = 1.0
_CANCELLED_WITHIN_S: Final = 0.5
_CONNECTS_WITHIN_S: Final = 0.4
"""For one that is not wanted any more; less than `_CANCELLED_WITHIN_S`."""
_KEEPS: Final = 10_000
"""Messages kept while there is no broker; then the oldest goes, as in any device."""

_UNHEARD: Final = logging.getLogger("edge.sim.unheard")
"""aiomqtt calls the confirmation of a forgotten subscription an error; it forgets when we end before a slow broker."""
_UNHEARD.disabled = True

_AT_LEAST_ONCE: Final = 1
_ONLINE, _OFFLINE = b'{"state": "online"}', b'{"state": "offline"}'


class Agent:
    """One MQTT client; `heard` is called with topic and payload of what comes on `filters`.

    `presence` is the topic on which it says, retained, that it is there; the broker says there when it is not.
    """

    def __init__(
        self,
        url: str,
        name: str,
        filters: Sequence[str] = (),
        heard: Callable[[str, bytes], None] | None = None,
        presence: str = "",
    ) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 1883
        self._name, self._filters, self._heard, self._presence = name, filters, heard, presence
        self._client: aiomqtt.Client | None = None
        self._in = asyncio.Event()
        self._in.set()
        self._unsaid: deque[tuple[str, bytes]] = deque(maxlen=_KEEPS)
        self._more = asyncio.Event()
        self._said = asyncio.Event()

    def say(self, topic: str, item: Mapping[str, Any]) -> None:
        """Publishes a message once its turn comes, QoS 1."""
        self._unsaid.append((topic, to_json(item)))
        self._said.clear()
        self._more.set()

    async def all_said(self) -> None:
        """Returns when the broker has everything that was to be said so far."""
        if self._unsaid:
            await self._said.wait()

    @property
    def plugged(self) -> bool:
        """Whether its cable is in."""
        return self._in.is_set()

    def unplug(self) -> None:
        """Pulls its cable out: nobody is told goodbye."""
        self._in.clear()
        if self._client is not None:
            _cut(self._client)

    def plug(self) -> None:
        """Puts it in again; what it was to say meanwhile follows."""
        self._in.set()

    async def serve(self) -> None:
        """Stays connected until cancelled, trying again every second while there is no broker."""
        work = asyncio.create_task(self._stay_connected(), name=self._name)
        try:
            await asyncio.wait([work])
        finally:
            while not work.done():
                work.cancel()  # and again, should it be lost: see `_still_wanted`
                await asyncio.wait([work], timeout=_CANCELLED_WITHIN_S)
        work.result()

    async def _stay_connected(self) -> None:
        will = aiomqtt.Will(self._presence, _OFFLINE, _AT_LEAST_ONCE, retain=True) if self._presence else None
        while True:
            await self._in.wait()
            try:
                client = aiomqtt.Client(self._host, self._port, identifier=self._name, will=will, logger=_UNHEARD)
                async with _connected(client, self._greet):
                    self._client = client
                    if self.plugged:
                        await self._converse(client)
            except* aiomqtt.MqttError:
                if self.plugged:
                    await asyncio.sleep(_RETRY_S)
            finally:
                self._client = None

    async def _greet(self, client: aiomqtt.Client) -> None:
        """Says that it is there, and what it wants to hear."""
        if self._presence:
            await client.publish(self._presence, _ONLINE, qos=_AT_LEAST_ONCE, retain=True)
        for one in self._filters:
            await client.subscribe(one, qos=_AT_LEAST_ONCE)

    async def _converse(self, client: aiomqtt.Client) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(client), name=f"{self._name} listens")
            tasks.create_task(self._speak(client), name=f"{self._name} speaks")

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if self._heard is not None and isinstance(message.payload, bytes):
                self._heard(str(message.topic), message.payload)

    async def _speak(self, client: aiomqtt.Client) -> None:
        while True:
            while self._unsaid:
                topic, payload = self._unsaid[0]
                await client.publish(topic, payload, qos=_AT_LEAST_ONCE)
                self._unsaid.popleft()
                _still_wanted()
            self._said.set()
            self._more.clear()
            await self._more.wait()


@asynccontextmanager
async def _connected(client: aiomqtt.Client, greet: Greeting) -> AsyncIterator[None]:
    """The client, connected and subscribed; cancelled meanwhile, it is let finish: a broker at hand answers at once.

    Cut off while it connects, aiomqtt leaves a client without its context.
    """
    connecting = asyncio.create_task(client.__aenter__())
    greeting = asyncio.create_task(_greeted(connecting, client, greet))
    try:
        await asyncio.shield(greeting)
        yield
    finally:
        await _ended(greeting, client)
        if connecting.done() and not connecting.cancelled() and connecting.exception() is None:
            await client.__aexit__(None, None, None)


async def _greeted(connecting: asyncio.Task[aiomqtt.Client], client: aiomqtt.Client, greet: Greeting) -> None:
    await connecting
    await greet(client)


async def _ended(task: asyncio.Task[None], client: aiomqtt.Client) -> None:
    """Gives a task its time to end, however often we are cancelled meanwhile; then it is cancelled."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _CONNECTS_WITHIN_S
    while not task.done() and loop.time() < until:
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task], timeout=until - loop.time())
    if not task.done():
        client._client.on_disconnect = None  # noqa: SLF001 (it would ask the future that is cancelled now for its fault)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])


def _cut(client: aiomqtt.Client) -> None:
    """Ends its connection as a cable does that is pulled out: without DISCONNECT, so that the will is heard."""
    connection = client._client.socket()  # noqa: SLF001 (aiomqtt only says goodbye)
    if isinstance(connection, socket.socket):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _still_wanted() -> None:
    """Raises the cancellation that may have been lost: CancelledError.

    aiomqtt waits by `asyncio.wait_for`, which in Python 3.11 forgets a cancellation that comes together with the result
    (python/cpython#86296); the task would then work on, and whoever cancelled it would wait for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
