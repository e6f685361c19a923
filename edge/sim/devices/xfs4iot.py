"""A self-service machine that speaks XFS4IoT: a publisher and its services, each on a WebSocket of its own.

It answers what a monitor may ask and refuses everything else, tells every client of what changes, and can be taken off
the network and put back. `version` is what it speaks: 1.0 with completion codes in the payload and the common block
bare in its events, 2.0 and 3.0 as KAL's framework sends them.
"""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from edge.core import events as ev
from edge.libraries import imported

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

    from aiohttp import web

_HOST: Final = "127.0.0.1"
_PATH: Final = "/xfs4iot/v1.0"
_KNOWN: Final = frozenset({"Common.Capabilities", "Common.Status", "Storage.GetStorage"})

_DEVICE: Final[Mapping[ev.DeviceState, str]] = {"ok": "online", "degraded": "online", "down": "hardwareError"}
_LEVELS: Final[Mapping[str, str]] = {"ok": "ok", "low": "low", "out": "empty"}
_PAPER: Final[Mapping[str, str]] = {"ok": "full", "low": "low"}
"""What the branch says of cash and printer, in the words of a status."""


def _cassette(level: str) -> dict[str, Any]:
    types = {"cashOut": True}
    cash = {
        "configuration": {"types": types, "currency": "CNY", "value": 100},
        "status": {"replenishmentStatus": level},
    }
    return {"status": "ok", "cash": cash}


def _retract_bin() -> dict[str, Any]:
    status = {"in": {"retractOperations": 0}, "replenishmentStatus": "ok"}
    return {"status": "ok", "cash": {"configuration": {"types": {"cashOutRetract": True}}, "status": status}}


def _card_bin() -> dict[str, Any]:
    status = {"initialCount": 0, "count": 0, "retainCount": 0, "replenishmentStatus": "ok"}
    return {"status": "ok", "card": {"capabilities": {"type": "retain"}, "status": status}}


