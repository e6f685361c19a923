"""The files a device wants beside the configuration: the clips of an announcer.

The daemon does without those that are missing or wrong, as well as it can; `lobbyd check` names them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge import driver as drivers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.config.models import Branch
    from edge.core.wording import Text
    from edge.driver import Device

CALLS: Final = ("V01", "V02")
"""The texts that are called aloud."""

FILES_MOST: Final = 512
BYTES_MOST: Final = 4 * 1024 * 1024


class BadFolder(Exception):
    """A folder cannot be read; the message is one sentence that says why."""


def read(folder: str) -> dict[str, bytes]:
    """The files of a folder by their names; BadFolder where it, or one of them, cannot be read or is out of bounds."""
    found: dict[str, bytes] = {}
    try:
        for path in sorted(path for path in Path(folder).iterdir() if path.is_file()):
            if path.stat().st_size > BYTES_MOST or len(found) == FILES_MOST:
                raise BadFolder(f"{path}: accepted: up to {FILES_MOST} files of up to {BYTES_MOST >> 20} MB each")
            found[path.name] = path.read_bytes()
    except OSError as fault:
        raise BadFolder(f"{fault.filename or folder}: cannot be read: {fault.strerror}") from fault
    return found


def faults(config: Branch, devices: Mapping[str, Device], words: Mapping[str, Text]) -> Iterator[str]:
    """What is wrong with them, each with its key and file; `devices` are those whose settings are sound."""
    texts = [words[id] for id in CALLS if id in words]
    for id, device in devices.items():
        driver = config.devices[id].driver
        find = getattr(drivers.load(driver), "faults", None) if driver and device.settings is not None else None
        folder = getattr(device.settings, "clips", "")
        if find is None or not folder:
            continue
        try:
            found = [f"{folder}: {fault}" for fault in find(device.settings, read(folder), texts)]
        except BadFolder as fault:
            found = [str(fault)]
        yield from (f"devices.{id}.settings.clips: {fault}" for fault in found)
