import os
import socket
from pathlib import Path

import pytest

from edge.shell.systemd import beat_every_s, notify


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_what_it_is_told(tmp_path: Path, abstract: bool) -> None:
    address = f"@lobbyd-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0"))

        assert notify(environ={"NOTIFY_SOCKET": address}, ready=1, status="12 services\nand more")
        assert manager.recv(999) == b"READY=1\nSTATUS=12 services and more"
        assert notify(environ={"NOTIFY_SOCKET": address}, watchdog=1)
        assert manager.recv(999) == b"WATCHDOG=1"


def test_without_systemd_nothing_happens() -> None:
    assert not notify(environ={}, ready=1)


def test_a_manager_that_has_gone_does_no_harm(tmp_path: Path) -> None:
    assert not notify(environ={"NOTIFY_SOCKET": str(tmp_path / "gone")}, ready=1)


def test_a_manager_that_does_not_read_blocks_nobody(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)

        told = [notify(environ={"NOTIFY_SOCKET": address}, watchdog=1) for _ in range(5000)]

    assert told[0]
    assert not told[-1]


@pytest.mark.parametrize(
    ("environ", "every_s"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_it_beats_at_half_the_interval_if_it_is_meant(environ: dict[str, str], every_s: float | None) -> None:
    assert beat_every_s(environ) == every_s
