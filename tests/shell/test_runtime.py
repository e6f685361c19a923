"""The one loop: nothing is heard before it is on disk, a restart takes up where the last commit stood."""

from __future__ import annotations

import asyncio
import gc
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from edge import resources
from edge.config.load import load_rules, load_words
from edge.core import events as ev
from edge.core.commands import Command, PublishPrompt, PublishWait
from edge.core.instant import SECOND, Instant, seconds
from edge.core.outputs import ShowOnBoard
from edge.core.policy import DevicePlan, Policy, Service
from edge.core.wording import Text
from edge.shell.recovery import recover
from edge.shell.runtime import INBOX_MOST, Runtime
from edge.shell.store import CHECKPOINT_EVERY, DiskFull, Store, Turn
from tests.fakes import FakeClock
from tests.logless import journalled
from tests.play import at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge.core.engine import Engine

NINE = at("9:00")


def policy() -> Policy:
    faults: list[str] = []
    rules = load_rules(resources.config_dir() / "rules", {}, faults)
    words = load_words(resources.config_dir() / "texts", faults)
    assert not faults
    cash = Service("cash", Text("现金", "cash"), frozenset({"recycler"}))
    devices = {"board": DevicePlan("board", "board", shows="lobby"), "r-1": DevicePlan("r-1", "recycler")}
    return Policy(branch="b", services={"cash": cash}, devices=devices, rules=tuple(rules), words=words)


@dataclass
class Heard:
    """A sink that remembers, and what the store held at that moment."""

    store: Store
    commands: list[Command] = field(default_factory=list)
    journalled: list[int] = field(default_factory=list)

    def perform(self, commands: Sequence[Command]) -> None:
        self.commands += commands
        self.journalled.append(len(list(self.store.tail(0))))

    def of(self, kind: type[Any]) -> list[Any]:
        return [command for command in self.commands if isinstance(command, kind)]


@dataclass
class House:
    """A runtime over a real store in a folder; `again` is what a restart finds."""

    folder: Path
    now: Instant = NINE

    def __post_init__(self) -> None:
        self.clock = FakeClock(self.now)
        self.store = Store.open(self.folder, "b")
        self.recovered = recover(self.store, policy())
        self.runtime = Runtime(self.recovered.engine, self.store, self.clock, upward=True)
        self.heard = Heard(self.store)
        self.runtime.sinks = [self.heard]

    @property
    def engine(self) -> Engine:
        return self.runtime.engine

    def die(self) -> None:
        """The process is gone: nothing is tidied, and no turn comes any more."""
        self.runtime.failed.cancel()
        self.store.close()

    def again(self, now: Instant | None = None) -> House:
        """A restart."""
        self.die()
        return House(self.folder, self.now if now is None else now)


def issued(n: int, when: Instant = NINE, **more: Any) -> ev.TicketIssued:
    return ev.TicketIssued(at=when, ticket=f"A{n:03}", service="cash", **more)


