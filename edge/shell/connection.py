"""One connection of a link: a fresh driver between the bytes and the inbox, and between the commands and the bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge.core.events import Tick
from edge.core.instant import SECOND
from edge.core.outputs import ShowOnBoard
from edge.driver import Answer, BadFrame, CannotEncode, Driver, NotNow, Reply
from edge.shell.bus import Turns
from edge.shell.errands import Errands
from edge.shell.line import Line
from edge.shell.logs import Bounded
from edge.shell.pages import Pages
from edge.shell.routine import Routine
from edge.shell.signs import Signs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from structlog.typing import FilteringBoundLogger

    from edge.core.events import DeviceStatus, Happening
    from edge.core.instant import Instant
    from edge.core.outputs import Level
    from edge.driver import Device, Received, Request
    from edge.shell.clock import Clock
    from edge.shell.health import Health
    from edge.shell.line import Outcome
    from edge.shell.links.stream import Pipe
    from edge.shell.ports import Inbox, Outlet
    from edge.shell.routine import Steps

SETTLED_AFTER: Final = 1 * SECOND
"""A link that has stood this long is back; one that flaps faster tells nobody."""

DONE: Final[frozenset[Outcome]] = frozenset({"sent", "answered"})

STRAY: Final = "gives answers that nobody waits for: have two devices its address?"
STRAY_FOR: Final = 60 * SECOND
"""How long a device is degraded after such an answer; one that came late is forgiven for as long."""

NOT_NOW_S: Final = 1.0
"""A device that cannot do as it is told is told again so much later."""


@dataclass(slots=True)
class Connection:
    """From open to lost; `run` ends by raising LinkLost.

    By the device's id, `desired` is what each should show and `errands` what each is to do, which outlasts us.

    `speed` is how many of the branch's seconds pass in one of `clock`'s.
    """

    pipe: Pipe
    driver: Driver
    devices: Sequence[Device]
    inbox: Inbox
    clock: Clock
    health: Health
    log: FilteringBoundLogger
    bad: Bounded
    desired: Mapping[str, Level] = field(default_factory=dict)
    errands: Mapping[str, Errands] = field(default_factory=dict)
    speed: float = 1.0
    heard: bool = False
    settled: bool = False
    opened_at: Instant = 0
    _asked: set[str] = field(default_factory=set)
    _excused_at: dict[str, Instant] = field(default_factory=dict)
    _strayed_at: dict[str, Instant] = field(default_factory=dict)
    _routine: Routine = field(init=False)
    _line: Line = field(init=False)
    _turns: Turns = field(init=False)
    _outlets: dict[str, Outlet] = field(default_factory=dict)
    _behind: Bounded = field(init=False)
    _has_only_keys: bool = field(init=False)

    def __post_init__(self) -> None:
        self.opened_at = self.clock.now()
        self._routine = Routine(self._speak(), self.clock)
        self._line = Line(self.pipe, self.clock, room=self._routine.go_on)
        self._turns = Turns(self.devices, asks=_asks(type(self.driver)))
        self._behind = Bounded(self.log, self.clock)
        self._has_only_keys = type(self.driver).encode is Driver.encode

    async def run(self) -> None:
        """Listens and speaks until the link is lost; every level is shown first, whatever was shown before."""
        for command in self.desired.values():
            self.driver.wanted(command)
            self.show(command)
        for device in self.errands:
            self.do(device)
        self._routine.soon()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(), name="listen")
                await self._routine.ended  # in the group's own body: it gives back its cancelling of us (Python 3.11)
        finally:
            self._routine.close()

    def show(self, command: Level) -> None:
        """What a device should show has changed."""
        id = command.device
        if isinstance(command, ShowOnBoard):
            pages = self._outlets.setdefault(id, Pages(self.speed))
            assert isinstance(pages, Pages)  # noqa: S101 (a device is of one kind)
            lost = pages.add(command)
            if lost is not None:
                self._behind.warning(
                    "the line does not keep up: a call was not shown", board=id, ticket=lost.page.ticket
                )
        elif self._has_only_keys:
            return
        else:
            signs = self._outlets.setdefault(id, Signs(self.speed))
            assert isinstance(signs, Signs)  # noqa: S101 (as above)
            signs.add(command)
        self._tell_when_due(id)
        self._routine.soon()

    def do(self, device: str) -> None:
        """There is something new among the device's errands."""
        self._outlets[device] = self.errands[device]
        self._tell_when_due(device)
        self._routine.soon()

    # ---- in ----

    async def _listen(self) -> None:
        while True:
            if self.inbox.full:
                await self.inbox.room()
            await self.pipe.pass_on(self._hear)

    def _hear(self, data: bytes) -> bool:
        """Takes what has arrived; False leaves the rest on the wire until the inbox has room."""
        self.heard = True
        at = self.inbox.now()
        self._take(self.driver.receive(self._line.heard(data), at), at)
        if self._line.answered:
            self._routine.go_on()
        return not self.inbox.full

    def _take(self, received: Sequence[Received], at: Instant) -> None:
        events: list[Happening] = []
        for item in received:
            match item:
                case BadFrame():
                    self.bad.warning("bad frame", reason=item.reason, bytes=len(item.data))
                case Reply():
                    if not self._line.replied(item):
                        self._astray(item, at)
                case Answer():
                    self._line.answer(item.data)
                case Tick():
                    continue
                case _:
                    events.append(item)
        if events:
            self._tell(self.health.heard(events, at), events)

    def _astray(self, reply: Reply, at: Instant) -> None:
        """An answer nobody waits for, unless it may be late, or each frame of the command has its own."""
        self.bad.warning("bad frame", reason=f"address {reply.address} {STRAY}", bytes=0)
        device = next((one.id for one in self.devices if one.address == reply.address), None)
        now = self.clock.now()
        if device is None or now < self._excused_at.get(device, -STRAY_FOR) + STRAY_FOR:
            return
        self._strayed_at[device] = now
        self.health.note(device, "strays", STRAY)
        self._tell(self.health.answered(device, at))

    def _tell(self, *lists: Sequence[Happening]) -> None:
        events = [event for events in lists for event in events]
        if events:
            self.inbox.submit(events)

    # ---- out ----

    def _speak(self) -> Steps[None]:
        while True:
            now = self.clock.now()
            if now >= self.opened_at + SETTLED_AFTER and self._turns.idle(now):
                self._settle()
            if self._turns.wants_questions(now):
                at = self.inbox.now()
                self._take(self.driver.overdue(at), at)
                self._turns.ask(self.driver.poll(at), now)
            device = self._turns.next_output(now)
            question = self._turns.next_question(now) if device is None else None
            if device is not None:
                yield from self._perform(device, now)
            elif question is not None:
                yield from self._ask(question, now)
            else:
                yield self._next_at()

    def _tell_when_due(self, device: str) -> None:
        outlet = self._outlets[device]
        if outlet.next is not None:
            self._turns.tell(device, outlet.next_at)

    def _perform(self, device: str, now: Instant) -> Steps[None]:
        """Tells a device what is next for it, once."""
        outlet = self._outlets[device]
        if (command := outlet.next) is None:
            return
        try:
            request = self.driver.encode(command)
        except NotNow as reason:
            self._behind.warning("not done yet", device=device, reason=str(reason))
            outlet.sent(NOT_NOW_S * self.speed, now)
        except CannotEncode as fault:
            self.log.error("cannot be done; mend the wiring in the configuration", device=device, reason=str(fault))
            outlet.done(command, 0)
        else:
            outlet.begin(command)
            outcome = yield from self._exchange(request, device, now, told=True)
            now = self.clock.now()
            outlet.sent(request.refresh_s, now)
            if outcome in DONE:
                outlet.done(command, now)
            elif outcome == "refused":
                outlet.refused()
        self._tell_when_due(device)

    def _ask(self, question: Request, now: Instant) -> Steps[None]:
        outcome = yield from self._exchange(question, self._turns.device_at(question.address), now)
        if outcome not in DONE:
            self._turns.again(question)

    def _exchange(self, request: Request, device: str | None, began: Instant, *, told: bool = False) -> Steps[Outcome]:
        """Carries one request and draws the conclusions about the device; `told` it something, or asked.

        What answers at an address of no device of ours is nobody's to speak for.
        """
        self.driver.asked(request)
        once = told and device is not None and isinstance(self._outlets.get(device), Errands)
        patience_s = None if device is None or once else self._turns.patience_s(device, request)
        if request.then and device is not None:
            self._excused_at[device] = began
        outcome, detail = yield from self._line.carry(request, patience_s)
        if outcome == "silent":
            detail = self.driver.unanswered(request)
        if device is None:
            return "sent"
        if device in self._strayed_at and began >= self._strayed_at[device] + STRAY_FOR:
            del self._strayed_at[device]
            self.health.note(device, "strays", "")
        at = self.inbox.now()
        if told and outcome in DONE:
            self.health.note(device, "page", request.flaw)
        elif outcome == "answered":
            self.health.note(device, "state", detail)
        if outcome == "sent":
            self._tell(self.health.sent(device, at))
            return outcome
        self._asked.add(device)
        if outcome == "answered":
            if news := self.health.answered(device, at):
                self._tell(news)
            given_up = self._turns.recovered(device, self._line.answer_s)
            if (given_up or self._line.blank) and device in self._outlets:
                self._show_again(device)
            return outcome
        now = self._excused_at[device] = self.clock.now()
        if self._turns.failed(device, tries=request.tries, took=now - began, now=now):
            if device in self._outlets:
                self._outlets[device].skip()
            self._tell(self._verdict(device, outcome, detail, at))
        return outcome

    def _show_again(self, device: str) -> None:
        """What the device shows is in doubt; one that has lost it goes on with what it should show now."""
        if self._line.blank:
            self._outlets[device].skip()
        if device in self.desired:
            self.show(self.desired[device])

    def _verdict(self, device: str, outcome: Outcome, detail: str, at: Instant) -> list[DeviceStatus]:
        """What is to be told of a device that has used up its tries."""
        if outcome == "refused":
            return self.health.refused(device, detail, at)
        return self.health.misheard(device, detail, at) if detail else self.health.unanswered(device, at)

    def _settle(self) -> None:
        """Everyone has had a turn, and the link still stands: it may speak for devices that say nothing."""
        if not self.settled:
            self.settled = True
            self.log.info("link open")
        self._tell(self.health.open(self._asked, self.inbox.now()))

    def _next_at(self) -> Instant | None:
        """When there is something to do again if there is no news."""
        dues = [due for due in (self._turns.next_at(), self._settles_at()) if due is not None]
        return min(dues, default=None)

    def _settles_at(self) -> Instant | None:
        return None if self.settled else self.opened_at + SETTLED_AFTER


def _asks(kind: type[Driver]) -> bool:
    """Whether a driver of this kind has anything to do once a second."""
    return kind.poll is not Driver.poll or kind.overdue is not Driver.overdue
