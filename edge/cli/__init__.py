"""The command line: one module a command, loaded only when it is the one that was asked for."""

from __future__ import annotations

import argparse
import errno
import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

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
    "explain": "what the estimate of one waiting ticket rests on",
    "devices": "the serial ports there are, who uses which, and udev rules for them",
    "doctor": "checks of configuration, ports, brokers, clock, disk and devices, each with its remedy",
    "codec": "one driver by hand: bytes to events and back",
    "schema": "the published message contracts, generated from the models",
    "bench": "the benchmarks: ratios measured in one run",
}

OK, FAULT, BAD_USE, BAD_CONFIGURATION = 0, 1, 2, 78


class UsageError(Exception):
    """Bad usage or bad input: one clear sentence for the person who typed it; exit code 2."""


INTERRUPTED: Final = 130
"""Ctrl-C, as shells have it: 128 and the number of the signal."""

UNWRITTEN: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a write says of a place that takes no more."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line that names the command."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_USE, f"{self.prog}: {message}; see {self.prog} --help\n")

    def parse_known_args(self, *args: Any, **kwargs: Any) -> Any:
        parsed, rest = super().parse_known_args(*args, **kwargs)
        if rest:
            self.error(f"unknown arguments: {' '.join(rest)}")
        return parsed, rest


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code (contract, section on commands)."""
    _open_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), "")
    try:
        code = _command(name, arguments)
        sys.stdout.flush()
    except UsageError as fault:
        print(f"lobbyd {name}: {fault}", file=sys.stderr)
        return BAD_USE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_output()  # its reader has gone: enough said
        return OK
    except OSError as fault:
        if fault.errno not in UNWRITTEN or fault.filename is not None:
            raise
        print(f"lobbyd {name}: the output cannot be written: {fault.strerror}", file=sys.stderr)
        _let_go_of_output()
        return BAD_USE
    return code


def _command(name: str, arguments: Sequence[str]) -> int:
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looked for in every installed package otherwise
    gc.disable()  # what a command imports stays: looking for garbage among it would find none
    parser = _parser(name if name in COMMANDS else None)
    gc.enable()
    parsed = parser.parse_args(arguments)
    if parsed.command is None:
        parser.print_help()
        return BAD_USE
    return int(importlib.import_module(f"edge.cli.{parsed.command}").run(parsed))


def _open_streams() -> None:
    """Streams that our caller has closed are opened on nothing, so that no file of ours takes their number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 (open until we end)


def _let_go_of_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = _Parser(prog="lobbyd", description="The lobby-service daemon of one bank branch.", allow_abbrev=False)
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
            allow_abbrev=False,
        )
        module.configure(command)
    return parser
