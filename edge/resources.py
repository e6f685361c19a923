"""Where the files that travel with the program are: beside the code when installed, in `config/` of a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).resolve().parent


def config_dir() -> Path:
    """The folder of the delivered configuration: `branch.toml`, `demo.toml`, `rules/`, `texts/`, `mosquitto/`."""
    installed = _HERE / "_config"
    return installed if installed.is_dir() else _HERE.parent / "config"
