"""`lobbyd replay`: what the daemon would have predicted and prompted on a recorded day."""

from __future__ import annotations

import os
import sys
from codecs import BOM_UTF8
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from pydantic_core import to_json

from edge import compare, replay, snapshot
from edge.cli import UsageError, progress
from edge.core import wire
from edge.core.engine import Engine, TooEarly
from edge.core.hall import Hall
from edge.core.tally import FIRINGS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import TextIO

    from edge.core.policy import Policy

HELP = "Feeds an event log to the decision core alone, in virtual time. The same build and input give the same bytes."
EXAMPLE = "lobbyd replay day.jsonl -c branch.toml --predictions waits.jsonl --prompts prompts.jsonl"

OUTPUTS: Final = ("predictions", "prompts", "memory", "summary")
STDOUT: Final = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("log", type=Path, help="event log, JSON Lines; - is standard input")
    parser.add_argument("-c", "--config", type=Path, help="the branch's configuration; without it all is learnt")
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="FILE",
        help="writes the wait of every ticket at its issue; - is standard output",
    )
    parser.add_argument("--prompts", type=Path, metavar="FILE", help="writes every change of every prompt")
    parser.add_argument("--every", metavar="SECONDS", help="predicts for every waiting ticket at these multiples too")
    parser.add_argument(
        "--memory", type=Path, metavar="FILE", help="what was learnt: read if there, written at the end"
    )
    parser.add_argument(
        "--summary", type=Path, metavar="FILE", help="writes counts and alarm load as JSON, not as text on stdout"
    )
    parser.add_argument(
        "--compare", type=Path, metavar="CONFIG", help="tells what this configuration would have prompted instead"
    )
    parser.add_argument("--skip-bad", action="store_true", help="counts and reports invalid lines instead of stopping")


def run(args: argparse.Namespace) -> int:
    """Replays one log."""
    try:
        every = replay.every_s(args.every) if args.every is not None else None
    except ValueError as fault:
        raise UsageError(f"--every: {fault}") from None
    _apart(args)
    with ExitStack() as files:
        log = files.enter_context(_opened(args.log))
        policy, lines = _policy(args, _unmarked(log))
        engine = _engine(args, policy)
        predictions, prompts, memory, summary = (
            files.enter_context(_written(getattr(args, name))) if getattr(args, name) else None for name in OUTPUTS
        )
        told, other_told = compare.Told(), compare.Told()
        job = replay.Replay(engine, every=every, predict=predictions, prompt=prompts, hear=told.hear)
        jobs = [job] if args.compare is None else [job, _other(args, other_told)]
        with closing(progress.through("replay", lines, _size(args.log))) as told_of:
            _feed(jobs, args, told_of)
        if memory:
            memory(snapshot.dump(engine.hall.learnt))
        found = compare.compared(told, other_told, job.zone) if args.compare is not None else {}
        if summary:
            summary(to_json(job.summary() | ({"compare": found} if found else {}), indent=1))
    if not args.summary:
        out = sys.stderr if Path("-") in _outputs(args).values() else sys.stdout
        _tell(job.outcome, out)
        if found:
            print(*compare.lines(found), sep="\n", file=out)
    return 0


def _other(args: argparse.Namespace, told: compare.Told) -> replay.Replay:
    """The same day under the other configuration, from the same memory; nothing of it is written but the comparison."""
    return replay.Replay(_engine(args, _configured(args.compare)), hear=told.hear)


def _feed(jobs: Sequence[replay.Replay], args: argparse.Namespace, lines: Iterable[bytes]) -> None:
    faults: list[str] | None = jobs[0].outcome.skipped if args.skip_bad else None
    try:
        for number, event in replay.events_of(lines, faults):
            try:
                for job in jobs:
                    job.feed(event)
            except TooEarly as fault:
                if faults is None:
                    raise replay.BadLine(f"line {number}: {fault}") from None
                faults.append(f"line {number}: {fault}")
        for job in jobs:
            job.end()
    except replay.BadLine as fault:
        raise UsageError(f"{args.log}: {fault}") from None


def _engine(args: argparse.Namespace, policy: Policy) -> Engine:
    hall = Hall()
    if args.memory and args.memory.is_file():
        with _said_of(args.memory, "read"):
            kept = args.memory.read_bytes()
        try:
            hall.learnt = snapshot.load_learnt(kept)
        except snapshot.Unreadable as fault:
            raise UsageError(f"{args.memory}: is no memory of this build: {fault}; remove it to start cold") from None
    return Engine(policy, hall)


