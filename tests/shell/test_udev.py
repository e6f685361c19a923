"""udev rules are those of the delivered example, and each tells its port from all others."""

from pathlib import Path

import pytest

from edge.shell import udev
from edge.shell.serialports import SerialPort

EXAMPLE = Path(__file__).parents[2] / "systemd" / "99-lobbyd.rules"
SOCKET = "pci-0000:00:14.0-usb-0:1:1.0"
BY_PATH = f"/dev/serial/by-path/{SOCKET}"


def ch340(node: str, socket: str = SOCKET, port: str = "-port0", serial: str | None = None) -> SerialPort:
    return SerialPort(node, (f"/dev/serial/by-path/{socket}{port}",), 0x1A86, 0x7523, "QinHeng", "USB Serial", serial)


def rule(port: SerialPort, *others: SerialPort) -> str:
    text = udev.rules({"queue0": ["queue-1"]}, {"queue0": port}, [port, *others])
    (line,) = (line for line in text.splitlines() if line and not line.startswith("#"))
    return line


def test_a_port_without_a_serial_number_is_named_by_its_socket_as_in_the_delivered_example() -> None:
    assert rule(ch340("/dev/ttyUSB0")) in EXAMPLE.read_text(encoding="utf-8").splitlines()


def test_a_serial_number_that_no_other_port_has_names_the_adapter_itself() -> None:
    port = ch340("/dev/ttyUSB0", serial="A50285 BI")

    assert 'ENV{ID_SERIAL_SHORT}=="A50285_BI"' in rule(port)
    assert f'ENV{{ID_PATH}}=="{SOCKET}"' in rule(port, ch340("/dev/ttyUSB1", "pci-other", serial="A50285 BI"))


def test_ports_of_one_adapter_are_told_apart_by_their_number() -> None:
    second = ch340("/dev/ttyUSB1", port="-port1")

    assert f'ENV{{ID_PATH}}=="{SOCKET}", ATTRS{{port_number}}=="1"' in rule(second, ch340("/dev/ttyUSB0"))


def test_a_built_in_port_is_named_by_its_kernel_name_and_no_modem_manager_looks_at_it() -> None:
    line = rule(SerialPort("/dev/ttyS1"))

    assert 'KERNEL=="ttyS1"' in line
    assert "ID_MM_DEVICE_IGNORE" not in line


def test_a_port_nobody_knows_is_a_template_in_a_comment() -> None:
    text = udev.rules({"queue0": ["queue-1"], "led0": ["board-1", "board-2"]}, {"queue0": ch340("/dev/ttyUSB0")}, [])

    assert "# board-1, board-2\n# /dev/branch/led0: nothing is known of its port." in text
    assert '#ACTION!="remove", SUBSYSTEM=="tty", ENV{ID_PATH}=="…", SYMLINK+="branch/led0"' in text


@pytest.mark.parametrize("mark", ['"', "*", "?", "[", "|", "\n"])
def test_nothing_in_a_serial_number_becomes_a_pattern_or_ends_the_match(mark: str) -> None:
    assert 'ENV{ID_SERIAL_SHORT}=="A_1"' in rule(ch340("/dev/ttyUSB0", serial=f"A{mark}1"))
