"""Each part of the wait estimate left out, on recorded days: what it is worth. Not a test; `--help` says how to run it.

A folder of days is scored by group: the name before "-s1", "-s2" … is a group, else the folder is one. With
`NAME.branch.toml` beside a day its roster is used, unless `--unconfigured`; with `--memory PATTERN` the days of a group
that match are replayed first, in order, and the others start from what those have taught. With `--every-class` every
window lists every class of its day, in the roster and when it opens, whatever it takes in truth. Scored as by whoever
judges waits from outside: every ticket first called after a wait, by the figures told at its issue.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from math import exp, inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from edge import replay, snapshot
from edge.config import load
from edge.core import events as ev
from edge.core import wire
from edge.core.engine import Engine
from edge.core.hall import Hall
from edge.core.waiting import Learnt, calls, capacity, correction, discipline, line, pace, roster, route, turnaround
from edge.core.waiting import learnt as learnt_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge.core.policy import Policy
    from edge.core.waiting.flow import Flow
    from edge.core.waiting.spread import Figures

NOTHING_KNOWN: Figures = (0.0, 0.0, 0.0, 0.0)
Parts = dict[str, list[tuple[Any, str, Any]]]


def _memoryless(self: pace.Pace, service: str, slowness: float, elapsed_s: float) -> float:
    return slowness * self.cost(service).served_s + self.gap_s


def _at_any_moment(self: pace.Pace, service: str, slowness: float, elapsed_s: float, left_s: float) -> calls.Law:
    del self, service, slowness, elapsed_s
    return [*((s, 1.0 - exp(-s / left_s)) for s in calls.STEPS_S), (calls.STEPS_S[-1] + left_s, 1.0)]


_course = route.Route._course


def _unforeseen(self: route.Route) -> tuple[Figures, Flow]:
    _, flow = _course(self)
    self._excess_s = 0.0
    return NOTHING_KNOWN, flow


_call_law = turnaround.Turnaround.call_law


def _not_yet_silent(self: turnaround.Turnaround, free_s: float, missed_s: float) -> calls.Law:
    return _call_law(self, free_s, 0.0)


PARTS: Parts = {
    "nothing": [],
    "hours, planned or learnt": [
        (roster.Roster, "spans", lambda *_: []),
        (roster.Roster, "of", lambda *_: (float("inf"), [])),
    ],
    "hours learnt": [(roster.Roster, "_learn", lambda *_: None)],
    "tiers": [(discipline.Discipline, "lead", lambda *_: 0)],
    "how far tiers go first, learnt": [(discipline.Discipline, "called", lambda *_: None)],
    "who comes later and goes first": [(line.Line, "_give_way", lambda *_: None)],
    "time a service has lasted": [(pace.Pace, "left_s", _memoryless), (pace.Pace, "call_law", _at_any_moment)],
    "law of a service's end, beyond its mean": [(pace.Pace, "call_law", _at_any_moment)],
    "the earliest of several calls": [
        (route.Route, "_course", _unforeseen),
        (route.Route, "_bounded", lambda _, figures, *__: figures),
    ],
    "services under way as observations": [(line, "under_way", lambda *_: {})],
    "service time of a tier": [(pace.Pace, "share", lambda *_: 1.0)],
    "pace of each window": [(learnt_module, "WINDOW_WEIGHT", 1e15)],
    "people who leave": [(pace, "PATIENCE_S", 1e15)],
    "absent tickets": [(pace.Pace, "_brief", lambda *_: (0.0, 0.0))],
    "silence of a free window": [(turnaround.Turnaround, "call_law", _not_yet_silent), (capacity, "ABSENT_S", inf)],
    "classes a window passes over": [(learnt_module, "PASSED_MOST", 1 << 30)],
    "correction of the median": [(correction, "STEP", 0.0), (correction, "TRUST", 0.0)],
    "stretch of the interval": [(correction, "SPREAD", 0.0)],
}


@contextmanager
def without(part: str) -> Iterator[None]:
    """The engine as it is without one part."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in PARTS[part]]
    for owner, name, value in PARTS[part]:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


