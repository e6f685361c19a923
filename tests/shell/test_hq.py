"""Headquarters, against a real broker. The clock runs fast, so that a second's wait takes a twentieth."""

from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from structlog.testing import capture_logs

from edge import __version__
from edge.core.commands import EndDevice, EndWait, PublishDevice
from edge.core.report import PublishFigures, WaitScore, WaitScores
from edge.shell.clock import Clock
from edge.shell.hq import DATES_MOST, HEALTH_EVERY_S, Headquarters
from tests.fakes import turns
from tests.processes import Mosquitto
from tests.shell.branch import branch, heard, retained, serving, soon, witness
from tests.shell.test_broker import figures
from tests.shell.test_drain import FakeOutbox

pytestmark = pytest.mark.broker
ROOT = "bank/v1/bank/b1"
CARD = "6222 0212 3456 7890"


class Branch:
    """A branch's line to headquarters, with the outbox it drains."""

    def __init__(self, folder: Path, broker: Mosquitto, *, boot: int = 7) -> None:
        self.clock = Clock(speed=20)
        self.outbox = FakeOutbox()
        self.loaded = branch(folder, broker.url)
        self.problems: list[str] = []
        self.service = Headquarters(
            self.loaded, self.outbox, self.clock, boot=boot, health=lambda: {"problems": self.problems}
        )
        self.status = {"boot": boot, "version": __version__, "config": self.loaded.hash}

    async def connected(self) -> None:
        await soon(lambda: heard(self.service._connection), lambda: self.clock.sleep(0.2))

    async def quiet(self) -> None:
        await soon(lambda: not self.service._levels._under_way, lambda: self.clock.sleep(0.2))

    def grow(self, *seqs: int) -> None:
        self.outbox.put(7, *seqs)
        self.service.perform([])


def seqs(seen: Any) -> list[tuple[int, bool]]:
    return [(item["seq"], item["hist"]) for item in seen.on(f"{ROOT}/event/tick")]


@pytest.fixture
def lobby(tmp_path: Path, mosquitto: Mosquitto) -> Branch:
    return Branch(tmp_path, mosquitto)


