"""`lobbyd replay`: what the daemon would have predicted and prompted on a recorded day."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pydantic_core import to_json

from edge import replay, snapshot
from edge.cli import UsageError
from edge.core import wire
from edge.core.engine import Engine, TooEarly
from edge.core.hall import Hall

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from edge.core.policy import Policy

HELP = "Feeds an event log to the decision core alone, in virtual time. The same build and input give the same bytes."
EXAMPLE = "lobbyd replay day.jsonl -c branch.toml --predictions waits.jsonl --prompts prompts.jsonl"


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("log", type=Path, help="event log, JSON Lines")
    parser.add_argument("-c", "--config", type=Path, help="the branch's configuration; without it all is learnt")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="writes the wait of every ticket at its issue")
    parser.add_argument("--prompts", type=Path, metavar="FILE", help="writes every change of every prompt")
    parser.add_argument("--every", metavar="SECONDS", help="predicts for every waiting ticket at these multiples too")
    parser.add_argument(
        "--memory", type=Path, metavar="FILE", help="what was learnt: read when there, written at the end"
    )
    parser.add_argument("--summary", type=Path, metavar="FILE", help="writes the counts as JSON, not as text on stdout")
    parser.add_argument("--skip-bad", action="store_true", help="counts and reports invalid lines instead of stopping")


def run(args: argparse.Namespace) -> int:
    """Replays one log."""
    try:
        every = replay.every_s(args.every) if args.every else None
    except ValueError as fault:
        raise UsageError(f"--every: {fault}") from None
    with ExitStack() as files:
        log = files.enter_context(_opened(args.log))
        policy, lines = _policy(args, log)
        engine = _engine(args, policy)
        predictions = files.enter_context(_written(args.predictions)) if args.predictions else None
        prompts = files.enter_context(_written(args.prompts)) if args.prompts else None
        job = replay.Replay(
            engine,
            every=every,
            predict=_line_writer(predictions),
            prompt=_line_writer(prompts),
        )
        _feed(job, args, lines)
        if args.memory:
            memory = files.enter_context(_written(args.memory))
            memory.write(snapshot.dump(engine.hall.learnt) + b"\n")
        if args.summary:
            files.enter_context(_written(args.summary)).write(to_json(job.outcome.summary(), indent=1) + b"\n")
    if not args.summary:
        _tell(job.outcome)
    return 0


def _feed(job: replay.Replay, args: argparse.Namespace, lines: Iterable[bytes]) -> None:
    faults: list[str] | None = job.outcome.skipped if args.skip_bad else None
    try:
        for number, event in replay.events_of(lines, faults):
            try:
                job.feed(event)
            except TooEarly as fault:
                if faults is None:
                    raise replay.BadLine(f"line {number}: {fault}") from None
                faults.append(f"line {number}: {fault}")
        job.end()
    except replay.BadLine as fault:
        raise UsageError(f"{args.log}: {fault}") from None


def _engine(args: argparse.Namespace, policy: Policy) -> Engine:
    hall = Hall()
    if args.memory and args.memory.exists():
        try:
            hall.learnt = snapshot.load_learnt(args.memory.read_bytes())
        except snapshot.Unreadable as fault:
            raise UsageError(f"{args.memory}: is no memory of this build: {fault}; remove it to start cold") from None
    return Engine(policy, hall)


def _policy(args: argparse.Namespace, log: BinaryIO) -> tuple[Policy, Iterable[bytes]]:
    """The policy, and all lines of the log: those read to learn its zone are given back in front."""
    if args.config is None:
        read: list[bytes] = []
        for line in log:
            read.append(line)
            if wire.offset_of_line(line) is not None:
                break
        zone = wire.offset_of_line(read[-1]) if read else None
        return replay.without_configuration(zone or UTC), chain(read, log)
    from edge.config import ConfigError, load  # noqa: PLC0415 (not needed without a configuration)

    try:
        return load(args.config).policy, log
    except ConfigError as fault:
        raise UsageError(str(fault)) from None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except (IsADirectoryError, FileNotFoundError, PermissionError) as fault:
        raise UsageError(f"{fault.filename}: {fault.strerror}") from None


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all; a device such as /dev/stdout is written as it comes."""
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as fault:
        raise UsageError(f"{path}: cannot be written: {fault.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def _line_writer(file: BinaryIO | None) -> Any:
    return None if file is None else lambda line: file.write(line + b"\n")


def _tell(outcome: replay.Outcome) -> None:
    total = sum(outcome.events.values())
    print(f"{total} events, {outcome.predictions} predictions, {outcome.ignored} ignored")
    for what, count in sorted(outcome.prompts.items()):
        print(f"  {count:5}  {what}")
    for fault in outcome.skipped[: replay.FAULTS_SHOWN]:
        print(f"skipped: {fault}", file=sys.stderr)
    if len(outcome.skipped) > replay.FAULTS_SHOWN:
        print(f"skipped: {len(outcome.skipped)} lines in all", file=sys.stderr)
