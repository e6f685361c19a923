"""A mosquitto of the benchmark's own, with the settings we deliver."""

from __future__ import annotations

import os
import shutil
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from edge import resources
from edge.bench.processes import STARTS_WITHIN_S, Failed, child, free_port, last_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OURS: Final = ("listener", "allow_anonymous", "password_file", "persistence_location")
"""Settings of the delivered file that a benchmark must give itself: where to listen, and for whom."""


class Missing(Exception):
    """Something the benchmark needs is not on this machine; the message says what to do."""


def mosquitto_path() -> str | None:
    """Where the broker is; Debian keeps it in /usr/sbin, outside an ordinary user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def mosquitto(folder: Path, *, core: int | None = None) -> Iterator[int]:
    """Runs the broker for as long as the context lasts; yields its port, on the loopback. Missing without one."""
    path = mosquitto_path()
    if path is None:
        raise Missing("mosquitto is not on this machine; install it (apt install mosquitto)")
    folder.mkdir()
    port, config, log = free_port(), folder / "mosquitto.conf", folder / "mosquitto.log"
    config.write_text(_settings(folder, port), encoding="utf-8")
    with child([path, "-c", config], log, core=core):
        _wait(port, log)
        yield port


def _settings(folder: Path, port: int) -> str:
    delivered = (resources.config_dir() / "mosquitto" / "branch.conf").read_text(encoding="utf-8").splitlines()
    kept = [line for line in delivered if line and not line.startswith(("#", *_OURS))]
    own = [f"listener {port} 127.0.0.1", "allow_anonymous true", f"persistence_location {folder}/"]
    if os.geteuid() == 0:
        own.append("user root")  # else it would change to its own user, who may not write into the folder
    return "\n".join(kept + own) + "\n"


def _wait(port: int, log: Path) -> None:
    limit = time.perf_counter() + STARTS_WITHIN_S
    while time.perf_counter() < limit:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise Failed(f"mosquitto does not listen on port {port}: {last_words(log)}")
