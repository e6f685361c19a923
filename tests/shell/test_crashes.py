"""Whatever is killed whenever: what headquarters gets, and the hall, are those of a branch where nothing was killed.

The measure is the core alone over the journal. A run is random events, taps, passing time, full disks, snapshots and
kills; senders say again what was not acknowledged to them.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from edge.core import events as ev
from edge.core import messages, wire
from edge.core.commands import PublishPrompt, RepeatPrompt
from edge.core.engine import Engine
from edge.core.instant import SECOND, seconds
from edge.core.report import PublishFigures
from edge.core.step import step
from edge.shell.recovery import recover
from edge.shell.runtime import Runtime
from edge.shell.store import DiskFull, Store, Turn
from tests.fakes import FakeClock, turns
from tests.play import at
from tests.shell.test_runtime import policy as fresh_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.policy import Policy

Told = list[tuple[str, str]]
"""Messages for headquarters, as (kind, data)."""


@cache
def policy() -> Policy:
    return fresh_policy()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.shell.runtime.RETRY_S", 0.0)


class Disk:
    """A store whose disk may be full."""

    def __init__(self, store: Store) -> None:
        self._store, self.full = store, False

    def commit(self, turn: Turn) -> object:
        if self.full:
            raise DiskFull("no room")
        return self._store.commit(turn)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Branch:
    """A daemon that may be killed, and the devices that say again what was not acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.unacked, self.acked = folder, dict[int, ev.Happening](), list[ev.Happening]()
        self._count = 0
        self.begin(at("9:00"))

    def begin(self, wall: Instant) -> None:
        self.store = Store.open(self.folder, "b")
        self.disk = Disk(self.store)
        self.clock = FakeClock(wall)
        engine = recover(self.store, policy()).engine
        self.clock.advance_to(engine.hall.now)
        self.runtime = Runtime(engine, self.disk, self.clock, upward=True)  # type: ignore[arg-type]
        self.runtime.start()

    async def kill(self, ahead: Instant) -> None:
        """The process is gone between two turns; the next begins with a clock that is so far ahead, or behind."""
        self.store.close()
        self.runtime.failed.add_done_callback(lambda failed: failed.exception())  # what it still tries ends there
        self.begin(self.clock.now() + ahead)
        again, self.unacked = list(self.unacked.values()), {}
        for event in again:
            self.say(event)

    def say(self, event: ev.Happening) -> None:
        self._count += 1
        number = self._count
        self.unacked[number] = event
        self.runtime.submit([replace(event, at=self.runtime.now())], lambda: self._heard(number))

    def _heard(self, number: int) -> None:
        self.acked.append(self.unacked.pop(number))

    def tap(self, action: Any, nth: int) -> None:
        open_ = self.runtime.engine.prompts()
        target = open_[nth % len(open_)].prompt if open_ else "no.such.1"
        detail = {"reason": "busy"} if action == "decline" else {}
        self.say(ev.StaffAction(at=0, staff="lm-1", role="lobby_manager", action=action, target=target, detail=detail))

    def to_next_wake(self) -> None:
        """Time stands at the very instant of a wake, and what comes next is stamped with it."""
        due = self.runtime.engine.next_wake()
        if due is not None and due > self.clock.now():
            self.clock.passed += due - self.clock.now()

    async def settle(self) -> None:
        self.disk.full = False
        await turns()
        self.clock.advance(0)
        await turns()
        assert not self.unacked

    @property
    def told(self) -> Told:
        return [(message.kind, message.data) for message in self.store.after((0, 0), 1_000_000)]


def alone(journal: Sequence[ev.Event], until: Instant) -> tuple[Hall, Told]:
    """What the core makes of the same events when nothing ever goes wrong."""
    engine, told = Engine(policy()), list[tuple[str, str]]()

    def tell(commands: Any) -> None:
        for command in commands:
            if isinstance(command, PublishPrompt) and not isinstance(command, RepeatPrompt):
                told.append(("prompt", wire.line(messages.prompt(command.record, zone)).decode()))
            elif isinstance(command, PublishFigures):
                told.append(("figures", wire.line(messages.figures(command, zone)).decode()))

    zone = policy().calendar.zone
    for event in journal:
        for _, commands in engine.wakes(event.at):
            tell(commands)
        told.append((event.type, wire.line(wire.publish(event, zone)).decode()))
        tell(step(engine.hall, event, policy()))
    for _, commands in engine.wakes(until):
        tell(commands)
    return engine.hall, told


