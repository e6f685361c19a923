"""The bare echo that the daemon is measured against: paho-mqtt driven by the loop as its manual says, nothing else.

`python -m edge.bench.bare PORT` subscribes to `bare/in/+`, QoS 1; every payload goes out again on `bare/out/+`, QoS 1.
paho acknowledges a message when its callback has returned.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

IN, OUT = "bare/in/", "bare/out/"


def connected(port: int, loop: asyncio.AbstractEventLoop) -> paho.Client:
    """A client whose socket the loop watches; TCP_NODELAY is on, without which QoS 1 waits for Nagle's algorithm."""
    client = paho.Client(CallbackAPIVersion.VERSION2, "bench-bare", protocol=MQTTProtocolVersion.MQTTv5)

    def opened(_: paho.Client, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop.add_reader(sock, client.loop_read)

    def echo(_: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        client.publish(OUT + message.topic.removeprefix(IN), message.payload, qos=1)

    def closed(_: paho.Client, _data: Any, sock: Any) -> None:
        loop.remove_reader(sock)

    def no_more_to_write(_: paho.Client, _data: Any, sock: Any) -> None:
        loop.remove_writer(sock)

    def accepted(*_: Any) -> None:
        client.subscribe(f"{IN}+", qos=1)

    client.on_socket_open, client.on_socket_close = opened, closed
    client.on_socket_register_write = lambda _, _data, sock: loop.add_writer(sock, client.loop_write)
    client.on_socket_unregister_write = no_more_to_write
    client.on_connect = accepted
    client.on_subscribe = lambda *_: print("listening", flush=True)
    client.on_message = echo
    client.connect("127.0.0.1", port)
    return client


async def main(port: int) -> None:
    """Echoes until it is ended; prints a line when it listens."""
    loop = asyncio.get_running_loop()
    client = connected(port, loop)
    gc.freeze()

    def keep_alive() -> None:
        client.loop_misc()
        loop.call_later(1, keep_alive)

    keep_alive()
    await loop.create_future()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
