"""Any device or system that publishes JSON on MQTT: rules in its settings say which message is which event.

There is no protocol of anybody's in here. Only the fields a rule maps get into an event: whatever else a message
holds, a name or a card number, is dropped in this file, and no bad message is quoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import to_json

from drivers._framing import bad, shown
from drivers._mapping import DEVICE_AT, EventRule, same, to_event, to_values
from drivers._messages import MISSING, MOST_PAYLOAD, dig, fill, matches, read_object, topic_filter
from edge.driver import Answer, BadFrame, CannotEncode, Device, Driver, Received, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic.config import JsonDict

    from edge.core.events import Event
    from edge.core.instant import Instant
    from edge.driver import Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"mqtt"})

EXAMPLE: Final[JsonDict] = {
    "topics": [
        {
            "topic": "terminals/+/call",
            "event": "ticket.called",
            "when": {"cmd": "call"},
            "fields": {"ticket": "no"},
            "from_topic": {"window": 1},
            "device_at": "ts",
        },
        {"topic": "queue/issued", "event": "ticket.issued", "fields": {"ticket": "no", "service": "class.id"}},
    ],
    "ignore": [{"topic": "terminals/+/call", "when": {"cmd": "heartbeat"}}],
}
"""Settings for trying the driver by hand; the messages are nobody's."""

TopicFilter = Annotated[str, AfterValidator(topic_filter)]


def _path(text: str) -> str:
    if not all(text.split(".")):
        raise ValueError(f"{text!r} is no path; accepted: keys joined by dots, such as counter.id")
    return text


Path = Annotated[str, AfterValidator(_path)]


class Match(BaseModel, extra="forbid", frozen=True):
    """Messages on a topic that have certain values at certain paths."""

    topic: TopicFilter
    when: dict[Path, str | int | bool] = {}

    def meets(self, item: Mapping[str, Any]) -> bool:
        """Whether the message has all the values, each of the very type given: 1 is not true."""
        found = ((dig(item, path), value) for path, value in self.when.items())
        return all(type(there) is type(value) and there == value for there, value in found)


class TopicRule(Match, EventRule, frozen=True):
    """One kind of message: dotted paths into it, and levels of its topic counted from 0, give the event's fields."""

    fields: dict[str, Path] = {}
    from_topic: dict[str, Annotated[int, Field(ge=0)]] = {}
    device_at: Path | None = None

    def reads(self) -> tuple[str, ...]:
        """The mapped fields."""
        own = () if self.device_at is None else (DEVICE_AT,)
        return (*self.fields, *self.from_topic, *own)

    def paths(self) -> Mapping[str, str]:
        """Every field that is in the payload, with its path."""
        return self.fields if self.device_at is None else {**self.fields, DEVICE_AT: self.device_at}

    @model_validator(mode="after")
    def _levels_exist(self) -> Self:
        levels = self.topic.split("/")
        for name, level in self.from_topic.items():
            if level >= len(levels) and levels[-1] != "#":
                raise ValueError(f"from_topic.{name} is {level}; the levels of {self.topic} are 0 to {len(levels) - 1}")
        return self


class Settings(BaseModel):
    """Which messages mean what; the first rule whose topic and `when` match wins, after what is ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    topics: tuple[TopicRule, ...] = Field(min_length=1)
    ignore: tuple[Match, ...] = ()
    max_payload: int = Field(ge=16, le=1024 * 1024, default=MOST_PAYLOAD)


class JsonDriver(Driver):
    """Messages in, events out, and messages for events; devices that share a link are tried in order."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._rules: list[tuple[Device, TopicRule]] = [(one, rule) for one in devices for rule in one.settings.topics]
        self._ignored: list[Match] = [match for one in devices for match in one.settings.ignore]
        self._most = max(one.settings.max_payload for one in devices)

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """One whole payload: the event of the first rule that matches, nothing when it is ignored, else a BadFrame."""
        rules = [(device, rule) for device, rule in self._rules if matches(rule.topic, topic)]
        ignored = [match for match in self._ignored if matches(match.topic, topic)]
        if not rules and not ignored:
            return [bad(f"unknown topic {shown(topic)}")]
        item = read_object(data, self._most)
        if isinstance(item, str):
            return [bad(f"{shown(topic)}: {item}")]
        if any(match.meets(item) for match in ignored):
            return []
        for device, rule in rules:
            if rule.meets(item):
                return [to_event(rule, _read(rule, item, topic), device, at)]
        return [bad(f"{shown(topic)}: no rule matches what the message says")]

    def encode_event(self, event: Event) -> tuple[str, bytes]:
        """Topic and payload that say this event; CannotEncode when no rule gives ones that come back."""
        for device, rule in self._rules:
            if rule.event != event.type:
                continue
            topic, payload = _written(rule, device, event)
            if any(same(back, event) for back in self._back(topic, payload, event)):
                return topic, payload
        raise CannotEncode(f"no rule writes this {event.type}")

    def _back(self, topic: str, payload: bytes, event: Event) -> list[Event]:
        return [one for one in self.receive(payload, event.at, topic) if not isinstance(one, Answer | BadFrame | Reply)]


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the devices that share one link."""
    return JsonDriver(devices)


def _read(rule: TopicRule, item: Mapping[str, Any], topic: str) -> dict[str, Any]:
    """What the rule reads from the message; what is missing or null is left out."""
    found = {name: dig(item, path) for name, path in rule.paths().items()}
    levels = topic.split("/")
    found |= {name: levels[level] for name, level in rule.from_topic.items() if level < len(levels)}
    return {name: value for name, value in found.items() if value is not MISSING and value is not None}


def _written(rule: TopicRule, device: Device, event: Event) -> tuple[str, bytes]:
    """A message as the rule would read it; a level of the topic that means nothing to the rule is the device's id."""
    values = to_values(rule, event)
    levels = rule.topic.removesuffix("/#").split("/")
    levels += ["+"] * (1 + max(rule.from_topic.values(), default=-1) - len(levels))
    for name, level in rule.from_topic.items():
        levels[level] = str(values.get(name, "+"))
    item: dict[str, Any] = {}
    for path, value in rule.when.items():
        fill(item, path, value)
    for name, path in rule.paths().items():
        if name in values:
            fill(item, path, values[name])
    return "/".join(device.id if level == "+" else level for level in levels), to_json(item)
