"""A full disk: the loop waits for room, says so once, stays alive, and loses and doubles nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from edge.shell.store import DiskFull, Turn
from tests.fakes import PATIENCE_S, turns
from tests.shell.test_runtime import House, issued

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.shell.runtime.RETRY_S", 0.0)


class Disk:
    """A store whose disk may be full."""

    def __init__(self, house: House) -> None:
        self._store, self.full, self.asked = house.store, True, 0
        house.runtime.store = self  # type: ignore[assignment]

    def commit(self, turn: Turn) -> object:
        self.asked += 1
        if self.full:
            raise DiskFull("no room")
        return self._store.commit(turn)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_it_is_said_once_and_once_more_when_there_is_room(tmp_path: Path) -> None:
    house = House(tmp_path)
    disk = Disk(house)
    with capture_logs() as logs:
        house.runtime.submit([issued(1)])
        await turns()
        assert disk.asked > 3
        disk.full = False
        await turns()

    assert [line["event"] for line in logs] == ["disk full, retrying", "disk has room again"]


async def test_the_watchdog_hears_that_the_store_is_alive(tmp_path: Path) -> None:
    house = House(tmp_path)
    Disk(house)
    house.runtime.submit([issued(1)])
    await turns()

    async with asyncio.timeout(PATIENCE_S):
        await house.runtime.probe()


async def test_the_watchdog_does_not_fill_the_inbox_meanwhile(tmp_path: Path) -> None:
    house = House(tmp_path)
    disk = Disk(house)
    house.runtime.submit([issued(1)])
    await turns()

    async with asyncio.timeout(PATIENCE_S):
        for _ in range(5):
            await house.runtime.probe()
    assert len(house.runtime._inbox) == 1

    disk.full = False
    await turns()
    async with asyncio.timeout(PATIENCE_S):
        await house.runtime.probe()
    assert house.runtime._inbox == []


async def test_links_read_on_until_the_inbox_is_full_of_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.shell.runtime.INBOX_MOST", 2)
    house = House(tmp_path)
    disk = Disk(house)
    house.runtime.submit([issued(1)])
    await turns()
    for _ in range(9):
        house.runtime.submit(())  # redelivered messages, which bring nothing new
    house.runtime.submit([issued(2)])
    assert not house.runtime.full

    house.runtime.submit([issued(3)])
    assert house.runtime.full

    disk.full = False
    async with asyncio.timeout(PATIENCE_S):
        await house.runtime.room()
    assert not house.runtime.full


async def test_a_redelivery_of_what_is_held_is_known(tmp_path: Path) -> None:
    house = House(tmp_path)
    Disk(house)
    house.runtime.submit([issued(1)], origin=b"digest")
    await turns()

    assert house.runtime.seen(b"digest")


async def test_what_was_held_is_kept_if_there_is_room_at_the_end(tmp_path: Path) -> None:
    house = House(tmp_path)
    disk = Disk(house)
    house.runtime.submit([issued(1)])
    await turns()
    house.runtime.submit([issued(2)])
    disk.full = False
    house.runtime.stop()

    assert list(house.again().engine.hall.waiting) == ["A001", "A002"]


async def test_at_the_end_nothing_is_kept_that_follows_from_what_is_not(tmp_path: Path) -> None:
    house, acked = House(tmp_path), []
    Disk(house)
    house.runtime.submit([issued(1)], lambda: acked.append(1))
    await turns()
    house.runtime.submit([issued(2)], lambda: acked.append(2))
    house.runtime.stop()
    await turns()

    assert not acked
    assert not house.again().engine.hall.waiting


async def test_nothing_is_decided_once_core_or_store_has_failed(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.failed.set_exception(RuntimeError("the core failed"))
    house.runtime.submit([issued(1)])
    await turns()
    house.runtime.stop()

    assert not house.engine.hall.waiting
    assert "the core failed" in str(house.runtime.failed.exception())
