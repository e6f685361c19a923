"""The demo's own broker, a child process on a free loopback port: the system's mosquitto, amqtt where there is none.

For the demo only: anybody on this machine may connect, and amqtt forgets what was not acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from edge.sim.leash import leashed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
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

    mosquitto keeps sessions and retained messages in `state_dir`; either writes beside them what it has to say.
    """
    port, path = free_port(), mosquitto_path()
    folder = state_dir / ("amqtt" if path is None else "mosquitto")
    folder.mkdir(parents=True, exist_ok=True)
    command = _amqtt(folder, port) if path is None else _mosquitto(path, folder, port)
    async with _child(command, folder / f"{folder.name}.out") as process:
        await _accepting(process, port, folder)
        yield f"mqtt://{_HOST}:{port}"


def mosquitto_path() -> str | None:
    """Where mosquitto is; Debian keeps it outside an ordinary user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_OUTSIDE_A_USERS_PATH)


def _mosquitto(path: str, folder: Path, port: int) -> list[str]:
    settings = folder / "mosquitto.conf"
    settings.write_text(_settings(folder, port), encoding="utf-8")
    return [path, "-c", str(settings)]


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


def _amqtt(folder: Path, port: int) -> list[str]:
    if find_spec("amqtt") is None:
        raise NoBroker("there is no mosquitto here; install it, or amqtt: pip install 'lobbyd[demo]'")
    settings = folder / "amqtt.yaml"
    table = {
        "listeners": {"default": {"type": "tcp", "bind": f"{_HOST}:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    settings.write_text(json.dumps(table), encoding="utf-8")  # YAML holds JSON
    return [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(settings)]


@asynccontextmanager
async def _child(command: Sequence[str], told: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program for as long as the block, what it says in the file `told`.

    On a leash: killed, we could not end it. In a group of its own: Ctrl-C on the terminal is for us, who end it after
    the daemon has said goodbye to it.
    """
    with told.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *leashed(command), stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        await _end(process)


async def _accepting(process: asyncio.subprocess.Process, port: int, folder: Path) -> None:
    for _ in range(round(_READY_WITHIN_S / _ASK_EVERY_S)):
        with suppress(OSError):
            _, writer = await asyncio.open_connection(_HOST, port)
            writer.close()
            return
        if process.returncode is not None:
            break
        await asyncio.sleep(_ASK_EVERY_S)
    raise NoBroker(f"{folder.name} does not listen on port {port}; the files in {folder} say why")


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


def free_port() -> int:
    """A TCP port of the loopback nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
