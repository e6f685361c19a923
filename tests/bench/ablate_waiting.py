"""Each part of the wait estimate left out, on recorded days: what it is worth. Not a test; `--help` says how to run it.

A folder of days is scored by group: the name before "-s1", "-s2" … is a group, else the folder is one. With
`NAME.branch.toml` beside a day its roster is used; with `--memory PATTERN` the days of a group that match are replayed
first, in order, and the others start from what those have taught. Scored as by whoever judges waits from outside: every
ticket first called after a wait, by the figures told at its issue.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge import replay, snapshot
from edge.config import load
from edge.core import events as ev
from edge.core import wire
from edge.core.engine import Engine
from edge.core.hall import Hall
from edge.core.waiting import Learnt, capacity, correction, discipline, line, pace, roster
from edge.core.waiting import learnt as learnt_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.policy import Policy

Parts = dict[str, list[tuple[Any, str, Any]]]


def _memoryless(self: pace.Pace, service: str, slowness: float, elapsed_s: float) -> float:
    return slowness * self.cost(service).served_s + self.gap_s


PARTS: Parts = {
    "nothing": [],
    "planned hours": [
        (roster.Roster, "spans", lambda *_: []),
        (roster.Roster, "of", lambda *_: (float("inf"), [])),
    ],
    "tiers": [(discipline.Discipline, "lead", lambda *_: 0)],
    "how far tiers go first, learnt": [(discipline.Discipline, "called", lambda *_: None)],
    "who comes later and goes first": [(line.Line, "_give_way", lambda *_: None)],
    "time a service has lasted": [(pace.Pace, "left_s", _memoryless)],
    "services under way as observations": [(line, "under_way", lambda *_: {})],
    "pace of each window": [(learnt_module, "WINDOW_WEIGHT", 1e15)],
    "people who leave": [(pace, "PATIENCE_S", 1e15)],
    "absent tickets": [(pace.Pace, "_brief", lambda *_: (0.0, 0.0))],
    "silence of a free window": [(capacity.Demand, "oldest", lambda *_: None)],
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


def policy_of(log: Path) -> Policy:
    """What is known of the branch beforehand; its rules are left out, because they predict nothing."""
    config = log.with_name(f"{log.stem}.branch.toml")
    if config.exists():
        return replace(load(config).policy, rules=())
    with log.open("rb") as lines:
        zone = next(zone for text in lines if (zone := wire.offset_of_line(text)) is not None)
    return replace(replay.without_configuration(zone), rules=())


def said(log: Path, policy: Policy, learnt: Learnt) -> tuple[list[dict[str, Any]], Learnt]:
    """The predictions of one day, and what it has taught."""
    out: list[dict[str, Any]] = []
    job = replay.Replay(Engine(policy, Hall(learnt=learnt)), predict=lambda text: out.append(json.loads(text)))
    with log.open("rb") as lines:
        for _, event in replay.events_of(lines, None):
            job.feed(event)
    job.end()
    return out, job.engine.hall.learnt


def errors(log: Path, predictions: list[dict[str, Any]]) -> Iterator[tuple[float, float]]:
    """(absolute error of the median, interval score) of every ticket that waited."""
    issued: dict[str, int] = {}
    called: dict[str, int] = {}
    with log.open("rb") as lines:
        for _, event in replay.events_of(lines, None):
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


def scores(logs: list[Path], memory: str | None) -> dict[str, tuple[float, float]]:
    """Mean absolute error and interval score by group."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for log in logs:
        groups[re.sub(r"-s\d+$", "", log.stem) if re.search(r"-s\d+$", log.stem) else log.parent.name].append(log)
    found = {}
    for group, days in groups.items():
        learnt, policy = Learnt(), policy_of(days[0])
        for day in days:
            if memory and fnmatch(day.stem, memory):
                learnt = said(day, policy, learnt)[1]
        kept = snapshot.dump(learnt)
        rows = [
            row
            for day in days
            if not (memory and fnmatch(day.stem, memory))
            for row in errors(day, said(day, policy, snapshot.load_learnt(kept))[0])
        ]
        count = len(rows)
        found[group] = (sum(error for error, _ in rows) / count, sum(score for _, score in rows) / count)
    return found


def tell(*cells: str) -> None:
    """One row of the table, as soon as it is known."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def main() -> int:
    """Prints a Markdown table: by how much the error (and the interval score) grows without each part, in per cent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("days", type=Path, nargs="+", help="event logs, or folders of them")
    parser.add_argument("--memory", metavar="PATTERN", help="days to learn from first, such as '*-s1[1-5]'")
    parser.add_argument("--nth", type=int, default=1, help="only every so manieth day")
    args = parser.parse_args()
    logs = [log for path in args.days for log in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    whole: dict[str, tuple[float, float]] = {}
    for part in PARTS:
        with without(part):
            found = scores(logs[:: args.nth], args.memory)
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
