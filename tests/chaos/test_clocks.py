"""The wall clock is wrong, and is put right, around a whole daemon: time goes on sensibly and nobody is forgotten."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

from edge.core.instant import SECOND, Instant, in_seconds
from edge.shell.clock import Clock, Quality
from tests.chaos.house import PLAIN, House, running
from tests.shell.branch import witness

if TYPE_CHECKING:
    from pathlib import Path

    from edge.shell.upkeep import Housekeeping
    from tests.processes import Mosquitto

HOUR_S = 3600.0
TWO_DAYS_S = 2 * 86_400.0


class WrongClock(Clock):
    """A clock whose wall is so far ahead of the time, and may be put right; it is worth what the test says."""

    def __init__(self, ahead_s: float = 0.0, worth: Quality = "rtc") -> None:
        self.ahead_s, self._worth = ahead_s, worth
        super().__init__()

    def quality(self) -> Quality:
        return self._worth

    def _wall(self) -> Instant:
        return super()._wall() + round(self.ahead_s * SECOND)


def off_s(house: House) -> float:
    """How far the daemon's time is ahead of the true one."""
    return in_seconds(house.daemon.runtime.now()) - time.time()


def longest_wait_s(house: House) -> float:
    since = house.engine.hall.longest_since()
    assert since is not None
    return in_seconds(house.daemon.runtime.now() - since)


async def test_a_clock_ahead_at_boot_is_put_right_by_a_restart_and_nobody_s_wait_is_touched(tmp_path: Path) -> None:
    async with running(tmp_path, PLAIN, WrongClock(TWO_DAYS_S)) as house:
        await house.draw("A001")
        await house.draw("A002")
        assert off_s(house) > TWO_DAYS_S - HOUR_S
    async with running(tmp_path, PLAIN, WrongClock()) as house:
        assert abs(off_s(house)) < HOUR_S
        assert house.waiting == ["A001", "A002"]
        assert 0 <= longest_wait_s(house) < HOUR_S
        await house.draw("A003")
    async with running(tmp_path, PLAIN, WrongClock()) as house:
        assert abs(off_s(house)) < HOUR_S
        assert house.waiting == ["A001", "A002", "A003"]


async def test_the_journal_alone_tells_the_same(tmp_path: Path) -> None:
    for ahead_s, ticket in ((TWO_DAYS_S, "A001"), (0.0, "A002"), (0.0, "A003")):
        async with running(tmp_path, PLAIN, WrongClock(ahead_s)) as house:
            await house.draw(ticket)
    with sqlite3.connect(tmp_path / "state" / "lobbyd.db") as db:
        db.execute("UPDATE snapshot SET seq = 0, body = ?", (b'{"now": "of another build"}',))
    db.close()
    async with running(tmp_path, PLAIN, WrongClock()) as house:
        assert house.waiting == ["A001", "A002", "A003"]
        assert abs(off_s(house)) < HOUR_S


async def test_a_clock_put_right_while_it_runs_is_followed_once_nobody_waits(tmp_path: Path) -> None:
    clock = WrongClock(TWO_DAYS_S)
    async with running(tmp_path, PLAIN, clock) as house:
        keeping: Housekeeping = house.daemon.running["housekeeping"]  # type: ignore[assignment]
        await house.draw("A001")
        clock.ahead_s = 0.0
        keeping.tidy()
        assert off_s(house) > TWO_DAYS_S - HOUR_S, "a wait is under way"

        house.daemon.runtime.engine.hall.waiting.clear()
        keeping.tidy()
        assert abs(off_s(house)) < HOUR_S
        await house.draw("A002")
        assert house.waiting == ["A002"]
    async with running(tmp_path, PLAIN, clock) as house:
        assert house.waiting == ["A002"]
        assert abs(off_s(house)) < HOUR_S


async def test_a_clock_that_has_lost_its_battery_is_not_believed(tmp_path: Path) -> None:
    async with running(tmp_path, PLAIN, WrongClock()) as house:
        await house.draw("A001")
    async with running(tmp_path, PLAIN, WrongClock(-time.time(), "unsynced")) as house:
        assert abs(off_s(house)) < HOUR_S, "what the journal holds has happened"
        assert longest_wait_s(house) < HOUR_S
        await house.draw("A002")
        assert house.waiting == ["A001", "A002"]


@pytest.mark.broker
async def test_headquarters_hears_it_in_order_whatever_the_clock_said(tmp_path: Path, mosquitto: Mosquitto) -> None:
    config = PLAIN + f'[hq]\nurl = "{mosquitto.url}"\n'
    async with witness(mosquitto, "bank/v1/bank/b1/event/ticket.issued") as hq:
        for ahead_s, ticket in ((TWO_DAYS_S, "A001"), (0.0, "A002"), (0.0, "A003")):
            async with running(tmp_path, config, WrongClock(ahead_s)) as house:
                await house.draw(ticket)
        async with running(tmp_path, config, WrongClock()):
            await hq.until(lambda: len({json.loads(payload)["id"] for _, payload, _ in hq.heard}) == 3)
    items: list[Any] = list({item["id"]: item for item in map(_item, hq.heard)}.values())

    assert [item["data"]["ticket"] for item in items] == ["A001", "A002", "A003"]
    marks = [(item["boot"], item["seq"]) for item in items]
    assert marks == sorted(marks)
    assert items[0]["at"] > items[2]["at"], "each says when it was, by the clock of its time"


def _item(message: tuple[str, bytes, bool]) -> Any:
    return json.loads(message[1])
