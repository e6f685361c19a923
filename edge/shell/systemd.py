"""The service manager's side of the daemon: sd_notify(3) and the watchdog's interval; without systemd, nothing."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MICROSECONDS: Final = 1_000_000


def notify(*, environ: Mapping[str, str] = os.environ, **state: object) -> bool:
    """Tells systemd, as `notify(ready=1, status="…")`, `watchdog=1`, `reloading=1`, `stopping=1`; False if untold."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    message = "\n".join(f"{key.upper()}={' '.join(str(value).split())}" for key, value in state.items())
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as sock:
            sock.sendto(message.encode(), address)
    except OSError:  # a manager too busy to listen hears the next beat; one beat lost is what the interval allows for
        return False
    return True


def beat_every_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often to send WATCHDOG=1, half of what systemd allows as sd_watchdog_enabled(3) advises; None: not wanted."""
    interval, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not interval.isdecimal() or (pid and pid != str(os.getpid())):
        return None
    return int(interval) / _MICROSECONDS / 2 or None
