"""`lobbyd devices` as somebody types it, on a machine with whatever ports it has."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from edge.cli import BAD_USE, OK, devices, main
from edge.shell.serialports import SerialPort

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[branch]
id = "b1"
[services.cash]
[windows.1]
services = ["cash"]
[devices.board-1]
kind = "board"
driver = "led_onbon_bx"
link = "serial://{port}?baud=57600"
address = 1
shows = "lobby"
[devices.board-2]
kind = "board"
driver = "led_onbon_bx"
link = "serial://{port}?baud=57600"
address = 2
shows = "lobby"
"""


def config(folder: Path, port: str) -> str:
    file = folder / "branch.toml"
    file.write_text(CONFIG.format(port=port), encoding="utf-8")
    return str(file)


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[SerialPort]:
    """The ports of a machine that we can plug things into."""
    ports: list[SerialPort] = []
    monkeypatch.setattr(devices, "present", lambda: ports)
    return ports


def test_a_port_and_its_devices_are_found_by_whatever_name_leads_there(
    tmp_path: Path, plugged: list[SerialPort], capsys: pytest.CaptureFixture[str]
) -> None:
    master, slave = os.openpty()
    plugged += [SerialPort(os.ttyname(slave)), SerialPort("/dev/ttyUSB9", (), 0x1A86, 0x7523)]
    (tmp_path / "led0").symlink_to(os.ttyname(slave))
    file = config(tmp_path, f"{tmp_path}/led0")

    assert main(["devices", "-c", file]) == OK
    told = capsys.readouterr().out
    assert f"{os.ttyname(slave)}: built in\n  used by  board-1, board-2 (led_onbon_bx, 57600 baud)\n" in told
    assert "/dev/ttyUSB9: 1a86:7523\n  unused\n" in told
    assert main(["devices", "-c", file, "--json"]) == OK
    item = json.loads(capsys.readouterr().out)
    assert [port["devices"] for port in item["ports"]] == [["board-1", "board-2"], []]
    assert item["elsewhere"] == []
    os.close(master)
    os.close(slave)


def test_a_port_that_is_not_there_is_said_and_how_it_gets_its_name(
    tmp_path: Path, plugged: list[SerialPort], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["devices", "-c", config(tmp_path, "/dev/branch/led0")]) == OK
    told = capsys.readouterr().out
    assert "/dev/branch/led0: is not there; is it plugged in?" in told
    assert "lobbyd devices --udev led0=PORT" in told


def test_rules_are_for_the_ports_that_are_meant(
    tmp_path: Path, plugged: list[SerialPort], capsys: pytest.CaptureFixture[str]
) -> None:
    plugged.append(SerialPort("/dev/ttyUSB9", ("/dev/serial/by-path/pci-1-usb-0:4:1.0-port0",), 0x1A86, 0x7523))
    file = config(tmp_path, "/dev/branch/led0")

    assert main(["devices", "-c", file, "--udev"]) == OK
    assert "nothing is known of its port" in capsys.readouterr().out
    assert main(["devices", "-c", file, "--udev", "led0=/dev/ttyUSB9"]) == OK
    told = capsys.readouterr().out
    assert "# board-1, board-2: 1a86:7523" in told
    assert 'ENV{ID_PATH}=="pci-1-usb-0:4:1.0", SYMLINK+="branch/led0"' in told


@pytest.mark.parametrize(
    ("port", "given", "wrong"),
    [
        ("/dev/branch/led0", "board0=/dev/ttyUSB9", "accepted: NAME=PORT with a NAME of led0"),
        ("/dev/branch/led0", "led0", "accepted: NAME=PORT"),
        ("/dev/branch/led0", "led0=/dev/null", "/dev/null is no serial port; there are: none"),
        ("/dev/ttyUSB0", "led0=/dev/ttyUSB0", "--udev: no configured device is on a port below /dev/branch/"),
    ],
)
def test_what_cannot_be_named_is_one_sentence(
    tmp_path: Path, plugged: list[SerialPort], capsys: pytest.CaptureFixture[str], port: str, given: str, wrong: str
) -> None:
    assert main(["devices", "-c", config(tmp_path, port), "--udev", given]) == BAD_USE
    told = capsys.readouterr()
    assert (told.out, wrong in told.err, told.err.count("\n")) == ("", True, 1)


def test_a_configuration_that_is_none_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "-c", str(tmp_path / "nothing.toml")]) == BAD_USE
    assert "nothing.toml: cannot be read" in capsys.readouterr().err
