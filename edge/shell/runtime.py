"""The one loop: decide, commit, act.

Whatever arrives waits in the inbox until the loop's next turn. A turn takes all of it, lets the core decide event by
event, writes the lot in one transaction, and only then acts: boards, brokers and pages hear the commands, senders get
their acknowledgements. Wakes of the core are turns too. When the disk is full the decided turn is kept and tried again;
nothing that follows from it is heard before it is on disk.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog
from pydantic_core import from_json

from edge import snapshot
from edge.core import events as ev
from edge.core import messages, privacy, wire
from edge.core.commands import Command, Ignore, PublishPrompt
from edge.core.step import step
from edge.shell.store import DiskFull, Store, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from edge.core.engine import Engine
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.shell.clock import Clock
    from edge.shell.ports import Sink

    _Act: TypeAlias = Callable[[], None]

INBOX_MOST: Final = 2048
"""Links stop reading beyond this: back-pressure goes to the wire, never to memory."""

RETRY_S: Final = 1.0
SNAPSHOT_EVERY: Final = 500
"""Events between snapshots: recovery replays at most this many."""

log = structlog.get_logger("runtime")


@dataclass(slots=True)
class _Item:
    """Events that came together, and who wants to know that they are committed."""

    events: Sequence[ev.Happening]
    committed: _Act | None = None
    origin: bytes | None = None
    key: str | None = None
    answer: dict[str, Any] | None = None


@dataclass(slots=True)
class _Decided:
    """A turn that the core has decided and the store has yet to take."""

    turn: Turn = field(default_factory=Turn)
    items: list[_Item] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    events: list[ev.Happening] = field(default_factory=list)


class Runtime:
    """The loop over one engine and one store. `sinks` act after each commit, in the order given."""

    def __init__(self, engine: Engine, store: Store, clock: Clock, *, upward: bool, sinks: Iterable[Sink] = ()) -> None:
        self.engine, self.store, self.clock = engine, store, clock
        self.sinks: list[Sink] = list(sinks)
        self.listeners: list[Callable[[Sequence[ev.Happening]], None]] = []
        self.counts: Counter[str] = Counter()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self.upward = upward
        self._inbox: list[_Item] = []
        self._asked: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._proof = asyncio.Event()
        self._held: _Decided | None = None
        self._turn_due = False
        self._timer: asyncio.TimerHandle | None = None
        self._retrying: asyncio.TimerHandle | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._since_snapshot = 0

    # ---- what links, brokers and pages call ----

    def now(self) -> Instant:
        """The instant to stamp on what has just been received."""
        return max(self.clock.now(), self.engine.hall.now)

    def submit(
        self, events: Sequence[ev.Happening], committed: _Act | None = None, *, origin: bytes | None = None
    ) -> None:
        """Takes events for the next turn (see `ports.Inbox`)."""
        self._enter(_Item(events, committed, origin))

    def seen(self, origin: bytes) -> bool:
        """Whether a message of this digest was committed a short while ago, or waits to be."""
        held = self._held.items if self._held is not None else ()
        return self.store.seen(origin) or any(item.origin == origin for item in (*held, *self._inbox))

    @property
    def full(self) -> bool:
        """Whether a link should stop reading for now."""
        return len(self._inbox) >= INBOX_MOST

    async def room(self) -> None:
        """Returns when the inbox is no longer full."""
        await self._room.wait()

    async def act(self, action: ev.StaffAction, key: str) -> Mapping[str, Any]:
        """Submits a staff action and returns its answer after the commit; the same key gives the same answer."""
        known = self.store.answer(key)
        if known is not None:
            return dict(from_json(known))
        if key not in self._asked:
            done = self._asked[key] = self._loop.create_future()
            item = _Item([action], key=key)
            item.committed = partial(self._answered, item, done)
            self._enter(item)
        return await asyncio.shield(self._asked[key])

    async def probe(self) -> None:
        """Returns once something has passed inbox, core and store: the proof that the watchdog asks for.

        A full disk is an answer too: the store is alive, and a restart would lose what is held for it.
        """
        proof = self._proof
        self._enter(_Item((), self._prove))
        await proof.wait()

    # ---- what the composition root calls ----

    def problems(self) -> list[str]:
        """What stands in the way of deciding, as sentences; empty when nothing does."""
        return [] if self._held is None else ["the disk is full: events are taken in but not yet acknowledged"]

    def start(self) -> None:
        """Fires what was due while nobody ran, by today's policy, and begins to wake by itself."""
        self.adopt(self.engine.policy)

    def repaint(self) -> None:
        """Tells every sink what is true now: after a recovery and when the sinks have changed."""
        engine = self.engine
        commands: list[Command] = [*engine.paint(), *engine.waits(), *engine.device_states()]
        commands += [PublishPrompt(record) for record in engine.prompts()]
        for sink in self.sinks:
            sink.perform(commands)

    def adopt(self, policy: Policy) -> None:
        """Decides by another policy from now on, and begins to wake by itself.

        What is due is still decided by the policy there was. The hall is kept with the change: none is made twice.
        """
        decided, now = self._held or _Decided(), self.now()
        self._wake(decided, now)
        self._messages(decided, now, self.engine.adopt(policy, now))
        decided.turn.fired, decided.turn.hall = now, snapshot.dump(self.engine.hall)
        if self._held is None:
            self._finish(decided)

    def stop(self) -> None:
        """Commits what has arrived, if there is room, and keeps a snapshot: the next start has nothing to replay."""
        self._retry()
        if self._inbox:
            self._turn()
        for timer in (self._timer, self._retrying):
            if timer is not None:
                timer.cancel()
        if self._held is None and not self.failed.done():
            self._snapshot()

    # ---- one turn ----

    def _enter(self, item: _Item) -> None:
        self._inbox.append(item)
        if self.full:
            self._room.clear()
        self._schedule_turn()

    def _schedule_turn(self) -> None:
        if not self._turn_due and self._held is None:
            self._turn_due = True
            self._loop.call_soon(self._guarded, self._turn)

    def _guarded(self, act: _Act) -> None:
        """The store and the core are fatal: their failure ends the daemon instead of a callback."""
        try:
            act()
        except Exception as fault:  # noqa: BLE001 (handed to the supervisor whole)
            if not self.failed.done():
                self.failed.set_exception(fault)

    def _turn(self) -> None:
        self._turn_due = False
        if self._held is not None or self.failed.done():
            return
        items, self._inbox = self._inbox, []
        self._room.set()
        decided = _Decided(items=items)
        for item in items:
            for event in item.events:
                self._decide(decided, item, event)
        now = self.now()
        self._wake(decided, now)
        decided.turn.fired = now
        self._finish(decided)

    def _decide(self, decided: _Decided, item: _Item, event: ev.Happening) -> None:
        engine, turn = self.engine, decided.turn
        if event.at < engine.hall.now:
            event = replace(event, at=engine.hall.now)
        self._wake(decided, event.at)
        commands = step(engine.hall, event, engine.policy)
        zone = engine.policy.calendar.zone
        said = wire.publish(event, zone)
        public = wire.line(said)
        turn.events.append((event.at, wire.line(wire.encode(event, zone)) if event.extra else public, item.origin))
        decided.events.append(event)
        if self.upward:
            free = privacy.without_numbers(said)
            turn.messages.append((event.at, event.type, (public if free is said else wire.line(free)).decode()))
        self._messages(decided, event.at, commands)
        if item.key is not None:
            item.answer = _answer(commands)
            turn.answers.append((item.key, event.at, wire.line(item.answer).decode()))

    def _wake(self, decided: _Decided, until: Instant) -> None:
        for wake, commands in self.engine.wakes(until):
            self._messages(decided, wake.at, commands)

    def _messages(self, decided: _Decided, at: Instant, commands: list[Command]) -> None:
        decided.commands += commands
        if self.upward:
            zone = self.engine.policy.calendar.zone
            decided.turn.messages += [
                (at, "prompt", wire.line(messages.prompt(command.record, zone)).decode())
                for command in commands
                if type(command) is PublishPrompt  # a repeat is heard again but records nothing new
            ]

    def _finish(self, decided: _Decided) -> None:
        """Commits and acts; a full disk keeps the turn for later and everything that follows behind it.

        Wakes that changed levels alone are not committed: a restart fires them again, to the same effect.
        """
        try:
            if decided.items or decided.turn.messages or decided.turn.hall is not None:
                self.store.clk = self.clock.quality()
                self.store.commit(decided.turn)
        except DiskFull as full:
            if self._held is None:
                log.error("disk full, retrying", reason=str(full), events=len(decided.events))
            self._held = decided
            self._retrying = self._loop.call_later(RETRY_S, self._guarded, self._retry)
            self._prove()
            return
        if self._held is not None:
            self._held = None
            log.info("disk has room again")
            self._schedule_turn()
        self._act(decided)
        self._set_timer()

    def _retry(self) -> None:
        if self._held is not None:
            self._finish(self._held)

    def _act(self, decided: _Decided) -> None:
        self.counts["events"] += len(decided.events)
        self.counts["commits"] += 1
        for command in decided.commands:
            if isinstance(command, Ignore):
                self.counts["ignored"] += 1
                log.info("ignored", kind=command.event, about=command.about, reason=command.reason)
        for sink in self.sinks:
            sink.perform(decided.commands)
        for listen in self.listeners:
            listen(decided.events)
        for item in decided.items:
            if item.committed is not None:
                item.committed()
        self._since_snapshot += len(decided.events)
        if self._since_snapshot >= SNAPSHOT_EVERY:
            self._snapshot()

    def _prove(self) -> None:
        self._proof.set()
        self._proof = asyncio.Event()

    def _answered(self, item: _Item, done: asyncio.Future[Mapping[str, Any]]) -> None:
        self._asked.pop(item.key or "", None)
        done.set_result(item.answer or {})

    def _set_timer(self) -> None:
        due = self.engine.next_wake()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = self.clock.call_at(due, partial(self._guarded, self._schedule_turn))

    def _snapshot(self) -> None:
        self._since_snapshot = 0
        try:
            self.store.keep_snapshot(snapshot.dump(self.engine.hall))
        except DiskFull as full:
            log.error("no snapshot", reason=str(full))


def _answer(commands: Iterable[Command]) -> dict[str, Any]:
    refused = next((command for command in commands if isinstance(command, Ignore)), None)
    return {"ok": True} if refused is None else {"ok": False, "error": f"{refused.about}: {refused.reason}"}
