"""A small branch whose devices speak over MQTT, and a witness on its broker."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import aiomqtt

from edge.config import Loaded, load
from edge.shell.links.mqtt import Connection
from tests.fakes import PATIENCE_S

CONFIG = """
[branch]
id = "b1"
org = "bank"

[services.cash]

[windows.3]
services = ["cash"]

[devices.terminals]
kind = "terminal"
driver = "mqtt_json"
link = "mqtt:terminal/+/event"

[[devices.terminals.settings.topics]]
topic = "terminal/+/event"
when = {{ cmd = "call" }}
event = "ticket.called"
fields = {{ ticket = "no" }}
from_topic = {{ window = 1 }}

[devices.atm-1]
kind = "atm"
driver = "atm_mqtt"
link = "mqtt:atm/atm-1/status"

[broker]
url = "{url}"

[hq]
url = "{url}"
"""


def branch(folder: Path, url: str) -> Loaded:
    """The branch, with its own broker and headquarters' at `url`."""
    file = folder / "branch.toml"
    file.write_text(CONFIG.format(url=url))
    return load(file)


class Witness:
    """Hears everything on a broker but its own doings, and can speak; each message is (topic, payload, retained)."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._client = client
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for message in self._client.messages:
            self.heard.append((str(message.topic), bytes(message.payload or b""), bool(message.retain)))
            self._news.set()

    async def say(self, topic: str, item: Any, *, retain: bool = False) -> None:
        payload = item if isinstance(item, bytes) else json.dumps(item).encode()
        await self._client.publish(topic, payload, qos=1, retain=retain)

    async def until(self, true: Callable[[], object]) -> None:
        """Returns once what was heard satisfies `true`."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; what was heard: {self.heard}") from None

    def on(self, topic: str) -> list[Any]:
        """What was said on a topic, decoded; None for an empty payload."""
        return [json.loads(payload) if payload else None for name, payload, _ in self.heard if name == topic]


class Broker(Protocol):
    """Where a broker is."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


@asynccontextmanager
async def witness(broker: Broker, *filters: str, session: str | None = None) -> AsyncIterator[Witness]:
    """A witness of these filters; with a `session` it hears afterwards what was said while it was away."""
    name: dict[str, Any] = {} if session is None else {"identifier": session, "clean_session": False}
    async with (
        aiomqtt.Client(broker.host, broker.port, max_queued_incoming_messages=0, **name) as client,
        asyncio.TaskGroup() as group,
    ):
        seen = Witness(client)
        for pattern in filters:
            await client.subscribe(pattern, qos=1)
        listening = group.create_task(seen.listen())
        yield seen
        listening.cancel()


async def retained(broker: Broker, pattern: str) -> dict[str, Any]:
    """What a latecomer finds, by topic."""
    async with witness(broker, pattern, "end") as late:
        await late.say("end", b"")
        await late.until(lambda: any(topic == "end" for topic, _, _ in late.heard))
        return {topic: json.loads(payload) for topic, payload, kept in late.heard if kept}


@asynccontextmanager
async def serving(serve: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[asyncio.Task[None]]:
    """A service at work."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(serve())
        try:
            yield task
        finally:
            task.cancel()


def heard(connection: Connection | None) -> bool:
    """Whether there is a connection, and the broker has granted what it was asked for."""
    return connection is not None and not connection._subscribing


async def soon(true: Callable[[], object], turn: Callable[[], Awaitable[None]]) -> None:
    """Returns once `true`, giving others a turn between two looks."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await turn()
