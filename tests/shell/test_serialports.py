"""Ports as pyserial finds them, with the names that lead to them."""

import os
from pathlib import Path

from serial.tools.list_ports_common import ListPortInfo

from edge.shell.serialports import described, links, present


def adapter(node: str) -> ListPortInfo:
    info = ListPortInfo(node)
    info.vid, info.pid, info.manufacturer, info.product, info.serial_number = 0x0403, 0x6001, "FTDI", "FT232R", "A5"
    return info


def named(dev: Path, name: str, node: str) -> str:
    link = dev / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(node)
    return str(link)


def test_the_names_that_last_lead_to_their_port_ours_first(tmp_path: Path) -> None:
    master, slave = os.openpty()
    node = os.ttyname(slave)
    by_path = named(tmp_path, "serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0", node)
    by_id = named(tmp_path, "serial/by-id/usb-FTDI_FT232R_A5-if00-port0", node)
    ours = named(tmp_path, "branch/led0", node)
    named(tmp_path, "branch/gone", str(tmp_path / "nothing"))
    (port,) = described([adapter(node)], links(tmp_path))
    os.close(master)
    os.close(slave)

    assert port.names == (ours, by_id, by_path)
    assert (port.id_path, port.number) == ("pci-0000:00:14.0-usb-0:2:1.0", 0)
    assert port.what == "0403:6001 FTDI FT232R serial number A5"


def test_a_port_of_the_kernel_s_modem_class_has_no_number_behind_its_path(tmp_path: Path) -> None:
    names = {"/dev/ttyACM0": ["/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0"]}
    (port,) = described([adapter("/dev/ttyACM0")], names)

    assert (port.id_path, port.number) == ("pci-0000:00:14.0-usb-0:3:1.0", None)


def test_ports_come_in_the_order_people_count() -> None:
    nodes = ["/dev/ttyUSB10", "/dev/ttyS0", "/dev/ttyUSB2"]

    assert [port.node for port in described(map(adapter, nodes), {})] == ["/dev/ttyS0", "/dev/ttyUSB2", "/dev/ttyUSB10"]


def test_what_is_there_can_be_listed_on_any_machine() -> None:
    assert all(port.node.startswith("/dev/") and port.what for port in present())
