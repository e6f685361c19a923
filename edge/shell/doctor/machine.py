"""The machine below the daemon: clock, nodes of serial ports, disk and journal, the unit, the port of the pages."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from edge.config.links import SerialLink
from edge.shell.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.config import Loaded
    from edge.shell.clock import Quality

USER: Final = "lobbyd"
UNIT: Final = "lobbyd.service"

MEGABYTE: Final = 1_000_000
LEAST_ROOM: Final = 64 * MEGABYTE
"""Below this little a full disk is a matter of hours."""

_NUMBERED: Final = ("/dev/ttyUSB", "/dev/ttyACM")
_ANSWERS_WITHIN_S: Final = 10.0
_CLOCKS: Final[Mapping[Quality, Finding]] = {
    "ntp": Finding("ok", "clock", "steered over the network"),
    "rtc": Finding(
        "warning", "clock", "plausible, but nobody steers it", "name a time server and run: timedatectl set-ntp true"
    ),
    "unsynced": Finding(
        "critical",
        "clock",
        "says a year long past: its battery is empty",
        "replace the battery, and name a time server: timedatectl set-ntp true",
    ),
}


def clock(quality: Quality) -> Finding:
    """What the wall clock is worth."""
    return _CLOCKS[quality]


# ---- serial nodes ----


def nodes(loaded: Loaded) -> Iterator[Finding]:
    """The nodes of the configuration's serial ports: there, of a lasting name, and open to the daemon's user."""
    for bus in loaded.buses:
        if isinstance(bus.link, SerialLink):
            yield from _node(Path(bus.link.path))


def _node(path: Path) -> Iterator[Finding]:
    about = f"port {path}"
    if not path.exists():
        yield Finding("critical", about, "is not there", "plug it in; `lobbyd devices` lists the ports there are")
        return
    if str(path).startswith(_NUMBERED):
        remedy = "give it a name that lasts: `lobbyd devices --udev` prints the rule"
        yield Finding("warning", about, "has a name that changes with the order of plugging in", remedy)
    status = path.stat()
    group = _name_of_group(status.st_gid)
    if _may_use(status.st_uid, status.st_gid, status.st_mode):
        yield Finding("ok", about, f"is there, {os.path.realpath(path)}, group {group}")
    else:
        remedy = f'have udev give it GROUP="{USER}" (`lobbyd devices --udev`), or add the user to group {group}'
        yield Finding("critical", about, f"the daemon's user may not open it: it belongs to group {group}", remedy)


def _may_use(uid: int, gid: int, mode: int) -> bool:
    """Whether the daemon's user, or who asks where there is no such user, may read and write a node."""
    try:
        account = pwd.getpwnam(USER)
    except KeyError:
        user, groups = os.geteuid(), {os.getegid(), *os.getgroups()}
    else:
        user, groups = account.pw_uid, set(os.getgrouplist(USER, account.pw_gid))
    bits = mode >> 6 if user == uid else mode >> 3 if gid in groups else mode
    return user == 0 or bits & 0o6 == 0o6  # noqa: PLR2004 (read and write)


def _name_of_group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


# ---- disk and journal ----


def disk(folder: Path, outbox_mb: float) -> Iterator[Finding]:
    """Room on the file system of the state folder, and whether it can be written to."""
    about = f"state {folder}"
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        remedy = f"ask as root or as the daemon's user, or: chown -R {USER}: {folder}"
        yield Finding("critical", about, f"this user may not write into {there}", remedy)
    elif there != folder:
        yield Finding("ok", about, "is not there yet: the first start makes it")
    else:
        yield Finding("ok", about, "can be written to")
    free = shutil.disk_usage(there).free
    seen = f"{free // MEGABYTE} MB free"
    if free < LEAST_ROOM:
        yield Finding("critical", "disk", seen, f"make room on the file system of {there}")
    elif free < outbox_mb * MEGABYTE:
        remedy = f"make room, or lower [state] outbox_mb ({outbox_mb:g}): headquarters may be away for long"
        yield Finding("warning", "disk", seen, remedy)
    else:
        yield Finding("ok", "disk", seen)


def journal(folder: Path) -> Iterator[Finding]:
    """Whether the store is whole; it is only read, also while a daemon writes to it. Nothing where there is none."""
    file = folder / "lobbyd.db"
    try:
        if not file.exists():
            return
        way = "mode=ro" if file.with_name("lobbyd.db-wal").exists() else "immutable=1"  # which leaves nothing behind
        with closing(sqlite3.connect(f"file:{quote(str(file))}?{way}", uri=True)) as db:
            said = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            events = db.execute("SELECT count(*) FROM journal").fetchone()[0]
    except (sqlite3.Error, OSError) as fault:
        remedy = "ask as root or as the daemon's user; if it still cannot be read, move it aside to start afresh"
        yield Finding("critical", "journal", f"{file} cannot be read: {fault}", remedy)
        return
    if said == "ok":
        yield Finding("ok", "journal", f"intact, {events} events")
    else:
        yield Finding("critical", "journal", f"{file} is damaged: {said}", "move it aside to start afresh")


# ---- unit and pages ----


def unit() -> Iterator[Finding]:
    """What systemd says of the daemon's unit; nothing on a machine without systemd."""
    systemctl = shutil.which("systemctl")
    if systemctl is None or not Path("/run/systemd/system").is_dir():
        return
    command = [systemctl, "show", UNIT, "--property=LoadState,ActiveState,SubState,UnitFileState,NRestarts"]
    try:
        said = subprocess.run(  # noqa: S603 (systemd's own, asked a fixed question)
            command, capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as fault:
        yield Finding("warning", "unit", f"systemd cannot be asked: {fault}", "ask as root")
        return
    yield of_unit(dict(line.partition("=")[::2] for line in said.splitlines()))


def of_unit(said: Mapping[str, str]) -> Finding:
    """The finding of what `systemctl show` says."""
    if said.get("LoadState") != "loaded":
        return Finding("warning", "unit", "lobbyd.service is not installed", "run systemd/install.sh as root")
    state = f"{said.get('ActiveState')} ({said.get('SubState')})"
    if said.get("ActiveState") == "failed":
        return Finding("critical", "unit", state, "journalctl -u lobbyd says why; mend it and: systemctl start lobbyd")
    if said.get("UnitFileState") != "enabled":
        return Finding("warning", "unit", f"{state}, not started at boot", "systemctl enable --now lobbyd")
    if said.get("ActiveState") != "active":
        return Finding("warning", "unit", state, "systemctl start lobbyd")
    return Finding("ok", "unit", f"{state}, {said.get('NRestarts', '0')} restarts")


def pages(listen: str) -> Iterator[Finding]:
    """Whether the pages could be served there; for when no daemon of ours does."""
    if not listen:
        return
    host, _, port = listen.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        with socket.create_server((bare, int(port)), family=socket.AF_INET6 if ":" in bare else socket.AF_INET):
            yield Finding("ok", "pages", f"{listen} is free")
    except OSError as fault:
        why = f"{listen} is not to be had: {os.strerror(fault.errno) if fault.errno else fault}"
        yield Finding("critical", "pages", why, f"stop what listens there (ss -ltnp 'sport = :{port}') or change [web]")
