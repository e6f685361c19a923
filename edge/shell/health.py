"""What a link says of its devices, and when it takes that back.

A link speaks up when it is lost and when a device does not answer. What it said it takes back on the first sign of
life, and on nothing less:

* an answer speaks for any device;
* a device's own status stands by itself, whatever it says;
* other events speak for devices that never report their state (queue machine, board, announcer …);
* an open link with nobody asked speaks for those too, because more they will never say.

A device that works but not as it should (a board that cuts a text, a screen that is switched off) has a flaw: as long
as it has one the link says "degraded" where it would take something back.

Devices that report by themselves (ATM, sensor …) are believed when they do; until then "unknown" is the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.apply.devices import SPEAKS_REGULARLY
from edge.core.events import DeviceState, DeviceStatus, Occurrence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from edge.core.instant import Instant
    from edge.driver import Device

LOST: Final = "link lost"
SILENT: Final = "no answer"
BACK: Final = "link back"
MENDED: Final = "in order again"
UNSAID: Final = "not heard of yet"


class Health:
    """The standing of the devices of one link; every method returns what is to be told, each thing once.

    `unheard` are the devices nobody vouches for at the beginning: new ones, and those last known as unknown.
    """

    def __init__(self, devices: Sequence[Device], *, unheard: Collection[str]) -> None:
        self._devices = {device.id: device for device in devices}
        self._said = {device.id: UNSAID if device.id in unheard else "" for device in devices}
        self._flaws: dict[str, dict[str, str]] = {device.id: {} for device in devices}
        self._flaw_said: dict[str, str] = {}

    def lost(self, at: Instant) -> list[DeviceStatus]:
        """The link is gone, or has never come."""
        return [status for id in self._devices for status in self._say(id, LOST, at)]

    def down(self, reason: str, at: Instant) -> list[DeviceStatus]:
        """The link is the device itself, and does not work."""
        return [status for id in self._devices for status in self._say(id, reason, at, state="down")]

    def unanswered(self, id: str, at: Instant) -> list[DeviceStatus]:
        """A device was asked as often as it should be and kept silent."""
        return self._say(id, SILENT, at)

    def refused(self, id: str, reason: str, at: Instant) -> list[DeviceStatus]:
        """A device answers, but takes not what it is sent."""
        return self._say(id, f"refused: {reason}" if reason else "refused", at, state="degraded")

    def misheard(self, id: str, reason: str, at: Instant) -> list[DeviceStatus]:
        """A device was asked as often as it should be; something came, and it was no answer."""
        return self._say(id, reason, at, state="degraded")

    def note(self, id: str, of: str, flaw: str) -> None:
        """A device works, with this flaw or none; `of` is what the flaw is one of, and replaces what it had of that."""
        flaws = self._flaws[id]
        if flaw or of in flaws:
            flaws[of] = flaw

    def answered(self, id: str, at: Instant) -> list[DeviceStatus]:
        """A device did as it was asked."""
        return self._take_back(id, at)

    def sent(self, id: str, at: Instant) -> list[DeviceStatus]:
        """A device was sent what it does not answer: nothing is known but the flaw that what was sent has."""
        speaks = self._flaw(id) or self._said[id] == self._flaw_said.get(id)
        return self._take_back(id, at) if speaks else []

    def heard(self, events: Iterable[Occurrence], at: Instant) -> list[DeviceStatus]:
        """The driver understood `events`; what follows from them belongs before them."""
        told = []
        for event in events:
            if isinstance(event, DeviceStatus):
                if event.device in self._said:
                    self._said[event.device] = ""
            else:
                told += [status for id in self._meant(event) for status in self._take_back(id, at)]
        return told

    def open(self, asked: Collection[str], at: Instant) -> list[DeviceStatus]:
        """The link has stood for a while; `asked` are the devices whose answers are the better witnesses."""
        quiet = (id for id, device in self._devices.items() if device.kind not in SPEAKS_REGULARLY)
        return [status for id in quiet if id not in asked for status in self._take_back(id, at)]

    def report(self) -> Mapping[str, str]:
        """Of each device what the link last said of it; empty where it vouches, or the device speaks for itself."""
        return dict(self._said)

    def _meant(self, event: Occurrence) -> list[str]:
        """The silent kind of device that an event shows to be alive."""
        named = getattr(event, "device", None)
        meant = [named] if named in self._devices else list(self._devices) if len(self._devices) == 1 else []
        return [id for id in meant if self._devices[id].kind not in SPEAKS_REGULARLY]

    def _take_back(self, id: str, at: Instant) -> list[DeviceStatus]:
        flaw = self._flaw(id)
        if flaw:
            self._flaw_said[id] = flaw
            return self._say(id, flaw, at, state="degraded")
        before, self._said[id] = self._said[id], ""
        if not before:
            return []
        return [self._status(id, "ok", MENDED if before == self._flaw_said.get(id) else BACK, at)]

    def _flaw(self, id: str) -> str:
        flaws = self._flaws[id]
        return "; ".join(one for one in flaws.values() if one) if flaws else ""

    def _say(self, id: str, detail: str, at: Instant, *, state: DeviceState = "unknown") -> list[DeviceStatus]:
        if self._said[id] == detail:
            return []
        self._said[id] = detail
        return [self._status(id, state, detail, at)]

    def _status(self, id: str, state: DeviceState, detail: str, at: Instant) -> DeviceStatus:
        return DeviceStatus(at=at, device=id, kind=self._devices[id].kind, state=state, detail=detail)
