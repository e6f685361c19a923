"""An ATM or recycler whose vendor's agent publishes its state as JSON on MQTT, one topic level naming the machine.

The shape of the message is ours; no vendor's protocol is claimed. An agent is made to send it:

    {"state": "degraded", "parts": {"paper": "low"}, "event": "card_retained", "detail": "…", "at": "…"}

`state` is ok, degraded, down or unknown, or a device state of CEN/XFS 3 (a number) or XFS4IoT (a word). `wfs` may stand
instead of `state` and `parts`: status structures of CEN/XFS 3 as the agent reads them, numbers and all (`_wfs.py`). A
message says the whole of what the agent knows; `event` is one word or several. Other keys are dropped, and so are
long numbers in `detail`.

Between messages a driver remembers which conditions it has told of, for low paper is one event when it begins and not
one a minute; and how many cards the reader's bin held, for an agent that only reports states tells of a kept card by
that number alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import to_json

from drivers._framing import bad, shown
from drivers._machine import GRAVITY, Incidents, Part, Told, gravest
from drivers._messages import MOST_PAYLOAD, matches, read_object, topic_filter
from drivers._wfs import DEVICE, cards_kept, read
from edge.core import wire
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import SECOND
from edge.driver import CannotEncode, Device, Driver, Received

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.core.events import DeviceState, Event
    from edge.core.instant import Instant
    from edge.driver import Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"mqtt"})

_STATES: Final[Mapping[str, DeviceState]] = {
    **{meaning.word: meaning.state for meaning in DEVICE.values() if meaning is not None and meaning.word is not None},
    "online": "ok",
    "deviceBusy": "ok",
    "starting": "degraded",
    **{state: state for state in GRAVITY},
}
_EVENT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONG_NUMBER: Final = re.compile(r"\d[\d -]{7,}\d")
_KEPT: Final = "card_retained"
_ONE_CARD: Final = 60 * SECOND
"""An event and a number that rises within this are one card."""

_MOST_EVENTS: Final = 16  # of one message: more is no news but a fault of the agent


def _one_machine(text: str) -> str:
    if topic_filter(text).split("/").count("+") != 1:
        raise ValueError(f"{text!r} must have one +, the level that names the machine")
    return text


class Settings(BaseModel, extra="forbid", frozen=True):
    """The `+` in `topic` is the level that names the machine, by its id here or by `name`."""

    topic: Annotated[str, AfterValidator(_one_machine)] = "atm/+/status"
    name: str | None = Field(min_length=1, default=None)
    max_payload: int = Field(ge=16, le=1024 * 1024, default=MOST_PAYLOAD)


class _Kept:
    """The cards of one machine: told of by its agent, by the number in the bin, or by both."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._told = Incidents(_ONE_CARD)

    def counted(self, events: Sequence[str], count: int | None, at: Instant) -> list[str]:
        """The events, less the cards that the number has told of already, and those that only the number tells of."""
        told = [event for event in events if event != _KEPT or self._told.is_new("agent", at)]
        before, self._count = self._count, self._count if count is None else count
        more = max(0, count - before) if count is not None and before is not None else 0
        return told + [_KEPT for _ in range(min(more, _MOST_EVENTS)) if self._told.is_new("number", at)]