def _unmarked(log: Iterable[bytes]) -> Iterator[bytes]:
    """The lines without the byte order mark that some programs begin a text with."""
    lines = iter(log)
    for first in lines:
        yield first.removeprefix(BOM_UTF8)
        yield from lines


def _policy(args: argparse.Namespace, log: Iterator[bytes]) -> tuple[Policy, Iterable[bytes]]:
    """The policy, and all lines of the log: those read to learn its zone are given back in front."""
    if args.config is None:
        read: list[bytes] = []
        for line in log:
            read.append(line)
            if wire.offset_of_line(line) is not None:
                break
        zone = wire.offset_of_line(read[-1]) if read else None
        return replay.without_configuration(zone or UTC), chain(read, log)
    return _configured(args.config), log


def _configured(path: Path) -> Policy:
    from edge.config import ConfigError, load  # noqa: PLC0415 (not needed without a configuration)

    try:
        return load(path).policy
    except ConfigError as fault:
        raise UsageError(str(fault)) from None


def _outputs(args: argparse.Namespace) -> dict[str, Path]:
    return {f"--{name}": path for name in OUTPUTS if (path := getattr(args, name))}


def _inputs(args: argparse.Namespace) -> tuple[tuple[str, Path | None], ...]:
    return ("the log", args.log), ("--config", args.config), ("--compare", args.compare)


def _apart(args: argparse.Namespace) -> None:
    """UsageError where a file would be overwritten by another of the same run, or while it is read."""
    taken = {path.resolve(): what for what, path in _inputs(args) if path}
    for what, path in _outputs(args).items():
        if (path.is_file() or not path.exists()) and not _is_stdout(path):
            other = taken.setdefault(path.resolve(), what)
            if other != what:
                raise UsageError(f"{what}: {path} is {other} too; give each a file of its own")


def _size(path: Path) -> int:
    """The bytes of a file; 0 of what has no end that is known."""
    return path.stat().st_size if path.is_file() else 0


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    with _said_of(path, "read"):
        return nullcontext(sys.stdin.buffer) if path == Path("-") else path.open("rb")


@contextmanager
def _written(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Writes lines to a file that is there whole or not at all; a stream or device is written as lines come."""
    streamed = _is_stdout(path) or (path.exists() and not path.is_file())
    place = path if streamed else path.with_name(f".{path.name}.part")
    with _said_of(path):
        file: BinaryIO = sys.stdout.buffer if _is_stdout(path) else place.open("wb")
    try:

        def line(text: bytes) -> None:
            with _said_of(path):
                file.write(text + b"\n")

        yield line
        with _said_of(path):
            file.flush()
            if not streamed:
                place.replace(path)
    finally:
        if file is not sys.stdout.buffer:
            with suppress(OSError):  # has been said by then
                file.close()
        if not streamed:
            place.unlink(missing_ok=True)


@contextmanager
def _said_of(path: Path, done: str = "written") -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise UsageError(f"{path}: cannot be {done}: {fault.strerror}") from None


def _is_stdout(path: Path) -> bool:
    """Whether this is our standard output, by whatever name."""
    return str(path) == "-" or (path.exists() and os.path.samestat(path.stat(), os.fstat(STDOUT)))


def _tell(outcome: replay.Outcome, out: TextIO) -> None:
    total = sum(outcome.events.values())
    print(f"{total} events, {outcome.predictions} predictions, {outcome.ignored} ignored", file=out)
    for what, count in sorted(outcome.prompts.items()):
        print(f"  {count:5}  {what}", file=out)
    for count, what in sorted(outcome.held(), key=lambda one: (-one[0], one[1])):
        print(f"  {count:5}  {what}", file=out)
    for rule in outcome.review():
        print(f"to be looked at: {rule} was acted on less than half the time in its last {FIRINGS} prompts", file=out)
    for fault in outcome.skipped[: replay.FAULTS_SHOWN]:
        print(f"skipped: {fault}", file=sys.stderr)
    if len(outcome.skipped) > replay.FAULTS_SHOWN:
        print(f"skipped: {len(outcome.skipped)} lines in all", file=sys.stderr)
