"""What each address answers. Nothing else of the web layer needs aiohttp; it is imported when a door opens."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import structlog
from aiohttp import web

from edge.core import wire
from edge.web import action, guard
from edge.web.events import KINDS, PAGE_KINDS, Crowded
from edge.web.guard import Refused
from edge.web.status import status

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping

    from edge.web.events import Hub
    from edge.web.ports import Daemon
    from edge.web.stream import Stream

TICKET_MOST: Final = 64
"""Characters of a ticket that may be asked about."""

SHUTDOWN_S: Final = 1.0
"""How long an answer under way may take when the door closes."""

STATIC: Final = Path(__file__).resolve().parent / "static"

_log = structlog.get_logger(__name__)


class Routes:
    """The handlers of one door: `names` are the host names it goes by, besides addresses and localhost."""

    def __init__(self, daemon: Daemon, hub: Hub, names: Collection[str]) -> None:
        self._daemon = daemon
        self._hub = hub
        self._names = names
        self._streams: set[Stream] = set()

    def application(self) -> web.Application:
        """Everything this door answers."""
        app = web.Application(middlewares=[self._guarded], client_max_size=guard.BODY_MOST)
        app.add_routes(
            [
                web.get("/", _page("index.html")),
                web.get("/handheld", _page("handheld.html")),
                web.get("/board", self._first_board),
                web.get("/board/{device}", self._board),
                web.get("/api/view", self._view),
                web.get("/api/status", self._status),
                web.get("/api/explain", self._explain),
                web.get("/api/events", self._events, allow_head=False),
                web.post("/api/action", self._action),
                web.static("/static", STATIC),
            ]
        )
        app.on_response_prepare.append(_headed)
        app.on_shutdown.append(self._end)
        return app

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Turns away what should not be served, and whatever goes wrong into one sentence."""
        try:
            guard.check_host(request.headers.get("Host"), self._names)
            return await handler(request)
        except Refused as refused:
            return _answer({"error": refused.sentence}, refused.status)
        except web.HTTPException as other:
            if other.status < HTTPStatus.BAD_REQUEST:
                raise
            return _answer({"error": _sentence(request, other)}, other.status)
        except Exception:  # noqa: BLE001 (a fault of ours: whoever asked learns of it, and the log what it was)
            _log.exception("request failed", method=request.method, path=request.path)
            return _answer({"error": "the daemon could not answer; its log says why"}, 500)

    async def _first_board(self, request: web.Request) -> web.StreamResponse:
        boards = self._daemon.view()["boards"]
        lobby = [id for id, board in boards.items() if board["shows"] == "lobby"]
        first = next(iter(lobby or boards), None)
        if first is None:
            raise Refused(404, "no board is configured")
        raise web.HTTPFound(f"/board/{quote(first, safe='')}")

    async def _board(self, request: web.Request) -> web.StreamResponse:
        device, boards = request.match_info["device"], self._daemon.view()["boards"]
        if device not in boards:
            raise Refused(404, f"no board {device!a:.80}; known: {', '.join(boards) or 'none'}")
        return web.FileResponse(STATIC / "board.html")

    async def _view(self, request: web.Request) -> web.StreamResponse:
        return _answer(self._daemon.view())

    async def _status(self, request: web.Request) -> web.StreamResponse:
        return _answer(status(self._daemon.view(), self._hub.streams))

    async def _explain(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if not 0 < len(ticket) <= TICKET_MOST:
            raise Refused(400, f"name a ticket: /api/explain?ticket=A012, of at most {TICKET_MOST} characters")
        return _answer(self._daemon.explain(ticket))

    async def _action(self, request: web.Request) -> web.StreamResponse:
        guard.check_origin(request.headers.get("Origin"), request.headers.get("Host"))
        guard.check_json(request.content_type)
        key = guard.check_key(request.headers.get("Idempotency-Key"))
        act = action.parse(await request.read(), self._daemon.now())
        answer = await self._daemon.act(act, key)
        return _answer(answer, 200 if answer.get("ok") else 409)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """A stream of server-sent events, from the last id the page names (header, or `last` in the query)."""
        asked = request.query.get("kinds")
        kinds = frozenset(asked.split(",")) if asked else PAGE_KINDS
        if unknown := sorted(kinds - KINDS):
            raise Refused(400, f"unknown kind {unknown[0]!a:.80}; accepted: {', '.join(sorted(KINDS))}")
        last = request.headers.get("Last-Event-ID") or request.query.get("last")
        try:
            stream = self._hub.join(kinds, last, lambda: _cut(request))
        except Crowded:
            raise Refused(503, "as many pages are open as may be; close one") from None
        self._streams.add(stream)
        try:
            return await _written(request, stream)
        finally:
            stream.end()
            self._streams.discard(stream)

    async def _end(self, app: web.Application) -> None:
        """Lets the streams go, so that nothing waits for them when the door closes."""
        for stream in tuple(self._streams):
            stream.end()


@asynccontextmanager
async def serving(daemon: Daemon, hub: Hub, names: Collection[str], listening: socket.socket) -> AsyncIterator[None]:
    """Serves on a bound socket for as long as the context lasts."""
    app = Routes(daemon, hub, names).application()
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield
    finally:
        await runner.cleanup()


async def _written(request: web.Request, stream: Stream) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    try:
        await response.prepare(request)
        async for chunk in stream.chunks():
            await response.write(chunk)
    except ConnectionError:
        _log.debug("page left", path=request.path)
    return response


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _page(name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / name)

    return page


def _answer(item: Mapping[str, Any], code: int = 200) -> web.Response:
    return web.Response(body=wire.line(item), status=code, content_type="application/json", charset="utf-8")


def _sentence(request: web.Request, other: web.HTTPException) -> str:
    if isinstance(other, web.HTTPMethodNotAllowed):
        return (
            f"{request.path!a:.80} does not take {request.method}; accepted: {', '.join(sorted(other.allowed_methods))}"
        )
    if isinstance(other, web.HTTPRequestEntityTooLarge):
        return f"the body is larger than {guard.BODY_MOST // 1024} KiB"
    if isinstance(other, web.HTTPNotFound):
        return f"there is nothing at {request.path!a:.80}"
    return f"{other.reason}: {request.path!a:.80}"


async def _headed(request: web.Request, response: web.StreamResponse) -> None:
    """Pages are asked for anew each time (and then answered by 304), figures are never kept."""
    response.headers.update(guard.HEADERS)
    if isinstance(response, web.FileResponse) and request.path.endswith(".js"):
        response.content_type = "text/javascript"  # RFC 9239; what the machine's own tables say varies
    response.headers["Cache-Control"] = "no-store" if request.path.startswith("/api/") else "no-cache"