class AtmAgent(Driver):
    """The machines on one link, told apart by their topic."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._devices = devices
        self._told = {device.id: Told() for device in devices}
        self._kept = {device.id: _Kept() for device in devices}

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """One whole payload: the machine's status when it says one, then what has happened since the last."""
        device = next((one for one in self._devices if _named(one, topic)), None)
        if device is None:
            return [bad(f"unknown topic {shown(topic)}")]
        item = read_object(data, device.settings.max_payload)
        if isinstance(item, str):
            return [bad(f"{shown(topic)}: {item}")]
        try:
            return [*self._news(device, item, at)]
        except ValueError as fault:
            return [bad(f"{shown(topic)}: {fault}")]

    def encode_event(self, event: Event) -> tuple[str, bytes]:
        """Topic and payload in our shape; CannotEncode when the event is of no machine here."""
        if not isinstance(event, DeviceStatus | DeviceEvent):
            raise CannotEncode(f"a {event.type} is nothing a machine says")
        device = next((one for one in self._devices if one.id == event.device), None)
        if device is None:
            raise CannotEncode(f"no machine {event.device!r} on this link")
        item: dict[str, Any] = {"at": event.device_at} if event.device_at is not None else {}
        if isinstance(event, DeviceStatus):
            item |= {"state": event.state, "parts": dict(event.parts), "detail": event.detail}
        else:
            item |= {"event": event.event, "detail": event.detail}
        settings: Settings = device.settings
        return settings.topic.removesuffix("/#").replace("+", settings.name or device.id), to_json(item)

    def _news(self, device: Device, item: Mapping[str, Any], at: Instant) -> list[Event]:
        words, parts = _parts(item)
        events, cards = _events(item), cards_kept(item.get("wfs"))
        if "state" not in item and "wfs" not in item and not events:
            raise ValueError("neither 'state' nor 'wfs' nor 'event'")
        detail = _without_numbers(item.get("detail", ""))
        common = {"device": device.id, "device_at": _time(item.get("at"))}
        news: list[Event] = []
        if "state" in item or "wfs" in item:
            status = {"kind": device.kind, "state": _state(item, parts), "parts": words, "detail": detail}
            news.append(wire.make("device.status", at, common | status))
            events = list(dict.fromkeys(events + self._told[device.id].begun(parts)))
        events = self._kept[device.id].counted(events, cards, at)
        return news + [wire.make("device.event", at, common | {"event": event, "detail": detail}) for event in events]


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the machines that share one link."""
    return AtmAgent(devices)


def _named(device: Device, topic: str) -> bool:
    settings: Settings = device.settings
    return _machine(settings.topic, topic) == (settings.name or device.id)


@lru_cache(maxsize=256)
def _machine(pattern: str, topic: str) -> str | None:
    """The level of a topic that names the machine; None when the topic does not pass the pattern."""
    return topic.split("/")[pattern.split("/").index("+")] if matches(pattern, topic) else None


def _parts(item: Mapping[str, Any]) -> tuple[dict[str, str], list[Part]]:
    """Every part's word, and what the status structures say of theirs."""
    given = item.get("parts", {})
    if not isinstance(given, dict) or not all(isinstance(word, str) for word in given.values()):
        raise ValueError(f"'parts' is {shown(given)}; accepted: an object of words")
    parts = read(item["wfs"]) if "wfs" in item else []
    return {**given, **{part.name: part.meaning.word or "ok" for part in parts}}, parts


def _state(item: Mapping[str, Any], parts: Sequence[Part]) -> DeviceState:
    """What the agent says, else the gravest of what its status structures say."""
    if "state" not in item:
        return gravest(parts)
    said = item["state"]
    meaning = DEVICE.get(said) if type(said) is int else None
    if meaning is not None:
        return meaning.state
    if not isinstance(said, str) or said not in _STATES:
        raise ValueError(f"'state' is {shown(said)}; accepted: {', '.join(_STATES)}, or 0 to {max(DEVICE)}")
    return _STATES[said]


def _without_numbers(said: object) -> object:
    """An agent's free text without card, account and telephone numbers: details leave the branch, those must not."""
    return _LONG_NUMBER.sub("…", said) if isinstance(said, str) else said


def _time(said: object) -> object:
    """The machine's own time as text, whether it sends text or a number."""
    return str(said) if type(said) is int else said


def _events(item: Mapping[str, Any]) -> list[str]:
    said = item.get("event", [])
    events = [said] if isinstance(said, str) else said
    if not isinstance(events, list) or len(events) > _MOST_EVENTS:
        raise ValueError(f"'event' is {shown(said)}; accepted: a word, or at most {_MOST_EVENTS}")
    for event in events:
        if not isinstance(event, str) or not _EVENT.fullmatch(event):
            raise ValueError(f"'event' is {shown(event)}; accepted: words such as card_retained")
    return list(events)