async def turn() -> None:
    """Lets the loop take its turn."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_sinks_and_senders_hear_of_an_event_after_it_is_on_disk(tmp_path: Path) -> None:
    house, acked = House(tmp_path), []
    house.runtime.submit([issued(1)], lambda: acked.append(len(list(house.store.tail(0)))))
    assert not acked

    await turn()

    assert acked == [1]
    assert house.heard.journalled[-1] == 1


async def test_what_arrives_together_is_one_commit(tmp_path: Path) -> None:
    house = House(tmp_path)
    for n in range(50):
        house.runtime.submit([issued(n)])
    await turn()

    assert house.runtime.counts == {"events": 50, "commits": 1}
    assert [m.seq for m in house.store.after((0, 0), 99) if m.kind == "ticket.issued"][:3] == [1, 2, 3]


async def test_the_log_is_brought_into_the_file_between_turns(tmp_path: Path) -> None:
    house = House(tmp_path)
    for n in range(CHECKPOINT_EVERY):
        house.runtime.submit([issued(n)])
        await turn()

    assert journalled(tmp_path) >= CHECKPOINT_EVERY - 1  # the recovery may have made a commit as well


async def test_garbage_is_looked_for_when_a_turn_is_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    found: list[int] = []
    gc.collect()
    gc.disable()
    try:
        gc.callbacks.append(lambda phase, info: found.append(len(house.heard.commands)) if phase == "stop" else None)
        young = [Heard(house.store) for _ in range(gc.get_threshold()[0])]
        house.runtime.submit([issued(1)])
        await turn()
    finally:
        gc.callbacks.pop()
        gc.enable()
    assert young
    assert found == [len(house.heard.commands)]  # once, and after all was told
    assert found[0] > 0


async def test_a_restart_has_queue_prompts_and_boards_as_they_were(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(n) for n in range(15)])
    house.runtime.submit([ev.TicketCalled(at=NINE, ticket="A000", window="1")])
    await turn()
    prompts, shown = house.engine.prompts(), house.engine.paint()
    assert prompts

    house = house.again()
    house.runtime.repaint()

    assert house.engine.prompts() == prompts
    assert house.engine.paint() == shown
    assert [c.record for c in house.heard.of(PublishPrompt)] == prompts
    assert house.heard.of(ShowOnBoard) == shown
    assert list(house.engine.hall.waiting) == [f"A{n:03}" for n in range(1, 15)]


async def test_a_snapshot_and_the_tail_give_the_same_hall_as_the_whole_journal(tmp_path: Path) -> None:
    house = House(tmp_path)
    for n in range(20):
        house.runtime.submit([issued(n, NINE + n * SECOND)])
        if n == 11:
            await turn()
            house.runtime.stop()
    await turn()
    before = house.engine.hall
    assert house.store.snapshot() is not None

    house = house.again(NINE + 20 * SECOND)

    assert house.recovered.replayed == 8
    assert house.engine.hall == before


async def test_a_call_is_acted_on_before_a_forecast_that_is_due_behind_it(tmp_path: Path) -> None:
    house, acts = House(tmp_path), []
    house.runtime.submit([issued(1), issued(2)])
    await turn()

    class Acts:
        def perform(self, commands: Sequence[Command]) -> None:
            acts.append({type(command) for command in commands})

    house.runtime.sinks = [Acts()]
    due = house.engine.hall.agenda.due["outlook"]
    house.runtime.submit([ev.TicketCalled(at=due - 1, ticket="A001", window="1")])
    house.clock.passed += 60 * SECOND  # the loop was busy: the forecast is overdue when the call's turn comes
    await turn()

    assert ShowOnBoard in acts[0]
    assert PublishWait not in acts[0]
    assert PublishWait in acts[1]


async def test_wakes_that_had_fired_are_not_told_again_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(1), issued(2)])
    await turn()
    house.clock.advance(600)
    await turn()
    told = [m.id for m in house.store.after((0, 0), 99) if m.kind == "prompt"]
    assert told

    house = house.again(house.clock.now() + SECOND)
    house.runtime.start()
    await turn()

    assert [m.id for m in house.store.after((0, 0), 99) if m.kind == "prompt"] == told


async def test_what_fell_due_while_nobody_ran_is_told_at_the_start(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(1), issued(2)])
    await turn()

    house = house.again(NINE + seconds(700))
    house.runtime.start()
    await turn()

    told = [told.record for told in house.heard.of(PublishPrompt)]
    assert [record.at for record in told if record.rule == "triage-no-device"] == [NINE + seconds(600)]


async def test_an_action_is_answered_once_whatever_is_sent_twice(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(n) for n in range(15)])
    await turn()
    prompt = house.engine.prompts()[0].prompt
    tap = ev.StaffAction(at=NINE, staff="lm-1", role="lobby_manager", action="acknowledge", target=prompt)

    first = await house.runtime.act(tap, "key-1")
    events = len(list(house.store.tail(0)))
    assert first == {"ok": True}
    assert await house.runtime.act(tap, "key-1") == first
    house = house.again()

    assert await house.runtime.act(tap, "key-1") == first
    assert len(list(house.store.tail(0))) == events


async def test_an_action_on_nothing_is_answered_with_a_sentence(tmp_path: Path) -> None:
    house = House(tmp_path)
    tap = ev.StaffAction(at=NINE, staff="lm-1", role="lobby_manager", action="done", target="no.such.1")

    answer = await house.runtime.act(tap, "key")

    assert (answer["ok"], answer["key"]) == (False, "not_open")
    assert "no.such.1" in answer["error"]


async def test_an_event_stamped_before_the_hall_s_time_is_taken_at_the_hall_s_time(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(1, NINE + SECOND)])
    house.runtime.submit([issued(2, NINE)])
    await turn()

    assert house.engine.hall.tickets["A002"].issued_at == NINE + SECOND


async def test_the_inbox_says_when_links_should_stop_reading(tmp_path: Path) -> None:
    house = House(tmp_path)
    for n in range(INBOX_MOST):
        house.runtime.submit([issued(n)])
    assert house.runtime.full

    await house.runtime.room()

    assert not house.runtime.full


class Crammed:
    """A store whose disk is full for so many commits."""

    def __init__(self, store: Store, refusals: int) -> None:
        self._store, self.refusals = store, refusals

    def commit(self, turn: Turn) -> object:
        if self.refusals:
            self.refusals -= 1
            raise DiskFull("no room")
        return self._store.commit(turn)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_with_a_full_disk_nothing_is_heard_or_acknowledged_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.shell.runtime.RETRY_S", 0.0)
    house, acked = House(tmp_path), []
    crammed = Crammed(house.store, refusals=3)
    house.runtime.store = crammed  # type: ignore[assignment]
    house.runtime.submit([issued(1)], lambda: acked.append(1))
    house.runtime.submit([issued(2)], lambda: acked.append(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert crammed.refusals < 3
    assert house.runtime.problems()
    house.runtime.submit([issued(3)], lambda: acked.append(3))

    while crammed.refusals or len(acked) < 3:
        await asyncio.sleep(0)

    assert acked == [1, 2, 3]
    assert len(list(house.store.tail(0))) == 3
    assert not house.runtime.problems()


async def test_another_policy_taken_on_while_the_disk_is_full_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.shell.runtime.RETRY_S", 0.0)
    house, acked = House(tmp_path), []
    crammed = Crammed(house.store, refusals=5)
    house.runtime.store = crammed  # type: ignore[assignment]
    house.runtime.submit([issued(n) for n in range(15)], lambda: acked.append(15))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    house.runtime.adopt(replace(policy(), rules=()))

    while not acked:
        await asyncio.sleep(0)

    house = house.again()
    assert len(list(house.store.tail(0))) == 15
    assert list(house.engine.hall.waiting) == [f"A{n:03}" for n in range(15)]
    changes = [json.loads(m.data) for m in house.store.after((0, 0), 99) if m.kind == "prompt"]
    triage = [change["state"] for change in changes if change["rule"] in ("secondary-triage", "triage-no-device")]
    assert triage == ["held", "raised", "withdrawn", "withdrawn"]


async def test_a_failing_core_or_store_is_handed_to_the_supervisor(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.store.close()
    house.runtime.submit([issued(1)])

    with pytest.raises(Exception, match="closed"):
        await house.runtime.failed


async def test_a_probe_returns_once_it_has_passed_the_store(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.runtime.probe()

    assert house.runtime.counts["commits"] == 1
