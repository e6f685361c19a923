"""One connection of a link: a fresh driver between the bytes and the inbox, and between the boards and the bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge.core.events import Tick
from edge.core.instant import SECOND
from edge.driver import BadFrame, CannotEncode, Driver, Reply
from edge.shell.bus import Line, Turns
from edge.shell.logs import Bounded
from edge.shell.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from structlog.typing import FilteringBoundLogger

    from edge.core.commands import ShowOnBoard
    from edge.core.events import DeviceStatus, Happening
    from edge.core.instant import Instant
    from edge.driver import Device, Received, Request
    from edge.shell.bus import Outcome
    from edge.shell.clock import Clock
    from edge.shell.health import Health
    from edge.shell.links.stream import Pipe
    from edge.shell.ports import Inbox

SETTLED_AFTER: Final = 1 * SECOND
"""A link that has stood this long is back; one that flaps faster tells nobody."""


@dataclass(slots=True)
class Connection:
    """From open to lost. `desired` is what every board should show, by its id; `run` ends by raising LinkLost.

    `speed` is how many of the branch's seconds pass in one of `clock`'s.
    """

    pipe: Pipe
    driver: Driver
    devices: Sequence[Device]
    desired: Mapping[str, ShowOnBoard]
    inbox: Inbox
    clock: Clock
    health: Health
    log: FilteringBoundLogger
    bad: Bounded
    speed: float = 1.0
    heard: bool = False
    settled: bool = False
    opened_at: Instant = 0
    _asked: set[str] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _line: Line = field(init=False)
    _turns: Turns = field(init=False)
    _pages: dict[str, Pages] = field(default_factory=dict)
    _behind: Bounded = field(init=False)

    def __post_init__(self) -> None:
        self.opened_at = self.clock.now()
        self._line = Line(self.pipe, self.clock)
        self._turns = Turns(self.devices, asks=type(self.driver).poll is not Driver.poll)
        self._behind = Bounded(self.log, self.clock)

    async def run(self) -> None:
        """Listens and speaks until the link is lost; every board is painted first, whatever it showed before."""
        for command in self.desired.values():
            self.show(command)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="listen")
            await self._speak()  # in the group's own body, so that it gives back its cancelling of us (Python 3.11)

    def show(self, command: ShowOnBoard) -> None:
        """What a board should show has changed."""
        pages = self._pages.setdefault(command.board, Pages(self.speed))
        lost = pages.add(command)
        if lost is not None:
            self._behind.warning(
                "the line does not keep up: a call was not shown", board=lost.board, ticket=lost.page.ticket
            )
        self._paint_when_due(command.board)
        self._news.set()

    @property
    def strays(self) -> int:
        """How many answers came that nobody waited for."""
        return self._line.strays

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
        return not self.inbox.full

    def _take(self, received: Sequence[Received], at: Instant) -> None:
        events: list[Happening] = []
        for item in received:
            match item:
                case BadFrame():
                    self.bad.warning("bad frame", reason=item.reason, bytes=len(item.data))
                case Reply():
                    self._line.replied(item)
                case Tick():
                    continue
                case _:
                    events.append(item)
        self._tell(self.health.heard(events, at), events)

    def _tell(self, *lists: Sequence[Happening]) -> None:
        events = [event for events in lists for event in events]
        if events:
            self.inbox.submit(events)

    # ---- out ----

    async def _speak(self) -> None:
        while True:
            self._news.clear()
            now = self.clock.now()
            if now >= self.opened_at + SETTLED_AFTER and self._turns.idle(now):
                self._settle()
            if self._turns.wants_questions(now):
                self._turns.ask(self.driver.poll(self.inbox.now()), now)
            board = self._turns.next_board(now)
            question = self._turns.next_question(now) if board is None else None
            if board is not None:
                await self._paint(board)
            elif question is not None:
                await self._ask(question)
            else:
                await self._idle()

    def _paint_when_due(self, board: str) -> None:
        pages = self._pages[board]
        if pages.next is not None:
            self._turns.paint(board, pages.next_at)

    async def _paint(self, board: str) -> None:
        pages = self._pages[board]
        if (command := pages.next) is None:
            return
        try:
            request = self.driver.encode(command)
        except CannotEncode as fault:
            self.log.error(
                "board cannot be painted; mend the wiring in the configuration", board=board, reason=str(fault)
            )
            pages.shown(command, 0)
        else:
            done = await self._exchange(request, board, page=True)
            now = self.clock.now()
            pages.sent(request.refresh_s, now)
            if done:
                pages.shown(command, now)
        self._paint_when_due(board)

    async def _ask(self, question: Request) -> None:
        if not await self._exchange(question, self._turns.device_at(question.address)):
            self._turns.again(question)

    async def _exchange(self, request: Request, device: str | None, *, page: bool = False) -> bool:
        """Carries one request and draws the conclusions about the device; False when it is to be tried again.

        What answers at an address of no device of ours is nobody's to speak for.
        """
        began = self.clock.now()
        self.driver.asked(request)
        outcome, detail = await self._line.carry(request)
        if outcome == "silent":
            detail = self.driver.unanswered(request)
        if device is None:
            return True
        now, at = self.clock.now(), self.inbox.now()
        if page and outcome in {"sent", "answered"}:
            self.health.note(device, "page", request.flaw)
        elif outcome == "answered":
            self.health.note(device, "state", detail)
        if outcome == "sent":
            self._tell(self.health.sent(device, at))
            return True
        self._asked.add(device)
        if outcome == "answered":
            self._tell(self.health.answered(device, at))
            if self._turns.recovered(device) and device in self.desired:
                self.show(self.desired[device])
            return True
        if self._turns.failed(device, tries=request.tries, took=now - began, now=now):
            if device in self._pages:
                self._pages[device].skip()
            self._tell(self._verdict(device, outcome, detail, at))
        return False

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

    async def _idle(self) -> None:
        """Waits for news, at most until there is something to do without any."""
        dues = [due for due in (self._turns.next_at(), self._settles_at()) if due is not None]
        timer = self.clock.call_at(min(dues), self._news.set) if dues else None
        try:
            await self._news.wait()
        finally:
            if timer is not None:
                timer.cancel()

    def _settles_at(self) -> Instant | None:
        return None if self.settled else self.opened_at + SETTLED_AFTER