async def test_birth_and_end_are_retained(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with witness(mosquitto, f"{ROOT}/status") as hq:
        async with serving(lobby.service.serve):
            await hq.until(lambda: hq.heard)
        await hq.until(lambda: len(hq.heard) == 2)

    assert hq.on(f"{ROOT}/status") == [{"state": "online", **lobby.status}, {"state": "offline", **lobby.status}]
    assert await retained(mosquitto, f"{ROOT}/status") == {f"{ROOT}/status": {"state": "offline", **lobby.status}}


async def test_a_branch_that_vanishes_is_declared_offline_by_its_will(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with witness(mosquitto, f"{ROOT}/status") as hq, serving(lobby.service.serve):
        await lobby.connected()
        await hq.until(lambda: hq.heard)
        connection = lobby.service._connection
        assert connection is not None
        connection.lose("died")
        await hq.until(lambda: len(hq.heard) == 3)

    assert [item["state"] for item in hq.on(f"{ROOT}/status")][:3] == ["online", "offline", "online"]


async def test_events_arrive_in_order_and_are_settled(lobby: Branch, mosquitto: Mosquitto) -> None:
    lobby.outbox.put(6, 1)
    lobby.outbox.put(7, *range(1, 100))
    async with witness(mosquitto, f"{ROOT}/event/#") as hq, serving(lobby.service.serve):
        await hq.until(lambda: len(hq.heard) == 100)
        lobby.grow(100, 101)
        await hq.until(lambda: len(hq.heard) == 102)
        await soon(lambda: lobby.outbox.settled == (7, 101), lambda: lobby.clock.sleep(0.2))

    assert seqs(hq) == [(1, True), *((n, True) for n in range(1, 100)), (100, False), (101, False)]
    assert hq.on(f"{ROOT}/event/tick")[-1] == {
        "id": "b1:7:101",
        "boot": 7,
        "seq": 101,
        "at": "1970-01-01T08:00:00+08:00",
        "clk": "ntp",
        "hist": False,
        "kind": "tick",
        "data": {},
    }


def day_figures(date: str) -> PublishFigures:
    score = WaitScore(since=0, tickets=3, bias_s=-1.5, mae_s=60.0, coverage=0.667, naive_mae_s=90.0)
    return PublishFigures(date, 0, WaitScores(score, (score,)))


async def test_the_figures_of_a_day_are_retained_and_those_of_long_ago_not_told_again(
    lobby: Branch, mosquitto: Mosquitto
) -> None:
    dates = [f"2026-03-{day:02}" for day in range(1, DATES_MOST + 3)]
    async with witness(mosquitto, f"{ROOT}/report/#") as hq, serving(lobby.service.serve):
        await lobby.connected()
        for date in dates:
            lobby.service.perform([day_figures(date)])
        await hq.until(lambda: len(hq.heard) == len(dates))
        await lobby.quiet()
        connection = lobby.service._connection
        assert connection is not None
        connection.lose("gone")
        await hq.until(lambda: len(hq.heard) == len(dates) + DATES_MOST)
        await lobby.quiet()

    kept = await retained(mosquitto, f"{ROOT}/report/#")
    assert sorted(kept) == [f"{ROOT}/report/{date}" for date in dates]
    assert kept[f"{ROOT}/report/{dates[0]}"]["waits"]["hours"][0]["mae_s"] == 60.0
    assert len(hq.heard) == len(dates) + DATES_MOST


async def test_nothing_is_lost_or_out_of_order_when_the_line_breaks_again_and_again(
    lobby: Branch, mosquitto: Mosquitto
) -> None:
    breaks = iter((5, 40, 190, 333))

    async with witness(mosquitto, f"{ROOT}/event/#") as hq, serving(lobby.service.serve):
        for beyond in breaks:
            await lobby.connected()
            lobby.grow(*range(len(lobby.outbox.messages) + 1, len(lobby.outbox.messages) + 101))
            await hq.until(lambda: max((seq for seq, _ in seqs(hq)), default=0) >= beyond)  # noqa: B023
            assert lobby.service._connection is not None
            lobby.service._connection.lose("broke")
            await soon(lambda: lobby.service._connection is None, turns)
        await hq.until(lambda: any(seq == 400 for seq, _ in seqs(hq)))

    got = [seq for seq, _ in seqs(hq)]
    assert list(dict.fromkeys(got)) == list(range(1, 401))


async def test_without_a_broker_at_the_start_everything_waits(tmp_path: Path) -> None:
    absent = Mosquitto(tmp_path)
    lobby = Branch(tmp_path, absent)
    lobby.outbox.put(7, 1, 2)
    lobby.service.perform([figures(1)])
    with capture_logs() as logs:
        async with serving(lobby.service.serve):
            await lobby.clock.sleep(10)
            assert "check" not in lobby.service.reason
            assert "refused the connection; is it running, and is [hq] url right?" in lobby.service.reason
            absent.start()
            await soon(lambda: lobby.outbox.settled == (7, 2), lambda: lobby.clock.sleep(0.2))
            await lobby.quiet()
            assert f"{ROOT}/wait/cash" in await retained(absent, f"{ROOT}/#")
    absent.stop()
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["not connected, trying again"]


async def test_levels_are_retained_and_told_again(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with serving(lobby.service.serve):
        await lobby.connected()
        lobby.service.perform([figures(1), PublishDevice("atm-1", "atm", "down", {"card": CARD}, "jam", 0)])
        await lobby.quiet()
        mosquitto.kill()  # retained messages and all
        await soon(lambda: lobby.service._connection is None, lambda: lobby.clock.sleep(0.2))
        lobby.service.perform([figures(2), figures(3)])
        mosquitto.start()
        await lobby.connected()
        await lobby.quiet()
        left = await retained(mosquitto, f"{ROOT}/#")

    assert left[f"{ROOT}/wait/cash"]["waiting"] == 3
    assert left[f"{ROOT}/device/atm-1/state"] == {
        "type": "device.status",
        "at": "1970-01-01T08:00:00+08:00",
        "device": "atm-1",
        "kind": "atm",
        "state": "down",
        "parts": {"card": "######"},
        "detail": "jam",
    }
    assert left[f"{ROOT}/status"]["state"] == "online"


async def test_a_device_and_a_class_that_are_no_more_leave_the_broker(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with serving(lobby.service.serve):
        await lobby.connected()
        lobby.service.perform([figures(1), PublishDevice("atm-1", "atm", "ok", {}, "", 0)])
        await lobby.quiet()
        assert {f"{ROOT}/device/atm-1/state", f"{ROOT}/wait/cash"} <= (await retained(mosquitto, f"{ROOT}/#")).keys()
        lobby.service.perform([EndDevice("atm-1"), EndWait("cash")])
        await lobby.quiet()
        left = await retained(mosquitto, f"{ROOT}/#")
    assert not {f"{ROOT}/device/atm-1/state", f"{ROOT}/wait/cash"} & left.keys()


async def test_what_an_earlier_configuration_left_is_swept_away_once(
    lobby: Branch, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [f"{ROOT}/device/atm-9/state", f"{ROOT}/wait/loans"]
    stays = [f"{ROOT}/device/atm-1/state", f"{ROOT}/wait/cash"]
    others = ["bank/v1/bank/b2/device/atm-9/state", f"{ROOT}/report/2026-03-01"]
    lobby.service.perform([figures(1), PublishDevice("atm-1", "atm", "ok", {}, "", 0)])
    async with witness(mosquitto, *gone) as hq:
        for topic in (*gone, *stays, *others):
            await hq.say(topic, {"of": "yesterday"}, retain=True)
        async with serving(lobby.service.serve):
            await hq.until(lambda: all(None in hq.on(topic) for topic in gone))
            await soon(lambda: not lobby.service._sweeps, lambda: lobby.clock.sleep(0.2))
            await lobby.quiet()
            await hq.say(gone[0], {"of": "somebody else"}, retain=True)
            assert lobby.service._connection is not None
            lobby.service._connection.lose("gone")
            await soon(lambda: lobby.service._connection is None, turns)
            await lobby.connected()
            await soon(lambda: lobby.service._drain._running, lambda: lobby.clock.sleep(0.2))
            await lobby.quiet()
    left = await retained(mosquitto, "bank/#")

    assert sorted({*left} - {f"{ROOT}/status", f"{ROOT}/health"}) == sorted([gone[0], *stays, *others])
    assert left[stays[1]]["waiting"] == 1


async def test_health_is_told_every_minute(
    lobby: Branch, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept, wait = [], lobby.clock.sleep

    async def noted(duration_s: float) -> None:
        slept.append(duration_s)
        await wait(duration_s)

    monkeypatch.setattr(lobby.clock, "sleep", noted)
    async with witness(mosquitto, f"{ROOT}/health") as hq, serving(lobby.service.serve):
        await hq.until(lambda: hq.heard)
        lobby.problems = ["the disk is full", f"link: KeyError: '{CARD}'"]
        await hq.until(lambda: len(hq.heard) == 2)

    masked = ["the disk is full", "link: KeyError: '######'"]
    assert hq.on(f"{ROOT}/health") == [{"problems": [], "boot": 7}, {"problems": masked, "boot": 7}]
    assert HEALTH_EVERY_S in slept


async def test_requests_are_answered(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with witness(mosquitto, f"{ROOT}/rsp/#") as hq, serving(lobby.service.serve):
        await lobby.connected()
        await hq.say(f"{ROOT}/cmd/ping", b"", retain=True)  # answered once: a retained request is none later
        await hq.say(f"{ROOT}/cmd/ping", {"txn": "7"})
        await hq.say(f"{ROOT}/cmd/status", {"txn": 8})
        await hq.say(f"{ROOT}/cmd/reboot", {"txn": "9"})
        await hq.say(f"{ROOT}/cmd/ping", b"[1")
        await hq.until(lambda: len(hq.heard) >= 5)

    assert {"txn": "7", "ok": True, "data": {}} in hq.on(f"{ROOT}/rsp/ping")
    (status,) = hq.on(f"{ROOT}/rsp/status")
    assert status == {"txn": 8, "ok": True, "data": {"state": "online", **lobby.status, "problems": []}}
    assert hq.on(f"{ROOT}/rsp/reboot") == [
        {"txn": "9", "ok": False, "error": "there is no request 'reboot'; there are: ping, status"}
    ]
    refused = [item for item in hq.on(f"{ROOT}/rsp/ping") if not item["ok"]]
    assert refused == [{"ok": False, "error": 'a request is a JSON object, such as {"txn": "7"}, or empty'}]


@pytest.mark.parametrize("topic", ["mine", "a/+", ""])
async def test_an_answer_goes_where_the_request_says_if_that_is_a_place(
    lobby: Branch, mosquitto: Mosquitto, topic: str
) -> None:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic = topic
    async with (
        witness(mosquitto, "mine", f"{ROOT}/rsp/#") as hq,
        aiomqtt.Client(mosquitto.host, mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5) as asker,
        serving(lobby.service.serve),
    ):
        await lobby.connected()
        await soon(lambda: lobby.service._drain._running, lambda: lobby.clock.sleep(0.2))
        try:
            await asker.publish(f"{ROOT}/cmd/ping", b"", qos=1, properties=properties)
        except aiomqtt.MqttError:
            pytest.skip("this broker refuses the request itself")
        await hq.until(lambda: hq.heard)

    assert [name for name, _, _ in hq.heard] == ["mine" if topic == "mine" else f"{ROOT}/rsp/ping"]


async def test_a_retained_watermark_settles_before_anything_is_sent(
    lobby: Branch, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.shell.hq.WATERMARK_WITHIN_S", 20.0)  # a second: a busy broker is no fault of ours
    lobby.outbox.put(6, *range(1, 11))
    async with witness(mosquitto, f"{ROOT}/event/#") as hq:
        await hq.say(f"{ROOT}/ack", b"nonsense")
        await hq.say(f"{ROOT}/ack", {"boot": 6, "seq": 8}, retain=True)
        async with serving(lobby.service.serve):
            await hq.until(lambda: len(hq.heard) == 2)
            assert lobby.outbox.settled == (6, 8)
            for nonsense in (b"nonsense", b'{"boot": 6, "seq": 1e999}', b'{"boot": 0, "seq": 9223372036854775808}'):
                await hq.say(f"{ROOT}/ack", nonsense)
            await hq.say(f"{ROOT}/ack", {"boot": 6, "seq": 9}, retain=True)
            await soon(lambda: lobby.outbox.settled == (6, 9), lambda: lobby.clock.sleep(0.2))

    assert seqs(hq) == [(9, True), (10, True)]


async def test_a_watermark_of_an_earlier_life_of_the_store_settles_nothing_and_is_said_once(
    lobby: Branch, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.shell.hq.WATERMARK_WITHIN_S", 20.0)  # as above
    lobby.outbox.put(6, *range(1, 11))
    with capture_logs() as logs:
        async with witness(mosquitto, f"{ROOT}/event/#") as hq:
            await hq.say(f"{ROOT}/ack", {"boot": 99, "seq": 8}, retain=True)
            async with serving(lobby.service.serve):
                await hq.until(lambda: len(hq.heard) == 10)
                await hq.say(f"{ROOT}/ack", {"boot": 99, "seq": 8})
                await soon(lambda: lobby.outbox.settled == (6, 10), lambda: lobby.clock.sleep(0.2))

    assert seqs(hq) == [(n, True) for n in range(1, 11)]
    assert [line["watermark"] for line in logs if line["log_level"] == "warning"] == [(99, 8)]
