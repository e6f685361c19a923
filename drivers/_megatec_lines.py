"""The lines of the Megatec protocol: three questions, and what a UPS answers to each.

"Megatec Protocol information" 2.7 (networkupstools.org/protocols/megatec.html), checked against a maker's manual (Best
Power 510, appendix A) and against the columns in which NUT's drivers look. A field that is not supported holds `@`,
with some makers dashes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import asdict, fields

from drivers._framing import shown
from drivers._records import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATUS, INFORMATION, RATING = b"Q1\r", b"I\r", b"F\r"
"""Who the questions are: how is it, who made it, what is it rated for."""

_ABSENT: Final = rb"|[@-][@.-]*)"
_GAP: Final = re.compile(r"[@-][@.-]*")
_VOLTS: Final = rb"(\d{3}\.\d" + _ABSENT
_WHOLE: Final = rb"(\d{3}" + _ABSENT
_TENTHS: Final = rb"(\d{2}\.\d" + _ABSENT
_BATTERY: Final = rb"(\d{2}\.\d|\d\.\d{2}" + _ABSENT
_RATED_BATTERY: Final = rb"(\d{2}\.\d{2}|\d{3}\.\d" + _ABSENT
_STATUS: Final = re.compile(
    rb"\(" + b" ".join((_VOLTS, _VOLTS, _VOLTS, _WHOLE, _TENTHS, _BATTERY, _TENTHS)) + rb" ([01]{8})"
)
_RATING: Final = re.compile(rb"#" + b" ".join((_VOLTS, _WHOLE, _RATED_BATTERY, _TENTHS)))
_INFORMATION: Final = re.compile(rb"#([ -~]{15}) ([ -~]{10}) ([ -~]{10})")


class Status(Struct, frozen=True):
    """The answer to Q1; None where the UPS does not say. `bits` as they come, the first one is number 7.

    `battery` is in volts as it came, 2.27 or 27.4: of one cell in an on-line UPS, of the whole in a standby one.
    """

    input_v: float | None
    fault_v: float | None
    output_v: float | None
    load_percent: int | None
    input_hz: float | None
    battery: str | None
    temperature_c: float | None
    bits: str

    @property
    def battery_v(self) -> float | None:
        """The battery's voltage as a number."""
        return None if self.battery is None else float(self.battery)

    @property
    def mains_lost(self) -> bool:
        """Bit 7."""
        return self.bits[0] == "1"

    @property
    def battery_low(self) -> bool:
        """Bit 6."""
        return self.bits[1] == "1"

    @property
    def passed_by(self) -> bool:
        """Bit 5: on-line UPSs are on bypass, standby ones raise or lower the voltage."""
        return self.bits[2] == "1"

    @property
    def failed(self) -> bool:
        """Bit 4."""
        return self.bits[3] == "1"

    @property
    def standby(self) -> bool:
        """Bit 3: the kind of UPS, 0 is on-line."""
        return self.bits[4:5] == "1"

    @property
    def testing(self) -> bool:
        """Bit 2."""
        return self.bits[5] == "1"

    @property
    def shutting_down(self) -> bool:
        """Bit 1."""
        return self.bits[6] == "1"

    def encode(self) -> bytes:
        """The line, its end included."""
        said = (
            *(_text(value, "05.1f") for value in (self.input_v, self.fault_v, self.output_v)),
            _text(self.load_percent, "03d"),
            _text(self.input_hz, "04.1f"),
            "@" if self.battery is None else self.battery,
            _text(self.temperature_c, "04.1f"),
            self.bits,
        )
        return f"({' '.join(said)}\r".encode("ascii")


class Rating(Struct, frozen=True):
    """The answer to F; `rated_battery` is in volts as it came, 24.00 or 024.0."""

    rated_v: float | None
    rated_a: int | None
    rated_battery: str | None
    rated_hz: float | None

    @property
    def rated_battery_v(self) -> float | None:
        """The battery's rated voltage as a number."""
        return None if self.rated_battery is None else float(self.rated_battery)

    def encode(self) -> bytes:
        """The line, its end included."""
        said = (
            _text(self.rated_v, "05.1f"),
            _text(self.rated_a, "03d"),
            "@" if self.rated_battery is None else self.rated_battery,
            _text(self.rated_hz, "04.1f"),
        )
        return f"#{' '.join(said)}\r".encode("ascii")


