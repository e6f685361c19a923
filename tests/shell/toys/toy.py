"""A made-up device that talks in lines, for tests of whatever carries the bytes.

In: `T<ticket>` a ticket, `S<device> <state>` a status, `A<address>` done, `N<address> <reason>` refused.
Out: `P<address> <text>` a page, `Q<address>` a question.
"""

from collections.abc import Sequence

from pydantic import BaseModel

from edge.core.commands import ShowOnBoard
from edge.core.events import DeviceStatus, TicketIssued
from edge.core.instant import Instant
from edge.driver import BadFrame, CannotEncode, Device, Driver, Received, Reply, Request

MEDIUM = frozenset({"serial", "tcp"})


class Settings(BaseModel, extra="forbid"):
    answers: bool = True
    polled: bool = False
    deadline_s: float = 1.0
    tries: int = 2


class Toy(Driver):
    def __init__(self, devices: Sequence[Device]) -> None:
        self._devices = {device.id: device for device in devices}
        self._rest = b""

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [self._line(line.decode("latin-1"), at) for line in lines]

    def _line(self, line: str, at: Instant) -> Received:
        letter, first, _, rest = line[:1], *line[1:].partition(" ")
        match letter:
            case "T" if first.isalnum():
                return TicketIssued(at=at, ticket=first, service="cash")
            case "S" if first in self._devices:
                kind = self._devices[first].kind
                return DeviceStatus(at=at, device=first, kind=kind, state="down" if rest == "down" else "ok")
            case "A" | "N" if first.isdecimal():
                return Reply(int(first), ok=letter == "A", detail=rest)
            case "!":
                raise RuntimeError("a fault of the driver's")
        return BadFrame("no such line", line.encode("latin-1"))

    def encode(self, command: ShowOnBoard) -> Request:
        if command.page.text.en == "unspeakable":
            raise CannotEncode("no such word")
        device = self._devices[command.board]
        return self._request(
            device, f"P{device.address or 0} {command.page.text.en}\n", expects=device.settings.answers
        )

    def poll(self, at: Instant) -> list[Request]:
        polled = [device for device in self._devices.values() if device.settings.polled]
        return [self._request(device, f"Q{device.address or 0}\n", expects=True) for device in polled]

    def _request(self, device: Device, line: str, *, expects: bool) -> Request:
        settings = device.settings
        return Request(
            device.address or 0, line.encode(), expects=expects, deadline_s=settings.deadline_s, tries=settings.tries
        )


def create(devices: Sequence[Device]) -> Driver:
    return Toy(devices)
