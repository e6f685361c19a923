"""The daemon as systemd starts it: ready when it is, plain words for what is wrong, a reload without a gap."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from edge.app import SOCKET
from tests.fakes import PATIENCE_S
from tests.processes import HOST, Mosquitto, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Running:
    """A daemon in a process of its own, heard through its log and its notify socket."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder, self.file = folder, folder / "branch.toml"
        self.file.write_text(config, encoding="utf-8")
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(folder / "notify"))
        self.notices.setblocking(False)
        self.told, self.log = b"", b""
        environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "1000000"}
        command = [sys.executable, "-m", "edge", "run", "-c", str(self.file)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)
        assert self.process.stderr is not None
        os.set_blocking(self.process.stderr.fileno(), False)

    def until(self, holds: Callable[[Running], Any]) -> None:
        """Listens until something holds; fails after a while with what was heard."""
        pipe: Any = self.process.stderr
        deadline = time.monotonic() + PATIENCE_S
        while not holds(self):
            assert time.monotonic() < deadline, (self.told.decode(), self.log.decode())
            ready, _, _ = select.select([self.notices, pipe], [], [], 0.1)
            if self.notices in ready:
                self.told += self.notices.recv(4096) + b"\n"
            if pipe in ready:
                self.log += pipe.read() or b""

    def says(self, *words: str) -> None:
        """Waits until the log has all these words."""
        self.until(lambda d: all(word.encode() in d.log for word in words))

    def ready(self) -> Running:
        """Waits until it is ready and its socket open: then it has loaded all it needs, and ends without delay."""
        self.until(lambda d: b"READY=1" in d.told and (d.folder.parent / "state" / SOCKET).exists())
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()
        self.notices.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def begin(config: str) -> Running:
        folder = tmp_path / str(len(running))
        folder.mkdir()
        running.append(Running(folder, config.replace("STATE", str(tmp_path / "state"))))
        return running[-1]

    yield begin
    for daemon in running:
        daemon.close()


PLAIN = """
[branch]
id = "b1"
[services.cash]
[windows.1]
services = ["cash"]
[web]
listen = ""
[state]
dir = "STATE"
"""


def test_it_says_ready_beats_and_ends_in_order(start: Callable[..., Running]) -> None:
    daemon = start(PLAIN).ready()
    daemon.until(lambda d: d.told.count(b"WATCHDOG=1") >= 2)

    assert daemon.end(signal.SIGINT) == 0
    daemon.until(lambda d: b"STOPPING=1" in d.told)
    assert b"Traceback" not in daemon.log


