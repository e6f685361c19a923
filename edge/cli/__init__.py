"""The command line: one module a command, loaded only when it is the one that was asked for."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import TYPE_CHECKING, Final

from edge import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMANDS: Final[Mapping[str, str]] = {
    "run": "the daemon",
    "demo": "the same daemon over a simulated branch, with pages to look at",
    "check": "validate configuration, rules and texts; name every fault at once",
    "replay": "the decision core alone over an event log, in virtual time",
    "simulate": "write a simulated branch day as an event log",
    "status": "what the running daemon sees (Nagios exit codes)",
    "tail": "its live events and prompts",
    "codec": "one driver by hand: bytes to events and back",
    "schema": "the published message contracts, generated from the models",
    "bench": "the benchmarks: ratios measured in one run",
}

OK, FAULT, BAD_USE, BAD_CONFIGURATION = 0, 1, 2, 78


class UsageError(Exception):
    """Bad usage or bad input: one clear sentence for the person who typed it; exit code 2."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code (contract, section on commands)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), None)
    parser = _parser(name if name in COMMANDS else None)
    parsed = parser.parse_args(arguments)
    if parsed.command is None:
        parser.print_help()
        return BAD_USE
    try:
        code = int(importlib.import_module(f"edge.cli.{parsed.command}").run(parsed))
        sys.stdout.flush()
    except UsageError as fault:
        print(f"lobbyd {parsed.command}: {fault}", file=sys.stderr)
        return BAD_USE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output has gone: enough said
        return OK
    return code


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lobbyd", description="The lobby-service daemon of one bank branch.")
    parser.add_argument("--version", action="version", version=f"lobbyd {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, help_ in COMMANDS.items():
        if name != chosen:
            commands.add_parser(name, help=help_)
            continue
        module = importlib.import_module(f"edge.cli.{name}")
        command = commands.add_parser(
            name,
            help=help_,
            description=module.HELP,
            epilog=f"example: {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(command)
    return parser
