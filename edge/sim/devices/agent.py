"""A program somewhere in the branch that speaks MQTT: says what it is given in order, and hears what it asked for."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiomqtt
from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

_RETRY_S: Final = 1.0
_CANCELLED_WITHIN_S: Final = 0.5
_CONNECTS_WITHIN_S: Final = 3.0
"""For one that is not wanted any more."""
_KEEPS: Final = 10_000
"""Messages kept while there is no broker; then the oldest goes, as in any device."""

_AT_LEAST_ONCE: Final = 1


class Agent:
    """One MQTT client; `heard` is called with topic and payload of what comes on `filters`."""

    def __init__(
        self,
        url: str,
        name: str,
        filters: Sequence[str] = (),
        heard: Callable[[str, bytes], None] | None = None,
    ) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 1883
        self._name, self._filters, self._heard = name, filters, heard
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
        while True:
            try:
                async with _connected(
                    aiomqtt.Client(self._host, self._port, identifier=self._name), self._filters
                ) as client:
                    await self._converse(client)
            except* aiomqtt.MqttError:
                await asyncio.sleep(_RETRY_S)

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
async def _connected(client: aiomqtt.Client, filters: Sequence[str]) -> AsyncIterator[aiomqtt.Client]:
    """The client, connected and subscribed; cancelled meanwhile, it is let finish: a broker at hand answers at once.

    Cut off while it connects, aiomqtt leaves a client without its context, and its callback stumbles over the future
    that was cancelled: `_on_disconnect` asks it for its exception. Cut off while it subscribes, it has forgotten the
    subscription when the broker confirms it, and says so as an error.
    """
    connecting = asyncio.create_task(client.__aenter__())
    subscribing = asyncio.create_task(_subscribe(connecting, client, filters))
    try:
        await asyncio.shield(subscribing)
        yield client
    finally:
        await _ended(subscribing)
        if connecting.done() and not connecting.cancelled() and connecting.exception() is None:
            await client.__aexit__(None, None, None)


async def _subscribe(connecting: asyncio.Task[aiomqtt.Client], client: aiomqtt.Client, filters: Sequence[str]) -> None:
    await connecting
    for one in filters:
        await client.subscribe(one, qos=_AT_LEAST_ONCE)


async def _ended(task: asyncio.Task[None]) -> None:
    """Gives a task its time to end, however often we are cancelled meanwhile; then it is cancelled."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _CONNECTS_WITHIN_S
    while not task.done() and loop.time() < until:
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task], timeout=until - loop.time())
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])


def _still_wanted() -> None:
    """Raises the cancellation that may have been lost: CancelledError.

    aiomqtt waits by `asyncio.wait_for`, which in Python 3.11 forgets a cancellation that comes together with the result
    (python/cpython#86296); the task would then work on, and whoever cancelled it would wait for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
