"""Headquarters as banks have it, and a whole daemon: TLS with an authority of their own, brokers of MQTT 3.1.1."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.chaos.certificates import Authority
from tests.chaos.house import PLAIN, House, running
from tests.mqtt_peer import OTHER_VERSION_5, OTHER_VERSION_311
from tests.processes import HOST, Mosquitto, free_port
from tests.shell.branch import Witness, soon, witness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker

MQTT_5 = 5
EVENTS = "bank/v1/bank/b1/event/#"


def drawn(hq: Witness) -> list[str]:
    """The tickets headquarters has been told of, second deliveries left out by `id`."""
    items = [json.loads(payload) for topic, payload, _ in hq.heard if topic.endswith("/event/ticket.issued")]
    return [item["data"]["ticket"] for item in {item["id"]: item for item in items}.values()]


async def problems(house: House, *, expected: str) -> list[str]:
    """What is wrong by the daemon's own account, once `expected` is in it."""

    def found() -> list[str]:
        told: Any = house.daemon.health()["problems"]
        return [problem for problem in told if expected in problem]

    await soon(found, lambda: house.daemon.pace.sleep(0.02))
    return found()


# ---- TLS ----


class Bank:
    """Headquarters' broker: TLS for branches that show a certificate of the bank's, and a plain port for its own."""

    def __init__(self, folder: Path) -> None:
        self.authority, self.stranger = Authority(folder, "bank"), Authority(folder, "stranger")
        self.branch = self.authority.certify("branch")
        self.broker = Mosquitto(folder)
        self.tls_port = free_port()
        server = self.authority.certify("server")
        with self.broker._config.open("a") as config:
            config.write(f"listener {self.tls_port} {HOST}\ncertfile {server.cert}\nkeyfile {server.key}\n")
            config.write(f"cafile {self.authority.file}\nrequire_certificate true\n")

    def table(self, *, ca: Path) -> str:
        """The branch's `[hq]`, believing in `ca`."""
        return self.without_certificate(ca=ca) + f'cert_file = "{self.branch.cert}"\nkey_file = "{self.branch.key}"\n'

    def without_certificate(self, *, ca: Path) -> str:
        return f'[hq]\nurl = "mqtts://{HOST}:{self.tls_port}"\nca_file = "{ca}"\nkeepalive_s = 5\n'


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    folder = tmp_path / "bank"
    folder.mkdir()
    bank = Bank(folder)
    bank.broker.start()
    yield bank
    bank.broker.stop()


async def test_headquarters_is_told_over_tls(tmp_path: Path, bank: Bank) -> None:
    async with (
        running(tmp_path, PLAIN + bank.table(ca=bank.authority.file)) as house,
        witness(bank.broker, EVENTS) as hq,
    ):
        for n in range(50):
            await house.draw(f"A{n:03}")
        await hq.until(lambda: len(drawn(hq)) == 50)
        wrong = house.daemon.health()["problems"]

    assert drawn(hq) == [f"A{n:03}" for n in range(50)]
    assert wrong == []


@pytest.mark.parametrize("mended", ["the file", "the configuration"])
async def test_a_wrong_authority_is_one_sentence_and_heals(tmp_path: Path, bank: Bank, mended: str) -> None:
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(bank.stranger.file.read_bytes())
    with capture_logs() as logs:
        async with (
            running(tmp_path, PLAIN + bank.table(ca=trusted)) as house,
            witness(bank.broker, EVENTS) as hq,
        ):
            await house.draw("A001")
            told = await problems(house, expected="certificate")
            if mended == "the file":
                trusted.write_bytes(bank.authority.file.read_bytes())
            else:
                house.write(PLAIN + bank.table(ca=bank.authority.file))
                await house.daemon.reload()
            await house.draw("A002")
            await hq.until(lambda: len(drawn(hq)) == 2)
            healed = house.daemon.health()["problems"]

    (sentence,) = told
    assert sentence == (
        f"hq: broker {HOST}:{bank.tls_port} shows a certificate we do not trust "
        "(self-signed certificate in certificate chain); check [hq] ca_file and its url"
    )
    assert drawn(hq) == ["A001", "A002"]
    assert healed == []
    assert len([line for line in logs if "not connected" in line["event"]]) == 1


async def test_a_branch_that_shows_no_certificate_is_told_so(tmp_path: Path, bank: Bank) -> None:
    async with running(tmp_path, PLAIN + bank.without_certificate(ca=bank.authority.file)) as house:
        (told,) = await problems(house, expected="broker")

    assert told.startswith(f"hq: broker {HOST}:{bank.tls_port} hung up (")
    assert told.endswith("; is that an MQTT broker, and does it want a certificate of ours? Check [hq] cert_file")


# ---- MQTT 3.1.1 ----


