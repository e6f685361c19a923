"""The unit file keeps its promises: restarts for ever, a fed watchdog, one narrow sandbox."""

import re
import shutil
import subprocess
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from edge.bench.processes import SERVICE

ROOT = Path(__file__).resolve().parent.parent.parent
UNIT = ROOT / "systemd" / "lobbyd.service"
MOST_EXPOSURE = 2.0


def directives(path: Path) -> dict[str, list[str]]:
    """`Section.Key` → its values in order; systemd allows a key more than once."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            found[f"{section}.{key}"].append(value)
    return found


needs_systemd_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.mark.parametrize(
    ("directive", "value"),
    [
        ("Service.Type", "notify"),
        ("Service.WatchdogSec", "20"),
        ("Service.WatchdogSignal", "SIGABRT"),
        ("Service.Restart", "always"),
        ("Service.RestartSec", "1"),
        ("Service.RestartPreventExitStatus", "78"),
        ("Unit.StartLimitIntervalSec", "0"),
        ("Service.User", "lobbyd"),
        ("Service.SupplementaryGroups", "audio"),
        ("Service.UMask", "0077"),
        ("Service.StateDirectory", "lobbyd"),
        ("Service.StateDirectoryMode", "0700"),
        ("Service.ExecReload", "/bin/kill -HUP $MAINPID"),
        ("Service.ProtectSystem", "strict"),
        ("Service.DevicePolicy", "closed"),
        ("Service.CapabilityBoundingSet", ""),
        ("Service.MemoryDenyWriteExecute", "yes"),
        ("Service.MemoryMax", "256M"),
        ("Service.TasksMax", "64"),
        ("Install.WantedBy", "multi-user.target"),
    ],
)
def test_the_unit_says(directive: str, value: str) -> None:
    assert directives(UNIT)[directive] == [value]


def test_benchmarks_measure_the_daemon_in_the_environment_it_has_as_a_service() -> None:
    given = dict(line.split("=", 1) for line in directives(UNIT)["Service.Environment"])
    assert given == dict(SERVICE)


def test_it_starts_the_console_script_with_the_configuration_the_installer_places() -> None:
    (start,) = directives(UNIT)["Service.ExecStart"]
    program, *arguments = start.split()
    (script,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert program == f"/opt/lobbyd/venv/bin/{script}"
    assert arguments == ["run", "-c", "/etc/lobbyd/branch.toml"]


def test_the_only_devices_are_serial_ports_and_sound() -> None:
    tty_usb, tty_acm, alsa = 188, 166, 116
    allowed = directives(UNIT)["Service.DeviceAllow"]
    assert allowed == ["char-ttyS rw", f"char-{tty_usb} rw", f"char-{tty_acm} rw", f"char-{alsa} rw"]


def test_the_group_of_the_sound_devices_is_there_when_the_service_starts() -> None:
    sysusers = (ROOT / "systemd" / "lobbyd.sysusers.conf").read_text(encoding="utf-8")
    (groups,) = directives(UNIT)["Service.SupplementaryGroups"]
    assert re.findall(r"^g (\w+) ", sysusers, re.MULTILINE) == groups.split()


def test_the_announcers_programs_may_be_executed() -> None:
    (exec_paths,) = directives(UNIT)["Service.ExecPaths"]
    assert "/usr" in exec_paths.split()


def test_the_pages_may_listen_where_the_configuration_puts_them_by_default() -> None:
    web = tomllib.loads((ROOT / "config" / "branch.toml").read_text(encoding="utf-8")).get("web", {})
    port = web.get("listen", "127.0.0.1:8080").rpartition(":")[2]
    assert directives(UNIT)["Service.SocketBindAllow"] == [f"tcp:{port}"]


def test_nothing_it_can_write_to_can_be_executed() -> None:
    (state,) = directives(UNIT)["Service.StateDirectory"]
    (no_exec,) = directives(UNIT)["Service.NoExecPaths"]
    assert {"/", f"/var/lib/{state}", "/tmp", "/var/tmp", "/dev/shm"} <= set(no_exec.split())  # noqa: S108 (names only)


def test_user_and_group_are_those_of_sysusers_and_udev() -> None:
    sysusers = (ROOT / "systemd" / "lobbyd.sysusers.conf").read_text(encoding="utf-8")
    rules = (ROOT / "systemd" / "99-lobbyd.rules").read_text(encoding="utf-8")
    assert re.search(r"^u lobbyd ", sysusers, re.MULTILINE)
    assert set(re.findall(r'GROUP="(\w+)"', rules)) == {"lobbyd"}
    assert set(re.findall(r'MODE="(\d+)"', rules)) == {"0660"}


@needs_systemd_analyze
def test_systemd_finds_no_fault_but_the_missing_program() -> None:
    verify = subprocess.run(
        ["systemd-analyze", "verify", str(UNIT)], capture_output=True, text=True, timeout=60, check=False
    )
    faults = [line for line in verify.stderr.splitlines() if UNIT.name in line]
    assert [fault for fault in faults if "is not executable" not in fault] == []


@needs_systemd_analyze
def test_its_exposure_is_low() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    report = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    overall = re.search(r"Overall exposure level for \S+: ([\d.]+)", report.stdout)
    assert overall, report.stderr
    assert float(overall[1]) <= MOST_EXPOSURE
