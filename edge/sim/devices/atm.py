"""The agent of the self-service machines: JSON on `atm/{machine}/status`, the whole state or something that happened.

{"state": "degraded", "parts": {"cash": "low"}, "detail": "", "at": "…"}
{"event": "card_retained", "detail": "…", "at": "…"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.core import events as ev

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from edge.sim.devices.agent import Agent

_OF_THE_AGENT: Final = frozenset({"atm", "recycler", "kiosk"})


def message(event: ev.Happening, at: str) -> tuple[str, Mapping[str, Any]] | None:
    """Topic and message of an event, `at` being the machine's own time; None when no machine says it."""
    match event:
        case ev.DeviceStatus() if event.kind in _OF_THE_AGENT:
            item = {"state": event.state, "parts": dict(event.parts), "detail": event.detail, "at": at}
        case ev.DeviceEvent():
            item = {"event": event.event, "detail": event.detail, "at": at}
        case _:
            return None
    return f"atm/{event.device}/status", item


class Network:
    """The machines' way to their agent; one that is off it is not heard, and back on it says first how it is."""

    def __init__(self, agent: Agent, machines: Collection[str]) -> None:
        self._agent, self._machines = agent, frozenset(machines)
        self._off: set[str] = set()
        self._standing: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def tell(self, event: ev.Happening, at: str) -> None:
        """Passes on what a machine on the network says."""
        said = message(event, at)
        device = getattr(event, "device", "")
        if said is None or device not in self._machines:
            return
        if isinstance(event, ev.DeviceStatus):
            self._standing[device] = said
        if device not in self._off:
            self._agent.say(*said)

    def has(self, machine: str) -> bool:
        """Whether the machine is on it."""
        return machine not in self._off

    def leave(self, machine: str) -> None:
        """Its cable is out."""
        self._off.add(machine)

    def join(self, machine: str) -> None:
        """Its cable is in."""
        if machine in self._off:
            self._off.remove(machine)
            if machine in self._standing:
                self._agent.say(*self._standing[machine])
