"""The MQTT protocol of one connection: the one file that knows paho-mqtt, and the only place that reaches into it.

paho is asked for what it does well, the state of the protocol; the socket, the waiting and the trying again are the
loop's (`mqtt.py`). What it says is passed on in plain words to one `Hearer`, from within its own calls: a hearer may
publish, acknowledge and subscribe then, nothing else.

Two packets never reach paho, PUBLISH and PUBACK, because every event brings several of them and in paho each costs two
locks, a condition and tables of all the properties there are. Their bytes are in `packets.py`; what is left of its work
for them, numbers and a bounded number in flight, is here. Everything else of the protocol is paho's.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct
from paho.mqtt import MQTTException
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.shell.links import packets
from edge.shell.links.packets import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.shell.links.mqtt import Settings
    from edge.shell.links.wire import Wire

IN_FLIGHT: Final = 100
"""Publications that may await their acknowledgement where a broker does not ask for fewer, as in MQTT 5 it may."""

IN_FLIGHT_UNASKED: Final = 20
"""The same in 3.1.1, where a broker cannot ask: what mosquitto allows unless told otherwise."""

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


class Incoming(Struct, eq=False):
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
        )
        self.v5: Final = v5
        self._wire, self._settings = wire, settings
        self._flying: set[int] = set()
        self._queued: deque[tuple[int, bytes]] = deque()
        self._most = IN_FLIGHT if v5 else IN_FLIGHT_UNASKED
        self._no_properties = packets.NO_PROPERTIES if v5 else b""
        self.username_pw_set(settings.table.username, password)
        if settings.will is not None:
            self.will_set(settings.will.topic, settings.will.payload, qos=1, retain=True)

    def begin(self, hearer: Hearer, host: str, port: int, write: Callable[[], None]) -> None:
        """Says CONNECT; `write` is called, once for many, when there is something for `loop_write`."""
        self._hearer, self._write_soon = hearer, write
        self.on_connect = self._on_connected
        self.on_disconnect = self._on_disconnected
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

    def read(self) -> bool:
        """Handles the next packet of those that have arrived; False when none is whole."""
        try:
            first = self._wire.next()
            if first is None:
                return False
            self._last_bytes_received = paho.time_func()
            kind = first & packets.KIND
            if kind == packets.PUBLISH:
                self._hearer.message(self._incoming(first, self._wire.take()))
            elif kind == packets.PUBACK:
                self._acknowledged(self._wire.take())
            else:
                self.loop_read()
        except (Malformed, MQTTException):
            self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL)
        return True

    def send(self, topic: str, payload: bytes, *, retain: bool, answers: bytes | None) -> int:
        """Publishes, QoS 1; returns the message's number."""
        properties = self._no_properties
        if answers is not None and self.v5:
            told = _properties(PacketTypes.PUBLISH)
            told.CorrelationData = answers
            properties = told.pack()  # type: ignore[no-untyped-call]
        mid = self._number()
        packet = packets.publish(topic.encode(), payload, mid, retain=retain, properties=properties)
        if len(self._flying) < self._most and not self._queued:
            self._fly(mid, packet)
        else:
            self._queued.append((mid, packet))
        return mid

    def take_off(self, topic: str) -> None:
        """Publishes nothing, retained, QoS 0: the broker forgets what it retained."""
        self._say(packets.publish(topic.encode(), b"", 0, retain=True, properties=self._no_properties))

    def acknowledge(self, mid: int) -> None:
        """Takes message `mid`: the broker may forget it."""
        self._say(packets.puback(mid))

    def ask_for(self, filters: Sequence[str]) -> int | None:
        """Subscribes, QoS 1; returns the request's number, None when it cannot be sent."""
        options = SubscribeOptions(qos=1)
        _, mid = self.subscribe([(f, options) for f in filters] if self.v5 else [(f, 1) for f in filters])
        return mid

    def _create_socket(self) -> Wire:
        return self._wire

    def _incoming(self, first: int, body: bytes) -> Incoming:
        topic, mid, qos, dup, retain, payload = packets.published(first, body)
        answer_to = None
        if self.v5:
            answer_to, size = (None, 1) if payload[:1] == packets.NO_PROPERTIES else _answer_to(payload)
            payload = payload[size:]
        return Incoming(topic, payload, mid, qos, dup, retain, answer_to, self._hearer)

    def _acknowledged(self, body: bytes) -> None:
        mid, code = packets.pubacked(body)
        if mid not in self._flying:
            return
        self._flying.remove(mid)
        if self._queued:
            self._fly(*self._queued.popleft())
        refused = code >= _FAILURE
        self._hearer.published(mid, self._words(ReasonCode(PacketTypes.PUBACK, identifier=code)) if refused else None)

    def _number(self) -> int:
        """A message number that is not in use."""
        mid = self._mid_generate()
        while mid in self._flying:
            mid = self._mid_generate()
        return mid

    def _fly(self, mid: int, packet: bytes) -> None:
        self._flying.add(mid)
        self._say(packet)

    def _say(self, packet: bytes) -> None:
        self._wire.send(packet)
        self._last_msg_out = paho.time_func()
        self._write_soon()

    def _on_connected(self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            other_version = reason.getName() == "Unsupported protocol version"
            self._hearer.refused(self._words(reason), other_version=other_version)
            return
        self._most = min(self._most, getattr(properties, "ReceiveMaximum", self._most))
        self._hearer.accepted()

    def _on_disconnected(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        sent_away = flags.is_disconnect_packet_from_server
        self._hearer.lost(f"{'sent us away' if sent_away else 'is lost'}: {self._words(reason)}")

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
