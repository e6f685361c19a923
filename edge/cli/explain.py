"""`lobbyd explain`: what the wait estimate of one ticket rests on, in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from edge.cli import OK, UsageError
from edge.web.local import SOCKET, NoDaemon, figures

if TYPE_CHECKING:
    import argparse

HELP = (
    "Asks the running daemon how long a ticket still waits and what that rests on: the windows counted, the people\n"
    "ahead, how long a service takes and how often that was seen, how sure it is. The language is the branch's own."
)
EXAMPLE = "lobbyd explain A012"

LONGEST: Final = 64


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("ticket", metavar="TICKET", help="the ticket's number, such as A012")
    parser.add_argument("--language", choices=("zh", "en"), help="of the line (default: [web] language)")
    parser.add_argument("--json", action="store_true", help="prints the figures and both lines as one JSON object")
    parser.add_argument("--socket", type=Path, default=SOCKET, metavar="PATH", help="the daemon's socket (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Prints the line; UsageError where the ticket does not wait, or nobody can be asked."""
    if not 0 < len(args.ticket) <= LONGEST:
        raise UsageError(f"a ticket has 1 to {LONGEST} characters; give it as it is printed, such as A012")
    try:
        found = figures(args.socket, f"/api/explain?ticket={quote(args.ticket, safe='', errors='replace')}")
    except NoDaemon as fault:
        raise UsageError(str(fault)) from None
    line = found["text"][args.language or found["language"]]
    if found["state"] != "waiting":
        raise UsageError(line)
    print(json.dumps(found, ensure_ascii=False) if args.json else line)
    return OK
