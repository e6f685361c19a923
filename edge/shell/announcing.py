"""One announcer at work: call after call, each spoken to its end, and none before people have heard the one before it.

Where so many wait that the last of them would be heard too late, each is said once instead of twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge.core.events import DeviceEvent
from edge.core.instant import in_seconds
from edge.core.outputs import Say
from edge.core.telling.speech import UNSAID
from edge.driver import CannotEncode
from edge.shell.links.sound import Mute
from edge.shell.logs import Bounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from structlog.typing import FilteringBoundLogger

    from edge.core.instant import Instant
    from edge.core.outputs import Level
    from edge.driver import Sound, SoundDriver
    from edge.shell.clock import Clock
    from edge.shell.errands import Errands
    from edge.shell.health import Health
    from edge.shell.links.sound import Speaker
    from edge.shell.ports import Inbox

PATIENCE_S: Final = 30.0
"""Who is called should hear it within so long."""


@dataclass(slots=True)
class Announcing:
    """From open to lost; `run` ends by raising Mute. `errands` are the calls that wait, by device; they outlast us."""

    speaker: Speaker
    driver: SoundDriver
    device: str
    errands: Mapping[str, Errands]
    inbox: Inbox
    clock: Clock
    health: Health
    log: FilteringBoundLogger
    bad: Bounded
    heard: bool = False
    settled: bool = True
    opened_at: Instant = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _unsaid: Bounded = field(init=False)

    def __post_init__(self) -> None:
        self.opened_at = self.clock.now()
        self._unsaid = Bounded(self.log, self.clock)

    async def run(self) -> None:
        """Speaks until it cannot any more; where a call waits, only that it has been said shows that all is well."""
        self.log.info("link open")
        if self._waiting() is None:
            self._stands()
        while True:
            self._news.clear()
            waiting = self._waiting()
            if waiting is None:
                await self._news.wait()
            else:
                await self._say(*waiting)

    def show(self, command: Level) -> None:
        """Nothing that shows anything is heard."""

    def do(self, device: str) -> None:
        """There is another call."""
        del device
        self._news.set()

    def _waiting(self) -> tuple[Say, Errands] | None:
        """The call whose turn it is, and the queue it is in."""
        errands = self.errands.get(self.device)
        call = errands.next if errands is not None else None
        return (call, errands) if errands is not None and isinstance(call, Say) else None

    async def _say(self, call: Say, errands: Errands) -> None:
        try:
            texts = self.driver.synthesis(call)
        except CannotEncode as fault:
            self._unsaid.warning("a call cannot be said", ticket=call.ticket, reason=str(fault))
            self._stands(str(fault))
            errands.done(call, self.clock.now())
            self._pass_on(call)
            return
        once = self._in_haste(errands)
        errands.begin(call)
        try:
            made = [await self.speaker.synthesize(text) for text in texts]
            sound = self._sound(call, made, once=once)
            began = self.clock.now()
            await self.speaker.play(sound)
        except Mute:
            errands.refused()  # whoever has heard a part of it will hear it again when the device is back
            raise
        self.heard = True
        errands.done(call, self.clock.now())
        self._stands()
        still_s = sound.lasts_s - in_seconds(self.clock.now() - began)  # a player may be done before it has been heard
        await self.clock.sleep(max(0.0, still_s) + self.driver.pause_s)

    def _pass_on(self, call: Say) -> None:
        """Somebody else may have a voice for it."""
        self.inbox.submit([DeviceEvent(at=self.inbox.now(), device=self.device, event=UNSAID, detail=call.ticket)])

    def _sound(self, call: Say, made: Sequence[bytes], *, once: bool) -> Sound:
        try:
            return self.driver.sound(call, made, once=once)
        except CannotEncode as fault:
            raise Mute(str(fault)) from fault

    def _in_haste(self, errands: Errands) -> bool:
        """Whether those that wait would take too long, each said as often as it should be."""
        return sum(self._lasts_s(call) for call in errands.waiting if isinstance(call, Say)) > PATIENCE_S

    def _lasts_s(self, call: Say) -> float:
        try:
            return self.driver.lasts_s(call) + self.driver.pause_s
        except CannotEncode:
            return 0.0

    def _stands(self, unsaid: str = "") -> None:
        """Tells how the device is; `unsaid` is why the last call was not said."""
        self.health.note(self.device, "voice", self.driver.flaw())
        self.health.note(self.device, "call", unsaid)
        told = self.health.answered(self.device, self.inbox.now())
        if told:
            self.inbox.submit(told)
