import asyncio

import pytest

from edge.core.instant import Instant, seconds
from edge.shell.routine import EARLY, Routine, Steps
from tests.fakes import FakeClock


class Sleeper:
    """Steps that wait until one instant after the other, and note when they were resumed."""

    def __init__(self, *dues: Instant | None) -> None:
        self.clock = FakeClock()
        self.resumed: list[Instant] = []
        self.closed = False
        self.routine = Routine(self._steps(dues), self.clock)

    def _steps(self, dues: tuple[Instant | None, ...]) -> Steps[None]:
        try:
            for due in dues:
                yield due
                self.resumed.append(self.clock.now())
        finally:
            self.closed = True


async def test_it_waits_until_it_has_said_and_ends() -> None:
    one = Sleeper(seconds(1), seconds(4), seconds(2))
    one.routine.go_on()
    for _ in range(5):
        one.clock.advance(1)

    assert one.resumed == [seconds(1), seconds(4), seconds(4)]
    assert one.routine.ended.result() is None


async def test_news_resumes_it_in_place_and_its_timer_then_means_nothing() -> None:
    one = Sleeper(seconds(5), None, seconds(9))
    one.routine.go_on()
    one.clock.advance(1)
    one.routine.go_on()
    assert one.resumed == [seconds(1)]
    one.clock.advance(6)
    assert one.resumed == [seconds(1)], "it waits for news alone"
    one.routine.go_on()

    assert one.resumed == [seconds(1), seconds(7)]


async def test_much_news_at_once_resumes_it_once_in_the_loop_s_next_turn() -> None:
    one = Sleeper(None, None)
    one.routine.go_on()
    one.routine.soon()
    one.routine.soon()
    assert one.resumed == []
    await asyncio.sleep(0)

    assert one.resumed == [0]


async def test_of_two_waits_that_end_close_to_each_other_the_earlier_timer_serves_both() -> None:
    one = Sleeper(seconds(1), seconds(1) + EARLY - 1, seconds(3))
    one.routine.go_on()
    one.routine.go_on()
    one.clock.advance(1)

    assert one.resumed == [0, seconds(1)], "resumed early it looks again"
    assert len(one.clock._timers) == 1


async def test_what_it_raises_rises_where_its_end_is_awaited() -> None:
    def steps() -> Steps[None]:
        yield None
        raise OSError("gone")

    routine = Routine(steps(), FakeClock())
    routine.go_on()
    routine.go_on()
    routine.go_on()

    with pytest.raises(OSError, match="gone"):
        await routine.ended


async def test_closed_it_cleans_up_where_it_waits_and_is_resumed_no_more() -> None:
    one = Sleeper(seconds(1), seconds(2))
    one.routine.go_on()
    one.routine.soon()
    one.routine.close()
    await asyncio.sleep(0)
    one.clock.advance(3)
    one.routine.go_on()

    assert (one.closed, one.resumed) == (True, [])
