"""Programs which tests run beside the daemon: a real broker on a port of its own."""

import os
import random
import select
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
CHROMIUM: Final = Path("/usr/bin/chromium")

_READY_WITHIN_S: Final = 60.0
_ASK_EVERY_S: Final = 0.01
_STOPS_WITHIN_S: Final = 60.0
_PORTS_FROM: Final = 15_000
_GIVEN_AWAY: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")


def mosquitto_path() -> str | None:
    """Where the broker is; Debian keeps it in /usr/sbin, outside an ordinary user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A TCP port of the loopback nobody listens on at this moment, nor will unless he asks for this one.

    It lies below those the system gives to whoever asks for any: a connection made meanwhile could take one of them.
    """
    given_away = int(_GIVEN_AWAY.read_text().split()[0]) if _GIVEN_AWAY.exists() else 32_768
    for port in random.sample(range(_PORTS_FROM, given_away), 100) if given_away > 2 * _PORTS_FROM else ():
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        chosen: int = probe.getsockname()[1]
        return chosen


def wait_for_port(process: subprocess.Popen[bytes], port: int) -> None:
    """Returns when `port` accepts; AssertionError when the process ends first or takes too long.

    Between two attempts it waits on the process itself, so that one that dies is noticed at once.
    """
    exited = os.pidfd_open(process.pid)
    try:
        for _ in range(round(_READY_WITHIN_S / _ASK_EVERY_S)):
            with socket.socket() as attempt:
                if attempt.connect_ex((HOST, port)) == 0:
                    return
            if select.select([exited], [], [], _ASK_EVERY_S)[0]:
                raise AssertionError(f"{process.args!r} ended with {process.wait()} before it listened on {port}")
    finally:
        os.close(exited)
    raise AssertionError(f"{process.args!r} does not listen on port {port}")


class Mosquitto:
    """One mosquitto on a loopback port; it keeps port and persistence from `stop()` to `start()`."""

    host: Final = HOST

    def __init__(self, directory: Path) -> None:
        self.port: Final = free_port()
        self.url: Final = f"mqtt://{HOST}:{self.port}"
        self.log: Final = directory / "mosquitto.log"
        self._config = directory / "mosquitto.conf"
        # Started by root it would change to its own user, who may not write into the test's directory.
        user = "user root\n" if os.geteuid() == 0 else ""
        self._config.write_text(
            f"listener {self.port} {HOST}\n"
            "allow_anonymous true\n"
            "persistence true\n"
            f"persistence_location {directory}/\n"
            "set_tcp_nodelay true\n"
            f"log_dest file {self.log}\n"
            f"{user}",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the broker, or starts it again, and returns when it accepts connections."""
        path = mosquitto_path()
        if path is None:
            raise AssertionError("mosquitto is not installed")
        self._process = subprocess.Popen([path, "-c", str(self._config)])
        wait_for_port(self._process, self.port)

    def stop(self) -> None:
        """Ends the broker in order: it saves sessions, queued and retained messages first."""
        self._end(kill=False)

    def kill(self) -> None:
        """Ends the broker without warning: what it had not saved is lost."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        process.wait(_STOPS_WITHIN_S)
