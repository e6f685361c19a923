"""The daemon in a few figures: what `lobbyd status` prints, made from the same view as the pages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from edge.core.instant import in_seconds, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.web.ports import View


def status(view: View, streams: int) -> Mapping[str, Any]:
    """The figures; durations in seconds. `state` is `ok`, `warning` or `critical`, `problems` says why."""
    health, now = view["health"], parse(view["at"])
    prompts = Counter(prompt["priority"] for prompt in view["prompts"])
    return {
        "state": health["state"],
        "problems": health["problems"],
        "at": view["at"],
        "branch": view["branch"]["id"],
        "name": view["branch"]["name"],
        "version": health["version"],
        "uptime_s": in_seconds(now - parse(health["started_at"])),
        "waiting": len(view["waiting"]),
        "longest_wait_s": max((in_seconds(now - parse(t["since"])) for t in view["waiting"]), default=0.0),
        "windows": _states(window["state"] for window in view["windows"]),
        "devices": _states(device["state"] for device in view["devices"]),
        "prompts": {"open": prompts.total(), "urgent": prompts["urgent"], "high": prompts["high"]},
        "pages": streams,
        "figures": view["figures"],
        "counters": health["counters"],
    }


def _states(states: Any) -> Mapping[str, int]:
    return dict(sorted(Counter(states).items()))
