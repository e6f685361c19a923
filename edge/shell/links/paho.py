"""The MQTT protocol of one connection: the one file that knows paho-mqtt, and the only place that reaches into it.

paho is asked for what it does well, the state of the protocol; the socket, the waiting and the trying again are the
loop's (`mqtt.py`). What it says is passed on in plain words to one `Hearer`, from within its own calls: a hearer may
publish, acknowledge and subscribe then, nothing else.

Two packets are taken apart here rather than there, PUBLISH and PUBACK, because every event brings them: paho makes
of each, in MQTT 5, some tables of all the properties there are, though neither has any (30 of 80 microseconds).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from paho.mqtt import MQTTException
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.shell.links.mqtt import Settings
    from edge.shell.links.wire import Wire

IN_FLIGHT: Final = 20
"""Publications that may await their acknowledgement: what mosquitto allows; a broker that asks for fewer gets fewer."""

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of a packet: a broker of MQTT 5 keeps larger ones from us. Honest messages have some kilobytes."""

_FAILURE: Final = 0x80
"""Reason codes from here on are refusals (MQTT 5, section 2.4)."""

_NOT_AUTHORISED: Final = "not authorised; check [{section}] username and password_file"
_WORDS: Final[Mapping[str, str]] = {
    "Not authorized": _NOT_AUTHORISED,
    "Bad user name or password": _NOT_AUTHORISED,
    "Client identifier not valid": "it does not take our client id {client_id!r}",
    "Session taken over": "another client calls itself {client_id!r}; is a second lobbyd running for this branch?",
    "Keep alive timeout": "it does not answer any more",
}


@dataclass(slots=True, eq=False)
class Incoming:
    """One message from the broker, QoS 0 or 1; `ack` it when what follows from it is safe.

    `answer_to` is (topic, correlation) where its sender wants an answer and says so in MQTT 5's way.
    """

    topic: str
    payload: bytes
    mid: int
    qos: int
    dup: bool
    retain: bool
    answer_to: tuple[str, bytes | None] | None
    hearer: Hearer
    acked: bool = False

    def ack(self) -> None:
        """The broker may forget this message; on a connection that has gone this does nothing."""
        self.acked = True
        self.hearer.settle()


class Hearer(Protocol):
    """What is told of a connection."""

    def accepted(self) -> None:
        """The broker has accepted us."""

    def refused(self, why: str, *, other_version: bool) -> None:
        """The broker has not accepted us; `other_version`: it may do so in the other version of the protocol."""

    def lost(self, why: str) -> None:
        """The connection is over."""

    def message(self, message: Incoming) -> None:
        """A message has come."""

    def settle(self) -> None:
        """Somebody has done with a message."""

    def published(self, mid: int, refusal: str | None) -> None:
        """The broker has taken, or refused, our message `mid`."""

    def subscribed(self, mid: int, refused: Sequence[bool]) -> None:
        """The broker has answered subscription `mid`, filter by filter."""


