"""The demo's own broker: the system's mosquitto as a child process on a free loopback port, amqtt where there is none.

For the demo only: anybody on this machine may connect, and amqtt forgets what was not acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from edge.sim.leash import leashed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_HOST: Final = "127.0.0.1"
_OUTSIDE_A_USERS_PATH: Final = "/usr/sbin:/usr/local/sbin"
_READY_WITHIN_S: Final = 10.0
_ASK_EVERY_S: Final = 0.02
_STOPS_WITHIN_S: Final = 3.0


class NoBroker(Exception):
    """There is no broker to be had; the message says what to install."""


@asynccontextmanager
async def embedded_broker(state_dir: Path) -> AsyncIterator[str]:
    """The URL of a broker that accepts connections and lasts as long as the block; NoBroker when there can be none.

    mosquitto keeps sessions and retained messages in `state_dir` and its log beside them.
    """
    port, path = free_port(), mosquitto_path()
    running = _amqtt(port) if path is None else _mosquitto(path, state_dir, port)
    async with running:
        yield f"mqtt://{_HOST}:{port}"


def mosquitto_path() -> str | None:
    """Where mosquitto is; Debian keeps it outside an ordinary user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_OUTSIDE_A_USERS_PATH)


@asynccontextmanager
async def _mosquitto(path: str, state_dir: Path, port: int) -> AsyncIterator[None]:
    folder = state_dir / "mosquitto"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "mosquitto.conf"
    settings.write_text(_settings(folder, port), encoding="utf-8")
    # On a leash: killed, we could not end it. In a group of its own: Ctrl-C on the terminal is for us, who end it after
    # the daemon has said goodbye to it.
    with (folder / "mosquitto.out").open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *leashed([path, "-c", str(settings)]), stdout=out, stderr=out, start_new_session=True
        )
    try:
        await _accepting(process, port, folder)
        yield
    finally:
        await _end(process)


def _settings(folder: Path, port: int) -> str:
    lines = [
        f"listener {port} {_HOST}",
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {folder}/",
        "set_tcp_nodelay true",
        "max_queued_messages 10000",
        f"log_dest file {folder / 'mosquitto.log'}",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # else it becomes a user who may not write here
    return "\n".join(lines) + "\n"


async def _accepting(process: asyncio.subprocess.Process, port: int, folder: Path) -> None:
    for _ in range(round(_READY_WITHIN_S / _ASK_EVERY_S)):
        with suppress(OSError):
            _, writer = await asyncio.open_connection(_HOST, port)
            writer.close()
            return
        if process.returncode is not None:
            break
        await asyncio.sleep(_ASK_EVERY_S)
    raise NoBroker(f"mosquitto does not listen on port {port}; the files in {folder} say why")


async def _end(process: asyncio.subprocess.Process) -> None:
    """In order if it will, so that it saves what it keeps; without further ado after a while."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOPS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _amqtt(port: int) -> AsyncIterator[None]:
    try:
        from amqtt.broker import Broker  # noqa: PLC0415 (an extra that only a demo without mosquitto needs)
    except ImportError:
        raise NoBroker("there is no mosquitto here; install it, or amqtt: pip install 'lobbyd[demo]'") from None
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{_HOST}:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    try:
        yield
    finally:
        await broker.shutdown()


def free_port() -> int:
    """A TCP port of the loopback nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
