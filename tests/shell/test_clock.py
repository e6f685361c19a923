import asyncio
from collections.abc import Awaitable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.instant import SECOND, seconds
from edge.shell.clock import Clock
from tests.fakes import FakeClock


@given(st.lists(st.tuples(st.integers(0, 10 * SECOND), st.integers(-(10**15), 10**15), st.booleans()), max_size=30))
def test_never_goes_back_whatever_the_wall_does(steps: list[tuple[int, int, bool]]) -> None:
    clock = FakeClock(1_800_000_000 * SECOND)
    before = clock.now()
    for passed, wall_step, reanchor in steps:
        clock.passed += passed
        clock.wall += passed + wall_step
        if reanchor:
            clock.reanchor()
        assert clock.now() >= before + passed
        before = clock.now()


def test_a_wall_set_forward_is_drift_until_it_is_asked_for() -> None:
    clock = FakeClock()

    clock.wall += seconds(90)

    assert (clock.drift_s(), clock.now()) == (90.0, 0)
    clock.reanchor()
    assert (clock.drift_s(), clock.now()) == (0.0, seconds(90))


def test_a_wall_set_back_is_not_followed() -> None:
    clock = FakeClock(seconds(100))

    clock.wall -= seconds(90)
    clock.reanchor()

    assert (clock.drift_s(), clock.now()) == (-90.0, seconds(100))


def test_what_the_journal_holds_has_happened() -> None:
    clock = FakeClock(seconds(100))

    clock.advance_to(seconds(500))
    clock.passed += seconds(1)

    assert clock.now() == seconds(501)


def test_a_clock_with_a_start_of_its_own_has_no_wall() -> None:
    clock = Clock(start=seconds(5), speed=60)

    clock.reanchor()

    assert clock.drift_s() == 0.0
    assert seconds(5) <= clock.now() < seconds(5 + 60 * 60)


async def test_an_hour_passes_in_a_blink_at_speed() -> None:
    clock = Clock(speed=3600 * 100)
    before = clock.now()

    await clock.sleep(3600)

    assert clock.now() >= before + seconds(3600)


async def test_never_called_before_its_instant() -> None:
    clock = Clock()
    for delay in (0, 1, 37, 500, 1999, -5):
        due = clock.now() + delay
        called = asyncio.Event()
        clock.call_at(due, called.set)
        await called.wait()
        assert clock.now() >= due


async def test_a_cancelled_call_is_not_made() -> None:
    clock = Clock()
    called: list[int] = []

    clock.call_at(clock.now(), lambda: called.append(1)).cancel()
    await clock.sleep(0)

    assert called == []


async def test_a_block_that_takes_too_long_is_ended_by_this_clock() -> None:
    clock = FakeClock()

    async def waits() -> None:
        async with clock.timeout(3):
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(_outcome(waits()))
        await clock.pass_(2.9)
        assert not task.done()
        await clock.pass_(0.1)
        assert task.done()
    assert task.result() == "TimeoutError"


async def test_a_block_in_time_is_left_alone() -> None:
    clock = FakeClock()

    async with clock.timeout(3):
        clock.advance(2)
    await clock.pass_(10)


@pytest.mark.parametrize(("wall_s", "plausible"), [(0, False), (1_700_000_000, False), (1_800_000_000, True)])
def test_a_clock_without_battery_is_unsynced_at_best(wall_s: int, plausible: bool) -> None:
    quality = FakeClock(seconds(wall_s)).quality()

    assert quality in ("ntp", "rtc" if plausible else "unsynced")


async def _outcome(waits: Awaitable[None]) -> str:
    try:
        await waits
    except TimeoutError as fault:
        return type(fault).__name__
    return "ended"
