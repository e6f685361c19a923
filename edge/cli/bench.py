"""`lobbyd bench`: how fast, as ratios measured in one run."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from edge import bench
from edge.bench import machine
from edge.bench.broker import Missing
from edge.bench.processes import Failed
from edge.cli import BAD_USE, FAULT, OK, UsageError, progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

NAME: Final = "bench"
HELP: Final = "Runs benchmarks on this machine. Figures are ratios inside one run; absolute ones are given beside them."
EXAMPLE: Final = "lobbyd bench core store --json figures.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which (default: all): {', '.join(bench.NAMES)}")
    parser.add_argument("--list", action="store_true", help="say what each benchmark measures, and run none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    parser.add_argument("--quick", action="store_true", help="few samples: shows that it runs, not how fast")


def run(args: argparse.Namespace) -> int:
    """Runs each in turn and prints what it found as soon as it is known."""
    unknown = [name for name in args.names if name not in bench.NAMES]
    if unknown:
        raise UsageError(f"no benchmark {unknown[0]!r}; there are: {', '.join(bench.NAMES)}")
    if args.list:
        for name in bench.NAMES:
            print(f"{name:10}{bench.named(name).ABOUT}")
        return OK
    described = machine.described()
    print("".join(f"{what}: {value}\n" for what, value in described.items()))
    found, code = _run(args.names or bench.NAMES, quick=args.quick, asked=bool(args.names))
    if args.json:
        _write(args.json, {"machine": described, "quick": args.quick, "benchmarks": found})
    return code


def _run(names: Sequence[str], *, quick: bool, asked: bool) -> tuple[list[dict[str, Any]], int]:
    """The reports as JSON values, and the exit code: a benchmark that could not be run is named."""
    found, code = [], OK
    for name in names:
        benchmark = bench.named(name)
        try:
            report = benchmark.run(benchmark.QUICK if quick else benchmark.FULL, partial(progress.tell, name))
        except Missing as fault:
            print(f"{name}: left out: {fault}\n", file=sys.stderr if asked else sys.stdout)
            code = BAD_USE if asked else code
            continue
        except (Failed, OSError) as fault:
            progress.clear()
            why = f"{fault.filename or 'here'}: {fault.strerror}" if isinstance(fault, OSError) else fault
            print(f"lobbyd bench: {name}: {why}", file=sys.stderr)
            code = FAULT
            continue
        progress.clear()
        print(report.as_text(), flush=True)
        found.append(report.as_json())
    return found, code


def _write(path: Path, figures: dict[str, Any]) -> None:
    try:
        path.write_bytes(to_json(figures, indent=1) + b"\n")
    except OSError as fault:
        raise UsageError(f"--json: {path} cannot be written: {fault.strerror}") from None
