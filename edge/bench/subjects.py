"""What the hot path is measured on: two echoes, and the daemon with events that raise prompts or do not."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.bench import bare, branch, echo
from edge.bench.processes import STARTS_WITHIN_S, Failed, child, daemon, last_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATES: Final = ("down", "ok")
"""An ATM fails and works again: a prompt is raised, then cleared, and each change is one record on its topic."""

PROMPTS: Final = f"lobby/{branch.ID}/prompt/"
RULE: Final = "device-down"
QUIET: Final = 9
"""Repeated reports before one that changes something: they are journalled, and nothing follows from them."""

SUBJECT_CORE: Final = 1


def report(state: str) -> bytes:
    """What an ATM's agent says of it, about 200 bytes."""
    return (
        b'{"state": "%b", "parts": {"dispenser": "%b", "printer": "ok", "reader": "ok", "pinPad": "ok"}, '
        b'"detail": "as told by the service of the device", "at": "2026-03-02T10:15:00+08:00"}'
    ) % (state.encode(), b"inoperative" if state == "down" else b"ok")


class Echo(Struct, frozen=True):
    """A program that sends every payload back on another topic."""

    name: str
    pid: int
    topics: tuple[str, str]
    burst: int = 1

    def messages(self, lane: int) -> Iterator[tuple[str, bytes]]:
        """The same report every time."""
        yield f"{self.topics[0]}{lane}", report("down")

    def lane_of(self, topic: str, payload: bytes) -> int | None:
        """The lane is the last level of the topic."""
        head = self.topics[1]
        return int(topic[len(head) :]) if topic.startswith(head) else None


class Prompting(Struct, frozen=True):
    """The daemon; every report of an ATM changes what is known of it, and a prompt with it."""

    name: str
    pid: int
    reports: dict[int, int]
    burst: int = 1

    def messages(self, lane: int) -> Iterator[tuple[str, bytes]]:
        """Repeats of the last report, if any are wanted, and then the contrary."""
        count = self.reports[lane] = self.reports.get(lane, 0) + 1
        for _ in range(self.burst - 1):
            yield branch.status_topic(lane), report(STATES[count % 2])
        yield branch.status_topic(lane), report(STATES[(count + 1) % 2])

    def lane_of(self, topic: str, payload: bytes) -> int | None:
        """The ATM whose prompt has changed; taking the ended prompt off the broker (an empty payload) is no record."""
        if not payload or not topic.startswith(PROMPTS):
            return None
        rule, device, _ = topic[len(PROMPTS) :].split(".")
        return int(device.removeprefix("atm-")) if rule == RULE else None


@contextmanager
def subjects(folder: Path, port: int, machines: int) -> Iterator[tuple[Echo, Echo, Prompting, Prompting]]:
    """All of them, running on a core of their own against the broker at `port`: adapter, bare, prompting, journalling.

    The two last are one daemon, whose journal is in the working directory's file system.
    """
    with ExitStack() as stack:
        echoing = stack.enter_context(_echo(folder, port, "edge.bench.echo"))
        bareing = stack.enter_context(_echo(folder, port, "edge.bench.bare"))
        pid = stack.enter_context(daemon(_configured(folder, port, machines), folder, core=SUBJECT_CORE))
        reports: dict[int, int] = {}
        yield (
            Echo("echo, our adapter", echoing, (echo.IN, echo.OUT)),
            Echo("bare echo", bareing, (bare.IN, bare.OUT)),
            Prompting("daemon", pid, reports),
            Prompting("daemon, journal only", pid, reports, burst=QUIET + 1),
        )


def _configured(folder: Path, port: int, machines: int) -> Path:
    tables = branch.table(
        folder / "state",
        broker={"url": f"mqtt://127.0.0.1:{port}"},
        devices=branch.machines(machines),
        rules={RULE: {"cooldown_s": 0}},
        load={"prompts": 0},
    )
    return branch.written(folder / "branch.toml", tables)


@contextmanager
def _echo(folder: Path, port: int, module: str) -> Iterator[int]:
    log = folder / f"{module}.log"
    with child([sys.executable, "-m", module, str(port)], log, core=SUBJECT_CORE) as process:
        limit = time.perf_counter() + STARTS_WITHIN_S
        while "listening" not in log.read_text(encoding="utf-8"):
            if process.poll() is not None or time.perf_counter() > limit:
                raise Failed(f"{module} does not listen: {last_words(log)}")
            time.sleep(0.02)
        yield process.pid
