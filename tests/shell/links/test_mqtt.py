"""The connection to a broker: with a real one, and with one that says what no real one says."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from edge.config.models import BrokerTable
from edge.shell.links import mqtt
from edge.shell.links.mqtt import Connection, Dialler, Settings, Will
from edge.shell.links.paho import Incoming
from edge.shell.links.stream import LinkLost
from tests import mqtt_peer
from tests.fakes import PATIENCE_S
from tests.mqtt_peer import CONNACK_5, CONNACK_311, OTHER_VERSION_5, OTHER_VERSION_311, Peer
from tests.processes import Mosquitto, free_port

EXPIRY_S = 3600


class Box:
    """Where messages arrive; `acks`: they are acknowledged at once."""

    def __init__(self, *, acks: bool = True) -> None:
        self.messages: list[Incoming] = []
        self._acks = acks
        self._news = asyncio.Event()

    def __call__(self, message: Incoming) -> None:
        self.messages.append(message)
        if self._acks:
            message.ack()
        self._news.set()

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.messages]

    async def count(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.messages) < count:
                self._news.clear()
                await self._news.wait()


def dialler(url: str, **more: object) -> Dialler:
    table = {"url": url} | {key: more.pop(key) for key in list(more) if key in BrokerTable.model_fields}
    given = {"section": "broker", "table": BrokerTable.model_validate(table), "client_id": "lobbyd-test"} | more
    return Dialler(Settings(**given))  # type: ignore[arg-type]


@asynccontextmanager
async def connected(dial: Dialler, box: Callable[[Incoming], None], *filters: str) -> AsyncIterator[Connection]:
    connection = await dial.open(box)
    try:
        if filters:
            granted = asyncio.Event()
            connection.subscribe(filters, lambda refused: granted.set() if not refused else None)
            async with asyncio.timeout(PATIENCE_S):
                await granted.wait()
        yield connection
    finally:
        connection.close()


async def delivered(connection: Connection, topic: str, *payloads: bytes, retain: bool = False) -> list[str | None]:
    """Publishes and waits until the broker has all."""
    outcomes: list[str | None] = []
    all_ = asyncio.Event()

    def done(refusal: str | None) -> None:
        outcomes.append(refusal)
        if len(outcomes) == len(payloads):
            all_.set()

    for payload in payloads:
        connection.publish(topic, payload, retain=retain, done=done)
    async with asyncio.timeout(PATIENCE_S):
        await all_.wait()
    return outcomes


def one_at_a_time(connection: Connection, box: Box) -> Callable[[Incoming], None]:
    """Takes a message and pauses, again and again."""

    def take(message: Incoming) -> None:
        box(message)
        connection.pause()
        asyncio.get_running_loop().call_soon(connection.resume)

    return take


async def why(opening: Awaitable[object]) -> str:
    with pytest.raises(LinkLost) as caught:
        await opening
    return str(caught.value)


# ---- a real broker ----


@pytest.mark.broker
@pytest.mark.parametrize("v5", [True, False])
async def test_messages_go_round_in_order_and_whole(mosquitto: Mosquitto, v5: bool) -> None:
    dial, box = dialler(mosquitto.url), Box()
    dial._v5 = v5
    payloads = [b"%d" % n for n in range(500)] + [bytes(range(256)) * 4096, b""]
    async with connected(dial, box, "a/+") as connection:
        assert connection.v5 is v5
        assert await delivered(connection, "a/b", *payloads) == [None] * len(payloads)
        await box.count(len(payloads))
    assert box.payloads == payloads
    assert {(message.topic, message.dup, message.retain) for message in box.messages} == {("a/b", False, False)}


@pytest.mark.broker
async def test_nagle_is_off(mosquitto: Mosquitto) -> None:
    import socket

    async with connected(dialler(mosquitto.url), Box()) as connection:
        with socket.socket(fileno=connection._wire.fileno()) as sock:
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            sock.detach()


@pytest.mark.broker
@pytest.mark.parametrize("v5", [True, False])
async def test_what_was_not_acknowledged_comes_again_as_a_duplicate(mosquitto: Mosquitto, v5: bool) -> None:
    dial = dialler(mosquitto.url, session_expiry_s=EXPIRY_S)
    dial._v5 = v5
    box = Box(acks=False)
    async with (
        connected(dial, box, "a") as connection,
        connected(dialler(mosquitto.url, client_id="x"), Box()) as other,
    ):
        await delivered(other, "a", b"1", b"2", b"3")
        await box.count(3)
        box.messages[0].ack()
        box.messages[2].ack()  # waits behind the second, which nobody acknowledges
        connection._write()
        connection.lose("died")
    again = Box()
    async with connected(dial, again):
        await again.count(2)
    assert [(message.payload, message.dup) for message in again.messages] == [(b"2", True), (b"3", True)]


@pytest.mark.broker
async def test_a_broker_that_restarts_keeps_the_session(mosquitto: Mosquitto) -> None:
    dial, box = dialler(mosquitto.url, session_expiry_s=EXPIRY_S), Box()
    async with connected(dial, box, "a") as connection:
        mosquitto.stop()
        assert "127.0.0.1" in await why(connection.closed())
        assert "refused the connection; is it running, and is [broker] url right?" in await why(dial.open(box))
        mosquitto.start()
    async with connected(dialler(mosquitto.url, client_id="x"), Box()) as other, connected(dial, box):
        await delivered(other, "a", b"1")
        await box.count(1)


@pytest.mark.broker
async def test_the_will_is_seen_after_an_abrupt_end_and_not_after_an_orderly_one(mosquitto: Mosquitto) -> None:
    dial = dialler(mosquitto.url, will=Will("status", b"offline"))
    async with aiomqtt.Client(mosquitto.host, mosquitto.port) as witness:
        await witness.subscribe("status", qos=1)
        async with connected(dial, Box()) as connection:
            await delivered(connection, "status", b"online")
        async with connected(dial, Box()) as connection:
            await delivered(connection, "status", b"online again")
            connection.lose("died")
        seen = []
        async with asyncio.timeout(PATIENCE_S):
            async for message in witness.messages:
                seen.append(message.payload)
                if message.payload == b"offline":
                    break
    assert seen == [b"online", b"online again", b"offline"]


@pytest.mark.broker
async def test_a_paused_connection_takes_nothing_and_loses_nothing(mosquitto: Mosquitto) -> None:
    box = Box()
    async with connected(dialler(mosquitto.url), box, "a") as connection:
        connection.pause()
        async with connected(dialler(mosquitto.url, client_id="x"), Box()) as other:
            await delivered(other, "a", *(b"%d" % n for n in range(50)))
        assert box.messages == []
        connection.resume()
        await box.count(50)
    assert box.payloads == [b"%d" % n for n in range(50)]


@pytest.mark.broker
async def test_pausing_in_the_middle_of_what_has_arrived_keeps_the_rest(mosquitto: Mosquitto) -> None:
    box = Box()
    async with connected(dialler(mosquitto.url), box, "a") as connection:
        connection._on_message = one_at_a_time(connection, box)
        await delivered(connection, "a", *(b"%d" % n for n in range(100)))
        await box.count(100)
    assert box.payloads == [b"%d" % n for n in range(100)]


@pytest.mark.broker
async def test_an_answer_goes_where_the_request_says(mosquitto: Mosquitto) -> None:
    box = Box()
    async with (
        connected(dialler(mosquitto.url), box, "cmd") as connection,
        aiomqtt.Client(mosquitto.host, mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5) as asker,
    ):
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic, properties.CorrelationData = "mine", b"\x01\x02"
        await asker.subscribe("mine", qos=1)
        await asker.publish("cmd", b"?", qos=1, properties=properties)
        await box.count(1)
        assert box.messages[0].answer_to == ("mine", b"\x01\x02")
        connection.publish("mine", b"!", answers=b"\x01\x02")
        async with asyncio.timeout(PATIENCE_S):
            answer = await anext(aiter(asker.messages))
    assert (answer.payload, getattr(answer.properties, "CorrelationData", None)) == (b"!", b"\x01\x02")


@pytest.mark.broker
async def test_user_and_password_are_read_at_each_connection(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wrong\n")
    subprocess.run(["mosquitto_passwd", "-c", "-b", tmp_path / "passwd", "lobbyd", "right"], check=True)
    broker = Mosquitto(tmp_path)
    config = broker._config.read_text().replace("allow_anonymous true", f"password_file {tmp_path / 'passwd'}")
    broker._config.write_text(config)
    broker.start()
    try:
        dial = dialler(broker.url, username="lobbyd", password_file=tmp_path / "secret")
        refused = f"broker 127.0.0.1:{broker.port} refused: not authorised; check [broker] username and password_file"
        assert await why(dial.open(Box())) == refused
        dial._v5 = False
        assert await why(dial.open(Box())) == refused
        (tmp_path / "secret").write_text("right\n")
        async with connected(dial, Box(), "a"):
            pass
    finally:
        broker.stop()


@pytest.mark.broker
async def test_tls_with_an_authority_of_our_own(tmp_path: Path) -> None:
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=branch"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*new, *files, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    broker = Mosquitto(tmp_path)
    certificates = f"certfile {tmp_path / 'cert.pem'}\nkeyfile {tmp_path / 'key.pem'}\n"
    plain = free_port()
    broker._config.write_text(f"{broker._config.read_text()}{certificates}listener {plain} 127.0.0.1\n")
    broker.start()
    url = f"mqtts://127.0.0.1:{broker.port}"
    big = bytes(100_000)
    try:
        box = Box()
        async with connected(dialler(url, ca_file=tmp_path / "cert.pem"), box, "a") as connection:
            await delivered(connection, "a", big, b"small")
            await box.count(2)
            assert box.payloads == [big, b"small"]
            connection._on_message = one_at_a_time(connection, box)
            await delivered(connection, "a", *[bytes(3000)] * 50)
            await box.count(52)
        assert "shows a certificate we do not trust (self-signed certificate); check [broker] ca_file" in await why(
            dialler(url).open(box)
        )
        assert "during TLS; does that port speak TLS?" in await why(dialler(f"mqtts://127.0.0.1:{plain}").open(box))
        assert "missing.pem" in await why(dialler(url, ca_file=tmp_path / "missing.pem").open(box))
    finally:
        broker.stop()


# ---- no broker ----


async def test_a_port_nobody_listens_on_is_said_plainly() -> None:
    port = free_port()
    assert await why(dialler(f"mqtt://127.0.0.1:{port}").open(Box())) == (
        f"broker 127.0.0.1:{port} refused the connection; is it running, and is [broker] url right?"
    )


async def test_a_name_nobody_knows_is_said_plainly(unknown_name: str) -> None:
    assert await why(dialler(f"mqtt://{unknown_name}").open(Box())) == (
        f"broker {unknown_name}:1883 is not known by that name; "
        "check [broker] url, and that this machine has a name server"
    )


async def test_a_password_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    missing = tmp_path / "password"
    assert await why(dialler("mqtt://127.0.0.1:1", username="u", password_file=missing).open(Box())) == (
        f"broker 127.0.0.1:1 cannot be asked: {missing}: No such file or directory; check [broker] password_file"
    )


async def test_what_is_no_broker_is_said_plainly() -> None:
    async def web_server(peer: Peer) -> None:
        await peer.packet()
        peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with mqtt_peer.broker(web_server) as port:
        assert (await why(dialler(f"mqtt://127.0.0.1:{port}").open(Box()))).endswith("; is that an MQTT broker?")


# ---- a broker that does as it is told ----


@pytest.mark.parametrize("refusal", [OTHER_VERSION_311, OTHER_VERSION_5, b""], ids=["code 1", "0x84", "hangs up"])
async def test_a_broker_of_3_1_1_is_spoken_to_in_3_1_1_and_remembered(refusal: bytes) -> None:
    versions: list[int] = []

    async def talk(peer: Peer) -> None:
        versions.append(mqtt_peer.version_of(await peer.until(mqtt_peer.CONNECT)))
        if versions[-1] == 5:
            peer.say(refusal)
            return
        peer.say(CONNACK_311)
        await peer.gone()

    async with mqtt_peer.broker(talk) as port:
        dial = dialler(f"mqtt://127.0.0.1:{port}")
        for _ in range(2):
            async with connected(dial, Box()) as connection:
                assert not connection.v5
    assert versions == [5, 4, 4]


async def test_a_broker_that_never_answers_mqtt_5_is_asked_in_3_1_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "FIRST_ANSWER_WITHIN_S", 0.1)

    async def talk(peer: Peer) -> None:
        if mqtt_peer.version_of(await peer.until(mqtt_peer.CONNECT)) == 4:
            peer.say(CONNACK_311)
        await peer.gone()

    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), Box()) as connection:
        assert not connection.v5


async def test_acknowledgements_go_out_in_the_order_of_arrival() -> None:
    acked: list[bytes] = []

    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_5 + b"".join(mqtt_peer.publish(mid, b"x", v5=True) for mid in (7, 8, 9)))
        acked.extend([await peer.until(mqtt_peer.PUBACK) for _ in range(3)])

    box = Box(acks=False)
    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), box) as connection:
        await box.count(3)
        for n in (2, 1, 0):
            box.messages[n].ack()
        assert "hung up" in await why(connection.closed())
    assert acked == [b"\x00\x07", b"\x00\x08", b"\x00\x09"]


async def test_a_broker_that_takes_two_at_a_time_gets_two_at_a_time() -> None:
    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(b"\x20\x06\x00\x00\x03\x21\x00\x02")  # receive maximum 2
        for _ in range(3):
            mids = [(await peer.until(mqtt_peer.PUBLISH))[3:5] for _ in range(2)]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await peer.packet()
            peer.say(b"".join(b"\x40\x02" + mid for mid in mids))

    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), Box()) as connection:
        assert await delivered(connection, "t", *[b"x"] * 6) == [None] * 6


async def test_a_message_the_broker_refuses_is_refused_in_words() -> None:
    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_5)
        mid = (await peer.until(mqtt_peer.PUBLISH))[3:5]
        peer.say(b"\x40\x04" + mid + b"\x97\x00")
        await peer.gone()

    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), Box()) as connection:
        assert await delivered(connection, "t", b"x") == ["quota exceeded"]


async def test_a_broker_that_sends_us_away_is_quoted() -> None:
    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_5)
        await peer.until(mqtt_peer.SUBSCRIBE)
        peer.say(b"\xe0\x02\x8e\x00")
        await peer.gone()

    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), Box()) as connection:
        connection.subscribe(["t"], lambda _: None)
        assert await why(connection.closed()) == (
            f"broker 127.0.0.1:{port} sent us away: another client calls itself 'lobbyd-test'; "
            "is a second lobbyd running for this branch?"
        )


async def test_a_broker_that_falls_silent_is_given_up() -> None:
    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_5)
        await peer.gone()

    async with mqtt_peer.broker(talk) as port:
        dial = dialler(f"mqtt://127.0.0.1:{port}")
        dial.settings = Settings(
            section="broker",
            table=BrokerTable.model_construct(url=dial.settings.table.url, keepalive_s=1),
            client_id="lobbyd-test",
        )
        async with connected(dial, Box()) as connection:
            assert (await why(connection.closed())).endswith("is lost: it does not answer any more")


async def test_an_owner_that_fails_ends_the_connection_with_its_own_fault() -> None:
    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_5)
        await peer.until(mqtt_peer.SUBSCRIBE)
        peer.say(mqtt_peer.publish(1, b"x", v5=True))
        await peer.gone()

    def bug(_: Incoming) -> None:
        raise ZeroDivisionError

    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), bug) as connection:
        connection.subscribe(["t"], lambda _: None)
        with pytest.raises(ZeroDivisionError):
            await connection.closed()


@pytest.mark.parametrize(
    "packet",
    [
        b"\x32\x00",
        b"\x32\x04\x00\x09ab",
        b"\x30\x05\x00\x02\xff\xfe\x00",
        b"\x34\x06\x00\x01t\x00\x01\x00",
        b"\xf7\x00",
        b"\x00\x00",
        b"\x30\xff\xff\xff\xff\x01",
    ],
    ids=[
        "empty",
        "topic too short",
        "topic no text",
        "never asked for QoS 2",
        "unknown packet",
        "no packet",
        "endless length",
    ],
)
async def test_a_broken_packet_ends_the_connection_and_nothing_else(packet: bytes) -> None:
    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_5)
        await peer.until(mqtt_peer.SUBSCRIBE)
        peer.say(packet)
        await peer.gone()

    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), Box()) as connection:
        connection.subscribe(["t"], lambda _: None)
        assert "protocol error" in await why(connection.closed())


async def test_after_the_end_nothing_is_sent_and_nothing_fails() -> None:
    async def talk(peer: Peer) -> None:
        await peer.until(mqtt_peer.CONNECT)
        peer.say(CONNACK_5 + mqtt_peer.publish(1, b"x", v5=True))
        await peer.gone()

    box = Box(acks=False)
    async with mqtt_peer.broker(talk) as port, connected(dialler(f"mqtt://127.0.0.1:{port}"), box) as connection:
        await box.count(1)
        connection.lose("died")
        box.messages[0].ack()
        connection.publish("t", b"x", done=lambda _: pytest.fail("nobody has it"))
        connection.subscribe(["t"], lambda _: pytest.fail("nobody heard it"))
        connection.unsubscribe("t")
        connection.pause()
        connection.resume()
        connection.close()
