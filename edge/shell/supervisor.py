"""Staying up: every service is restarted under one policy of four numbers, and takes nothing else down.

A service fails by raising or by returning. Each failure counts one and counts half as much `decay_s` seconds later; a
service whose count is at most `threshold` is restarted at once, so that a hiccup costs nothing; beyond it the service
rests `backoff_s` seconds first, so that a lasting fault costs neither the processor nor the log. A service that is
taken away has `stop_s` seconds to end; one that has not by then is named, and nothing takes its place before it has:
two owners of one link would be worse than none. Only `Fatal` ends the daemon: one that cannot remember must not decide.

The numbers are those of suture, the supervisor syncthing lives under (github.com/thejerf/suture, v4/supervisor.go).
"""

from __future__ import annotations

import asyncio
import faulthandler
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import structlog
from msgspec import Struct, field

from edge.core.instant import in_seconds
from edge.shell.backoff import retryable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.instant import Instant
    from edge.shell.clock import Clock
    from edge.shell.ports import Service

State: TypeAlias = Literal["running", "resting", "stopping", "stuck"]

END_WITHIN_S: Final = 1.5
"""How long services may take to end with the daemon; then it is ended, stuck ones shown by the stacks on stderr."""

_STUCK: Final = "does not stop; what is to take its place waits until it has, or until lobbyd is restarted"

log = structlog.get_logger("supervisor")


class Fatal(Exception):
    """The daemon cannot go on: raised by store and core, ends everything with exit code 1."""


class Policy(Struct, frozen=True):
    """The four numbers; what they mean is said at the top of this file."""

    decay_s: float = 30.0
    threshold: float = 5.0
    backoff_s: float = 15.0
    stop_s: float = 10.0


class Report(Struct, frozen=True):
    """One service as `status` shows it; `restarts` counts since the daemon began."""

    name: str
    state: State
    restarts: int
    last_error: str


class _Kept(Struct):
    """One service, its task and its record."""

    service: Service
    task: asyncio.Task[None] | None = None
    state: State = "running"
    restarts: int = 0
    last_error: str = ""
    alike: int = 0
    failures: float = 0.0
    failed_at: Instant = 0
    asked_to_stop: asyncio.Event = field(default_factory=asyncio.Event)
    successor: Service | None = None


def end_at_last(within_s: float = END_WITHIN_S) -> None:
    """Ends the process soon, whatever hangs in it: a thread of the interpreter's writes all stacks and exits with 1.

    `faulthandler.cancel_dump_traceback_later()` takes it back.
    """
    faulthandler.dump_traceback_later(within_s, exit=True)


