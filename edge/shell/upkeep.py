"""What keeps an unattended daemon honest: a heartbeat that proves the path alive, and a daily tidying of its memory."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

import structlog

from edge.core.instant import in_seconds, seconds
from edge.shell import garbage, systemd
from edge.shell.clock import DRIFT
from edge.shell.logs import Bounded
from edge.shell.supervisor import Fatal

if TYPE_CHECKING:
    from edge.shell.clock import Clock
    from edge.shell.runtime import Runtime
    from edge.shell.store import Store

TIDY_S: Final = 3600.0
KEEP_S: Final = 60.0
"""So old is a snapshot at most: what a power cut leaves to replay is a minute of the branch."""
SETTLE_S: Final = 5.0
LAG_OVER: Final = 12
"""Of the loop's latenesses the worst of so many is told: of a minute, as `health` is told every minute."""
ANSWERS_S: Final = 2 * 86_400
"""How long the answer to an idempotency key is kept: a handheld that was away overnight may still ask."""

log = structlog.get_logger("upkeep")


class Heart:
    """Beats systemd's watchdog whenever a probe has passed inbox, core and store; so a beat proves the path alive.

    Also where a failure of core or store surfaces: it is fatal, because a daemon that cannot remember must not decide.
    """

    name = "heart"

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def serve(self) -> None:
        """Beats at half the interval the unit asks for; without a watchdog it only watches for failure."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(), name="heart: failure")
            if (every_s := systemd.beat_every_s()) is not None:
                group.create_task(self._beat(every_s), name="heart: beat")

    async def _watch(self) -> None:
        try:
            await asyncio.shield(self._runtime.failed)
        except asyncio.CancelledError:
            raise
        except Exception as fault:
            log.critical("core or store failed", exc_info=fault)
            raise Fatal(f"{type(fault).__name__}: {fault}") from fault

    async def _beat(self, every_s: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + every_s
            await self._runtime.probe()
            systemd.notify(watchdog=1)
            await _until(due)


async def _until(due: float) -> None:
    """Returns at `due` by the loop's own clock: the watchdog counts real seconds, at whatever speed ours runs."""
    woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    timer = asyncio.get_running_loop().call_at(due, woken.set_result, None)
    try:
        await woken
    finally:
        timer.cancel()


class Housekeeping:
    """Keeps snapshots, forgets what headquarters has settled or what is old, and follows a clock that was set."""

    name = "housekeeping"

    def __init__(self, runtime: Runtime, store: Store, clock: Clock, keep_days: int) -> None:
        self._runtime, self._store, self._clock, self._keep_s = runtime, store, clock, keep_days * 86_400
        self._lost = Bounded(log, clock, every_s=TIDY_S)
        self._lost_told = store.lost
        self._late_s: deque[float] = deque(maxlen=LAG_OVER)

    @property
    def lag_s(self) -> float:
        """How late the loop came at worst in the last minute, in seconds of the world."""
        return max(self._late_s, default=0.0)

    async def serve(self) -> None:
        """Settles every few seconds, so that a restart sends little twice; tidies at once and every hour.

        A snapshot is kept every minute.
        """
        while True:
            self.tidy()
            for number in range(round(TIDY_S / SETTLE_S)):
                if number % round(KEEP_S / SETTLE_S) == 0:
                    self._runtime.keep()
                due = self._clock.now() + seconds(SETTLE_S)
                await self._clock.sleep(SETTLE_S)
                self._late_s.append(in_seconds(max(0, self._clock.now() - due)) / self._clock.speed)
                self._store.flush()
                self._tell_lost()
                garbage.collect()

    def _tell_lost(self) -> None:
        if self._store.lost != self._lost_told:
            self._lost_told = self._store.lost
            self._lost.warning("messages for headquarters given up", messages=self._store.lost)

    def tidy(self) -> None:
        """One round."""
        now = self._clock.now()
        self._store.keep_room()
        self._store.trim(now - seconds(self._keep_s), now - seconds(ANSWERS_S))
        drift_s = self._clock.drift_s()
        if abs(drift_s) > in_seconds(DRIFT):
            waiting = len(self._runtime.engine.hall.waiting)
            log.warning("the wall clock was set", ahead_s=round(drift_s, 1), waiting=waiting)
            if not waiting:
                self._follow()

    def _follow(self) -> None:
        """Takes the wall's time from here on."""
        earlier = self._clock.put_right(self._clock.now())
        if earlier is None:
            self._clock.reanchor()
        else:
            self._runtime.set_back(earlier)
