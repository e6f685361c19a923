"""The demo as a newcomer treats it: cut off by `head`, ended while it still starts; nothing is left behind."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

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


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux ends children with their parents")
@pytest.mark.broker
def test_killed_it_takes_its_broker_along(tmp_path: Path) -> None:
    with started(tmp_path) as demo:
        assert demo.stdout is not None
        assert "示范支行".encode() in demo.stdout.readline()
        (broker,) = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        assert "mosquitto" in Path(f"/proc/{broker}/comm").read_text()
        ended = os.pidfd_open(int(broker))
        try:
            demo.kill()
            assert select.select([ended], [], [], PATIENCE_S)[0], "the broker goes on"
        finally:
            os.close(ended)


@pytest.mark.broker
def test_ended_while_its_devices_connect_it_says_nothing(tmp_path: Path) -> None:
    """At any moment of the start: from the broker's first client to the last."""
    for clients in range(1, 6):
        folder = tmp_path / str(clients)
        folder.mkdir()
        demo = started(folder)
        until = time.monotonic() + PATIENCE_S
        while connections(folder) < clients and time.monotonic() < until:
            with suppress(subprocess.TimeoutExpired):
                demo.wait(0.001)
        demo.send_signal(signal.SIGTERM)
        told = demo.communicate(timeout=PATIENCE_S)[1]

        assert (demo.returncode in (0, 130), told) == (True, b"")


def connections(folder: Path) -> int:
    """How many clients the demo's broker has met so far."""
    return sum(log.read_text().count("New connection from") for log in folder.glob("lobbyd-demo-*/mosquitto/*.log"))
