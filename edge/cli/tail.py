"""`lobbyd tail`: what the running daemon journals and prompts, as it happens."""

from __future__ import annotations

import json
import sys
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.cli import FAULT, OK, UsageError
from edge.web.local import SOCKET, NoDaemon, asked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

HELP = "Follows the running daemon's events and prompts, a line each, until Ctrl-C."
EXAMPLE = "lobbyd tail --json | jq -c 'select(.type == \"device.status\")'"

KINDS: Final = ("event", "prompt", "wait", "device", "board")
SILENT_S: Final = 30.0
"""The daemon gives a sign of life every 10 s; after three missed ones it is stuck."""


_UNTOLD: Final = ("type", "at", "device_at")
"""What a line for people says otherwise, or need not say."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--json", action="store_true", help="prints each as the JSON object the daemon publishes")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only these (default: event and prompt)")
    parser.add_argument("--socket", type=Path, default=SOCKET, metavar="PATH", help="the daemon's socket (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Prints until interrupted, which is a success, or until the daemon ends, which is not."""
    kinds = [*(args.kind or ("event", "prompt")), "heartbeat"]
    try:
        with asked(args.socket, f"/api/events?kinds={','.join(kinds)}", SILENT_S) as answer:
            for kind, data in told(answer):
                if kind != "heartbeat":
                    print(json.dumps(data, ensure_ascii=False) if args.json else line(kind, data), flush=True)
    except KeyboardInterrupt:
        return OK
    except NoDaemon as fault:
        raise UsageError(str(fault)) from None
    except TimeoutError:
        print(f"the daemon has been silent for {SILENT_S:g} s; see its log", file=sys.stderr)
        return FAULT
    except BrokenPipeError:
        raise  # our own reader has gone, not the daemon
    except (ConnectionError, HTTPException) as fault:
        print(f"the daemon has ended: {fault}", file=sys.stderr)
        return FAULT
    print("the daemon has ended", file=sys.stderr)
    return FAULT


def told(stream: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """The events of a stream (WHATWG HTML, section 9.2.6): their kind and their data."""
    fields: dict[str, str] = {}
    for raw in stream:
        name, _, value = raw.decode().rstrip("\r\n").partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield fields.get("event", "message"), json.loads(fields["data"])
            fields = {}


def line(kind: str, data: Mapping[str, Any]) -> str:
    """One event or prompt in a line for people."""
    clock = str(data.get("at", ""))[11:19]
    if kind == "prompt":
        to = ", ".join(data["to"])
        return f"{clock} prompt {data['prompt']} {data['state']} ({data['priority']}, {to}): {data['text']['en']}"
    name = data.get("type", kind)
    rest = " ".join(f"{key}={_shown(value)}" for key, value in data.items() if key not in _UNTOLD)
    return f"{clock} {name} {rest}"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
