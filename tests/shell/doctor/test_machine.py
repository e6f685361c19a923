"""What is below the daemon, well and unwell."""

import os
import socket
from pathlib import Path

import pytest

from edge.config import load
from edge.shell.doctor import machine
from edge.shell.doctor.finding import Finding, in_halves, worst
from edge.shell.store import Store, Turn

PORT = """
[branch]
id = "b1"
[services.cash]
[windows.1]
services = ["cash"]
[devices.ups]
kind = "ups"
driver = "ups_megatec"
link = "serial://{port}?baud=2400"
"""


def levels(findings: object) -> list[str]:
    assert not isinstance(findings, str)
    return [finding.level for finding in findings]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "level", "words"),
    [
        ("LoadState=not-found", "warning", "not installed"),
        ("LoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled", "critical", "failed"),
        ("LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=disabled", "warning", "not started"),
        ("LoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=enabled", "warning", "inactive"),
        (
            "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nNRestarts=3",
            "ok",
            "active (running), 3 restarts",
        ),
    ],
)
def test_what_systemd_says_of_the_unit(said: str, level: str, words: str) -> None:
    found = machine.of_unit(dict(line.partition("=")[::2] for line in said.splitlines()))

    assert (found.level, words in found.seen) == (level, True)
    assert bool(found.remedy) is (level != "ok")


def test_a_clock_is_worth_what_steers_it() -> None:
    clocks = [machine.clock("ntp"), machine.clock("rtc"), machine.clock("unsynced")]

    assert levels(clocks) == ["ok", "warning", "critical"]
    assert [bool(found.remedy) for found in clocks] == [False, True, True]


def test_a_journal_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    assert list(machine.journal(tmp_path)) == []
    store = Store.open(tmp_path, "b1")
    store.commit(Turn(events=[(1, b"{}", None)]))
    assert [found.seen for found in machine.journal(tmp_path)] == ["intact, 1 events"]
    store.close()
    before = sorted(file.name for file in tmp_path.iterdir())
    assert [found.seen for found in machine.journal(tmp_path)] == ["intact, 1 events"]
    assert sorted(file.name for file in tmp_path.iterdir()) == before


def test_a_damaged_journal_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "lobbyd.db").write_bytes(b"no database at all, however long it may be")
    (found,) = machine.journal(tmp_path)

    assert (found.level, "lobbyd.db" in found.seen, "move it aside" in found.remedy) == ("critical", True, True)


def test_the_disk_must_have_room_for_what_waits_for_headquarters(tmp_path: Path) -> None:
    state, room = machine.disk(tmp_path / "not" / "yet", 0.001)
    assert (state.level, "first start" in state.seen, room.level) == ("ok", True, "ok")
    assert levels(machine.disk(tmp_path, 1e9)) == ["ok", "warning"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_state_folder_that_cannot_be_written_to_is_critical(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert levels(machine.disk(tmp_path, 0.001))[0] == "critical"


def test_a_port_of_the_pages_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (found,) = machine.pages(f"127.0.0.1:{port}")
    assert (found.level, f"127.0.0.1:{port}" in found.seen) == ("critical", True)
    assert levels(machine.pages(f"127.0.0.1:{port}")) == ["ok"]
    assert list(machine.pages("")) == []


def test_a_serial_node_is_there_or_not(tmp_path: Path) -> None:
    file, master, slave = tmp_path / "branch.toml", *os.openpty()
    try:
        file.write_text(PORT.format(port=os.ttyname(slave)), encoding="utf-8")
        assert levels(machine.nodes(load(file))) == ["ok"]
        file.write_text(PORT.format(port="/dev/ttyUSB99"), encoding="utf-8")
        (found,) = machine.nodes(load(file))
        assert (found.level, found.seen) == ("critical", "is not there")
    finally:
        os.close(master)
        os.close(slave)


def test_the_gravest_finding_decides() -> None:
    assert worst([]) == "ok"
    assert worst([Finding("ok", "a", "b"), Finding("critical", "a", "b"), Finding("warning", "a", "b")]) == "critical"


def test_a_sentence_of_the_log_is_a_finding_and_its_remedy() -> None:
    assert in_halves("critical", "p", "/dev/x: in use; stop that", "?") == Finding(
        "critical", "p", "/dev/x: in use", "stop that"
    )
    assert in_halves("critical", "p", "hung up", "look").remedy == "look"
