"""The demo as a newcomer treats it: cut off by `head`, ended while it still starts; nothing is left behind."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fakes import PATIENCE_S


def started(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "edge", "demo", "--port", "0", "--speed", "60"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_a_reader_that_goes_away_ends_it_without_a_word(short_folder: Path) -> None:
    with started(short_folder) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        assert "示范支行".encode() in demo.stdout.readline()
        demo.stdout.close()
        told = demo.stderr.read()

    assert (demo.returncode, told) == (0, b"")
    assert list(short_folder.iterdir()) == []


def test_ended_while_it_starts_it_takes_its_broker_and_its_folder_along(short_folder: Path) -> None:
    demo = started(short_folder)
    until = time.monotonic() + PATIENCE_S
    while not any(short_folder.glob("lobbyd-demo-*/*/*.out")) and time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            demo.wait(0.005)
    demo.send_signal(signal.SIGTERM)
    told = demo.communicate(timeout=PATIENCE_S)[1]

    assert (demo.returncode in (0, 130), told) == (True, b"")
    assert list(short_folder.iterdir()) == []


def test_without_mosquitto_it_plays_as_well_and_says_nothing_of_the_other_broker() -> None:
    there_is_none = "from edge.sim import broker; broker.mosquitto_path = lambda: None; from edge.cli import main; "
    arguments = ["demo", "--headless", "--for", "6", "--port", "0", "--speed", "60"]
    command = [sys.executable, "-c", f"{there_is_none} raise SystemExit(main({arguments}))"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"\b[1-9]\d* calls shown", done.stdout)


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "edge", "demo", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 2
    assert done.stderr == (
        f"lobbyd demo: --port {port}: Address already in use; choose another, or 0 for any that is free\n"
    )


def ordered(*arguments: str) -> tuple[int, str, str]:
    """What a second `lobbyd demo` does and says."""
    command = [sys.executable, "-m", "edge", "demo", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.broker
def test_a_demo_that_runs_is_told_what_to_unplug(short_folder: Path) -> None:
    with started(short_folder) as demo:
        assert demo.stdout is not None
        while not (found := re.search(rb"simulator +http://127.0.0.1:(\d+)/", demo.stdout.readline())):
            assert demo.poll() is None
        pages = str(int(found[1]) - 1)  # where they would be, had they been given a port

        assert ordered("--port", pages, "--unplug", "board-5") == (0, "board-5 is unplugged\n", "")
        assert ordered("--port", pages, "--unplug", "atm-1@3600:5", "--plug", "board-5") == (
            0,
            "atm-1 is unplugged in 3600 s for 5 s\nboard-5 is plugged in\n",
            "",
        )
        code, said, fault = ordered("--port", pages, "--unplug", "board-9")
        assert (code, said) == (2, "")
        assert fault.startswith("lobbyd demo: nothing here is called 'board-9'; there are: queue-1,")
        demo.stdout.close()


def test_what_cannot_be_unplugged_or_plugged_is_one_sentence() -> None:
    code, said, fault = ordered("--port", "0", "--unplug", "board-9")
    assert (code, said, fault.count("\n")) == (2, "", 1)
    assert fault.startswith("lobbyd demo: --unplug: nothing here is called 'board-9'")
    assert ordered("--port", "0", "--plug", "board-5") == (
        2,
        "",
        "lobbyd demo: --plug: no demo runs at port 0; --port names that of its pages\n",
    )


def children(process: int) -> list[str]:
    """Its broker, and a player while it plays."""
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def name(process: str) -> str:
    """Empty for one that has ended meanwhile."""
    with suppress(OSError):
        return Path(f"/proc/{process}/comm").read_text()
    return ""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux ends children with their parents")
@pytest.mark.broker
def test_killed_it_takes_its_broker_along(short_folder: Path) -> None:
    with started(short_folder) as demo:
        assert demo.stdout is not None
        assert "示范支行".encode() in demo.stdout.readline()
        (broker,) = (child for child in children(demo.pid) if "mosquitto" in name(child))
        ended = os.pidfd_open(int(broker))
        try:
            demo.kill()
            assert select.select([ended], [], [], PATIENCE_S)[0], "the broker goes on"
        finally:
            os.close(ended)


@pytest.mark.broker
def test_ended_while_its_devices_connect_it_says_nothing(short_folder: Path) -> None:
    """At any moment of the start: from the broker's first client to the last."""
    for clients in range(1, 6):
        folder = short_folder / str(clients)
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
