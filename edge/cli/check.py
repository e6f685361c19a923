"""`lobbyd check`: every fault of a configuration at once, before anything is opened."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli import BAD_USE, OK
from edge.config import ConfigError, load

if TYPE_CHECKING:
    import argparse

HELP = (
    "Validates configurations with the rules and texts they stand on; opens no port. Exit code 2 when there is a fault."
)
EXAMPLE = "lobbyd check /etc/lobbyd/branch.toml"


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("config", type=Path, nargs="+", metavar="CONFIG", help="a branch's configuration")


def run(args: argparse.Namespace) -> int:
    """Checks each file; says what is wrong on stderr, a line a fault, and what is right on stdout."""
    worst = OK
    for path in args.config:
        try:
            loaded = load(path, with_files=True)
        except ConfigError as fault:
            print(fault, file=sys.stderr)
            worst = BAD_USE
        else:
            policy = loaded.policy
            print(
                f"{path}: good: {len(policy.services)} services, {len(policy.windows)} windows, "
                f"{len(policy.devices)} devices on {len(loaded.buses)} links, {len(policy.rules)} rules"
            )
    return worst
