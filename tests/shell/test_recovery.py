"""Bringing the hall back when what is kept is not all readable: the branch opens in the morning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from edge.shell.recovery import recover
from edge.shell.store import Turn
from tests.shell.test_runtime import NINE, House, issued, policy, turn

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_snapshot_of_another_build_is_set_aside_for_the_journal(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(n) for n in range(3)])
    await turn()
    house.store.keep_snapshot(b'{"now": "of another build"}')

    with capture_logs() as logs:
        recovered = recover(house.store, policy())

    assert recovered.replayed == 3
    assert list(recovered.engine.hall.waiting) == ["A000", "A001", "A002"]
    assert [line["log_level"] for line in logs] == ["warning"]


async def test_an_event_that_this_build_cannot_read_is_passed_over_and_named(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(1)])
    await turn()
    house.store.commit(Turn(events=[(NINE, b'{"type": "ticket.sung"}', None), (NINE, b"\x00", None)]))
    house.runtime.submit([issued(2)])
    await turn()

    with capture_logs() as logs:
        recovered = recover(house.store, policy())

    assert list(recovered.engine.hall.waiting) == ["A001", "A002"]
    assert [line["number"] for line in logs] == [2, 3]