class Supervisor:
    """Keeps services alive until `stop()`; `clock` paces rests in real seconds, also in the demo."""

    def __init__(self, clock: Clock, *, policy: Policy | None = None) -> None:
        self._clock, self._policy = clock, policy or Policy()
        self._kept: dict[str, _Kept] = {}
        self._group: asyncio.TaskGroup | None = None
        self._stop = asyncio.Event()

    async def run(self, services: Iterable[Service] = ()) -> int:
        """Keeps `services` alive and returns the exit code: 0 after `stop()`, 1 after `Fatal`."""
        for service in services:
            self.add(service)
        code = 0
        try:
            async with asyncio.TaskGroup() as self._group:
                for kept in self._kept.values():
                    self._start(kept)
                await self._stop.wait()
                self._end()
        except* Fatal as group:
            log.critical("ending", reason=_sentence(_fatal(group) or group))
            code = 1
        finally:
            faulthandler.cancel_dump_traceback_later()
        return code

    def stop(self) -> None:
        """Asks all services to end, and `run` to return; may be called from a signal handler of the loop."""
        self._stop.set()

    def add(self, service: Service) -> None:
        """Takes a service in, before or while running; ValueError when its name is taken.

        Where one of that name is stuck, it is started when that has ended.
        """
        before = self._kept.get(service.name)
        if before is not None and before.state == "stuck":
            before.successor = service
            return
        if before is not None:
            raise ValueError(f"two services are called {service.name!r}")
        kept = self._kept[service.name] = _Kept(service)
        if self._group is not None:
            self._start(kept)

    async def remove(self, name: str) -> None:
        """Ends a service and forgets it, within `stop_s` seconds; one that does not end is stuck, and said to be."""
        kept = self._kept[name]
        if kept.task is None:
            del self._kept[name]
            return
        kept.state, kept.successor = "stopping", None
        kept.asked_to_stop.set()
        kept.task.cancel()
        with suppress(TimeoutError):
            async with self._clock.timeout(self._policy.stop_s):
                await asyncio.wait([kept.task])
                self._kept.pop(name, None)
                return
        kept.state, kept.last_error = "stuck", _STUCK
        kept.task.add_done_callback(lambda _: self._ended_at_last(kept))
        log.error("service does not stop", service=name, waited_s=self._policy.stop_s, reason=_STUCK)

    def _ended_at_last(self, kept: _Kept) -> None:
        name = kept.service.name
        if self._kept.get(name) is not kept or self._stop.is_set():
            return
        del self._kept[name]
        log.warning("service has stopped at last", service=name)
        if kept.successor is not None:
            self.add(kept.successor)

    def report(self) -> list[Report]:
        """Every service with its state, in the order they were taken in."""
        return [Report(name, kept.state, kept.restarts, kept.last_error) for name, kept in self._kept.items()]

    def _start(self, kept: _Kept) -> None:
        if self._group is not None:
            kept.task = self._group.create_task(self._keep(kept), name=kept.service.name)

    def _end(self) -> None:
        end_at_last()
        for kept in self._kept.values():
            kept.state = "stopping"
            kept.asked_to_stop.set()
            if kept.task is not None:
                kept.task.cancel()

    async def _keep(self, kept: _Kept) -> None:
        while not kept.asked_to_stop.is_set():
            kept.state = "running"
            fault = await self._serve(kept)
            if kept.asked_to_stop.is_set():
                return
            self._count(kept, fault)
            if kept.failures > self._policy.threshold:
                kept.state = "resting"
                await self._clock.sleep(self._policy.backoff_s)
            kept.restarts += 1

    async def _serve(self, kept: _Kept) -> BaseException | None:
        """Runs a service once; what it failed with, None when it returned. Fatal and our own cancellation rise."""
        task = asyncio.current_task()
        try:
            await kept.service.serve()
        except asyncio.CancelledError as fault:
            if task is not None and task.cancelling():
                raise
            return fault  # something inside the service was cancelled by the service itself
        except Exception as fault:
            fatal = _fatal(fault)
            if fatal is not None:
                end_at_last()
                raise fatal from fault
            return fault
        return None

    def _count(self, kept: _Kept, fault: BaseException | None) -> None:
        now = self._clock.now()
        half_lives = in_seconds(now - kept.failed_at) / self._policy.decay_s
        kept.failures = kept.failures * 0.5**half_lives + 1
        kept.failed_at = now
        sentence = _sentence(fault) if fault is not None else "returned"
        if sentence == kept.last_error:
            kept.alike += 1
            return
        if kept.alike:
            log.warning("service failed alike", service=kept.service.name, times=kept.alike, reason=kept.last_error)
        kept.last_error, kept.alike = sentence, 0
        trace = fault if fault is not None and not retryable(fault) else None
        log.error("service failed", service=kept.service.name, reason=sentence, exc_info=trace)


def _fatal(fault: BaseException) -> Fatal | None:
    """The Fatal in an exception or in a group of them."""
    if isinstance(fault, BaseExceptionGroup):
        return next((found for inner in fault.exceptions if (found := _fatal(inner)) is not None), None)
    return fault if isinstance(fault, Fatal) else None


def _sentence(fault: BaseException) -> str:
    """What went wrong in one line, of a group its first; only a fault of the program's is named by its kind."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return str(fault) if retryable(fault) and str(fault) else f"{type(fault).__name__}: {fault}"
