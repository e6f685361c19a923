"""The decision core alone over an event log: no socket, no port, no sleep; same build and input, same bytes out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from edge import resources
from edge.alarms import Alarms
from edge.config.load import load_rules, load_words
from edge.config.policy import unconfigured
from edge.core import events as ev
from edge.core import instant, messages, rivals, wire
from edge.core.commands import Command, Ignore, PublishPrompt, SettlePrompt
from edge.core.engine import Engine, TooEarly
from edge.core.instant import Instant, Micros, seconds
from edge.core.report import PublishFigures
from edge.core.step import step
from edge.core.triage import ladder
from edge.core.waiting import Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import tzinfo

    from edge.core.commands import PromptRecord
    from edge.core.policy import Policy

FAULTS_SHOWN: Final = 20

OVER: Final = Wait(1, 0.0, 0.0, 0.0, 0.0)
"""What a ticket still waits that was called before its issue was told."""

LEAST_EVERY_S: Final = 0.1
MOST_EVERY_S: Final = 7 * 86400.0


class BadLine(ValueError):
    """A line of the log is not one of the contract; the message has its number."""


class Outcome(Struct):
    """What a replay has counted; `waits` and `days` are the figures of each day, of forecasts and of prompts."""

    events: Counter[str] = field(default_factory=Counter)
    prompts: Counter[str] = field(default_factory=Counter)
    predictions: int = 0
    ignored: int = 0
    skipped: list[str] = field(default_factory=list)
    waits: dict[str, Any] = field(default_factory=dict)
    days: dict[str, Any] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None

    def summary(self) -> dict[str, Any]:
        """The figures as a JSON object, keys in a fixed order."""
        return {
            "first": self.first,
            "last": self.last,
            "events": dict(sorted(self.events.items())),
            "predictions": self.predictions,
            "prompts": dict(sorted(self.prompts.items())),
            "ignored": self.ignored,
            "waits": self.waits,
            "days": self.days,
            "skipped": len(self.skipped),
            "skipped_lines": self.skipped[:FAULTS_SHOWN],
        }

    def held(self) -> list[tuple[int, str]]:
        """(how many, `rule held by guard`) over all days; what was open when the guard began to hold included."""
        counts: Counter[str] = Counter()
        for day in self.days.values():
            for rule, of_rule in day["rules"].items():
                for guard, count in (*of_rule["held"].items(), *of_rule["withdrawn"].items()):
                    counts[f"{rule} held by {guard}"] += count
        return [(count, what) for what, count in counts.items()]

    def review(self) -> list[str]:
        """The rules that were acted on too seldom, as of the last day."""
        return next((list(self.days[day]["review"]) for day in sorted(self.days, reverse=True)), [])


class Replay:
    """One run over one log. `every` asks for a forecast of every ticket at its multiples after the first line."""

    def __init__(
        self,
        engine: Engine,
        every: Micros | None = None,
        predict: Callable[[bytes], object] | None = None,
        prompt: Callable[[bytes], object] | None = None,
        hear: Callable[[PromptRecord, Collection[str]], object] | None = None,
    ) -> None:
        self.engine, self.every = engine, every
        self.predict, self.prompt, self.hear = predict, prompt, hear
        self.outcome = Outcome()
        self.alarms = Alarms(engine.policy.rules, engine.policy.load.window)
        self._next: Instant | None = None

    @property
    def zone(self) -> tzinfo:
        """The zone of everything written."""
        return self.engine.policy.calendar.zone

    def feed(self, event: ev.Event) -> None:
        """One event of the log, after the wakes and forecasts that come before it."""
        engine = self.engine
        if event.at < engine.hall.now:
            raise TooEarly("'at' is earlier than that of the line before")
        if self.every is not None and self._next is None:
            self._next = event.at + self.every
        while self._next is not None and self.every is not None and self._next < event.at:
            self._wake(self._next)
            self._forecasts(self._next)
            self._next += self.every
        self._wake(event.at)
        self.outcome.first = self.outcome.first or instant.text(event.at, self.zone)
        commands = step(engine.hall, event, engine.policy)
        self._perform(commands)
        self.outcome.events[event.type] += 1
        if isinstance(event, ev.TicketIssued) and not any(isinstance(command, Ignore) for command in commands):
            self._prediction(event.ticket, event.at)
            self.alarms.came(event.at)

    def end(self) -> None:
        """After the last line nothing fires; what was asked for at its own instant is still said."""
        if self._next is not None and self._next == self.engine.hall.now:
            self._forecasts(self._next)
        self._perform([*self.engine.figures()])
        if self.outcome.first is not None:
            self.outcome.last = instant.text(self.engine.hall.now, self.zone)

    def summary(self) -> dict[str, Any]:
        """What was counted, with the alarm load."""
        return self.outcome.summary() | {"alarms": self.alarms.figures(self.outcome.days)}

    def _wake(self, until: Instant) -> None:
        for _, commands in self.engine.wakes(until):
            self._perform(commands)

    def _forecasts(self, at: Instant) -> None:
        hall = self.engine.hall
        for ticket in [t.id for t in hall.queue() if t.called_at is None]:
            self._prediction(ticket, at)

    def _prediction(self, id: str, at: Instant) -> None:
        ticket = self.engine.hall.tickets.get(id)
        if ticket is None or self.predict is None:
            return
        wait = self.engine.wait_of(id, at) if ticket.called_at is None else OVER
        place = 1 + rivals.ahead(self.engine.hall, ticket)[0] if wait is None else wait.position
        self.outcome.predictions += 1
        self.predict(wire.line(messages.prediction(ticket, place, wait, at, self.zone)))

    def _perform(self, commands: list[Command]) -> None:
        for command in commands:
            if type(command) is PublishPrompt:  # a repeat is heard again but records nothing new
                self.outcome.prompts[f"{command.record.rule} {command.record.state}"] += 1
                self.alarms.hear(command.record)
                if self.hear is not None:
                    self.hear(command.record, self._people(command.record))
                self._write(command)
            elif type(command) is SettlePrompt:
                self._write(command)
            elif isinstance(command, PublishFigures):
                self._figures(command)
            elif isinstance(command, Ignore):
                self.outcome.ignored += 1

    def _people(self, record: PromptRecord) -> tuple[str, ...]:
        """Who carries the roles that a prompt goes to."""
        hall, policy = self.engine.hall, self.engine.policy
        return tuple(dict.fromkeys(one for role in record.to for one in ladder.people(hall, policy, role)))

    def _write(self, told: PublishPrompt) -> None:
        if self.prompt is not None:
            self.prompt(wire.line(messages.prompt(told.record, self.zone)))

    def _figures(self, told: PublishFigures) -> None:
        """The figures of a day; later ones of the same day replace the earlier."""
        figures = messages.figures(told, self.zone)
        for name, days in (("waits", self.outcome.waits), ("prompts", self.outcome.days)):
            if figures[name] is not None:
                days[told.date] = figures[name]


def events_of(lines: Iterable[bytes], faults: list[str] | None) -> Iterator[tuple[int, ev.Event]]:
    """(line number, event) of a log; a bad line raises BadLine, or goes to `faults` when a list is given."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, wire.decode_line(line)
        except wire.WireError as fault:
            if faults is None:
                raise BadLine(f"line {number}: {fault}") from None
            faults.append(f"line {number}: {fault}")


def without_configuration(zone: tzinfo) -> Policy:
    """What `replay` decides by when no configuration is given: the delivered rules, nothing known beforehand."""
    faults: list[str] = []
    rules = load_rules(resources.config_dir() / "rules", {}, faults)
    words = load_words(resources.config_dir() / "texts", faults)
    return unconfigured(zone, rules, words)


def every_s(text: str) -> Micros:
    """The `--every` argument, seconds, to a duration; ValueError says what is accepted."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not LEAST_EVERY_S <= value <= MOST_EVERY_S:
        raise ValueError(f"{text!r} is no number of seconds; accepted: {LEAST_EVERY_S:g} to {MOST_EVERY_S:g}")
    return seconds(value)
