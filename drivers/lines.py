"""Any device that says one thing a line, over serial or TCP: patterns in its settings say which line is which event.

There is no protocol of anybody's in here. Queue machines and call units of many makers can be set to print such lines;
the settings say what they look like. Empty lines are passed over, and a carriage return before a line feed is.

Patterns are regular expressions from the configuration. The bound on a line's length keeps one that backtracks
polynomially cheap (256² steps); one that repeats a repetition, such as `(a+)+$`, is a fault no bound cures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from drivers._framing import Lines, bad
from drivers._mapping import EventRule, same, to_event, to_values
from edge.driver import BadFrame, CannotEncode, Device, Driver, Received

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.config import JsonDict

    from edge.core.events import Event
    from edge.core.instant import Instant
    from edge.driver import Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})

EXAMPLE: Final[JsonDict] = {
    "lines": [
        {
            "pattern": r"^T,(?P<ticket>\w+),(?P<service>\w+)$",
            "event": "ticket.issued",
            "values": {"service": {"1": "cash", "2": "account"}},
            "template": "T,{ticket},{service}",
        },
        {
            "pattern": r"^C,(?P<ticket>\w+),(?P<window>\d+)$",
            "event": "ticket.called",
            "template": "C,{ticket},{window}",
        },
        {"pattern": r"^E,paper$", "event": "device.event", "set": {"event": "paper_low"}, "template": "E,paper"},
    ],
    "ignore": ["^#"],
}
"""Settings for trying the driver by hand; the lines are nobody's."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as fault:
        raise ValueError(f"{text!r} is no regular expression: {fault}") from None
    return text


def _encoding(name: str) -> str:
    """Refuses what is no text encoding, and what does not write ASCII as ASCII: line ends are looked for in bytes."""
    try:
        plain = "T1\r\n".encode(name) == b"T1\r\n"
    except (LookupError, ValueError):
        plain = False
    if not plain:
        raise ValueError(
            f"{name!r} is no encoding that contains ASCII; accepted: utf-8, gbk, gb18030, ascii, latin-1 …"
        )
    return name


def _line_end(text: str) -> str:
    """Below the digits no multi-byte encoding of Chinese has second bytes, so a line end is never half a character."""
    if any(mark >= "0" for mark in text):
        raise ValueError(f"{text!r} may be part of a character; accepted: control characters and marks such as ;")
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class LineRule(EventRule, frozen=True):
    """One kind of line: named groups of `pattern` are the event's fields; `template` writes the line from them."""

    pattern: Pattern
    template: str | None = None

    def reads(self) -> tuple[str, ...]:
        """The named groups."""
        return tuple(re.compile(self.pattern).groupindex)

    @model_validator(mode="after")
    def _template_is_filled(self) -> Self:
        try:
            (self.template or "").format_map(dict.fromkeys(self.reads(), ""))
        except (KeyError, ValueError, IndexError, AttributeError) as fault:
            raise ValueError(f"template {self.template!r} wants {fault}, which is no group of the pattern") from None
        return self


class Settings(BaseModel):
    """How lines look. `line_end` and `encoding` are the device's; `max_line` counts bytes without the line end."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    lines: tuple[LineRule, ...] = Field(min_length=1)
    ignore: tuple[Pattern, ...] = ()
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    line_end: Annotated[str, AfterValidator(_line_end)] = Field(min_length=1, max_length=4, default="\n")
    max_line: int = Field(ge=8, le=4096, default=256)


class LineDriver(Driver):
    """Lines in, events out, and lines for events where rules have templates.

    Devices that share a link are tried in order, and the framing of the first counts for all.
    """

    def __init__(self, devices: Sequence[Device]) -> None:
        first: Settings = devices[0].settings
        self._encoding = first.encoding
        self._end = first.line_end.encode(first.encoding)
        self._lines = Lines(self._end, first.max_line)
        self._rules = [(device, rule, re.compile(rule.pattern)) for device in devices for rule in device.settings.lines]
        self._ignored = [re.compile(pattern) for device in devices for pattern in device.settings.ignore]

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """The event of each whole line, by the first pattern that matches; an ignored line leaves no trace."""
        read = [one if isinstance(one, BadFrame) else self._read(one, at) for one in self._lines.feed(data)]
        return [one for one in read if one is not None]

    def encode_event(self, event: Event) -> bytes:
        """The line that says this event, its end included; CannotEncode when no template writes one that comes back."""
        for device, rule, _ in self._rules:
            if rule.template is None or rule.event != event.type:
                continue
            line = self._written(rule, device, event)
            if line is not None:
                return line
        raise CannotEncode(f"no template writes this {event.type}")

    def _read(self, line: bytes, at: Instant) -> Event | BadFrame | None:
        if self._end == b"\n":
            line = line.removesuffix(b"\r")
        try:
            text = line.decode(self._encoding)
        except ValueError:
            return bad(f"a line that is not {self._encoding}", line)
        if not text or any(pattern.search(text) for pattern in self._ignored):
            return None
        for device, rule, pattern in self._rules:
            found = pattern.search(text)
            if found is not None:
                read = {name: value for name, value in found.groupdict().items() if value is not None}
                return to_event(rule, read, device, at)
        return bad("a line no pattern matches", line)

    def _written(self, rule: LineRule, device: Device, event: Event) -> bytes | None:
        try:
            values = {name: _plain(value) for name, value in to_values(rule, event).items()}
            line = (rule.template or "").format_map(values).encode(self._encoding)
        except (KeyError, ValueError):
            return None
        back = self._read(line, event.at)
        return line + self._end if not isinstance(back, BadFrame) and back is not None and same(back, event) else None


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the devices that share one link."""
    return LineDriver(devices)


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