class Doorkeeper:
    """Stands before a real broker and lets in clients of 3.1.1 alone; those of MQTT 5 it refuses as such brokers do."""

    def __init__(self, broker: Mosquitto, refusal: bytes) -> None:
        self.broker, self.refusal = broker, refusal
        self.versions: list[int] = []
        self.swallows = False
        """Whether what the broker answers is lost on the way, acknowledgements with it."""
        self._inside: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def on_duty(self) -> AsyncIterator[str]:
        """The URL of the door."""
        async with asyncio.TaskGroup() as visits:

            def knock(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                visits.create_task(self._met(reader, writer))

            server = await asyncio.start_server(knock, HOST, 0)
            async with server:
                yield f"mqtt://{HOST}:{server.sockets[0].getsockname()[1]}"
                self.throw_out()

    def throw_out(self) -> None:
        """Ends every connection, in the middle of whatever is under way."""
        for writer in self._inside:
            writer.transport.abort()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._inside.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):  # whoever was at the door has gone
                connect = await reader.readuntil(b"MQTT") + await reader.readexactly(1)
                self.versions.append(connect[-1])
                if connect[-1] == MQTT_5:
                    writer.write(self.refusal)
                else:
                    await self._let_in(connect, reader, writer)
        finally:
            self._inside.discard(writer)
            await _close(writer)

    async def _let_in(self, connect: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_broker, to_broker = await asyncio.open_connection(HOST, self.broker.port)
        to_broker.write(connect)
        ways = [
            asyncio.ensure_future(way)
            for way in (self._carry_in(reader, to_broker), self._carry_out(from_broker, writer))
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        await _close(to_broker)

    async def _carry_in(self, client: asyncio.StreamReader, broker: asyncio.StreamWriter) -> None:
        while data := await client.read(65536):
            broker.write(data)

    async def _carry_out(self, broker: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while data := await broker.read(65536):
            if not self.swallows:
                client.write(data)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@pytest.mark.parametrize("refusal", [OTHER_VERSION_311, OTHER_VERSION_5, b""], ids=["code 1", "0x84", "hangs up"])
async def test_a_broker_of_3_1_1_is_told_everything_in_order_and_once_by_id(
    tmp_path: Path, mosquitto: Mosquitto, refusal: bytes
) -> None:
    door = Doorkeeper(mosquitto, refusal)
    async with (
        door.on_duty() as url,
        running(tmp_path, PLAIN + f'[hq]\nurl = "{url}"\n') as house,
        witness(mosquitto, EVENTS, "bank/v1/bank/b1/status") as hq,
    ):
        for n in range(40):
            await house.draw(f"A{n:03}")
        await hq.until(lambda: len(drawn(hq)) == 40)
        door.swallows = True
        for n in range(40, 50):
            await house.draw(f"A{n:03}")
        await hq.until(lambda: len(drawn(hq)) == 50)
        door.throw_out()
        door.swallows = False
        for n in range(50, 80):
            await house.draw(f"A{n:03}")
        await hq.until(lambda: len(drawn(hq)) == 80)
        healthy = house.daemon.health()["problems"]
    items = [json.loads(payload) for topic, payload, _ in hq.heard if "/event/" in topic]
    marks = list(dict.fromkeys((item["boot"], item["seq"]) for item in items))

    assert drawn(hq) == [f"A{n:03}" for n in range(80)]
    assert len(items) >= len(marks) + 10, "what was not acknowledged came again"
    assert len({item["id"] for item in items}) == len(marks)
    assert marks == [(1, n) for n in range(1, len(marks) + 1)]
    assert door.versions == [5, 4, 4], "asked once, remembered afterwards"
    assert [status["state"] for status in hq.on("bank/v1/bank/b1/status")] == ["online", "offline", "online"]
    assert healthy == []


# ---- what it is told of the daemon itself ----


async def test_health_names_what_the_contract_does(tmp_path: Path, mosquitto: Mosquitto) -> None:
    topic = "bank/v1/bank/b1/health"
    async with running(tmp_path, PLAIN + f'[hq]\nurl = "{mosquitto.url}"\n'), witness(mosquitto, topic) as hq:
        await hq.until(lambda: hq.heard)
    (health, *_) = hq.on(topic)

    assert health.keys() >= {"counters", "outbox", "clock", "loop_lag_s"}
    assert health["loop_lag_s"] >= 0


# ---- headquarters away for longer than there is room for ----


async def test_headquarters_away_for_months_costs_it_the_oldest_and_the_branch_nothing(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    async with witness(mosquitto, EVENTS, session="hq"):
        pass  # that it wants to hear of events the broker knows before the branch is there
    mosquitto.stop()
    config = PLAIN + f'outbox_mb = 0.02\n[hq]\nurl = "{mosquitto.url}"\n'
    async with running(tmp_path, config) as house:
        for n in range(200):
            await house.draw(f"A{n:03}")
        assert len(house.waiting) == 200, "the branch stands still for nobody"
    async with running(tmp_path, config) as house:  # and a restart in between changes nothing
        for n in range(200, 250):
            await house.draw(f"A{n:03}")
        health: Any = house.daemon.health()
        mosquitto.start()
        async with witness(mosquitto, EVENTS, session="hq") as hq:
            await hq.until(lambda: drawn(hq)[-1:] == ["A249"])
        await soon(lambda: not house.daemon.health()["problems"], lambda: house.daemon.pace.sleep(0.02))
    first, *others = [json.loads(payload) for _, payload, _ in hq.heard]
    missing, told = first["data"], len(drawn(hq))

    assert first["kind"] == "gap"
    assert missing["first"] == {"boot": 1, "seq": 1}
    assert missing["last"] == {"boot": first["boot"], "seq": first["seq"]}
    assert drawn(hq) == [f"A{n:03}" for n in range(250 - told, 250)]
    assert (others[0]["boot"], others[0]["seq"]) == (first["boot"], first["seq"] + 1)
    assert 0 < told < 150, "a budget of twenty kilobytes"
    (said,) = [problem for problem in health["problems"] if "given up" in problem]
    assert (
        said == f"headquarters has been away too long: the oldest {missing['messages']} messages for it were given up"
    )
    assert health["counters"]["outbox_lost"] > 0