@dataclass(frozen=True)
class Setting:
    """What is known beforehand: the days to learn from first, whether there is a roster, and what windows list."""

    memory: str | None = None
    configured: bool = True
    every_class: bool = False

    def taught_by(self, log: Path) -> bool:
        """Whether the day is one to learn from and not to score."""
        return self.memory is not None and fnmatch(log.stem, self.memory)

    def policy(self, log: Path) -> Policy:
        """What is known of the branch; its rules are left out, because they predict nothing."""
        config = log.with_name(f"{log.stem}.branch.toml")
        if not (self.configured and config.exists()):
            with log.open("rb") as lines:
                zone = next(zone for text in lines if (zone := wire.offset_of_line(text)) is not None)
            return replace(replay.without_configuration(zone), rules=())
        policy = replace(load(config).policy, rules=())
        if self.every_class:
            windows = {id: replace(plan, services=tuple(policy.services)) for id, plan in policy.windows.items()}
            policy = replace(policy, windows=windows)
        return policy

    def events(self, log: Path) -> list[ev.Event]:
        """The day as it is told."""
        with log.open("rb") as lines:
            events = [event for _, event in replay.events_of(lines, None)]
        if not self.every_class:
            return events
        classes = tuple(sorted({event.service for event in events if isinstance(event, ev.TicketIssued)}))
        return [replace(event, services=classes) if isinstance(event, ev.WindowOpened) else event for event in events]


def said(events: Iterable[ev.Event], policy: Policy, learnt: Learnt) -> tuple[list[dict[str, Any]], Learnt]:
    """The predictions of one day, and what it has taught."""
    out: list[dict[str, Any]] = []
    job = replay.Replay(Engine(policy, Hall(learnt=learnt)), predict=lambda text: out.append(json.loads(text)))
    for event in events:
        job.feed(event)
    job.end()
    return out, job.engine.hall.learnt


def errors(events: Iterable[ev.Event], predictions: list[dict[str, Any]]) -> Iterator[tuple[float, float]]:
    """(absolute error of the median, interval score) of every ticket that waited."""
    issued: dict[str, int] = {}
    called: dict[str, int] = {}
    for event in events:
        if isinstance(event, ev.TicketIssued):
            issued.setdefault(event.ticket, event.at)
        elif isinstance(event, ev.TicketCalled):
            called.setdefault(event.ticket, event.at)
    first: dict[str, dict[str, Any]] = {}
    for told in predictions:
        first.setdefault(told["ticket"], told)
    for ticket, at in called.items():
        wait_s = (at - issued.get(ticket, at)) / 1e6
        if wait_s > 0.0:
            low_s, middle_s, high_s = (first[ticket][key] for key in ("wait_p10", "wait_p50", "wait_p90"))
            beyond_s = max(low_s - wait_s, 0.0) + max(wait_s - high_s, 0.0)
            yield abs(middle_s - wait_s), high_s - low_s + 10.0 * beyond_s


def scores(logs: list[Path], setting: Setting) -> dict[str, tuple[float, float]]:
    """Mean absolute error and interval score by group."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for log in logs:
        groups[re.sub(r"-s\d+$", "", log.stem) if re.search(r"-s\d+$", log.stem) else log.parent.name].append(log)
    found = {}
    for group, days in groups.items():
        learnt, policy = Learnt(), setting.policy(days[0])
        for day in filter(setting.taught_by, days):
            learnt = said(setting.events(day), policy, learnt)[1]
        kept = snapshot.dump(learnt)
        rows: list[tuple[float, float]] = []
        for day in days:
            if not setting.taught_by(day):
                events = setting.events(day)
                rows += errors(events, said(events, policy, snapshot.load_learnt(kept))[0])
        count = len(rows)
        found[group] = (sum(error for error, _ in rows) / count, sum(score for _, score in rows) / count)
    return found


def tell(*cells: str) -> None:
    """One row of the table, as soon as it is known."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def main(words: list[str] | None = None) -> int:
    """Prints a Markdown table: by how much the error (and the interval score) grows without each part, in per cent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("days", type=Path, nargs="+", help="event logs, or folders of them")
    parser.add_argument("--memory", metavar="PATTERN", help="days to learn from first, such as '*-s1[1-5]'")
    parser.add_argument("--unconfigured", action="store_true", help="no roster: as on a first morning")
    parser.add_argument("--every-class", action="store_true", help="every window lists every class")
    parser.add_argument("--nth", type=int, default=1, help="only every so manieth day")
    args = parser.parse_args(words)
    setting = Setting(args.memory, not args.unconfigured, args.every_class)
    logs = [log for path in args.days for log in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    for log in logs or args.days:
        if not log.is_file():
            parser.error(f"{log}: is no event log, nor a folder with *.jsonl")
    whole: dict[str, tuple[float, float]] = {}
    for part in PARTS:
        with without(part):
            found = scores(logs[:: args.nth], setting)
        if not whole:
            whole = found
            tell("left out", *found)
            tell("---", *("--:" for _ in found))
            tell("nothing, seconds", *(f"{error:.1f} ({score:.0f})" for error, score in found.values()))
            continue
        more = ((100 * (a / b - 1.0) for a, b in zip(found[g], whole[g], strict=True)) for g in found)
        tell(part, *(f"{error:+.1f} ({score:+.1f})" for error, score in more))
    return 0


if __name__ == "__main__":
    sys.exit(main())
