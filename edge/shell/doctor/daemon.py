"""What the running daemon sees: its ports are its own, so it is asked and they are not opened a second time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.core.apply.devices import UNHEARD_OF
from edge.shell.doctor.finding import Finding, in_halves
from edge.shell.health import LOST, SILENT, UNSAID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.config import Loaded
    from edge.shell.doctor.finding import Level

_LEVELS: Final[Mapping[str, Level]] = {"ok": "ok", "degraded": "warning", "down": "critical", "unknown": "critical"}
_REMEDIES: Final[Mapping[str, str]] = {
    LOST: "its link's own line says why",
    SILENT: "is it on, is A on A and B on B, and is its address the configured one?",
    UNHEARD_OF: "is it on, and its agent running?",
    UNSAID: "it has not spoken since the start: is it on?",
}
"""Of a device that is unknown, by what the daemon says of it."""


def sees(loaded: Loaded, view: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings of the daemon's own picture, `/api/view`."""
    health, devices = view["health"], {device["device"]: device for device in view["devices"]}
    yield Finding("ok", "daemon", f"running, version {health['version']}; its ports are its own, so it is asked")
    troubled = set()
    for problem in health["problems"]:
        about, _, sentence = problem.partition(": ")
        troubled.add(about)
        level: Level = "warning" if about == "hq" else "critical"  # without headquarters the branch goes on for weeks
        yield in_halves(level, about, sentence or problem, "its log has the rest: journalctl -u lobbyd")
    for section in ("broker", "hq"):
        if getattr(loaded.branch, section) is not None and section not in troubled:
            yield Finding("ok", section, "the daemon is connected to it")
    for bus in loaded.buses:
        for device in bus.devices:
            yield _device(device.id, bus.driver, devices.get(device.id))


def _device(id: str, driver: str, told: Mapping[str, Any] | None) -> Finding:
    about = f"device {id}"
    if told is None:
        return Finding("warning", about, "the daemon has not heard of it yet", _REMEDIES[UNSAID])
    state, detail = told["state"], told["detail"]
    if state == "ok":
        return Finding("ok", about, ", ".join(filter(None, ("ok", detail))))
    remedy = _REMEDIES.get(detail, f"the page of {driver} in docs/devices says what that means")
    return Finding(_LEVELS[state], about, ", ".join(filter(None, (state, detail))), remedy)
