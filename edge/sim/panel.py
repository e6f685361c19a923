"""The simulator's page: which plugs of the branch are in, and a button for each; `lobbyd demo --unplug` asks it too.

    GET  /plugs        {"name": "lobbyd simulator", "plugs": {"queue-1": true, …}}
    POST /plugs/NAME   {"plugged": false, "after_s": 10, "for_s": 30}, of which only the first need be there

For the demo only, and for this machine only. An order must be JSON by its content type: no form of another site's page
can send that.
"""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.libraries import imported
from edge.sim.orders import NAMED, Order
from edge.sim.plugs import NoSuchPlug

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from aiohttp import web

    from edge.sim.branch import SimulatedBranch

_HOST: Final = "127.0.0.1"
_JSON: Final = "application/json"
_PAGE: Final = Path(__file__).resolve().parent / "panel.html"
_PORT_MOST: Final = 65535


class Panel:
    """The service; it listens on `port`, on any that is free where that one is not. `orders` are carried out first."""

    name = "simulator"

    def __init__(self, branch: SimulatedBranch, port: int, orders: Iterable[Order] = ()) -> None:
        self.address = ""
        self.opened: Final = asyncio.Event()
        self._branch, self._port, self._orders = branch, port, [*orders]
        self._web: ModuleType | None = None
        self._tasks: asyncio.TaskGroup | None = None

    async def serve(self) -> None:
        """Answers until cancelled; who asks before the devices are there is answered then."""
        with self._listening() as listening:
            self.address = f"http://{_HOST}:{listening.getsockname()[1]}"
            self.opened.set()
            await self._branch.at_work.wait()
            async with asyncio.TaskGroup() as self._tasks:
                while self._orders:
                    self._tasks.create_task(self._carry_out(self._orders.pop(0)))
                await self._answer(listening, await imported("aiohttp.web"))

    def check(self, order: Order) -> None:
        """NoSuchPlug when the branch has no plug of that name."""
        self._branch.plugs[order.name]

    def _listening(self) -> socket.socket:
        try:
            return socket.create_server((_HOST, self._port if self._port <= _PORT_MOST else 0))
        except OSError:
            return socket.create_server((_HOST, 0))

    async def _answer(self, listening: socket.socket, web: ModuleType) -> None:
        self._web = web
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/plugs", self._plugs)
        app.router.add_post("/plugs/{name}", self._ordered)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            await asyncio.Event().wait()
        finally:
            self.opened.clear()
            await runner.cleanup()

    async def _carry_out(self, order: Order) -> None:
        await asyncio.sleep(order.after_s)
        await self._set(order.name, plugged=order.plugged)
        if order.for_s is not None:
            await asyncio.sleep(order.for_s)
            await self._set(order.name, plugged=not order.plugged)

    async def _set(self, name: str, *, plugged: bool) -> None:
        plug = self._branch.plugs[name]
        await (plug.put() if plugged else plug.pull())

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return self._said(_PAGE.read_text(encoding="utf-8"), 200, "text/html")

    async def _plugs(self, request: web.Request) -> web.StreamResponse:
        return self._told({"name": NAMED, "plugs": dict(self._branch.plugs)})

    async def _ordered(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != _JSON:
            return self._told({"error": f"an order is sent as {_JSON}"}, 415)
        try:
            item = json.loads(await request.text())
            order = Order.of(request.match_info["name"], item if isinstance(item, dict) else {})
            self.check(order)
        except NoSuchPlug as fault:
            return self._told({"error": str(fault)}, 404)
        except ValueError as fault:
            return self._told({"error": str(fault)}, 400)
        if order.after_s == 0 and order.for_s is None:
            await self._carry_out(order)
        elif self._tasks is not None:
            self._tasks.create_task(self._carry_out(order))
        return self._told({"said": _sentence(order)})

    def _told(self, item: dict[str, Any], status: int = 200) -> web.StreamResponse:
        return self._said(json.dumps(item), status, _JSON)

    def _said(self, text: str, status: int, kind: str) -> web.StreamResponse:
        assert self._web is not None  # noqa: S101 (whoever asks has been let in by it)
        response: web.StreamResponse = self._web.Response(text=text, status=status, content_type=kind)
        return response


def _sentence(order: Order) -> str:
    does = "is plugged in" if order.plugged else "is unplugged"
    when = f" in {order.after_s:g} s" if order.after_s else ""
    lasts = f" for {order.for_s:g} s" if order.for_s is not None else ""
    return f"{order.name} {does}{when}{lasts}"
