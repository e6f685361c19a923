"""Configuration: every fault at once, each with file, key and remedy; what is delivered is good."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest

from edge import resources
from edge.config import ConfigError, load

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[branch]
id = "0571-0042"
org = "example-bank"
name = { zh = "示范支行", en = "Demo branch" }
timezone = "Asia/Shanghai"
open = "09:00"
close = "17:00"
profile = "community"

[services.cash]
name = { zh = "个人现金", en = "Personal cash" }
self_service = ["recycler", "atm"]
typical_s = 240
form = false
tags = []

[windows.3]
services = ["cash"]
hours = ["09:00-11:30", "12:30-17:00"]

[devices.queue]
kind = "dispenser"
driver = "lines"
link = "serial:///dev/branch/queue0?baud=9600"
[devices.queue.settings]
lines = [{ pattern = '^T (?P<ticket>\\w+) (?P<service>\\w+)$', event = "ticket.issued" }]

[devices.board-1]
kind = "board"
driver = "led_onbon_bx"
link = "serial:///dev/branch/boards?baud=57600"
address = 1
shows = "lobby"

[devices.board-2]
kind = "board"
driver = "led_onbon_bx"
link = "serial:///dev/branch/boards?baud=57600"
address = 2
window = "3"
shows = "window"

[devices.recycler-1]
kind = "recycler"
services = ["cash"]
stale_s = 90

[staff]
lobby_manager = ["lm-1"]
branch_head = ["bh-1"]

[rules.secondary-triage]
wait_s = 480
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "branch.toml"
    file.write_text(text, encoding="utf-8")
    return file


def faults(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        load(written(folder, text))
    return refused.value.faults


def test_the_keys_of_the_contract_are_read(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, GOOD))
    policy = loaded.policy

    assert policy.configured
    assert policy.services["cash"].self_service == {"recycler", "atm"}
    assert policy.windows["3"].hours == ((time(9), time(11, 30)), (time(12, 30), time(17)))
    assert policy.staff == {"lobby_manager": ("lm-1",), "branch_head": ("bh-1",)}
    assert policy.devices["recycler-1"].stale == 90_000_000
    assert [(bus.driver, len(bus.devices)) for bus in loaded.buses] == [("lines", 1), ("led_onbon_bx", 2)]
    assert policy.lobby_boards() == ("board-1",)
    assert policy.boards_of("3") == ("board-2",)


def test_tickets_are_printed_by_the_one_printer_that_is_to_print_them(tmp_path: Path) -> None:
    printer = '[devices.printer-{n}]\nkind = "printer"\nprints = "tickets"\n'
    one = GOOD + printer.format(n=1) + '[tickets]\nqr = "https://b.example/{branch}/{ticket}"\n'

    policy = load(written(tmp_path, one)).policy

    assert policy.printers == ("printer-1",)
    assert policy.ticket_qr == "https://b.example/{branch}/{ticket}"
    assert policy.name.zh == "示范支行"
    (fault,) = faults(tmp_path, GOOD + printer.format(n=1) + printer.format(n=2))
    assert fault.endswith("devices.printer-2.prints: printer-1 prints the tickets already; each would come out twice")


@pytest.mark.parametrize("name", ["branch.toml", "demo.toml"])
def test_the_delivered_configurations_are_good(name: str) -> None:
    assert load(resources.config_dir() / name).policy.rules


def test_all_faults_are_reported_together_each_with_file_and_key(tmp_path: Path) -> None:
    text = (
        GOOD.replace('timezone = "Asia/Shanghai"', 'timezone = "Asia/Shanghigh"')
        .replace('services = ["cash"]\nhours', "services = []\nhours")
        .replace('"12:30-17:00"', '"17:00-12:30"')
        .replace("stale_s = 90", 'stale_s = "long"')
        .replace("form = false", "forms = false")
    )
    found = faults(tmp_path, text)

    for key in (
        "branch.timezone: no time zone 'Asia/Shanghigh'",
        "windows.3.services: is empty",
        "windows.3.hours.1: '17:00-12:30' ends before it begins",
        "devices.recycler-1.stale_s: is 'long'",
        "services.cash.forms: is no key of this table",
    ):
        assert any(key in fault for fault in found), (key, found)
    assert all(str(tmp_path / "branch.toml") in fault for fault in found)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('driver = "lines"', 'driver = "lanes"', "devices.queue.driver: no driver 'lanes'; there are: "),
        ('services = ["cash"]\nhours', 'services = ["gold"]\nhours', "there is no service 'gold'; there are: cash"),
        ('shows = "lobby"', 'prints = "tickets"', "devices.board-1.prints: only a printer prints something"),
        ("[staff]", '[tickets]\nqr = "{nobody}"\n[staff]', "tickets.qr: '{nobody}' is no text of a QR code"),
        ("address = 2", "address = 1", "devices.board-2.address: 1 is that of board-1 on the same link"),
        ("address = 2", "", "devices.board-2.address: is missing"),
        ('57600"\naddress = 2', '9600"\naddress = 2', "devices.board-2.link: differs from board-1 in baud on one port"),
        ('window = "3"', 'window = "9"', "devices.board-2.window: there is no window '9'"),
        ('open = "09:00"', 'open = "18:00"', "branch.close: 17:00 is not after open"),
        ('open = "09:00"', 'open = "nine"', "branch.open: 'nine' is not a time of day"),
        ('event = "ticket.issued"', 'event = "ticket.drawn"', "devices.queue.settings"),
        ('link = "serial:///dev/branch/queue0?baud=9600"', 'link = "mqtt:a/b"', "lines cannot live on mqtt"),
        ('link = "serial:///dev/branch/queue0?baud=9600"', "", "devices.queue.link: is missing"),
        ("[rules.secondary-triage]", "[rules.secondary-triag]", "[rules.secondary-triag] is the table of no rule"),
        ("wait_s = 480", "wait_seconds = 480", "wait_seconds"),
        ('id = "0571-0042"', 'id = "a/b"', "branch.id"),
        ("[staff]", "[staff]\ncook = []", "staff.cook"),
        ("[staff]", "[staf]", "staf: is no key"),
        ("typical_s = 240", "typical_s = true", "services.cash.typical_s: is True"),
        ("form = false", 'form = "yes"', "services.cash.form: is"),
        ("address = 2", 'address = "2"', "devices.board-2.address: is"),
        ('kind = "recycler"', 'kind = "toaster"', "devices.recycler-1.kind: is 'toaster'"),
        ('open = "09:00"', "open = 9", "branch.open: 9 is not a time of day such as 09:00"),
        ('open = "09:00"', 'open = "09:00+08:00"', "branch.open: '09:00+08:00' is not a time of day"),
        ('"12:30-17:00"', '"11:00-17:00"', "windows.3.hours: a part that begins at 11:00 and one that ends"),
        ('"12:30-17:00"', '"12:30-17:00+08:00"', "windows.3.hours.1: '17:00+08:00' is not a time of day"),
        ('"12:30-17:00"', '"noon"', "windows.3.hours.1: 'noon' is not a part of the day such as 09:00-11:30"),
        ('services = ["cash"]\nhours', 'services = ["cash", "cash"]\nhours', "windows.3.services: names 'cash' twice"),
        ('services = ["cash"]\nhours', 'services = "cash"\nhours', "windows.3.services: is 'cash'; accepted: a list"),
        ("[staff]", "[boards]\ncall_least_s = 50\n[staff]", "boards.call_most_s: 30 is less than call_least_s, 50"),
        ("[staff]", '[web]\nlisten = "0.0.0.0:99999"\n[staff]', "web.listen: '0.0.0.0:99999' is no place to listen"),
        ("[staff]", '[hq]\nurl = "mqtts://hq:port"\n[staff]', "hq.url: 'mqtts://hq:port' is no broker; accepted: mqtt://"),
        (
            "[staff]",
            '[hq]\nurl = "mqtts://me:secret@hq"\n[staff]',
            "hq.url: a URL with a user's name in it; that is for the keys username and password_file",
        ),
        ("[staff]", '[state]\ndir = ""\n[staff]', "state.dir: '' is no folder to remember in; accepted: a path of 1"),
        ("[staff]", f'[state]\ndir = "/{"x" * 95}"\n[staff]', "x' is no folder to remember in; accepted: a path of 1"),
        ("form = false", 'form = "perhaps"', "services.cash.form: is 'perhaps'; accepted: true or false"),
        ("wait_s = 480", "reset_waiting = 20", "[rules.secondary-triage] when[2].reset is 'reset_waiting = 20'"),
    ],
)  # fmt: skip
def test_each_fault_says_where_and_what_is_accepted(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    found = faults(tmp_path, GOOD.replace(old, new))

    assert any(says in fault for fault in found), found


def test_faults_of_tables_hide_no_fault_of_links_drivers_and_rules(tmp_path: Path) -> None:
    text = (
        GOOD.replace("typical_s = 240", 'typical_s = "long"')
        .replace('kind = "recycler"', 'kind = "toaster"')
        .replace('driver = "lines"', 'driver = "lanes"')
        .replace("address = 2", "address = 1")
        .replace("wait_s = 480", 'wait_s = "long"')
    )
    file = tmp_path / "branch.toml"

    assert [fault.split(";")[0] for fault in faults(tmp_path, text)] == [
        f"{file}: services.cash.typical_s: is 'long'",
        f"{file}: devices.recycler-1.kind: is 'toaster'",
        f"{file}: [rules.secondary-triage] wait_s is 'long'",
        f"{file}: devices.queue.driver: no driver 'lanes'",
        f"{file}: devices.board-2.address: 1 is that of board-1 on the same link",
    ]


def test_whatever_is_wrong_everywhere_is_said_and_never_raised(tmp_path: Path) -> None:
    tables = ("branch", "services", "windows", "devices", "staff", "rules", "broker", "hq", "web", "state", "boards")

    assert len(faults(tmp_path, "".join(f"{key} = 1\n" for key in tables))) == len(tables)
    assert any(
        "services.x" in fault for fault in faults(tmp_path, "[services]\nx = 1\n[windows]\ny = 2\n[rules]\nz = 3\n")
    )


def test_an_editor_s_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert load(written(tmp_path, "\ufeff" + GOOD)).hash == load(written(tmp_path, GOOD)).hash


def test_an_mqtt_device_needs_a_broker(tmp_path: Path) -> None:
    text = GOOD + '\n[devices.atm-1]\nkind = "atm"\ndriver = "atm_mqtt"\nlink = "mqtt:atm/+/state"\n'

    assert any("broker: is missing" in fault for fault in faults(tmp_path, text))


def test_a_file_that_is_not_there_or_no_toml_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")
    for text in ("[branch\n", f"a = {'9' * 5000}\n", f"a = {'[' * 100_000}\n"):
        (fault,) = faults(tmp_path, text)
        assert "is not TOML: " in fault
    (tmp_path / "branch.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load(tmp_path / "branch.toml")


def test_the_hash_tells_one_configuration_from_another(tmp_path: Path) -> None:
    one = load(written(tmp_path, GOOD)).hash

    assert load(written(tmp_path, GOOD)).hash == one
    assert load(written(tmp_path, GOOD.replace("480", "481"))).hash != one


SENSOR = """
[devices.inputs]
kind = "sensor"
driver = "sensor_modbus"
link = "serial:///dev/branch/sensors?baud=9600"
address = 248
[devices.inputs.settings]
contacts = [{ input = 0, name = "door", event = "door_open" }]
"""


def test_an_address_that_the_drivers_protocol_does_not_know_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(GOOD + SENSOR, encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        load(file)

    assert refused.value.faults == (f"{file}: devices.inputs.address: is 248; accepted by sensor_modbus: 1 to 247",)
    file.write_text(GOOD + SENSOR.replace("248", "247"), encoding="utf-8")
    assert load(file).devices["inputs"].address == 247


TERMINAL = """
[branch]
id = "b"
timezone = "Asia/Shanghai"
[services.A]
name = { zh = "个人", en = "Personal" }
[windows.1]
services = ["A"]
[devices.caller-1]
kind = "terminal"
driver = "call_terminal_ff68"
link = "serial:///dev/ttyUSB0"
window = "1"
settings = { transfers = { "1" = { service = "A" }, "2" = { window = "1" } } }
"""


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ('window = "1"\n', "", "devices.caller-1.window: is missing; "),
        (
            '{ service = "A" }',
            '{ service = "B" }',
            "devices.caller-1.settings.transfers.1: there is no service 'B'; there are: A",
        ),
        (
            '{ window = "1" }',
            '{ window = "9" }',
            "devices.caller-1.settings.transfers.2: there is no window '9'; there are: 1",
        ),
    ],
)
def test_a_terminal_whose_keys_would_mean_nothing_is_a_fault(
    tmp_path: Path, right: str, wrong: str, fault: str
) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(TERMINAL, encoding="utf-8")
    load(file)
    file.write_text(TERMINAL.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(file)

    assert [one.startswith(f"{file}: {fault}") for one in refused.value.faults] == [True]


MAPPED = """
[devices.machine]
kind = "dispenser"
driver = "lines"
link = "serial:///dev/branch/machine0"
[[devices.machine.settings.lines]]
pattern = '^T(?P<ticket>\\w+) (?P<service>\\w+)$'
event = "ticket.issued"
values = { service = { 1 = "cash", 2 = "cash" } }
[[devices.machine.settings.lines]]
pattern = '^OPEN$'
event = "window.opened"
set = { window = 3, services = "cash" }
"""


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ('2 = "cash"', '2 = "csah"', "0.values.service.2: there is no service 'csah'; there are: cash"),
        ('services = "cash"', 'services = "cash, csah"', "1.set.services: there is no service 'csah'; there are: cash"),
        ("window = 3", "window = 4", "1.set.window: there is no window '4'; there are: 3"),
    ],
)
def test_a_mapping_to_what_is_not_there_is_a_fault(tmp_path: Path, right: str, wrong: str, fault: str) -> None:
    load(written(tmp_path, GOOD + MAPPED))

    (found,) = faults(tmp_path, GOOD + MAPPED.replace(right, wrong))

    assert found.endswith(f"devices.machine.settings.lines.{fault}")
