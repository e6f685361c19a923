"""A made-up device that talks in lines, for tests of whatever carries the bytes.

In: `T<ticket>` a ticket, `S<device> <state>` a status, `A<address>` done, `N<address> <reason>` refused.
Out: `P<address> <text>` a page, `Q<address>` a question, `C<address> <ticket>` `W<address> <waiting>` and, with a beep,
`B<address>` a sign, `V<address> <words>` a call to say, `R<address> <ticket>` a ticket to print, which it does not
while its status is down.
"""

from collections.abc import Sequence

from msgspec.structs import replace
from pydantic import BaseModel

from edge.core.events import DeviceStatus, TicketIssued
from edge.core.instant import Instant
from edge.core.outputs import Edge, Output, PrintTicket, ShowOnBoard, ShowOnCounter
from edge.driver import BadFrame, CannotEncode, Device, Driver, NotNow, Received, Reply, Request

MEDIUM = frozenset({"serial", "tcp"})


class Settings(BaseModel, extra="forbid"):
    answers: bool = True
    polled: bool = False
    deadline_s: float = 20.0  # a busy machine is no fault of the device's
    tries: int = 2


class Toy(Driver):
    def __init__(self, devices: Sequence[Device]) -> None:
        self._devices = {device.id: device for device in devices}
        self._rest = b""
        self._down: set[str] = set()

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
                (self._down.add if rest == "down" else self._down.discard)(first)
                return DeviceStatus(at=at, device=first, kind=kind, state="down" if rest == "down" else "ok")
            case "A" | "N" if first.isdecimal():
                return Reply(int(first), ok=letter == "A", detail=rest)
            case "!":
                raise RuntimeError("a fault of the driver's")
        return BadFrame("no such line", line.encode("latin-1"))

    def encode(self, command: Output) -> Request:
        if isinstance(command, ShowOnCounter):
            return self._sign(command)
        if not isinstance(command, ShowOnBoard):
            return self._errand(command)
        if command.page.text.en == "unspeakable":
            raise CannotEncode("no such word")
        device = self._devices[command.board]
        return self._request(
            device, f"P{device.address or 0} {command.page.text.en}\n", expects=device.settings.answers
        )

    def _sign(self, command: ShowOnCounter) -> Request:
        device = self._devices[command.device]
        frames = [f"W{device.address or 0} {command.waiting}\n"] + [f"B{device.address or 0}\n"] * command.beep
        first = self._request(device, f"C{device.address or 0} {command.ticket}\n", expects=device.settings.answers)
        return replace(first, then=tuple(frame.encode() for frame in frames))

    def _errand(self, command: Edge) -> Request:
        device = self._devices[command.device]
        if device.id in self._down:
            raise NotNow("out of paper")
        line = (
            f"R{device.address or 0} {command.ticket}" if isinstance(command, PrintTicket) else f"V0 {command.text.en}"
        )
        return self._request(device, f"{line}\n", expects=device.settings.answers)

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
