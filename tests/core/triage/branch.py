"""A small branch for the tests of triage: three windows, one recycler, the delivered rules, a play to act it out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from edge.core.commands import Command, Ignore, PromptRecord, PublishPrompt, RepeatPrompt
from edge.core.instant import seconds
from edge.core.policy import DevicePlan, Policy, Service, WindowPlan
from edge.core.triage.book import load
from edge.core.wording import Text
from tests.play import Play

if TYPE_CHECKING:
    from edge.core.events import DeviceKind
    from edge.core.hall import Hall
    from edge.core.triage.rule import Rule

FOLDER = Path(__file__).resolve().parents[3] / "config" / "rules"
FILES: dict[str, dict[str, Any]] = {
    file.name: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml"))
}
NAME = Text("名", "name")
SERVICES = {
    "cash": Service("cash", NAME, frozenset({"recycler", "atm"}), 240.0),
    "account": Service("account", NAME, frozenset({"kiosk"}), 600.0),
    "corporate": Service("corporate", NAME, frozenset(), 600.0),
}
WINDOWS = {id: WindowPlan(id, ("cash", "account", "corporate")) for id in ("1", "2", "3")}
DEVICES = {
    id: DevicePlan(id, cast("DeviceKind", id.partition("-")[0]), stale=seconds(1_000_000))
    for id in ("recycler-1", "kiosk-1", "board-1")
}
STAFF = {"lobby_manager": ("lm-1",), "branch_head": ("bh-1",), "supervisor": ("os-1",)}


def delivered(*only: str, **tuning: dict[str, Any]) -> tuple[Rule, ...]:
    """The delivered rules (of these ids, or all), tuned: `secondary_triage={"wait_s": 300}`."""
    rules, faults = load(FILES, {id.replace("_", "-"): keys for id, keys in tuning.items()})
    assert not faults
    return tuple(rule for rule in rules if not only or rule.id in only)


def policy(*only: str, **tuning: dict[str, Any]) -> Policy:
    """The branch with these rules."""
    return Policy(
        services=SERVICES,
        windows=WINDOWS,
        devices=DEVICES,
        staff=STAFF,
        rules=delivered(*only, **tuning),
        configured=True,
    )


def unconfigured(*only: str) -> Policy:
    """No configuration, the delivered rules."""
    return Policy(rules=delivered(*only))


def play(chosen: Policy, hall: Hall | None = None, *, windows: int = 1, device: str | None = "ok") -> Play:
    """The branch at nine: so many windows open, each serving somebody since then; the recycler known to work."""
    scene = Play(chosen, hall)
    for number in range(1, windows + 1):
        scene.open("9:00", str(number), "cash", "account", "corporate")
        scene.issue("9:00", f"S{number}")
        scene.call("9:00", f"S{number}", str(number))
    if device is not None:
        scene.device("9:00", "recycler-1", device)
    return scene


def crowd(scene: Play, clock: str, count: int, first: int = 1, service: str = "cash", **more: Any) -> list[Command]:
    """So many tickets at once: A1, A2, …; returns what followed."""
    issued = [scene.issue(clock, f"A{number}", service, **more) for number in range(first, first + count)]
    return [command for commands in issued for command in commands]


def leave(scene: Play, clock: str, *numbers: int) -> list[Command]:
    """Tickets A… leave."""
    return [command for number in numbers for command in scene.cancel(clock, f"A{number}")]


def records(commands: list[Command]) -> list[PromptRecord]:
    """The changes of prompts among commands; what is only said again is none."""
    return [c.record for c in commands if isinstance(c, PublishPrompt) and not isinstance(c, RepeatPrompt)]


def states(commands: list[Command]) -> list[tuple[str, str]]:
    """(prompt, state) of every change."""
    return [(record.prompt, record.state) for record in records(commands)]


def repeats(commands: list[Command]) -> list[str]:
    """The prompts that are said again."""
    return [c.record.prompt for c in commands if isinstance(c, RepeatPrompt)]


def ignored(commands: list[Command]) -> list[str]:
    """Why actions were ignored."""
    return [c.reason for c in commands if isinstance(c, Ignore)]


def with_staff(chosen: Policy, **staff: tuple[str, ...]) -> Policy:
    """The same branch with other people."""
    return replace(chosen, staff=staff)