class Information(Struct, frozen=True):
    """The answer to I; `maker` has 15 characters at most, the others 10."""

    maker: str
    model: str
    version: str

    def encode(self) -> bytes:
        """The line, its end included."""
        return f"#{self.maker:15} {self.model:10} {self.version:10}\r".encode("ascii")


Line: TypeAlias = Status | Rating | Information


def parse(question: bytes, line: bytes) -> Line | None:
    """What a line, without its end, says in answer to a question; None when it is no answer to that."""
    if question == STATUS and (said := _STATUS.fullmatch(line)):
        into, fault, out, load, hertz, battery, degrees, flags = said.groups()
        return Status(
            input_v=_number(into),
            fault_v=_number(fault),
            output_v=_number(out),
            load_percent=_whole(load),
            input_hz=_number(hertz),
            battery=_as_it_came(battery),
            temperature_c=_number(degrees),
            bits=flags.decode("ascii"),
        )
    if question == RATING and (said := _RATING.fullmatch(line)):
        return Rating(_number(said[1]), _whole(said[2]), _as_it_came(said[3]), _number(said[4]))
    if question == INFORMATION and (said := _INFORMATION.fullmatch(line)):
        return Information(*(part.decode("ascii").rstrip() for part in said.groups()))
    return None


class Frames:
    """The lines as `lobbyd codec` uses them: see `edge.driver.FrameLayer`. A question is `{"ask": "Q1"}`.

    What a UPS does not say is shown as it came, "--.-"; null is written as "@".
    """

    def decode(self, chunks: Sequence[bytes]) -> list[dict[str, Any]]:
        """The lines in the chunks, in order; one that is none of the protocol's is `bad_frame`."""
        *lines, rest = b"".join(chunks).split(b"\r")
        found = [_json(line) for line in lines]
        return [*found, {"bad_frame": f"{len(rest)} bytes of a line that does not end"}] if rest else found

    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The line that `item` describes; ValueError is one sentence that says what is wrong."""
        if "ask" in item:
            refuse_unknown(item, {"ask": None})
            question = f"{item['ask']}\r".encode("utf-8", "replace")
            if question not in (STATUS, INFORMATION, RATING):
                raise ValueError(f"'ask' is {shown(item['ask'])}; accepted: Q1, I, F")
            return question
        kind = Status if "bits" in item else Information if "maker" in item else Rating
        names = [one.name for one in fields(kind)]
        refuse_unknown(item, dict.fromkeys(names))
        if missing := [name for name in names if name not in item]:
            raise ValueError(f"lacks '{missing[0]}'")
        try:
            line: bytes = kind(**item).encode()
        except (TypeError, ValueError):
            raise ValueError("a value is no number or text that the line can hold") from None
        (again,) = self.decode([line])
        if "bad_frame" in again:
            raise ValueError(f"that makes no line of this protocol: {shown(line)}")
        if wrong := [name for name in names if item[name] not in (again.get(name), None)]:
            raise ValueError(f"'{wrong[0]}' is {shown(item[wrong[0]])}: the line has no room for that")
        return line


def _json(line: bytes) -> dict[str, Any]:
    if line + b"\r" in (STATUS, INFORMATION, RATING):
        return {"ask": line.decode("ascii")}
    said = parse(STATUS, line) or parse(RATING, line) or parse(INFORMATION, line)
    if said is None:
        return {"bad_frame": f"no line of this protocol: {shown(line)}"}
    item = asdict(said)
    if not isinstance(said, Information):
        texts = line[1:].decode("ascii").split(" ")
        item |= {name: text for (name, value), text in zip(item.items(), texts, strict=True) if value is None}
    return item


def _number(said: bytes) -> float | None:
    try:
        return float(said)
    except ValueError:
        return None


def _whole(said: bytes) -> int | None:
    return int(said) if said.isdigit() else None


def _as_it_came(said: bytes) -> str | None:
    return said.decode("ascii") if said[:1].isdigit() else None


def _text(value: float | str | None, form: str) -> str:
    if isinstance(value, str) and _GAP.fullmatch(value):
        return value
    return "@" if value is None else format(value, form)
