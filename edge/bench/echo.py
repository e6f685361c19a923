"""The echo over the daemon's own client adapter, with nothing behind it: what the adapter costs by itself.

`python -m edge.bench.echo PORT` subscribes to `echo/in/+`, QoS 1; every payload goes out again on `echo/out/+`, QoS 1,
and its message is acknowledged.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING

from edge.config.models import BrokerTable
from edge.shell.links.mqtt import Connection, Dialler, Settings

if TYPE_CHECKING:
    from edge.shell.links.paho import Incoming

IN, OUT = "echo/in/", "echo/out/"


async def main(port: int) -> None:
    """Echoes until the broker goes; prints a line when it listens."""
    made: list[Connection] = []

    def on_message(message: Incoming) -> None:
        made[0].publish(OUT + message.topic.removeprefix(IN), message.payload)
        message.ack()

    table = BrokerTable(url=f"mqtt://127.0.0.1:{port}")
    connection = await Dialler(Settings(section="bench", table=table, client_id="bench-echo")).open(on_message)
    made.append(connection)
    connection.subscribe([f"{IN}+"], lambda _: print("listening", flush=True))
    gc.freeze()
    await connection.closed()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
