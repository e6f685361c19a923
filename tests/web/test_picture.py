"""What the pages are told of a branch in which nothing has happened yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.house import BOARD, PLAIN, House

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_board_on_which_nothing_was_shown_yet_is_there_and_blank(tmp_path: Path) -> None:
    daemon = House(tmp_path, PLAIN + BOARD).daemon
    try:
        shown = daemon.picture.view()["boards"]["led-1"]
    finally:
        daemon.store.close()

    assert (shown["shows"], shown["window"], shown["calls"]) == ("lobby", None, [])
    assert shown["page"]["level"] == "blank"
