"""The programs a benchmark measures: started on a core of their own, watched from outside, ended by their id."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DAEMON: Final[Sequence[str]] = (sys.executable, "-m", "edge", "run", "-c")
LOADED: Final = ("edge.cli.run", "edge.app", "edge.web.routes", "edge.shell.links.paho", "edge.shell.links.serial")
"""What a daemon has loaded in the end, drivers left out."""

SERVICE: Final[Mapping[str, str]] = MappingProxyType({"PYTHONFAULTHANDLER": "1", "MALLOC_ARENA_MAX": "1"})
"""The environment that `systemd/lobbyd.service` gives the daemon."""

STARTS_WITHIN_S: Final = 90.0
ENDS_WITHIN_S: Final = 5.0
_READY: Final = re.compile(rb"^READY=1$", re.MULTILINE)
_SWITCHES: Final = re.compile(r"^voluntary_ctxt_switches:\s*(\d+)$", re.MULTILINE)
_RESIDENT: Final = re.compile(r"^VmRSS:\s*(\d+) kB$", re.MULTILINE)


class Failed(Exception):
    """A program that was to be measured did not start or ended by itself; the message has its last words."""


@contextmanager
def child(
    arguments: Sequence[str | Path], log: Path, *, core: int | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program for as long as the context lasts; what it says goes to `log`."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env={**os.environ, **(environ or {})}
        )
    try:
        pin(process.pid, core)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def as_installed() -> dict[str, str]:
    """An environment as where lobbyd is installed: its service's, modules compiled, tools of development not there.

    structlog imports rich and greenlet wherever they are, which costs 50 ms and 5 MiB that no branch's machine has.
    """
    return _environ(Path(_installed().name))


def _environ(folder: Path) -> dict[str, str]:
    return {
        **SERVICE,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder / "hidden"), os.environ.get("PYTHONPATH")))),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "PYTHONDONTWRITEBYTECODE": "",
    }


@cache
def _installed() -> TemporaryDirectory[str]:
    """Goes away with this process."""
    folder = TemporaryDirectory(prefix="lobbyd-bench-")
    hidden = Path(folder.name) / "hidden"
    hidden.mkdir()
    for name in ("rich", "greenlet"):
        (hidden / f"{name}.py").write_text("raise ImportError('no dependency of lobbyd')\n", encoding="utf-8")
    compiling = [sys.executable, "-c", f"import {', '.join(LOADED)}"]
    subprocess.run(compiling, env={**os.environ, **_environ(Path(folder.name))}, check=True)
    return folder


@contextmanager
def daemon(config: Path, folder: Path, *, core: int | None = None) -> Iterator[int]:
    """`lobbyd run`, once it has said that it is ready; yields its process id."""
    with ExitStack() as stack:
        ready = stack.enter_context(Readiness(folder / "ready"))
        log = folder / "daemon.log"
        environ = {**as_installed(), **ready.environ}
        process = stack.enter_context(child([*DAEMON, config], log, core=core, environ=environ))
        ready.wait(process, log)
        yield process.pid


class Readiness:
    """The socket that a service manager listens on for READY=1 (sd_notify(3))."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def environ(self) -> dict[str, str]:
        """What the program needs in its environment."""
        return {"NOTIFY_SOCKET": str(self._path)}

    def wait(self, process: subprocess.Popen[bytes], log: Path) -> float:
        """The instant of READY=1, by `time.perf_counter`; Failed when it does not come."""
        limit = time.perf_counter() + STARTS_WITHIN_S
        while (left_s := limit - time.perf_counter()) > 0 and process.poll() is None:
            self._socket.settimeout(min(left_s, 1.0))
            try:
                said = self._socket.recv(4096)
            except TimeoutError:
                continue
            if _READY.search(said):
                return time.perf_counter()
        raise Failed(f"{process.args!r} was not ready: {last_words(log)}")


def last_words(log: Path) -> str:
    """The end of what a program said."""
    return log.read_text(encoding="utf-8", errors="replace").strip()[-400:] or "it said nothing"


def pin(pid: int, core: int | None) -> None:
    """Keeps a process (0: this one) on one core; a machine with one core, or None, leaves it where it is."""
    if core is not None and len(cores()) > 1:
        os.sched_setaffinity(pid, {cores()[core % len(cores())]})


@cache
def cores() -> tuple[int, ...]:
    """The cores this process was given when it began."""
    return tuple(sorted(os.sched_getaffinity(0)))


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keeps this process on one core for as long as the context lasts; programs started in it begin there."""
    pin(0, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores())


def cpu_s(pid: int) -> float:
    """Seconds of processor time a process has used, all its threads together, to the nanosecond.

    The kernel's clock of a process (clock_getcpuclockid(3)): /proc/PID/stat counts the same in steps of 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)


def resident_mib(pid: int) -> float:
    """Resident memory (proc(5), VmRSS)."""
    found = _RESIDENT.search(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else 0.0


def wakeups(pid: int) -> int:
    """How often the threads of a process have gone to sleep of themselves, and so been woken again."""
    stats = (file.read_text(encoding="utf-8") for file in Path(f"/proc/{pid}/task").glob("*/status"))
    return sum(int(found[1]) for text in stats if (found := _SWITCHES.search(text)))


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