class Machine:
    """The machine on its network; `status` and `storage` by service are what it says when it is asked."""

    def __init__(self, port: int, *, version: str = "2.0", tls: SSLContext | None = None) -> None:
        self.status: dict[str, dict[str, Any]] = {
            "CashDispenser": {
                "cashDispenser": {
                    "intermediateStacker": "empty",
                    "positions": [{"position": "outDefault", "shutter": "closed", "positionStatus": "empty"}],
                },
                "cashManagement": {"dispenser": "ok"},
            },
            "CardReader": {"cardReader": {"media": "notPresent"}},
            "Printer": {"printer": {"media": "notPresent", "paper": {"upper": "full"}}},
            "Auxiliaries": {"auxiliaries": {"operatorSwitch": "run", "tamperSensor": "off", "safeDoor": "closed"}},
        }
        self.storage: dict[str, dict[str, Any]] = {
            "CashDispenser": {"unit1": _cassette("ok"), "unit2": _cassette("ok"), "unitRETRACT": _retract_bin()},
            "CardReader": {"unitRETAIN": _card_bin()},
        }
        self.device = dict.fromkeys(self.status, "online")
        self.asked: list[str] = []
        self.mute: set[str] = set()
        self.refuses_capabilities = False
        self._port, self._version, self._tls = port, version, tls
        self._clients: dict[str, set[web.WebSocketResponse]] = {}
        self._runner: web.AppRunner | None = None
        self._listening: socket.socket | None = None
        self._web: Any = None

    @property
    def plugged(self) -> bool:
        """Whether it is on the network."""
        return self._listening is not None

    @property
    def url(self) -> str:
        """The link line of its publisher."""
        return f"{self._scheme}://{_HOST}:{self._port}{_PATH}/"

    # ---- its plug ----

    async def plug(self) -> None:
        """Puts it on the network: who connects from now on is answered, once aiohttp is loaded beside the loop."""
        if self.plugged:
            return
        self._listening = socket.create_server((_HOST, self._port))
        web = self._web = await imported("aiohttp.web")
        app = web.Application()
        app.router.add_get(f"{_PATH}/", self._publisher)
        app.router.add_get(f"{_PATH}/{{service}}", self._service)
        self._runner = runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, self._listening, ssl_context=self._tls).start()

    async def unplug(self) -> None:
        """Takes it off: nobody is told goodbye."""
        runner, self._runner = self._runner, None
        listening, self._listening = self._listening, None
        for service in list(self._clients):
            self.drop(service)
        if runner is not None:
            await runner.cleanup()
        if listening is not None:
            listening.close()

    def drop(self, service: str) -> None:
        """Cuts the sockets of one service, of the publisher by an empty name."""
        for client in self._clients.pop(service, set()):
            transport = client._req.transport if client._req is not None else None  # noqa: SLF001 (nobody is told)
            if transport is not None:
                transport.abort()

    # ---- what happens at it ----

    async def retain_card(self) -> None:
        """A customer's card goes into the bin: the reader says so, and its counter rises."""
        status = self.storage["CardReader"]["unitRETAIN"]["card"]["status"]
        status["retainCount"] += 1
        status["count"] += 1
        await self.say("CardReader", "CardReader.CardActionEvent", {"from": "exit", "to": "unitRETAIN"})

    async def retract_notes(self) -> None:
        """Nobody took the notes, and they were drawn back: only a counter says so."""
        unit = self.storage["CashDispenser"]["unitRETRACT"]
        unit["cash"]["status"]["in"]["retractOperations"] += 1
        changed = {"unitRETRACT": {"status": "ok", "cash": {"status": unit["cash"]["status"]}}}
        await self.say("CashDispenser", "Storage.StorageChangedEvent", changed)

    async def become(self, service: str, device: str) -> None:
        """The device of one service is in another state."""
        self.device[service] = device
        common = {"device": device}
        await self.say(service, "Common.StatusChangedEvent", common if self._is_old else {"common": common})

    async def run_low(self, level: str) -> None:
        """Its cassettes are `low`, `empty` or `ok`."""
        for unit in ("unit1", "unit2"):
            self.storage["CashDispenser"][unit] = _cassette(level)
            await self.say("CashDispenser", "Storage.StorageThresholdEvent", {unit: _cassette(level)})

    async def tell(self, event: ev.Happening) -> bool:
        """Does what an event of the simulated branch says of it; False when it has no words for that."""
        match event:
            case ev.DeviceStatus():
                await self._stand(event)
            case ev.DeviceEvent(event="card_retained"):
                await self.retain_card()
            case ev.DeviceEvent(event="cash_not_dispensed"):
                await self.retract_notes()
            case ev.DeviceEvent(event="tamper"):
                await self.say("CardReader", "Common.ErrorEvent", {"eventId": "fraudAttempt", "action": "maintenance"})
            case ev.DeviceEvent(event="cash_low"):
                await self.run_low("low")
            case ev.DeviceEvent(event="cash_out"):
                await self.run_low("empty")
            case _:
                return False
        return True

    async def _stand(self, status: ev.DeviceStatus) -> None:
        """Is as the branch says it is, and tells what of that is new; what is degraded says its part."""
        device, level = _DEVICE.get(status.state, "offline"), _LEVELS[status.parts.get("cash", "ok")]
        if device != self.device["CashDispenser"]:
            await self.become("CashDispenser", device)
        if level != self.storage["CashDispenser"]["unit1"]["cash"]["status"]["replenishmentStatus"]:
            await self.run_low(level)
        self.status["Printer"]["printer"]["paper"]["upper"] = _PAPER.get(status.parts.get("printer", "ok"), "out")

    async def say(self, service: str, name: str, payload: Mapping[str, Any]) -> None:
        """Tells all clients of a service of something nobody asked for."""
        old = {"type": "unsolicited", "requestId": 0} if self._is_old else {"type": "event"}
        await self.raw(
            service, json.dumps({"header": {"name": name, "version": self._version, **old}, "payload": payload})
        )

    async def raw(self, service: str, text: str) -> None:
        """Sends any text to all clients of a service."""
        for client in tuple(self._clients.get(service, ())):
            with suppress(ConnectionError):
                await client.send_str(text)

    # ---- what it is asked ----

    async def _publisher(self, request: web.Request) -> web.WebSocketResponse:
        return await self._converse(request, "")

    async def _service(self, request: web.Request) -> web.WebSocketResponse:
        service = request.match_info["service"]
        if service not in self.status:
            raise self._web.HTTPNotFound
        return await self._converse(request, service)

    async def _converse(self, request: web.Request, service: str) -> web.WebSocketResponse:
        client: web.WebSocketResponse = self._web.WebSocketResponse()
        with suppress(ConnectionError):  # whoever hangs up in the middle wants no answer
            await client.prepare(request)
            self._clients.setdefault(service, set()).add(client)
            async for message in client:
                if message.type is self._web.WSMsgType.TEXT:
                    for answer in self._answers(service, json.loads(message.data)):
                        await client.send_str(json.dumps(answer))
        self._clients.get(service, set()).discard(client)
        return client

    def _answers(self, service: str, command: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The acknowledgement and the completion; what is no question of a monitor's is refused."""
        header = command["header"]
        name = header["name"]
        self.asked.append(name)
        if service in self.mute:
            return []
        same = {"name": name, "requestId": header["requestId"], "version": self._version}
        if header["version"].split(".")[0] not in self._understood:
            said: dict[str, Any] = {"header": {**same, "type": "acknowledge"}, "payload": {}}
            said["payload" if self._is_old else "header"]["status"] = "invalidMessage"
            return [said]
        payload = self._payload(service, name)
        code = "success" if payload is not None else "unsupportedCommand"
        ok: dict[str, Any] = {"payload": {"status": "ok"}} if self._is_old else {}
        acknowledge = {"header": {**same, "type": "acknowledge"}, **ok}
        completion: dict[str, Any] = {"header": {**same, "type": "completion"}, "payload": payload or {}}
        completion["payload" if self._is_old else "header"]["completionCode"] = code
        return [acknowledge, completion]

    def _payload(self, service: str, name: str) -> dict[str, Any] | None:
        """What the answer holds; None for a command it does not have."""
        if not service:
            uris = [f"{self._scheme}://ATM1:{self._port}{_PATH}/{one}" for one in self.status]
            listed = [{"serviceURI": uri} for uri in uris]
            return {"vendorName": "nobody", "services": listed} if name == "ServicePublisher.GetServices" else None
        if name not in _KNOWN or (name == "Common.Capabilities" and self.refuses_capabilities):
            return None
        if name == "Common.Status":
            return {"common": {"device": self.device[service]}, **self.status[service]}
        if name == "Storage.GetStorage":
            return {"storage": self.storage[service]} if service in self.storage else None
        commands = {one: {"versions": [self._version]} for one in _KNOWN - {"Storage.GetStorage"}}
        if service in self.storage:
            commands["Storage.GetStorage"] = {"versions": [self._version]}
        return {"interfaces": [{"name": "Common", "commands": commands}]}

    @property
    def _scheme(self) -> str:
        return "ws" if self._tls is None else "wss"

    @property
    def _is_old(self) -> bool:
        return self._version.startswith("1.")

    @property
    def _understood(self) -> tuple[str, ...]:
        return ("1",) if self._is_old else ("2", "3")
