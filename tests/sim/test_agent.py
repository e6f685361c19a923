"""A program that speaks MQTT: in order, across a broker's restart, and gone at once when it is told to go."""

import asyncio

import aiomqtt
import pytest

from edge.sim.devices.agent import Agent
from tests import mqtt_peer
from tests.fakes import PATIENCE_S
from tests.mqtt_peer import CONNACK_311, Peer
from tests.processes import Mosquitto

pytestmark = pytest.mark.broker


async def heard(broker: Mosquitto, agent: Agent, number: int) -> list[bytes]:
    """The payloads of the next `number` messages on `told`."""
    found: list[bytes] = []
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe("told", qos=1)
        for one in range(number):
            agent.say("told", {"n": one})
        async with asyncio.timeout(PATIENCE_S):
            async for message in client.messages:
                found.append(bytes(message.payload))
                if len(found) == number:
                    break
    return found


async def test_what_is_said_arrives_in_order(mosquitto: Mosquitto) -> None:
    agent = Agent(mosquitto.url, "teller")
    work = asyncio.create_task(agent.serve())
    assert await heard(mosquitto, agent, 50) == [b'{"n":%d}' % n for n in range(50)]
    await agent.all_said()
    work.cancel()
    await asyncio.wait([work], timeout=PATIENCE_S)
    assert work.cancelled()


async def test_it_comes_back_with_the_broker_and_has_forgotten_nothing(mosquitto: Mosquitto) -> None:
    news: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
    agent = Agent(mosquitto.url, "teller", ["asked/#"], lambda topic, payload: news.put_nowait((topic, payload)))
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(agent.serve())
        agent.say("asked/before", {})
        async with asyncio.timeout(PATIENCE_S):
            assert await news.get() == ("asked/before", b"{}")
            mosquitto.stop()
            agent.say("asked/meanwhile", {})
            mosquitto.start()
            assert await news.get() == ("asked/meanwhile", b"{}")
        work.cancel()


async def test_it_ends_at_once_however_busy(mosquitto: Mosquitto) -> None:
    for turns in range(0, 60, 3):
        agent = Agent(mosquitto.url, "busy")
        work = asyncio.create_task(agent.serve())
        for number in range(200):
            agent.say("noise", {"n": number})
        for _ in range(turns):
            await asyncio.sleep(0)
        if turns % 2:
            await asyncio.wait([work], timeout=0.01)
        work.cancel()
        done, _ = await asyncio.wait([work], timeout=PATIENCE_S)
        assert done, "a cancellation was lost"


@pytest.mark.parametrize("turns", range(8))
async def test_ended_while_it_subscribes_it_says_nothing(turns: int, caplog: pytest.LogCaptureFixture) -> None:
    """aiomqtt calls the confirmation of a subscription it has forgotten an error, until it has disconnected."""
    work: asyncio.Task[None]

    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_311)
        asked = await peer.until(mqtt_peer.SUBSCRIBE)
        work.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        peer.say(b"\x90\x03" + asked[:2] + b"\x01")
        await peer.until(mqtt_peer.DISCONNECT)

    async with mqtt_peer.broker(talk) as port:
        work = asyncio.create_task(Agent(f"mqtt://127.0.0.1:{port}", "starting", ["asked/#"]).serve())
        done, _ = await asyncio.wait([work], timeout=PATIENCE_S)
        assert done
    assert work.cancelled()
    assert [record.getMessage() for record in caplog.records] == []
