"""The demo's broker accepts connections while it is wanted, and is gone afterwards."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import pytest

from edge.sim import broker
from tests.fakes import PATIENCE_S


async def message_passes(url: str) -> bool:
    place = urlsplit(url)
    assert place.port
    async with aiomqtt.Client("127.0.0.1", place.port) as client:
        await client.subscribe("demo/#", qos=1)
        await client.publish("demo/hello", b"there", qos=1)
        async with asyncio.timeout(PATIENCE_S):
            async for message in client.messages:
                return bool(message.payload == b"there")
    return False


def accepts(url: str) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


@pytest.mark.broker
async def test_mosquitto_runs_as_long_as_the_block(tmp_path: Path) -> None:
    async with broker.embedded_broker(tmp_path) as url:
        assert await message_passes(url)
    assert not accepts(url)
    assert (tmp_path / "mosquitto" / "mosquitto.db").exists(), "it ended in order and saved what it keeps"


@pytest.mark.broker
async def test_a_port_that_is_taken_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        monkeypatch.setattr(broker, "free_port", lambda: port)
        with pytest.raises(broker.NoBroker, match=f"does not listen on port {port}"):
            async with broker.embedded_broker(tmp_path):
                pass


async def test_amqtt_stands_in_where_there_is_no_mosquitto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "mosquitto_path", lambda: None)
    async with broker.embedded_broker(tmp_path) as url:
        assert await message_passes(url)
    assert not accepts(url)


async def test_without_either_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "mosquitto_path", lambda: None)
    monkeypatch.setattr(broker, "find_spec", lambda _: None)
    with pytest.raises(broker.NoBroker, match="install it, or amqtt"):
        async with broker.embedded_broker(tmp_path):
            pass
