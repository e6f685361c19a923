"""The branch's broker, against a real one. The clock runs fast, so that a second's wait takes a twentieth."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from edge.core import events as ev
from edge.core import wire
from edge.core.commands import AskQueue, EndWait, PromptRecord, PromptState, PublishPrompt, PublishWait
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.shell.broker import ASKED_WITHIN, BranchBroker, action
from edge.shell.clock import Clock
from tests.fakes import FakeInbox, turns
from tests.processes import Mosquitto
from tests.shell.branch import branch, heard, retained, serving, soon, witness

pytestmark = pytest.mark.broker
PROMPT = "lobby/b1/prompt/add-window.hall.1"
CALL = {"cmd": "call", "no": "A1"}


def record(state: PromptState = "raised", *, prompt: str = "add-window.hall.1", at: int = 0) -> PublishPrompt:
    return PublishPrompt(
        PromptRecord(
            prompt=prompt,
            rule="add-window",
            at=at,
            state=state,
            priority="high",
            to=("lobby_manager",),
            about={"kind": "hall", "id": "hall"},
            zone="waiting",
            text=Text("请", "Please"),
        )
    )


def figures(waiting: int) -> PublishWait:
    return PublishWait(
        service="cash",
        at=0,
        waiting=waiting,
        longest_wait_s=0.0,
        wait_p10=1.0,
        wait_p50=2.0,
        wait_p90=3.0,
        windows=1,
        sample=0,
        confidence="low",
    )


class Branch:
    """A branch's broker service with the inbox it fills."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.clock = Clock(speed=20)
        self.inbox = FakeInbox(self.clock)
        self.loaded = branch(folder, broker.url)
        self.service = BranchBroker(self.loaded, self.inbox, self.clock, unheard=())

    def again(self) -> None:
        """A new process: nothing but the inbox's memory survives."""
        self.service = BranchBroker(self.loaded, self.inbox, self.clock, unheard=())

    async def connected(self) -> None:
        await soon(lambda: heard(self.service._connection), lambda: self.clock.sleep(0.2))

    async def die(self) -> None:
        """The connection ends as with the process, without a word."""
        connection = self.service._connection
        assert connection is not None
        connection._flush()
        connection.lose("died")
        await turns()

    @property
    def calls(self) -> list[str]:
        return [event.ticket for event in self.inbox.events if isinstance(event, ev.TicketCalled)]


@pytest.fixture
def lobby(tmp_path: Path, mosquitto: Mosquitto) -> Branch:
    return Branch(tmp_path, mosquitto)


async def test_devices_and_staff_are_heard(lobby: Branch, mosquitto: Mosquitto) -> None:
    act = {"role": "lobby_manager", "action": "done", "target": "add-window.hall.1", "at": "2026-11-20T10:00:00+08:00"}
    async with serving(lobby.service.serve), witness(mosquitto) as devices:
        await lobby.connected()
        await devices.say("terminal/3/event", CALL)
        await devices.say("atm/atm-1/status", {"state": "degraded"})
        await devices.say("lobby/b1/staff/lm-1/action", act)
        await lobby.inbox.until(lambda events: any(isinstance(event, ev.StaffAction) for event in events))

    called, status, done = [event for event in lobby.inbox.events if event.at > 0]
    assert called == ev.TicketCalled(at=called.at, ticket="A1", window="3")
    assert isinstance(status, ev.DeviceStatus)
    assert (status.device, status.state) == ("atm-1", "degraded")
    assert done == ev.StaffAction(
        at=done.at,
        device_at="2026-11-20T10:00:00+08:00",
        staff="lm-1",
        role="lobby_manager",
        action="done",
        target="add-window.hall.1",
    )


