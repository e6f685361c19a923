"""Runs a program that ends with whoever started it: `python -m edge.sim.leash PID PROGRAM ARGUMENT…`.

PID is the starter's. The kernel ends the program when its starter is gone, however that went (prctl(2),
PR_SET_PDEATHSIG, on Linux alone; elsewhere the program runs without a leash). The program keeps the process id.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_PR_SET_PDEATHSIG: Final = 1


def leashed(command: Sequence[str]) -> list[str]:
    """The command that runs `command` on a leash of this process."""
    return [sys.executable, "-m", __spec__.name, str(os.getpid()), *command]


def main(starter: str, *command: str) -> None:
    """Becomes the program; returns when the starter is gone already."""
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == int(starter):
        os.execv(command[0], command)  # noqa: S606 (no shell, as wanted)


if __name__ == "__main__":
    main(*sys.argv[1:])