def restored(branch: Branch) -> Hall:
    """The hall as the next start would find it."""
    engine = recover(branch.store, policy()).engine
    for _ in engine.wakes(branch.runtime.now()):
        pass
    return engine.hall


def seen(hall: Hall) -> Hall:
    """All of a hall but when it was last looked at, and how its facts were heard then: a look is no event."""
    hall.now = 0
    hall.desk.signals.clear()
    hall.desk.naps.clear()
    hall.desk.steps = 0
    return hall


TICKET = st.integers(1, 24).map(lambda n: f"A{n:03}")
WINDOW = st.sampled_from(["1", "2"])
WINDOWED = [ev.TicketCalled, ev.TicketCalled, ev.TicketServed, ev.TicketNoShow, ev.TicketRecalled]


def event(make: Callable[..., Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(make, at=st.just(0), **fields)


EVENTS = st.one_of(
    event(ev.TicketIssued, ticket=TICKET, service=st.sampled_from(["cash", "loan"])),
    st.sampled_from(WINDOWED).flatmap(lambda make: event(make, ticket=TICKET, window=WINDOW)),
    event(ev.TicketCancelled, ticket=TICKET),
    event(ev.WindowPaused, window=WINDOW),
    event(ev.WindowResumed, window=WINDOW),
    event(
        ev.DeviceStatus,
        device=st.sampled_from(["r-1", "board"]),
        kind=st.just("recycler"),
        state=st.sampled_from(["ok", "ok", "down", "unknown"]),
    ),
    event(ev.DeviceEvent, device=st.just("r-1"), event=st.sampled_from(["cash_not_dispensed", "cash_out"])),
    event(
        ev.StaffAction,
        staff=st.just("lm-1"),
        role=st.just("lobby_manager"),
        action=st.sampled_from(["customer_declined", "customer_accepted", "asked"]),
        target=TICKET,
    ),
)
TAPS = st.sampled_from(["acknowledge", "done", "decline", "escalate"])
STEPS = st.one_of(
    EVENTS.map(lambda event: ("say", event)),
    st.integers(1, 16).map(lambda n: ("crowd", n)),
    st.tuples(TAPS, st.integers(0, 3)).map(lambda tap: ("tap", *tap)),
    st.sampled_from([0.01, 1.0, 5.0, 60.0, 300.0, 601.0, 20000.0]).map(lambda s: ("pass", s)),
    st.just(("wake",)),
    st.just(("turn",)),
    st.just(("snapshot",)),
    st.just(("full",)),
    st.just(("room",)),
    st.sampled_from([0, 1, SECOND, seconds(700), -SECOND, -seconds(3600)]).map(lambda ahead: ("kill", ahead)),
)


async def play(branch: Branch, steps: Sequence[tuple[Any, ...]]) -> None:
    for step_ in steps:
        match step_:
            case "say", happening:
                branch.say(happening)
            case "crowd", most:
                for n in range(most):
                    branch.say(ev.TicketIssued(at=0, ticket=f"C{n:03}", service="cash"))
            case "tap", action, nth:
                branch.tap(action, nth)
            case "pass", duration_s:
                branch.clock.advance(duration_s)
                await turns(5)
            case ("wake",):
                branch.to_next_wake()
            case ("turn",):
                await turns(5)
            case ("snapshot",):
                branch.runtime.adopt(policy())
            case (("full" | "room") as word,):
                branch.disk.full = word == "full"
            case "kill", ahead:
                await branch.kill(ahead)
    await branch.settle()


@given(steps=st.lists(STEPS, max_size=40))
@settings(deadline=None)
def test_a_branch_that_is_killed_tells_what_one_that_is_not_killed_tells(steps: list[tuple[Any, ...]]) -> None:
    async def run(folder: Path) -> None:
        branch = Branch(folder)
        await play(branch, steps)
        journal = [wire.decode_line(body) for _, body in branch.store.tail(0)]
        hall, told = alone(journal, branch.runtime.now())

        assert branch.told == told
        assert seen(branch.runtime.engine.hall) == seen(hall)
        assert seen(restored(branch)) == seen(hall)
        assert [replace(event, at=0) for event in journal] == branch.acked
        ids = [message.id for message in branch.store.after((0, 0), 1_000_000)]
        assert len(set(ids)) == len(ids)
        branch.store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
