"""`lobbyd schema`: the published message contracts, for those at the other end of a topic or a log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge import asyncapi, schema
from edge.cli import OK, UsageError

if TYPE_CHECKING:
    import argparse

HELP = "Writes the message contracts as generated from the program's own records; without options lists them."
EXAMPLE = "lobbyd schema --asyncapi asyncapi.json --json-schema schemas/"


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument(
        "--asyncapi", type=Path, metavar="FILE", help="write all topics as an AsyncAPI 3 document (JSON)"
    )
    parser.add_argument(
        "--json-schema", type=Path, metavar="DIR", help="write one JSON Schema a message, DIR/NAME.json"
    )


def run(args: argparse.Namespace) -> int:
    """Writes what was asked for; UsageError says what cannot be written."""
    messages = schema.schemas()
    if args.asyncapi is None and args.json_schema is None:
        for name, item in messages.items():
            print(f"{name:<20} {item['description'].partition(chr(10))[0]}")
        return OK
    if args.json_schema is not None:
        for name, item in messages.items():
            _write(args.json_schema / f"{name}.json", item)
    if args.asyncapi is not None:
        _write(args.asyncapi, asyncapi.document())
    return OK


def _write(file: Path, item: dict[str, Any]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(item, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"{file}: cannot be written: {fault.strerror}") from None