async def test_a_burst_comes_in_order(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with serving(lobby.service.serve), witness(mosquitto) as devices:
        await lobby.connected()
        for n in range(500):
            await devices.say("terminal/3/event", {"cmd": "call", "no": f"A{n}"})
        await lobby.inbox.until(lambda events: len(events) >= 500)

    assert lobby.calls == [f"A{n}" for n in range(500)]


async def test_what_is_not_committed_is_delivered_again_and_counts_once(lobby: Branch, mosquitto: Mosquitto) -> None:
    lobby.inbox.holds = True
    async with witness(mosquitto) as devices:
        async with serving(lobby.service.serve):
            await lobby.connected()
            for n in range(3):
                await devices.say("terminal/3/event", {"cmd": "call", "no": f"A{n}"})
            await lobby.inbox.until(lambda events: len(events) == 3)
            lobby.inbox.origins.clear()  # nothing is on disk when the process dies
            lobby.inbox.events.clear()
            lobby.inbox.uncommitted.clear()
            await lobby.die()
        lobby.again()
        async with serving(lobby.service.serve):
            await lobby.inbox.until(lambda _: len(lobby.calls) == 3)
            await lobby.connected()
            lobby.inbox.commit()  # and dies again before the broker hears of it
            await lobby.die()
        lobby.again()
        lobby.inbox.holds = False
        async with serving(lobby.service.serve):
            await lobby.connected()
            await devices.say("terminal/3/event", {"cmd": "call", "no": "A3"})
            await lobby.inbox.until(lambda _: "A3" in lobby.calls)
            await lobby.die()
        lobby.again()
        async with serving(lobby.service.serve):
            await lobby.connected()
            await devices.say("terminal/3/event", {"cmd": "call", "no": "A4"})
            await lobby.inbox.until(lambda _: "A4" in lobby.calls)

    assert lobby.calls == ["A0", "A1", "A2", "A3", "A4"]


async def test_a_redelivery_before_the_commit_is_one_event_and_acknowledged_with_it(
    lobby: Branch, mosquitto: Mosquitto
) -> None:
    lobby.inbox.holds = True
    async with serving(lobby.service.serve), witness(mosquitto) as devices:
        await lobby.connected()
        await devices.say("terminal/3/event", CALL)
        await devices.say("terminal/3/event", CALL)  # pressed twice: two events
        await lobby.inbox.until(lambda _: len(lobby.calls) == 2)
        await lobby.die()
        await soon(lambda: lobby.service.reason, turns)
        await lobby.connected()
        await devices.say("terminal/3/event", {"cmd": "call", "no": "A2"})
        await lobby.inbox.until(lambda _: len(lobby.calls) == 3)
        lobby.inbox.commit()
        connection = lobby.service._connection
        assert connection is not None
        assert not connection._unacked
    assert lobby.calls == ["A1", "A1", "A2"]


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("terminal/3/event", b"{", "JSON"),
        ("terminal/3/event", b"\xff" * 1_000_000, ""),
        ("terminal/3/event", json.dumps({"cmd": "call", "no": {"of": 7}}).encode(), "ticket"),
        ("lobby/b1/staff/lm-1/action", b"[]", "a staff action is a JSON object"),
        ("lobby/b1/staff/lm-1/action", b'{"staff": "lm-2"}', "'staff' is 'lm-2'; by its topic it is 'lm-1'"),
        ("lobby/b1/staff/lm-1/action", b'{"role": "teller", "action": "dance", "target": "x"}', "'action' is 'dance'"),
    ],
    ids=["truncated", "1 MB", "wrong type", "no object", "somebody else", "unknown action"],
)
async def test_what_means_nothing_is_counted_said_once_and_done_with(
    lobby: Branch, mosquitto: Mosquitto, topic: str, payload: bytes, reason: str
) -> None:
    with capture_logs() as logs:
        async with serving(lobby.service.serve), witness(mosquitto) as devices:
            await lobby.connected()
            for _ in range(30):
                await devices.say(topic, payload)
            await devices.say("terminal/3/event", CALL)
            await lobby.inbox.until(lambda _: lobby.calls == ["A1"])
            connection = lobby.service._connection
            assert connection is not None
            assert not connection._unacked

    assert lobby.service.bad_frames == 30
    said = [line for line in logs if line["log_level"] == "warning" and "bytes" in line]
    assert len(said) == 1
    assert reason in said[0]["reason"]


