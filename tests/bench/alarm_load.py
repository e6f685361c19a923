"""The alarm load of many days, as docs/alarm-load.md publishes it. Not a test; `--help` says how to run it.

The twenty simulated days of the tests, with staff who take nearly every prompt, and any folders of event logs. Of a
log with a `NAME.branch.toml` beside it the roster is used, and the machines of a simulated day stand beside its
tickets; one without is replayed as it is, with nothing known beforehand.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge import replay, resources
from edge.config import load, load_table
from edge.core import wire
from tests.days import TWENTY, replayed, simulated, with_devices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.policy import Policy

Figures = dict[str, Any]
DEMO = resources.config_dir() / "demo.toml"
MACHINES = ("atm-down", "outage", "rush", "calm")
"""The simulated days whose machines stand beside the tickets of a log, one after the other."""

SELF_SERVICE = {"cash": ["recycler", "atm"], "pension": ["recycler"], "account": ["kiosk"]}


def simulated_days() -> Iterator[tuple[str, Figures]]:
    """The twenty days of the tests."""
    policy = load(DEMO).policy
    for name, seed in TWENTY:
        yield f"{name} {seed}", figures(replayed(policy, simulated(name, seed)))


def days_of(folder: Path) -> Iterator[tuple[str, Figures]]:
    """Every log of a folder."""
    for number, log in enumerate(sorted(folder.glob("*.jsonl"))):
        with log.open("rb") as lines:
            events = [event for _, event in replay.events_of(lines, None)]
        roster = log.with_name(f"{log.stem}.branch.toml")
        if roster.exists():
            policy = policy_of(roster)
            day = with_devices(events, MACHINES[number % len(MACHINES)], number + 1, policy.calendar.zone)
            yield log.stem, figures(replayed(policy, day))
        else:
            with log.open("rb") as lines:
                zone = next(zone for text in lines if (zone := wire.offset_of_line(text)) is not None)
            policy = replay.without_configuration(zone)
            yield log.stem, figures(replayed(policy, events))


def policy_of(roster: Path) -> Policy:
    """The branch of a log, with the machines and the staff of the demo."""
    table, demo = (tomllib.loads(file.read_text(encoding="utf-8")) for file in (roster, DEMO))
    for service, kinds in SELF_SERVICE.items():
        if service in table["services"]:
            table["services"][service]["self_service"] = kinds
    machines = {"atm", "recycler", "kiosk", "dispenser"}
    devices = {id: {"kind": one["kind"]} for id, one in demo["devices"].items() if one["kind"] in machines}
    return load_table({**table, "devices": devices, "staff": demo["staff"]}, roster).policy


def figures(job: replay.Replay) -> Figures:
    """What was counted on one day."""
    found: Figures = job.summary()["alarms"]
    return found


def tell(*cells: object) -> None:
    """One row of a table, as soon as it is known."""
    sys.stdout.write(f"| {' | '.join(map(str, cells))} |\n")
    sys.stdout.flush()


def main() -> int:
    """Prints four Markdown tables: by day, by hour, by rule, by guard."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("days", type=Path, nargs="*", help="folders of event logs")
    args = parser.parse_args()
    for folder in args.days:
        if not any(folder.glob("*.jsonl")):
            parser.error(f"{folder}: is no folder with event logs, *.jsonl")
    sets = {"simulated": simulated_days()} | {folder.name: days_of(folder) for folder in args.days}
    rules: dict[str, Counter[str]] = {}
    hours: dict[str, Counter[str]] = {}
    held: dict[str, Counter[str]] = {}
    counts: Counter[str] = Counter()
    tell(
        "day",
        "prompts",
        "interrupting",
        "an hour",
        "busiest hour",
        "most told in ten minutes",
        "fleeting",
        "chattering",
    )
    tell("---", *["--:"] * 7)
    for name, days in sets.items():
        rules[name], hours[name], held[name] = Counter(), Counter(), Counter()
        for day, found in days:
            counts[name] += 1
            rules[name].update(found["rules"])
            held[name].update(found["held"])
            hours[name].update({hour: each[0] for hour, each in found["hours"].items()})
            busiest = max((each[0] for each in found["hours"].values()), default=0)
            most = max(found["most_told"].values(), default=0)
            fleeting = sum(found["fleeting"].values())
            told = found["raised"], found["interrupting"], found["interrupting_an_hour"], busiest, most, fleeting
            tell(day, *told, len(found["chattering"]))
    for title, tables in (("interrupting, by hour", hours), ("raised, by rule", rules), ("held, by guard", held)):
        sys.stdout.write("\n")
        tell(title, *(f"{name} ({counts[name]} days)" for name in sets))
        tell("---", *("--:" for _ in sets))
        for row in sorted(set().union(*tables.values())):
            tell(row, *(tables[name][row] for name in sets))
    return 0


if __name__ == "__main__":
    sys.exit(main())
