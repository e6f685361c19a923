"""The minutes of a turn: what the core decides of each event and wake, written down as the store will keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from edge import snapshot
from edge.core import messages, privacy, wire
from edge.core.commands import Command, Ignore, PublishPrompt, RepeatPrompt
from edge.core.engine import Stumbled
from edge.core.report import PublishFigures
from edge.shell.store import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edge.core import events as ev
    from edge.core.engine import Engine
    from edge.core.instant import Instant
    from edge.core.policy import Policy


class Item(Struct):
    """Events that came together, and who wants to know that they are committed.

    With an idempotency key, `answer` is what the sender is told, now and whenever the key comes again.
    """

    events: Sequence[ev.Happening]
    committed: Callable[[], None] | None = None
    origin: bytes | None = None
    key: str | None = None
    answer: dict[str, Any] | None = None


class Minutes(Struct):
    """What one turn has decided: the rows for the store, and for afterwards whom to answer and what to do."""

    turn: Turn = field(default_factory=Turn)
    items: list[Item] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    events: list[ev.Happening] = field(default_factory=list)

    @property
    def worth_keeping(self) -> bool:
        """Whether a restart would miss it; wakes that changed levels alone are fired again, to the same effect."""
        return bool(self.items or self.turn.messages) or self.turn.hall is not None


class Clerk:
    """Lets the engine decide and writes it down; `upward` says whether headquarters is to be told."""

    def __init__(self, engine: Engine, *, upward: bool) -> None:
        self.engine, self.upward = engine, upward

    def take(self, items: list[Item], now: Instant) -> Minutes:
        """Decides all events of these items, in order, each after the wakes due by then; without any, wakes by `now`.

        What falls due after the last event is left to a turn of its own, which is the very next one: what an event
        means for the boards does not wait for a forecast that may come after it.
        """
        minutes = Minutes(items=items)
        for item in items:
            for event in item.events:
                self._decide(minutes, item, event)
        if not minutes.events:
            self._wake(minutes, now)
            minutes.turn.fired = now
        return minutes

    def adopt(self, minutes: Minutes, policy: Policy, now: Instant) -> None:
        """Adds what another policy changes at once; the hall is kept with it, so that none is made twice.

        What is due by `now` is still decided by the policy there was.
        """
        self._wake(minutes, now)
        self._note(minutes, now, self.engine.adopt(policy, now))
        minutes.turn.fired, minutes.turn.hall = now, snapshot.dump(self.engine.hall)

    def _decide(self, minutes: Minutes, item: Item, event: ev.Happening) -> None:
        engine, turn = self.engine, minutes.turn
        if event.at < engine.hall.now:
            event = replace(event, at=engine.hall.now)
        self._wake(minutes, event.at)
        try:
            commands = engine.decide(event)
        except Stumbled as fault:
            fault.origin = item.origin
            raise
        zone = engine.policy.calendar.zone
        said = wire.publish(event, zone)
        public = wire.line(said)
        turn.events.append((event.at, wire.line(wire.encode(event, zone)) if event.extra else public, item.origin))
        minutes.events.append(event)
        if self.upward:
            free = privacy.without_numbers(said, self._is_ours)
            turn.messages.append((event.at, event.type, (public if free is said else wire.line(free)).decode()))
        self._note(minutes, event.at, commands)
        if item.key is not None:
            item.answer = _answer(commands)
            turn.answers.append((item.key, event.at, wire.line(item.answer).decode()))

    def _wake(self, minutes: Minutes, until: Instant) -> None:
        for wake, commands in self.engine.wakes(until):
            self._note(minutes, wake.at, commands)

    def _is_ours(self, word: str) -> bool:
        """Whether headquarters may have a word as it is, whatever digits are in it."""
        return privacy.is_name(word, self.engine.policy, self.engine.hall.tickets)

    def _note(self, minutes: Minutes, at: Instant, commands: list[Command]) -> None:
        minutes.commands += commands
        if self.upward:
            zone = self.engine.policy.calendar.zone
            for command in commands:
                if isinstance(command, PublishPrompt):
                    if isinstance(command, RepeatPrompt):
                        continue  # is heard again and records nothing new
                    record = privacy.without_numbers(messages.prompt(command.record, zone), self._is_ours)
                    minutes.turn.messages.append((at, "prompt", wire.line(record).decode()))
                elif isinstance(command, PublishFigures):
                    figures = messages.figures(command, zone)
                    minutes.turn.messages.append((at, "figures", wire.line(figures).decode()))


def _answer(commands: Iterable[Command]) -> dict[str, Any]:
    refused = next((command for command in commands if isinstance(command, Ignore)), None)
    if refused is None:
        return {"ok": True}
    answer = {"ok": False, "error": f"{refused.about}: {refused.reason}"}
    return {**answer, "key": refused.key} if refused.key else answer
