"""`lobbyd simulate`: a day of a branch that does not exist, as an event log."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from edge.cli import UsageError, progress
from edge.config import ConfigError, load
from edge.core import wire
from edge.core.engine import Engine
from edge.sim.day import USUAL_DATE, Day
from edge.sim.premises import ZONE
from edge.sim.scenarios import SCENARIOS
from edge.sim.staff import followed

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from edge.sim.scenario import Scenario

HELP: Final = "Writes a simulated branch day as an event log; the same scenario, seed and date give the same bytes."
EXAMPLE: Final = "lobbyd simulate --scenario rush --seed 1 --out rush.jsonl"

YEARS: Final = range(1971, 2999)
"""Those an event log may be of, wherever its time zone lies."""


def configure(parser: ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--scenario", metavar="NAME", help=f"one of {', '.join(SCENARIOS)}")
    parser.add_argument("--seed", metavar="N", help="the chance of the day; compulsory")
    parser.add_argument("--date", metavar="D", help=f"the day it is to be, YYYY-MM-DD (default {USUAL_DATE})")
    parser.add_argument("--out", type=Path, metavar="LOG", help="where the log goes (default: standard output)")
    parser.add_argument(
        "--follow", type=Path, metavar="CONFIG", help="staff follow the prompts that this configuration raises"
    )
    parser.add_argument("--list", action="store_true", help="say what scenarios there are, and nothing else")


def run(args: Namespace) -> int:
    """Writes the log; returns the exit code."""
    if args.list:
        for scenario in SCENARIOS.values():
            print(f"{scenario.name:12} {scenario.about}")
        return 0
    day = Day(_scenario(args.scenario), _seed(args.seed), _date(args.date))
    if args.out and args.follow and args.out.resolve() == args.follow.resolve():
        raise UsageError(f"--out: {args.out} is --follow too; give each a file of its own")
    try:
        events = day if args.follow is None else followed(day, _engine(args.follow), str(args.seed))
        lines = (wire.line(wire.encode(event, ZONE)) + b"\n" for event in events)
        with _sink(args.out) as sink, closing(progress.through("simulate", lines)) as told_of:
            sink.writelines(told_of)
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise UsageError(f"--out: {args.out or 'standard output'} cannot be written: {fault.strerror}") from None
    return 0


def _scenario(name: str | None) -> Scenario:
    if name is None or name not in SCENARIOS:
        found = "is missing" if name is None else f"there is no scenario {name!r}"
        raise UsageError(f"--scenario: {found}; there are: {', '.join(SCENARIOS)}")
    return SCENARIOS[name]


def _seed(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        found = "is missing" if text is None else f"{text!r} is no number"
        raise UsageError(f"--seed: {found}; accepted: any whole number, such as --seed 1") from None


def _date(text: str | None) -> date:
    try:
        day = date.fromisoformat(text) if text else USUAL_DATE
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise UsageError(f"--date: {text!r} is no date; accepted: YYYY-MM-DD from 1971 to 2998, such as {USUAL_DATE}")
    return day


def _engine(config: Path) -> Engine:
    """The daemon's own core, deciding by that configuration."""
    try:
        return Engine(load(config).policy)
    except ConfigError as fault:
        raise UsageError(str(fault)) from None


@contextmanager
def _sink(out: Path | None) -> Iterator[BinaryIO]:
    """Where the log goes; a file is there whole or not at all."""
    if out is None or out == Path("-"):
        yield sys.stdout.buffer
        return
    if out.exists() and not out.is_file():
        with out.open("wb") as stream:
            yield stream
        return
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
