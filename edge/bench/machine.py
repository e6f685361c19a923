"""What the figures were measured on: without it an absolute figure says nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from edge.bench.broker import mosquitto_path


def described() -> dict[str, str]:
    """The machine and the programs that matter, by their names."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{_model()}, {os.cpu_count()} cores",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "paho-mqtt": metadata.version("paho-mqtt"),
        "mosquitto": _mosquitto(),
        "load average": f"{os.getloadavg()[0]:.2f}",
    }


def _model() -> str:
    """The processor as the kernel names it (proc(5), cpuinfo)."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return " ".join(value.split())
    return platform.machine()


def _mosquitto() -> str:
    """The first line of its help names its version."""
    path = mosquitto_path()
    if path is None:
        return "none"
    said = subprocess.run([path, "-h"], capture_output=True, text=True, check=False).stdout
    return said.partition("\n")[0].removeprefix("mosquitto version ").strip()
