"""`lobbyd run`: the daemon."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli import BAD_CONFIGURATION, FAULT
from edge.config import ConfigError, load
from edge.shell import logs
from edge.shell.clock import Clock
from edge.shell.store import StoreFailed
from edge.shell.supervisor import end_at_last

if TYPE_CHECKING:
    import argparse

    from edge.config import Loaded

HELP = "Runs the daemon until it is told to stop. A bad configuration ends it with exit code 78; SIGHUP reads it again."
EXAMPLE = "lobbyd run -c /etc/lobbyd/branch.toml"


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument(
        "-c", "--config", type=Path, default=Path("/etc/lobbyd/branch.toml"), help="default: %(default)s"
    )


def run(args: argparse.Namespace) -> int:
    """Serves; the exit code tells systemd whether a restart can help."""
    gc.disable()  # while modules are loaded: what they make stays, and looking for garbage in it finds none
    try:
        return _run(args.config)
    finally:
        gc.enable()


def _run(config: Path) -> int:
    try:
        loaded = load(config)
    except ConfigError as fault:
        print(fault, file=sys.stderr)
        return BAD_CONFIGURATION
    faulthandler.enable()  # so that the watchdog's SIGABRT leaves the stacks in the journal
    logs.configure()
    try:
        return asyncio.run(_serve(loaded))
    except StoreFailed as fault:
        print(f"lobbyd run: {fault}", file=sys.stderr)
        return FAULT


async def _serve(loaded: Loaded) -> int:
    from edge.app import Daemon  # noqa: PLC0415 (a bad configuration is said before the rest is loaded)

    gc.freeze()  # nor does any later collection look at it
    gc.enable()
    daemon = Daemon(loaded, Clock())
    gc.freeze()  # the hall as it was brought back
    gc.disable()  # from now on it is looked for between turns (`shell/garbage`)
    code = await daemon.run()
    end_at_last()  # the loop's own end may wait for a thread that looks up a name; not for long
    return code