def test_a_bad_configuration_ends_it_with_78_and_every_fault(tmp_path: Path) -> None:
    bad = tmp_path / "branch.toml"
    bad.write_text('[branch]\nid = "a/b"\n[services.cash]\ntypical_s = -1\n', encoding="utf-8")
    command = [sys.executable, "-m", "edge", "run", "-c", str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 78
    assert "branch.id" in done.stderr
    assert "services.cash.typical_s" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_daemon_on_the_same_state_says_so_and_ends(start: Callable[..., Running]) -> None:
    start(PLAIN).ready()
    second = start(PLAIN)
    second.says("another lobbyd runs on this state")

    assert second.process.wait(PATIENCE_S) == 1
    assert b"Traceback" not in second.log


def test_a_taken_port_is_said_plainly_and_the_rest_goes_on(start: Callable[..., Running]) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        daemon = start(PLAIN.replace('listen = ""', f'listen = "{HOST}:{port}"')).ready()
        daemon.says("another program listens there", "[web] listen")
        assert b"Traceback" not in daemon.log

        assert daemon.end() == 0


def test_a_broker_that_is_not_there_is_said_plainly_and_tried_again(start: Callable[..., Running]) -> None:
    url = f"mqtt://{HOST}:{free_port()}"
    daemon = start(PLAIN + f'[broker]\nurl = "{url}"\n[hq]\nurl = "{url}"\n').ready()
    daemon.says("[broker]", "[hq]", "refused")

    assert b"Traceback" not in daemon.log
    assert daemon.end() == 0


def test_a_serial_port_that_is_not_there_is_named(start: Callable[..., Running]) -> None:
    device = (
        '[devices.queue]\nkind = "dispenser"\ndriver = "lines"\nlink = "serial:///dev/branch/nothing"\n'
        '[[devices.queue.settings.lines]]\nevent = "ticket.issued"\n'
        "pattern = '^(?P<ticket>\\w+) (?P<service>\\w+)$'\n"
    )
    daemon = start(PLAIN + device).ready()
    daemon.says("/dev/branch/nothing")

    assert b"Traceback" not in daemon.log
    assert daemon.end() == 0


def test_a_bad_reload_is_named_and_the_last_good_configuration_kept(start: Callable[..., Running]) -> None:
    daemon = start(PLAIN).ready()
    daemon.file.write_text(daemon.file.read_text() + "\n[widows.2]\n", encoding="utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("widows", "the last good one is kept")

    daemon.file.write_text(
        daemon.file.read_text().replace("[widows.2]", '[services.loan]\n[windows.2]\nservices = ["loan"]')
    )
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("configuration taken")

    assert daemon.end() == 0


@pytest.mark.broker
def test_a_reload_may_bring_and_take_away_services(start: Callable[..., Running], mosquitto: Mosquitto) -> None:
    daemon = start(PLAIN).ready()
    without = daemon.file.read_text()
    daemon.file.write_text(without + f'[hq]\nurl = "{mosquitto.url}"\n', encoding="utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until(lambda d: d.log.count(b"configuration taken") == 1)
    watch = [
        "mosquitto_sub",
        "-h",
        HOST,
        "-p",
        str(mosquitto.port),
        "-t",
        "bank/v1/bank/b1/status",
        "-C",
        "1",
        "-W",
        "60",
    ]
    assert b'"online"' in subprocess.run(watch, capture_output=True, check=True).stdout

    daemon.file.write_text(without, encoding="utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until(lambda d: d.log.count(b"configuration taken") == 2)

    assert daemon.end() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
@pytest.mark.broker
def test_a_full_disk_is_said_plainly_and_nothing_is_lost(
    start: Callable[..., Running], mosquitto: Mosquitto, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(state)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    try:
        device = (
            f'[broker]\nurl = "{mosquitto.url}"\n[hq]\nurl = "{mosquitto.url}"\n'
            '[devices.all]\nkind = "terminal"\ndriver = "mqtt_json"\nlink = "mqtt:hall"\n'
            '[[devices.all.settings.topics]]\ntopic = "hall"\nevent = "ticket.issued"\n'
            'fields = { ticket = "no" }\nset = { service = "cash" }\n'
        )
        daemon = start(PLAIN + device).ready()
        daemon.says("connected")
        (state / "filler").write_bytes(b"x" * (os.statvfs(state).f_bavail * 4096 - 40_000))
        publish = ["mosquitto_pub", "-h", HOST, "-p", str(mosquitto.port), "-q", "1", "-t", "hall", "-l"]
        lines = "".join(f'{{"no": "T{n:04}"}}\n' for n in range(400))
        subprocess.run(publish, input=lines, text=True, check=True)
        daemon.says("disk full, retrying", "make room")
        assert b"Traceback" not in daemon.log

        (state / "filler").unlink()
        daemon.says("disk has room again")
        watch = ["mosquitto_sub", "-h", HOST, "-p", str(mosquitto.port), "-q", "1", "-C", "1", "-W", "60"]
        subprocess.run([*watch, "-t", "bank/v1/bank/b1/wait/cash"], check=True, capture_output=True)
        assert daemon.end() == 0
    finally:
        subprocess.run(["umount", "-l", str(state)], check=True)
