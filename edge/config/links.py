"""Links as values: where a device is, parsed from the configuration's link line.

`serial:///dev/branch/queue0?baud=9600&parity=E&rs485=1` · `tcp://10.0.0.21:5005` · `mqtt:queue/#` ·
`wss://10.0.0.21:5846/path?ca_file=/etc/lobbyd/atm-ca.pem` · `sound:plughw:0,0`
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.driver import Medium


class SerialLink(Struct, frozen=True):
    """A local port; `rs485` asks the kernel to drive the direction pin (on-board UARTs; most USB adapters do it).

    `echo` says of an RS-485 adapter that it hears itself: what is sent comes back first.
    """

    path: str
    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: float = 1.0
    rs485: bool = False
    echo: bool = False

    medium: Medium = "serial"

    @property
    def place(self) -> str:
        """What two devices must share to be on one bus."""
        return self.path


class TcpLink(Struct, frozen=True):
    """A TCP endpoint that we connect to."""

    host: str
    port: int
    medium: Medium = "tcp"

    @property
    def place(self) -> str:
        """What two devices must share to be on one bus."""
        return f"{self.host}:{self.port}"


class WebSocketLink(Struct, frozen=True):
    """A WebSocket endpoint that we connect to; `ca_file` is the authority its certificate is checked by (wss)."""

    url: str
    ca_file: str | None = None
    medium: Medium = "websocket"

    @property
    def place(self) -> str:
        """What two devices must share to be on one bus."""
        return self.url


class MqttLink(Struct, frozen=True):
    """A topic filter on the branch's broker."""

    filter: str
    medium: Medium = "mqtt"

    @property
    def place(self) -> str:
        """What two devices must share to be on one bus."""
        return self.filter


PLAYER: Final = "aplay"


class SoundLink(Struct, frozen=True):
    """An ALSA device by the name `aplay -L` gives it; `player` is the program that plays to it."""

    device: str
    player: str = PLAYER
    medium: Medium = "sound"

    @property
    def place(self) -> str:
        """What two devices must share to be on one bus."""
        return self.device


Link: TypeAlias = SerialLink | TcpLink | WebSocketLink | MqttLink | SoundLink

FORMS: Final = (
    "serial:///dev/NAME?baud=9600, tcp://host:port, ws://host:port/path, mqtt:topic/filter, sound:ALSA-DEVICE"
)


class BadLink(ValueError):
    """The text is no link; the message says what is accepted."""


def parse(text: str) -> Link:
    """A link line to a link; BadLink says what is wrong with it."""
    scheme = text.partition(":")[0]
    try:
        match scheme:
            case "serial":
                return _serial(text)
            case "tcp":
                return _tcp(text)
            case "ws" | "wss":
                return _websocket(text)
            case "mqtt":
                return MqttLink(_filter(text.removeprefix("mqtt:")))
            case "sound":
                return _sound(text.removeprefix("sound:"))
    except ValueError as fault:
        raise BadLink(f"{text!r} is no link: {fault}") from None
    raise BadLink(f"{text!r} is no link; accepted: {FORMS}")


def _serial(text: str) -> SerialLink:
    parts = urlsplit(text)
    pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    given = dict(pairs)
    if len(given) < len(pairs):
        twice = next(name for name in given if sum(known == name for known, _ in pairs) > 1)
        raise ValueError(f"{twice} is given twice")
    if parts.netloc or not parts.path.startswith("/") or parts.path == "/":
        raise ValueError("a serial link names a device node, such as serial:///dev/branch/queue0?baud=9600")
    link = SerialLink(
        path=parts.path,
        baud=int(_one_of(given, "baud", "9600", BAUDS)),
        bits=int(_one_of(given, "bits", "8", ("7", "8"))),
        parity=_one_of(given, "parity", "N", ("N", "E", "O")),
        stop=float(_one_of(given, "stop", "1", ("1", "1.5", "2"))),
        rs485=_one_of(given, "rs485", "0", ("0", "1")) == "1",
        echo=_one_of(given, "echo", "0", ("0", "1")) == "1",
    )
    if given:
        raise ValueError(f"unknown setting {', '.join(given)}; accepted: baud, bits, parity, stop, rs485, echo")
    return link


BAUDS: Final = ("1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200", "230400")


def _one_of(given: dict[str, str], key: str, default: str, accepted: tuple[str, ...]) -> str:
    value = given.pop(key, default)
    if value not in accepted:
        raise ValueError(f"{key}={value}; accepted: {', '.join(accepted)}")
    return value


def _tcp(text: str) -> TcpLink:
    parts = urlsplit(text)
    if not parts.hostname or parts.port is None or parts.path not in ("", "/") or parts.query:
        raise ValueError("a TCP link is tcp://host:port and nothing more")
    return TcpLink(parts.hostname, parts.port)


def _websocket(text: str) -> WebSocketLink:
    parts = urlsplit(text)
    if not parts.hostname or parts.username is not None or parts.fragment or parts.port == 0:
        raise ValueError("a WebSocket link is ws://host:port/path")
    given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    ca_file = given.pop("ca_file", None)
    if given:
        raise ValueError(f"unknown setting {', '.join(given)}; accepted: ca_file")
    if ca_file is not None and not ca_file.startswith("/"):
        raise ValueError(f"ca_file={ca_file}; accepted: a file by its whole path, such as /etc/lobbyd/atm-ca.pem")
    return WebSocketLink(parts._replace(query="").geturl(), ca_file)


def _filter(text: str) -> str:
    levels = text.split("/")
    if not text or any(set("#+") & set(level) and len(level) > 1 for level in levels) or "#" in levels[:-1]:
        raise ValueError("an MQTT topic filter has + for one whole level and # only at its end")
    return text


def _sound(text: str) -> SoundLink:
    device, mark, query = text.partition("?")
    if not re.fullmatch(r"[A-Za-z0-9][\w:=,.\-]*", device, re.ASCII):
        raise ValueError("a sound link names an ALSA device, such as sound:default or sound:plughw:0,0 (`aplay -L`)")
    given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(mark)))
    player = given.pop("player", PLAYER)
    if given:
        raise ValueError(f"unknown setting {', '.join(given)}; accepted: player")
    if not re.fullmatch(r"/?[\w.\-]+(/[\w.\-]+)*", player) or ("/" in player and not player.startswith("/")):
        raise ValueError(f"player={player}; accepted: a program's name, or its whole path")
    return SoundLink(device, player)


def line_settings(link: SerialLink) -> Mapping[str, object]:
    """What two devices on one port must agree on."""
    return {
        "baud": link.baud,
        "bits": link.bits,
        "parity": link.parity,
        "stop": link.stop,
        "rs485": link.rs485,
        "echo": link.echo,
    }
