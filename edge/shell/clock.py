"""Time and waiting: the only file that reads a clock or sleeps.

The wall clock is read once, as an anchor; from there on time is what the monotonic clock has counted. So durations are
right whatever happens to the wall clock, and an instant never comes before one given earlier, except where the clock
was ahead of the time and is put right (`set_back`).
"""

from __future__ import annotations

import asyncio
import ctypes
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from edge.core.instant import SECOND, Instant, in_seconds, seconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Quality: TypeAlias = Literal["ntp", "rtc", "unsynced"]
"""What the wall clock is worth: steered over the network, plausible, or plainly wrong."""

DRIFT: Final = 2 * SECOND
"""A wall clock further off than this has been set by somebody."""

_TIMESYNCD_SAYS_SO: Final = Path("/run/systemd/timesync/synchronized")
_ASK_AGAIN_AFTER: Final = 60 * SECOND
_PLAUSIBLE_FROM: Final[Instant] = 1_767_225_600 * SECOND
"""2026-01-01: no daemon of this name ran earlier, so a clock that says so has lost its battery."""
_TIME_ERROR: Final = 5
_TIMEX_AT_MOST: Final = 512
"""More bytes than `struct timex` has on any platform."""


class Clock:
    """The daemon's time; with `speed` 60 an hour passes in a minute (the demo's), and sleeps shorten alike.

    `start` begins at an instant other than the wall's; such a clock, like a fast one, has no wall to drift from.
    """

    def __init__(self, *, speed: float = 1.0, start: Instant | None = None) -> None:
        self.speed: Final = speed
        self._follows_wall = start is None and speed == 1.0
        self._anchor = self._wall() if start is None else start
        self._anchored_at = self._elapsed()
        self._quality: Quality | None = None
        self._asked_at = 0

    def now(self) -> Instant:
        """The present instant; never earlier than one given before."""
        passed = self._elapsed() - self._anchored_at
        return self._anchor + (passed if self.speed == 1.0 else round(passed * self.speed))

    def drift_s(self) -> float:
        """How far the wall clock is ahead of `now()`, in seconds; beyond a few, somebody has set it."""
        return in_seconds(self._wall() - self.now()) if self._follows_wall else 0.0

    def reanchor(self) -> None:
        """Takes the wall's time from here on, if that is later; call it when nothing being measured would jump.

        For one that was set back see `put_right`.
        """
        if self._follows_wall:
            self.advance_to(self._wall())

    def put_right(self, now: Instant) -> Instant | None:
        """The wall's time, where `now` is plainly ahead of it and the wall is to be believed; else None.

        A clock that has lost its battery says some year long past, and is not believed.
        """
        wall = self._wall()
        ahead = self._follows_wall and now - wall > DRIFT
        return wall if ahead and self.quality() != "unsynced" else None

    def set_back(self, at: Instant) -> None:
        """Makes `now()` be `at`, an earlier instant; whoever keeps instants moves them back first."""
        self._anchor, self._anchored_at = at, self._elapsed()

    def advance_to(self, at: Instant) -> None:
        """Makes `now()` at least `at`: what the journal holds has happened already, whatever the wall says."""
        if at > self.now():
            self._anchor, self._anchored_at = at, self._elapsed()

    def quality(self) -> Quality:
        """What the wall clock is worth; the system is asked at most once a minute."""
        elapsed = self._elapsed()
        if self._quality is None or elapsed - self._asked_at >= _ASK_AGAIN_AFTER:
            self._quality, self._asked_at = _quality(self._wall()), elapsed
        return self._quality

    def call_at(self, at: Instant, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Calls `act` from the loop once `now()` is at least `at`; the handle cancels it."""
        delay_s = max(0.0, in_seconds(at - self.now() + 1)) / self.speed
        return asyncio.get_running_loop().call_later(delay_s, act)

    async def sleep(self, duration_s: float) -> None:
        """Returns when `duration_s` seconds of this clock have passed."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_at(self.now() + seconds(duration_s), lambda: _wake(woken))
        try:
            await woken
        finally:
            timer.cancel()

    @asynccontextmanager
    async def timeout(self, duration_s: float) -> AsyncIterator[None]:
        """TimeoutError unless the block ends within `duration_s` seconds of this clock."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as limit:
            timer = self.call_at(self.now() + seconds(duration_s), lambda: limit.reschedule(loop.time()))
            try:
                yield
            finally:
                timer.cancel()

    def _wall(self) -> Instant:
        return time.time_ns() // 1000

    def _elapsed(self) -> int:
        """Microseconds since some fixed moment, by a clock that nobody sets."""
        return time.monotonic_ns() // 1000


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


def _quality(wall: Instant) -> Quality:
    if _TIMESYNCD_SAYS_SO.exists() or _kernel_is_steered():
        return "ntp"
    return "rtc" if wall >= _PLAUSIBLE_FROM else "unsynced"


def _kernel_is_steered() -> bool:
    """What any NTP daemon tells the kernel: ntp_adjtime(3) with `modes` 0 only reads, and says TIME_ERROR until then.

    Where a sandbox denies the call (-1), or the C library has none, nothing is known: False.
    """
    try:
        state: int = ctypes.CDLL(None).ntp_adjtime(ctypes.create_string_buffer(_TIMEX_AT_MOST))
    except (OSError, AttributeError):
        return False
    return 0 <= state < _TIME_ERROR