async def test_prompts_are_retained_while_open_and_cleared_after_the_last_word(
    lobby: Branch, mosquitto: Mosquitto
) -> None:
    async with serving(lobby.service.serve), witness(mosquitto, "lobby/#") as handheld:
        await lobby.connected()
        lobby.service.perform([record(), record(prompt="held.hall.1", state="held")])
        await handheld.until(lambda: handheld.on(PROMPT))
        assert (await retained(mosquitto, "lobby/#"))[PROMPT]["state"] == "raised"
        lobby.service.perform([record("acknowledged")])
        lobby.service.perform([record("done"), record(prompt="held.hall.1", state="withdrawn")])
        await handheld.until(lambda: None in handheld.on(PROMPT))
        assert await retained(mosquitto, "lobby/#") == {}

    assert [item and item["state"] for item in handheld.on(PROMPT)] == ["raised", "acknowledged", "done", None]
    assert {topic for topic, _, _ in handheld.heard} == {PROMPT}


async def test_the_last_word_is_not_lost_with_the_connection(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with serving(lobby.service.serve), witness(mosquitto, "lobby/#") as handheld:
        await lobby.connected()
        lobby.service.perform([record()])
        await handheld.until(lambda: handheld.on(PROMPT))
        await lobby.die()
        lobby.service.perform([record("done")])
        await handheld.until(lambda: None in handheld.on(PROMPT))

    assert [item and item["state"] for item in handheld.on(PROMPT)] == ["raised", "done", None]


async def test_prompts_of_an_earlier_life_are_swept_away(
    lobby: Branch, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.shell.broker.SWEEP_S", 600.0)  # half a minute: a busy broker is no fault of ours
    old = "lobby/b1/prompt/paused-windows.hall.9"
    async with witness(mosquitto, old) as handheld:
        await handheld.say(old, {"state": "raised"}, retain=True)
        await handheld.say(PROMPT, {"state": "of yesterday"}, retain=True)
        lobby.service.perform([record()])
        async with serving(lobby.service.serve):
            await handheld.until(lambda: handheld.on(old) == [{"state": "raised"}, None])
            await soon(lambda: not lobby.service._levels._under_way, lambda: lobby.clock.sleep(0.2))
            left = await retained(mosquitto, "lobby/#")

    assert {topic: item["state"] for topic, item in left.items()} == {PROMPT: "raised"}


async def test_boards_and_waits_are_levels(lobby: Branch, mosquitto: Mosquitto) -> None:
    page = Page("wait", Text("约5分钟", "about 5 minutes"))
    for waiting in range(100):  # nobody listens yet: the latest is what counts
        lobby.service.perform([figures(waiting), ShowOnBoard("led-1", page, 0)])
    async with witness(mosquitto, "lobby/#") as handheld, serving(lobby.service.serve):
        await handheld.until(lambda: len(handheld.heard) == 2)
        lobby.service.perform([figures(99)])  # nothing new
        lobby.service.perform([figures(7)])
        await handheld.until(lambda: len(handheld.heard) == 3)

    assert [item["waiting"] for item in handheld.on("lobby/b1/wait/cash")] == [99, 7]
    assert handheld.on("lobby/b1/board/led-1")[0]["text"] == {"zh": "约5分钟", "en": "about 5 minutes"}


async def test_the_wait_of_a_class_that_is_no_more_leaves_the_broker(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with serving(lobby.service.serve):
        await lobby.connected()
        lobby.service.perform([figures(1), replace(figures(1), service="loan")])
        lobby.service.perform([EndWait("loan")])
        await soon(lambda: not lobby.service._levels._under_way, turns)
        assert list(await retained(mosquitto, "lobby/#")) == ["lobby/b1/wait/cash"]


async def test_a_request_is_passed_on_once_and_never_late(lobby: Branch, mosquitto: Mosquitto) -> None:
    asked = AskQueue("3", "terminal-3", "call_next", lobby.inbox.now())
    lobby.service.perform([asked])  # no broker yet: it would come too late
    async with witness(mosquitto, "lobby/#") as queue, serving(lobby.service.serve):
        await lobby.connected()
        lobby.service.perform([replace(asked, at=lobby.inbox.now() - ASKED_WITHIN - 1)])
        lobby.service.perform([replace(asked, at=lobby.inbox.now())])
        await queue.until(lambda: queue.heard)
        left = await retained(mosquitto, "lobby/#")

    (request,) = queue.on("lobby/b1/request/3")
    assert (request["window"], request["terminal"], request["what"]) == ("3", "terminal-3", "call_next")
    assert left == {}


async def test_a_broker_that_restarts_is_told_everything_again(lobby: Branch, mosquitto: Mosquitto) -> None:
    with capture_logs() as logs:
        async with serving(lobby.service.serve):
            await lobby.connected()
            lobby.service.perform([record(), figures(1)])
            await soon(lambda: not lobby.service._levels._under_way, turns)
            mosquitto.kill()
            await lobby.inbox.until(lambda events: any(_unknown(event) for event in events))
            lobby.service.perform([figures(2)])
            mosquitto.start()
            await lobby.connected()
            await soon(lambda: not lobby.service._levels._under_way, lambda: lobby.clock.sleep(0.2))
            left = await retained(mosquitto, "lobby/#")

    assert {topic: item.get("waiting", item.get("state")) for topic, item in left.items()} == {
        PROMPT: "raised",
        "lobby/b1/wait/cash": 2,
    }
    assert not any("exc_info" in line for line in logs)


async def test_without_a_broker_its_devices_are_unknown_and_one_line_says_why(tmp_path: Path) -> None:
    absent = Mosquitto(tmp_path)
    lobby = Branch(tmp_path, absent)
    with capture_logs() as logs:
        async with serving(lobby.service.serve):
            await lobby.inbox.until(lambda events: len(events) == 2)
            await lobby.clock.sleep(10)
            assert "refused the connection; is it running" in lobby.service.reason
            absent.start()
            await lobby.connected()
            back = ("terminals", "ok")
            await lobby.inbox.until(lambda events: any(_state(event) == back for event in events))
    absent.stop()

    assert [_state(event) for event in lobby.inbox.events[:2]] == [("terminals", "unknown"), ("atm-1", "unknown")]
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["not connected, trying again"]


async def test_a_full_inbox_stops_the_reading_until_there_is_room(lobby: Branch, mosquitto: Mosquitto) -> None:
    async with serving(lobby.service.serve), witness(mosquitto) as devices:
        await lobby.connected()
        lobby.inbox.full = True
        for n in range(50):
            await devices.say("terminal/3/event", {"cmd": "call", "no": f"A{n}"})
        await lobby.inbox.until(lambda _: lobby.calls == ["A0"])
        lobby.inbox.full = False
        await lobby.inbox.until(lambda _: len(lobby.calls) == 50)

    assert lobby.calls == [f"A{n}" for n in range(50)]


def test_an_action_keeps_nothing_the_contract_does_not_name() -> None:
    made = action(b'{"role": "teller", "action": "done", "target": "p", "name": "Zhang San"}', "t-1", 5)

    assert made == ev.StaffAction(at=5, staff="t-1", role="teller", action="done", target="p")
    assert made.extra == {}


@pytest.mark.parametrize("payload", [b"", b"nan", b'"x"', b'{"type": "tick"}', b"{}", b"\xff"])
def test_an_action_that_is_none_is_refused_in_words(payload: bytes) -> None:
    with pytest.raises(wire.WireError, match=r"."):
        action(payload, "t-1", 5)


def _unknown(event: ev.Happening) -> bool:
    return isinstance(event, ev.DeviceStatus) and event.state == "unknown"


def _state(event: ev.Happening) -> tuple[Any, ...]:
    return (event.device, event.state) if isinstance(event, ev.DeviceStatus) else ()
