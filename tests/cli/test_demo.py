"""The demo as a newcomer treats it: cut off by `head`, ended while it still starts; nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 30.0


def started(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "edge", "demo", "--port", "0", "--speed", "60"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_a_reader_that_goes_away_ends_it_without_a_word(tmp_path: Path) -> None:
    with started(tmp_path) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        assert "示范支行".encode() in demo.stdout.readline()
        demo.stdout.close()
        told = demo.stderr.read()

    assert (demo.returncode, told) == (0, b"")
    assert list(tmp_path.iterdir()) == []


def test_ended_while_it_starts_it_takes_its_broker_and_its_folder_along(tmp_path: Path) -> None:
    demo = started(tmp_path)
    until = time.monotonic() + PATIENCE_S
    while not any(tmp_path.glob("lobbyd-demo-*/mosquitto/mosquitto.out")) and time.monotonic() < until:
        if any(tmp_path.glob("lobbyd-demo-*/pty")):
            break  # amqtt, where there is no mosquitto: it lives in the process itself
        with suppress(subprocess.TimeoutExpired):
            demo.wait(0.005)
    demo.send_signal(signal.SIGTERM)
    told = demo.communicate(timeout=PATIENCE_S)[1]

    assert (demo.returncode in (0, 130), told) == (True, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "edge", "demo", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 2
    assert done.stderr == (
        f"lobbyd demo: --port {port}: Address already in use; choose another, or 0 for any that is free\n"
    )
