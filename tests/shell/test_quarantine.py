"""What the core fails over is set aside: the daemon that follows does not fail over it again and loses no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.core import outlook
from edge.core.apply import tickets
from edge.core.engine import Stumbled
from edge.core.instant import seconds
from tests.shell.test_runtime import NINE, House, issued, turn

if TYPE_CHECKING:
    from pathlib import Path


def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the core has a fault: ticket A666 is more than it can take."""
    sound = tickets.issued

    def issued_(hall: Any, policy: Any, event: Any, out: Any) -> Any:
        if event.ticket == "A666":
            raise ZeroDivisionError("666")
        return sound(hall, policy, event, out)

    monkeypatch.setattr(tickets, "issued", issued_)


async def test_an_event_the_core_fails_over_is_known_to_the_next_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(monkeypatch)
    house, acked = House(tmp_path), []
    house.runtime.submit([issued(1)])
    await turn()
    house.runtime.submit([issued(2)], lambda: acked.append(2), origin=b"two")
    house.runtime.submit([issued(666)], lambda: acked.append(666), origin=b"bad")
    with pytest.raises(Stumbled, match=r"ticket\.issued"):
        await house.runtime.failed
    assert not acked

    house = house.again()

    assert house.runtime.seen(b"bad")
    assert not house.runtime.seen(b"two")
    house.runtime.submit([issued(2)], origin=b"two")
    await turn()
    assert list(house.engine.hall.waiting) == ["A001", "A002"]


async def test_a_journal_with_an_event_this_build_fails_over_is_read_past_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(1), issued(666), issued(2)])
    await turn()
    poisoned(monkeypatch)

    house = house.again()

    assert list(house.engine.hall.waiting) == ["A001", "A002"]


async def test_a_wake_the_core_fails_over_passes_without_effect_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(1)])
    await turn()
    with monkeypatch.context() as faulty:
        faulty.setattr(outlook, "look", lambda hall, policy: 1 // 0)
        house.clock.advance(1)
        with pytest.raises(Stumbled, match="wake"):
            await house.runtime.failed
        assert house.store.quarantined() == [(NINE + outlook.SETTLE, outlook.KEY)]

        house = house.again(NINE + seconds(2))
        house.runtime.start()
        await turn()

        assert not house.runtime.failed.done()
    house.runtime.submit([issued(2, NINE + seconds(3))])
    await turn()
    assert list(house.engine.hall.waiting) == ["A001", "A002"]
