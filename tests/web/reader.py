"""Reads a stream of server-sent events the way a browser does."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass
class Told:
    kind: str
    id: str | None
    data: Any


class Reader:
    def __init__(self, content: aiohttp.StreamReader) -> None:
        self._content = content

    async def next(self, *kinds: str) -> Told:
        """The next event, or the next of these kinds."""
        while True:
            block = (await self._content.readuntil(b"\n\n")).decode()
            fields = dict(line.split(": ", 1) for line in block.strip().splitlines() if line[0] != ":")
            if "event" in fields and (not kinds or fields["event"] in kinds):
                return Told(fields["event"], fields.get("id"), json.loads(fields["data"]))


@asynccontextmanager
async def listening(
    web: aiohttp.ClientSession, last: str | None = None, kinds: str | None = None
) -> AsyncIterator[Reader]:
    headers = {"Last-Event-ID": last} if last is not None else {}
    params = {"kinds": kinds} if kinds is not None else {}
    async with web.get("/api/events", headers=headers, params=params) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield Reader(response.content)
