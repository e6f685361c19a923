"""Serial ports: pyserial opens and configures them, for us alone; the event loop carries the bytes."""

from __future__ import annotations

import errno
import grp
import os
import termios
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import serial
import structlog
from serial.rs485 import RS485Settings

from edge.shell.links.stream import LinkLost, Pipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.config.links import SerialLink

_START_BIT: Final = 1
_BUSY: Final = frozenset({errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})
_MISSING: Final = frozenset({errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ENOTDIR})

log = structlog.get_logger("serial")


@asynccontextmanager
async def open_serial(link: SerialLink) -> AsyncIterator[Pipe]:
    """The open port; LinkLost says in one sentence why it is not to be had, and what to do."""
    try:
        port = _open(link)
    except (OSError, termios.error) as fault:
        raise LinkLost(refusal(link.path, fault)) from fault
    pipe = Pipe(port.fileno(), link.path, seconds_per_byte=seconds_per_byte(link), echoes=link.echo)
    try:
        yield pipe
    finally:
        pipe.release()
        _close(port)


def seconds_per_byte(link: SerialLink) -> float:
    """How long one byte is on the wire, with its start, parity and stop bits."""
    return (_START_BIT + link.bits + (link.parity != "N") + link.stop) / link.baud


def refusal(path: str, fault: BaseException) -> str:
    """Why a port cannot be opened, and what to do: one sentence for the log and for `doctor`."""
    number = getattr(fault, "errno", None)
    if number in _MISSING:
        return f"{path}: there is no such device; is it plugged in? It is looked for every second"
    if number in _FORBIDDEN:
        return f"{path}: not permitted; it belongs to group {_group(path)}: have the daemon run with that group"
    if number in _BUSY:
        holders = ", ".join(_holders(path)) or f"another program (sudo fuser -v {path} names it)"
        return f"{path}: is in use by {holders}; stop that, a port has one owner"
    return f"{path}: cannot be used as a serial port: {fault}"


def _open(link: SerialLink) -> serial.Serial:
    port = serial.Serial(
        link.path,
        baudrate=link.baud,
        bytesize=link.bits,
        parity=link.parity,
        stopbits=link.stop,
        timeout=0,
        exclusive=True,  # by flock(2), which a killed daemon gives back; root's programs would pass TIOCEXCL anyway
    )
    try:
        _let_a_hangup_show(port.fileno())
    except BaseException:
        port.close()
        raise
    if link.rs485:
        _drive_direction(port, link.path)
    return port


def _let_a_hangup_show(fd: int) -> None:
    """With pyserial's VMIN 0 an idle port reads like one that hung up: nothing. With 1 it says EAGAIN (termios(3))."""
    settings = termios.tcgetattr(fd)
    settings[6][termios.VMIN] = 1
    settings[6][termios.VTIME] = 0
    termios.tcsetattr(fd, termios.TCSANOW, settings)


def _drive_direction(port: serial.Serial, path: str) -> None:
    """Has the kernel raise RTS while it sends (TIOCSRS485); adapters that switch by themselves know no such call."""
    try:
        port.rs485_mode = RS485Settings(rts_level_for_tx=True, rts_level_for_rx=False)
    except (OSError, ValueError) as fault:
        log.warning(
            "rs485=1 has no effect on this port; adapters that switch by themselves need none",
            port=path,
            reason=str(fault),
        )


def _close(port: serial.Serial) -> None:
    """Closes without waiting for bytes nobody takes: the kernel would hold us up to 30 s (closing_wait, tty_port.c)."""
    with suppress(OSError, termios.error):  # of a port that is gone there is nothing to throw away
        termios.tcflush(port.fileno(), termios.TCIOFLUSH)
    port.close()


def _group(path: str) -> str:
    try:
        return grp.getgrgid(Path(path).stat().st_gid).gr_name
    except (OSError, KeyError):
        return "unknown"


def _holders(path: str) -> list[str]:
    """The programs that have the node open, as far as /proc may be read; none inside the unit's sandbox."""
    node = os.path.realpath(path)
    holders = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is not ours to look into
            if any(os.path.realpath(fd) == node for fd in (process / "fd").iterdir()):
                holders.append(f"{(process / 'comm').read_text().strip()} (process {process.name})")
    return holders
