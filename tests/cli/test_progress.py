"""Long work says how far it has come on a terminal, takes it back, and is quiet in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from edge.cli.progress import EVERY

if TYPE_CHECKING:
    from pathlib import Path

ISSUED = '{{"type": "ticket.issued", "at": "2026-03-02T09:00:00+08:00", "ticket": "A{}", "service": "cash"}}\n'
BACK = "\r\x1b[K"


def replayed(log: Path, *, terminal: bool) -> str:
    """What a replay says on its standard error."""
    ours, theirs = os.openpty() if terminal else os.pipe()
    command = [sys.executable, "-m", "edge", "replay", str(log)]
    ended = subprocess.run(command, stderr=theirs, stdout=subprocess.DEVNULL, check=False)
    os.write(theirs, b"\x00")
    os.close(theirs)
    said = b""
    while not said.endswith(b"\x00"):
        said += os.read(ours, 4096)
    os.close(ours)
    return f"{ended.returncode} {said[:-1].decode()}"


def test_a_replay_tells_its_lines_and_share_on_a_terminal_and_takes_it_back(tmp_path: Path) -> None:
    log = tmp_path / "day.jsonl"
    log.write_text("".join(ISSUED.format(n) for n in range(2 * EVERY)))
    said = replayed(log, terminal=True)

    assert f"{BACK}replay: {EVERY} lines, 50%" in said or f"{BACK}replay: {EVERY} lines, 49%" in said
    assert said.endswith(BACK)
    assert replayed(log, terminal=False) == "0 "


def test_a_fault_is_not_said_behind_it(tmp_path: Path) -> None:
    log = tmp_path / "day.jsonl"
    log.write_text("".join(ISSUED.format(n) for n in range(EVERY)) + "nonsense\n")
    said = replayed(log, terminal=True)

    assert said.startswith("2 ")
    assert f"lines, 100%{BACK}lobbyd" in said or f"lines, 99%{BACK}lobbyd" in said
