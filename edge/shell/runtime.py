"""The one loop: decide, commit, act.

Whatever arrives waits in the inbox until the loop's next turn. A turn takes all of it, lets the core decide event by
event, writes the lot in one transaction, and only then acts: boards, brokers and pages hear the commands, senders get
their acknowledgements. Wakes of the core are turns too. When the disk is full the decided turn is kept and tried again;
nothing that follows from it is heard before it is on disk.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog
from pydantic_core import from_json

from edge import snapshot
from edge.core.agenda import Wake
from edge.core.commands import Command, Ignore, PublishPrompt
from edge.core.engine import Stumbled
from edge.shell import garbage
from edge.shell.minutes import Clerk, Item, Minutes
from edge.shell.store import DiskFull, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from edge.core import events as ev
    from edge.core.engine import Engine
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.shell.clock import Clock
    from edge.shell.ports import Sink

    _Act: TypeAlias = Callable[[], None]

INBOX_MOST: Final = 2048
"""Links stop reading when so many items with events wait: back-pressure goes to the wire, never to memory."""

RETRY_S: Final = 1.0
SNAPSHOT_EVERY: Final = 500
"""Events between snapshots at most: recovery replays no more, however busy the branch was."""

log = structlog.get_logger("runtime")


class Runtime:
    """The loop over one engine and one store. `sinks` act after each commit, in the order given."""

    def __init__(self, engine: Engine, store: Store, clock: Clock, *, upward: bool, sinks: Iterable[Sink] = ()) -> None:
        self.engine, self.store, self.clock = engine, store, clock
        self.sinks: list[Sink] = list(sinks)
        self.listeners: list[Callable[[Sequence[ev.Happening]], None]] = []
        self.counts: Counter[str] = Counter()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._clerk = Clerk(engine, upward=upward)
        self._inbox: list[Item] = []
        self._laden = 0
        self._asked: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._proof, self._probing = asyncio.Event(), False
        self._held: Minutes | None = None
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
        self._enter(Item(events, committed, origin))

    def seen(self, origin: bytes) -> bool:
        """Whether a message of this digest was committed a short while ago, or waits to be."""
        held = self._held.items if self._held is not None else ()
        return self.store.seen(origin) or any(item.origin == origin for item in (*held, *self._inbox))

    @property
    def full(self) -> bool:
        """Whether a link should stop reading for now."""
        return self._laden >= INBOX_MOST

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
            item = Item([action], key=key)
            item.committed = partial(self._answered, item, done)
            self._enter(item)
        return await asyncio.shield(self._asked[key])

    async def probe(self) -> None:
        """Returns once something has passed inbox, core and store: the proof that the watchdog asks for.

        A full disk is an answer too: the store is alive, and a restart would lose what is held for it.
        """
        proof = self._proof
        if not self._probing:
            self._probing = True
            self._enter(Item((), self._passed))
        await proof.wait()

    # ---- what the composition root calls ----

    @property
    def upward(self) -> bool:
        """Whether headquarters is to be told."""
        return self._clerk.upward

    @upward.setter
    def upward(self, upward: bool) -> None:
        self._clerk.upward = upward

    def problems(self) -> list[str]:
        """What stands in the way of deciding, as sentences; empty when nothing does."""
        return [] if self._held is None else ["the disk is full: events are taken in but not yet acknowledged"]

    def start(self) -> None:
        """Fires what was due while nobody ran, by today's policy, and begins to wake by itself."""
        self.adopt(self.engine.policy)

    def repaint(self) -> None:
        """Tells every sink what is true now: after a recovery and when the sinks have changed."""
        engine = self.engine
        commands: list[Command] = [*engine.paint(), *engine.waits(), *engine.device_states(), *engine.figures()]
        commands += [PublishPrompt(record) for record in engine.prompts()]
        for sink in self.sinks:
            sink.perform(commands)

    def adopt(self, policy: Policy) -> None:
        """Decides by another policy from now on, and begins to wake by itself.

        What is due is still decided by the policy there was.
        """
        minutes = self._held or Minutes()
        self._clerk.adopt(minutes, policy, self.now())
        if self._held is None:
            self._finish(minutes)

    def set_back(self, to: Instant) -> None:
        """The clock was ahead of the time and is put right: hall and clock move back to `to`, durations stay.

        What has arrived is decided first; while the disk is full nothing is done.
        """
        if self._inbox:
            self._turn()
        if self._held is None and not self.failed.done():
            self.engine.set_back(to)
            self.clock.set_back(to)
            self.adopt(self.engine.policy)

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

    def keep(self) -> None:
        """Keeps a snapshot where events have come since the last; call it where nobody waits."""
        if self._since_snapshot and self._held is None and not self.failed.done():
            self._snapshot()

    # ---- one turn ----

    def _enter(self, item: Item) -> None:
        self._inbox.append(item)
        self._laden += bool(item.events)
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
                self._set_aside(fault)

    def _set_aside(self, fault: Exception) -> None:
        """What the core failed over is not to be met again by the daemon that follows us."""
        if isinstance(fault, Stumbled):
            over = fault.over
            what = over.key if isinstance(over, Wake) else over.type
            self.store.quarantine(over.at, what, fault.origin, repr(fault.__cause__))
            log.critical("set aside, the core failed over it", what=what, reason=repr(fault.__cause__))

    def _turn(self) -> None:
        self._turn_due = False
        if self._held is not None or self.failed.done():
            return
        items, self._inbox, self._laden = self._inbox, [], 0
        self._room.set()
        self._finish(self._clerk.take(items, self.now()))
        self.store.checkpoint()
        garbage.collect()

    def _finish(self, minutes: Minutes) -> None:
        """Commits and acts; a full disk keeps the turn for later and everything that follows behind it."""
        try:
            if minutes.worth_keeping:
                self.store.clk = self.clock.quality()
                self.store.commit(minutes.turn)
        except DiskFull as full:
            if self._held is None:
                log.error("disk full, retrying", reason=str(full), events=len(minutes.events))
            self._held = minutes
            self._retrying = self._loop.call_later(RETRY_S, self._guarded, self._retry)
            self._prove()
            return
        if self._held is not None:
            self._held = None
            log.info("disk has room again")
            self._schedule_turn()
        self._act(minutes)
        self._set_timer()

    def _retry(self) -> None:
        if self._held is not None:
            self._finish(self._held)

    def _act(self, minutes: Minutes) -> None:
        self.counts["events"] += len(minutes.events)
        self.counts["commits"] += 1
        for command in minutes.commands:
            if isinstance(command, Ignore):
                self.counts["ignored"] += 1
                log.info("ignored", kind=command.event, about=command.about, reason=command.reason)
        for item in minutes.items:
            if item.committed is not None:
                item.committed()
        for sink in self.sinks:
            sink.perform(minutes.commands)
        for listen in self.listeners:
            listen(minutes.events)
        self._since_snapshot += len(minutes.events)
        if self._since_snapshot >= SNAPSHOT_EVERY:
            self._snapshot()

    def _passed(self) -> None:
        """The probe has come through; the next one goes the whole way again."""
        self._probing = False
        self._prove()

    def _prove(self) -> None:
        self._proof.set()
        self._proof = asyncio.Event()

    def _answered(self, item: Item, done: asyncio.Future[Mapping[str, Any]]) -> None:
        self._asked.pop(item.key or "", None)
        done.set_result(item.answer or {})

    def _set_timer(self) -> None:
        due = self.engine.next_wake()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None and due <= self.now():
            self._schedule_turn()
        elif due is not None:
            self._timer = self.clock.call_at(due, partial(self._guarded, self._schedule_turn))

    def _snapshot(self) -> None:
        self._since_snapshot = 0
        try:
            self.store.keep_snapshot(snapshot.dump(self.engine.hall))
        except DiskFull as full:
            log.error("no snapshot", reason=str(full))
