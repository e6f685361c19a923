"""`lobbyd status`: what the running daemon sees, for people and for monitoring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.web.local import SOCKET, NoDaemon, Silent, figures

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

HELP = (
    "Asks the running daemon over its socket and says in one line how it is, then the details.\n"
    "Exit codes as Nagios has them: 0 ok, 1 warning, 2 critical, 3 unknown (no daemon to ask)."
)
EXAMPLE = "lobbyd status --json"

CODES: Final[Mapping[str, int]] = {"ok": 0, "warning": 1, "critical": 2}
UNKNOWN: Final = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--json", action="store_true", help="prints the figures as one JSON object")
    parser.add_argument("--socket", type=Path, default=SOCKET, metavar="PATH", help="the daemon's socket (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Prints the status; returns its Nagios code."""
    try:
        status = figures(args.socket, "/api/status")
    except Silent as fault:
        return _without(args, "critical", CODES["critical"], str(fault))
    except NoDaemon as fault:
        return _without(args, "unknown", UNKNOWN, str(fault))
    print(json.dumps(status, ensure_ascii=False) if args.json else "\n".join(_lines(status)))
    return CODES.get(status["state"], UNKNOWN)


def _without(args: argparse.Namespace, state: str, code: int, sentence: str) -> int:
    print(json.dumps({"state": state, "problems": [sentence]}) if args.json else f"{state.upper()} - {sentence}")
    return code


def _lines(status: Mapping[str, Any]) -> Iterator[str]:
    prompts, windows, devices = status["prompts"], status["windows"], status["devices"]
    troubled = sum(count for state, count in devices.items() if state != "ok")
    performance = {
        "waiting": status["waiting"],
        "longest_wait_s": round(status["longest_wait_s"]),
        "prompts": prompts["open"],
        "urgent": prompts["urgent"],
        "windows_open": windows.get("open", 0),
        "devices_troubled": troubled,
        "pages": status["pages"],
    }
    sentences = [
        f"{status['waiting']} waiting (longest {_span(status['longest_wait_s'])})",
        f"{prompts['open']} prompts open ({prompts['urgent']} urgent, {prompts['high']} high)",
        f"{windows.get('open', 0)} of {sum(windows.values())} windows open",
        f"{troubled} of {sum(devices.values())} devices in trouble",
    ]
    measured = " ".join(f"{name}={value}" for name, value in performance.items())
    yield f"{status['state'].upper()} - {status['branch']}: {', '.join(sentences)} | {measured}"
    yield from (f"problem: {problem}" for problem in status["problems"])
    yield f"up {_span(status['uptime_s'])}, version {status['version']}, {status['pages']} pages listening"
    yield f"windows: {_counted(windows)}"
    yield f"devices: {_counted(devices)}"
    if status["figures"]:
        yield from _waits(status["figures"]["waits"])
    if status["counters"]:
        yield f"counters: {_counted(status['counters'])}"


def _waits(scores: Mapping[str, Any]) -> Iterator[str]:
    """How good the forecasts were, the day first, then each hour."""
    yield f"forecasts today: {_score(scores['day'])}"
    yield from (f"forecasts {hour['since'][11:16]}: {_score(hour)}" for hour in scores["hours"])


def _score(score: Mapping[str, Any]) -> str:
    off, naive = f"off by {score['mae_s']:.0f} s", f"naive {score['naive_mae_s']:.0f} s"
    inside = f"{100 * score['coverage']:.0f} % within the 80 % interval"
    return f"{score['tickets']} called, {off} ({naive}), bias {score['bias_s']:+.0f} s, {inside}"


def _counted(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _span(duration_s: float) -> str:
    minutes = int(duration_s // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004 (an hour)
