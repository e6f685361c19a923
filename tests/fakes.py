"""Stand-ins with a behaviour of their own: a clock that jumps, an inbox that remembers, a pipe without a wire."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from edge.core.events import Happening
from edge.core.instant import Instant, seconds
from edge.shell.clock import Clock
from edge.shell.links.stream import Pipe

PATIENCE_S = 60.0
"""How long a test waits for what must come; only a failing one waits so long."""


class FakeClock(Clock):
    """Time that passes when told to; timers fire in their order, each at its own instant."""

    def __init__(self, at: Instant = 0) -> None:
        self.passed = 0
        self.wall = at
        self._timers: list[asyncio.TimerHandle] = []
        super().__init__()

    def call_at(self, at: Instant, act: Callable[[], object]) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(at, act, (), asyncio.get_running_loop())
        self._timers.append(timer)
        return timer

    def advance(self, duration_s: float) -> None:
        """Lets time pass, and fires what falls due on the way."""
        until = self.now() + seconds(duration_s)
        while due := sorted(timer for timer in self._timers if not timer.cancelled() and timer.when() <= until):
            self._timers.remove(due[0])
            self._to(round(due[0].when()))
            due[0]._run()
        self._to(until)

    async def pass_(self, duration_s: float) -> None:
        """Lets time pass between others' turns, so that they sleep before it and wake after it."""
        await turns()
        self.advance(duration_s)
        await turns()

    def _to(self, at: Instant) -> None:
        ahead = max(0, at - self.now())
        self.passed += ahead
        self.wall += ahead

    def _wall(self) -> Instant:
        return self.wall

    def _elapsed(self) -> int:
        return self.passed


async def turns(count: int = 20) -> None:
    """Lets whoever can go on do so."""
    for _ in range(count):
        await asyncio.sleep(0)


class FakeInbox:
    """Takes events as the runtime's inbox does, keeps them, and commits at once unless `holds`."""

    def __init__(self, clock: Clock) -> None:
        self.events: list[Happening] = []
        self.uncommitted: list[Callable[[], None]] = []
        self.origins: set[bytes] = set()
        self.holds = False
        self._clock = clock
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def now(self) -> Instant:
        return self._clock.now()

    def submit(
        self, events: Sequence[Happening], committed: Callable[[], None] | None = None, *, origin: bytes | None = None
    ) -> None:
        self.events += events
        if committed is not None:
            self.uncommitted.append(committed)
        if origin is not None:
            self.origins.add(origin)
        if not self.holds:
            self.commit()
        self._news.set()

    def commit(self) -> None:
        """What came is on disk now."""
        waiting, self.uncommitted = self.uncommitted, []
        for committed in waiting:
            committed()

    def seen(self, origin: bytes) -> bool:
        return origin in self.origins

    @property
    def full(self) -> bool:
        return not self._room.is_set()

    @full.setter
    def full(self, full: bool) -> None:
        if full:
            self._room.clear()
        else:
            self._room.set()

    async def room(self) -> None:
        await self._room.wait()

    async def until(self, true: Callable[[list[Happening]], bool]) -> None:
        """Returns once what has come satisfies `true`; AssertionError with what has come when it takes too long."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true(self.events):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; what came: {self.events}") from None


class FakePipe(Pipe):
    """An open link without a wire: what is written is kept, what is said can be read; None hangs up."""

    def __init__(self) -> None:
        self.seconds_per_byte, self.echoes = 0.0, False
        self.written: list[bytes] = []
        self.said: deque[bytes] = deque()
        self._news = asyncio.Event()

    def send(self, data: bytes) -> bytes:
        self.written.append(data)
        return b""

    async def read(self) -> bytes:
        while not self.said:
            self._news.clear()
            await self._news.wait()
        return self.said.popleft()

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        while take(await self.read()):
            pass

    def say(self, data: bytes) -> None:
        self.said.append(data)
        self._news.set()
