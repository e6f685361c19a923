"""The heart beats for a path that is alive and for no other; the house is tidied, and a clock that was set followed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from edge.core.instant import seconds
from edge.shell import systemd
from edge.shell.supervisor import Fatal
from edge.shell.upkeep import KEEP_S, LAG_OVER, SETTLE_S, Heart, Housekeeping
from tests.fakes import turns
from tests.shell.branch import serving, soon
from tests.shell.test_runtime import NINE, House, issued, turn

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    told: list[dict[str, object]] = []
    monkeypatch.setattr(systemd, "beat_every_s", lambda: 0.001)
    monkeypatch.setattr(systemd, "notify", lambda **state: told.append(state))
    return told


async def test_it_beats_while_probes_pass(tmp_path: Path, beats: list[dict[str, object]]) -> None:
    house = House(tmp_path)
    async with serving(Heart(house.runtime).serve):
        await soon(lambda: len(beats) > 2, turns)

    assert house.runtime.counts["commits"] > 2


async def test_it_does_not_beat_for_a_loop_that_takes_no_turns(tmp_path: Path, beats: list[dict[str, object]]) -> None:
    house = House(tmp_path)
    house.runtime._turn_due = True  # a turn that never comes
    async with serving(Heart(house.runtime).serve):
        await turns(100)

    assert not beats


async def test_a_store_that_fails_is_fatal(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.store.close()
    house.runtime.submit([issued(1)])

    with pytest.raises(ExceptionGroup) as raised:
        await Heart(house.runtime).serve()

    assert raised.value.subgroup(Fatal)


async def test_a_clock_set_forward_is_followed_once_nobody_waits(tmp_path: Path) -> None:
    house = House(tmp_path)
    keeping = Housekeeping(house.runtime, house.store, house.clock, keep_days=7)
    house.runtime.submit([issued(1)])
    await turn()
    house.clock.wall += seconds(3600)
    with capture_logs() as logs:
        keeping.tidy()
    assert house.clock.now() == NINE
    house.engine.hall.waiting.clear()

    keeping.tidy()

    assert house.clock.now() == NINE + seconds(3600)
    assert [line["event"] for line in logs] == ["the wall clock was set"]


async def test_how_late_the_loop_comes_is_told_for_a_minute(tmp_path: Path) -> None:
    house = House(tmp_path)
    keeping = Housekeeping(house.runtime, house.store, house.clock, keep_days=7)
    assert keeping.lag_s == 0
    async with serving(keeping.serve):
        await house.clock.pass_(5)
        in_time = keeping.lag_s
        await house.clock.pass_(5 + 1.5)
        late = keeping.lag_s
        for _ in range(LAG_OVER):
            await house.clock.pass_(5)

    assert (in_time, late, keeping.lag_s) == (0, 1.5, 0)


async def test_what_is_older_than_is_kept_goes(tmp_path: Path) -> None:
    house = House(tmp_path)
    keeping = Housekeeping(house.runtime, house.store, house.clock, keep_days=1)
    for day in range(3):
        house.runtime.submit([issued(day, NINE + day * seconds(86_400))])
        await turn()
        house.clock.advance(86_400)
        await turn()
    house.runtime.stop()
    keeping.tidy()

    assert [number for number, _ in house.store.tail(0)] == [3]


async def test_a_power_cut_leaves_a_minute_to_replay(tmp_path: Path) -> None:
    house = House(tmp_path)
    keeping = Housekeeping(house.runtime, house.store, house.clock, keep_days=7)
    covered = []
    async with serving(keeping.serve):
        for number in range(1, 4):
            house.runtime.submit([issued(number)])
            await turn()
            for _ in range(round(KEEP_S / SETTLE_S)):
                await house.clock.pass_(SETTLE_S)
            covered.append(house.store.snapshot())
        for _ in range(round(KEEP_S / SETTLE_S)):
            await house.clock.pass_(SETTLE_S)
        at_rest = house.store.snapshot()

    assert [kept and kept[0] for kept in covered] == [1, 2, 3]
    assert at_rest == covered[-1]


async def test_it_settles_every_few_seconds(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(1)])
    await turn()
    keeping = Housekeeping(house.runtime, house.store, house.clock, keep_days=7)
    async with serving(keeping.serve):
        await house.clock.pass_(1)
        house.store.settle((house.store.boot, 1))
        await house.clock.pass_(5)
        left = house.store.after((0, 0), 9)
        await asyncio.sleep(0)

    assert not [message for message in left if message.seq == 1]