class Client(paho.Client):
    """A client for one connection whose socket is open; `begin` says CONNECT."""

    def __init__(self, wire: Wire, settings: Settings, password: str | None, *, v5: bool) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            settings.client_id,
            clean_session=None if v5 else not settings.session_expiry_s,
            protocol=MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self.v5: Final = v5
        self._wire, self._settings = wire, settings
        self.max_inflight_messages = IN_FLIGHT
        self.username_pw_set(settings.table.username, password)
        if settings.will is not None:
            self.will_set(settings.will.topic, settings.will.payload, qos=1, retain=True)

    def begin(self, hearer: Hearer, host: str, port: int, write: Callable[[], None]) -> None:
        """Says CONNECT; `write` is called, once for many, when there is something for `loop_write`."""
        self._hearer = hearer
        self.on_connect = self._on_connected
        self.on_disconnect = self._on_disconnected
        self.on_publish = self._on_published
        self.on_subscribe = self._on_subscribed
        self.on_socket_register_write = lambda _client, _data, _socket: write()
        settings = self._settings
        keepalive_s, expiry_s = settings.table.keepalive_s, settings.session_expiry_s
        if not self.v5:
            self.connect(host, port, keepalive_s)
            return
        properties = _properties(PacketTypes.CONNECT)
        properties.ReceiveMaximum = settings.receive_maximum
        properties.MaximumPacketSize = LARGEST
        if expiry_s:
            properties.SessionExpiryInterval = expiry_s
        self.connect(host, port, keepalive_s, clean_start=not expiry_s, properties=properties)

    def send(self, topic: str, payload: bytes, *, retain: bool, answers: bytes | None) -> int:
        """Publishes, QoS 1; returns the message's number."""
        properties = None
        if answers is not None and self.v5:
            properties = _properties(PacketTypes.PUBLISH)
            properties.CorrelationData = answers
        return self.publish(topic, payload, 1, retain, properties).mid

    def take_off(self, topic: str) -> None:
        """Publishes nothing, retained, QoS 0: the broker forgets what it retained."""
        self.publish(topic, b"", 0, retain=True)

    def ask_for(self, filters: Sequence[str]) -> int | None:
        """Subscribes, QoS 1; returns the request's number, None when it cannot be sent."""
        options = SubscribeOptions(qos=1)
        _, mid = self.subscribe([(f, options) for f in filters] if self.v5 else [(f, 1) for f in filters])
        return mid

    def _create_socket(self) -> Wire:
        return self._wire

    def _handle_publish(self) -> MQTTErrorCode:
        flags, packet = self._in_packet["command"], bytes(self._in_packet["packet"])
        qos = flags >> 1 & 3
        try:
            at = 2 + (packet[0] << 8 | packet[1])
            topic, mid, answer_to = packet[2:at].decode(), 0, None
            if qos:
                mid = packet[at] << 8 | packet[at + 1]
                at += 2
            if self.v5:
                answer_to, size = _answer_to(packet[at:]) if packet[at] else (None, 1)
                at += size
        except (IndexError, UnicodeDecodeError, MQTTException):
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        if qos > 1:  # never asked for
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        dup, retain = bool(flags & 8), bool(flags & 1)
        self._hearer.message(Incoming(topic, packet[at:], mid, qos, dup, retain, answer_to, self._hearer))
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _handle_pubackcomp(self, cmd: Literal["PUBACK", "PUBCOMP"]) -> MQTTErrorCode:
        packet = self._in_packet["packet"]
        if len(packet) != _PLAIN_PUBACK:
            return super()._handle_pubackcomp(cmd)
        mid = packet[0] << 8 | packet[1]
        if mid not in self._out_messages:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return self._do_on_publish(mid, _SUCCESS, _NO_PROPERTIES)

    def _on_connected(self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            other_version = reason.getName() == "Unsupported protocol version"
            self._hearer.refused(self._words(reason), other_version=other_version)
            return
        # Fixed before the connection opens, says paho; the broker's limit comes later (MQTT 5, section 3.2.2.3.3).
        self._max_inflight_messages = min(IN_FLIGHT, getattr(properties, "ReceiveMaximum", IN_FLIGHT))
        self._hearer.accepted()

    def _on_disconnected(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        sent_away = flags.is_disconnect_packet_from_server
        self._hearer.lost(f"{'sent us away' if sent_away else 'is lost'}: {self._words(reason)}")

    def _on_published(self, _client: Any, _data: Any, mid: int, reason: ReasonCode, _properties: Any) -> None:
        self._hearer.published(mid, self._words(reason) if reason.value >= _FAILURE else None)

    def _on_subscribed(self, _client: Any, _data: Any, mid: int, reasons: Sequence[ReasonCode], _: Any) -> None:
        self._hearer.subscribed(mid, [reason.value >= _FAILURE for reason in reasons])

    def _words(self, reason: ReasonCode) -> str:
        name = reason.getName()
        words = _WORDS.get(name, name.lower())
        return words.format(section=self._settings.section, client_id=self._settings.client_id)


def _answer_to(packet: bytes) -> tuple[tuple[str, bytes | None] | None, int]:
    """(where an answer is wanted, how many bytes the properties take) of what follows a message's number in MQTT 5."""
    properties = _properties(PacketTypes.PUBLISH)
    _, size = properties.unpack(packet)  # type: ignore[no-untyped-call]
    topic = getattr(properties, "ResponseTopic", None)
    return (None if topic is None else (topic, getattr(properties, "CorrelationData", None))), size


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves this one class without types


_PLAIN_PUBACK: Final = 2
"""Bytes of an acknowledgement that is nothing but the message's number: taken (MQTT 5, section 3.4.2.1)."""

_SUCCESS: Final = ReasonCode(PacketTypes.PUBACK)
_NO_PROPERTIES: Final = _properties(PacketTypes.PUBACK)
