"""The installer: staged into an empty directory, run twice, run over what an administrator has edited.

The interpreter is a stand-in that makes environments at once and notes what was installed into them: the real
installation needs the network and minutes.
"""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parent.parent.parent / "systemd"

STAND_IN = """#!/bin/sh
case $1-$2 in
-c-*) ;;
-m-venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
-m-pip) shift 2; echo "$*" >>"$(dirname "$0")/../pip.log" ;;
*) exit 9 ;;
esac
"""


@dataclass(frozen=True)
class Stage:
    """A directory that stands for a machine, and what an installation needs beside it."""

    root: Path
    wheel: Path
    lock: Path
    python: Path

    def install(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """One run of the installer with this stage's wheel and lock."""
        sources = ("--root", self.root, "--wheel", self.wheel, "--lock", self.lock)
        command = [str(word) for word in (SYSTEMD / "install.sh", *sources, *arguments)]
        environment = {**os.environ, "PYTHON": str(self.python)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def path(self, absolute: str) -> Path:
        return self.root / absolute.lstrip("/")

    def files(self) -> dict[str, tuple[int, int, bytes]]:
        """Every file with its mode, time of change and content."""
        return {
            str(path.relative_to(self.root)): (status.st_mode & 0o777, status.st_mtime_ns, path.read_bytes())
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and (status := path.stat())
        }


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    python = tmp_path / "python3"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    wheel = tmp_path / "lobbyd-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    lock = tmp_path / "requirements.lock"
    lock.write_text("one==1 --hash=sha256:00\n")
    return Stage(tmp_path / "machine", wheel, lock, python)


@pytest.fixture
def installed(stage: Stage) -> Stage:
    run = stage.install()
    assert (run.returncode, run.stderr) == (0, "")
    return stage


@pytest.mark.parametrize(
    ("target", "source", "mode"),
    [
        ("/etc/systemd/system/lobbyd.service", "lobbyd.service", 0o644),
        ("/etc/sysusers.d/lobbyd.conf", "lobbyd.sysusers.conf", 0o644),
        ("/etc/tmpfiles.d/lobbyd.conf", "lobbyd.tmpfiles.conf", 0o644),
        ("/etc/systemd/journald.conf.d/lobbyd.conf", "journald.conf.d/lobbyd.conf", 0o644),
        ("/etc/udev/rules.d/99-lobbyd.rules", "99-lobbyd.rules", 0o644),
        ("/etc/lobbyd/branch.toml", "../config/branch.toml", 0o640),
    ],
)
def test_every_file_is_in_its_place(installed: Stage, target: str, source: str, mode: int) -> None:
    file = installed.path(target)
    assert file.read_bytes() == (SYSTEMD / source).read_bytes()
    assert file.stat().st_mode & 0o777 == mode


def test_the_program_is_installed_from_hashed_dependencies_and_the_wheel_alone(installed: Stage) -> None:
    venv = installed.path("/opt/lobbyd/venv")
    assert venv.is_symlink()
    quiet = "--disable-pip-version-check install --quiet"
    assert (venv / "pip.log").read_text().splitlines() == [
        f"{quiet} --require-hashes --requirement {installed.lock}",
        f"{quiet} --no-deps {installed.wheel}",
    ]


def test_a_second_run_says_and_changes_nothing(installed: Stage) -> None:
    before = installed.files()
    run = installed.install()
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert installed.files() == before


@pytest.mark.parametrize("edited", ["/etc/lobbyd/branch.toml", "/etc/udev/rules.d/99-lobbyd.rules"])
def test_what_an_administrator_edited_is_kept(installed: Stage, edited: str) -> None:
    installed.path(edited).write_text("# mine\n")
    assert installed.install().returncode == 0
    assert installed.path(edited).read_text() == "# mine\n"


def test_a_damaged_unit_is_mended(installed: Stage) -> None:
    unit = installed.path("/etc/systemd/system/lobbyd.service")
    unit.write_text("")
    assert installed.install().stdout == "installed /etc/systemd/system/lobbyd.service\n"
    assert unit.read_bytes() == (SYSTEMD / "lobbyd.service").read_bytes()


def releases(stage: Stage) -> set[str]:
    return {path.name for path in stage.path("/opt/lobbyd/releases").iterdir()}


def test_a_new_wheel_gets_a_release_of_its_own_and_the_last_one_stays(installed: Stage) -> None:
    venv = installed.path("/opt/lobbyd/venv")
    first = venv.readlink().name
    installed.wheel.write_bytes(b"a newer wheel")
    assert installed.install().returncode == 0
    second = venv.readlink().name
    assert releases(installed) == {first, second}
    installed.wheel.write_bytes(b"the newest wheel")
    assert installed.install().returncode == 0
    assert releases(installed) == {second, venv.readlink().name}


def test_an_interrupted_release_is_made_anew(installed: Stage) -> None:
    release = installed.path("/opt/lobbyd/venv").resolve()
    (release / ".complete").unlink()
    (release / "half").touch()
    assert installed.install().returncode == 0
    assert not (release / "half").exists()
    assert (release / ".complete").exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda stage: stage.wheel.unlink(), "no wheel"),
        (lambda stage: stage.lock.unlink(), "no lock file"),
        (lambda stage: stage.python.write_text("#!/bin/sh\nexit 1\n"), "needs Python 3.11"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_touched(
    stage: Stage, spoil: Callable[[Stage], object], says: str
) -> None:
    spoil(stage)
    run = stage.install()
    assert run.returncode == 2
    assert says in run.stderr
    assert not stage.root.exists()


def test_a_staged_service_cannot_be_enabled(stage: Stage) -> None:
    run = stage.install("--enable")
    assert run.returncode == 2
    assert "--enable" in run.stderr


def test_an_unknown_argument_is_refused(stage: Stage) -> None:
    run = stage.install("--frce")
    assert (run.returncode, run.stderr) == (2, "install.sh: unknown argument --frce (see --help)\n")


def test_help_has_an_example(stage: Stage) -> None:
    run = stage.install("--help")
    assert run.returncode == 0
    assert "Example:" in run.stdout
