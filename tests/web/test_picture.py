"""What the pages are told of a branch: one in which nothing has happened yet, and one with people in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core import events as ev
from edge.core import messages
from edge.core.instant import SECOND
from tests.chaos.house import BOARD, PLAIN, House

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OFFERED = """
[services.cash]
self_service = ["recycler"]
"""
RECYCLER = """
[devices.recycler-1]
kind = "recycler"
"""


async def test_a_board_on_which_nothing_was_shown_yet_is_there_and_blank(tmp_path: Path) -> None:
    daemon = House(tmp_path, PLAIN + BOARD).daemon
    try:
        shown = daemon.picture.view()["boards"]["led-1"]
    finally:
        daemon.store.close()

    assert (shown["shows"], shown["window"], shown["calls"]) == ("lobby", None, [])
    assert shown["page"]["level"] == "blank"


async def test_what_is_shown_of_a_ticket_is_what_its_explanation_says(tmp_path: Path) -> None:
    daemon = House(tmp_path, PLAIN).daemon
    try:
        engine, now = daemon.runtime.engine, daemon.runtime.now()
        engine.feed(ev.WindowOpened(at=now, window="1", services=("cash",)))
        for n in range(4):
            engine.feed(ev.TicketIssued(at=now + n, ticket=f"A{n}", service="cash"))
        engine.feed(ev.Tick(at=now + SECOND))
        view, found = daemon.picture.view(), daemon.picture.explain("A3")
        gone = daemon.picture.explain("Z1")
    finally:
        daemon.store.close()

    last = view["waiting"][-1]
    assert last["shown"] == found["shown"]
    assert (found["shown"]["low_min"] is None) == (found["shown"]["ahead"] == 3)
    assert view["waits"]["cash"]["shown"] == messages.shown(engine.waits()[0].shown, daemon.picture.zone)
    assert (found["state"], found["ahead"], found["language"]) == ("waiting", 3, "zh")
    assert (gone["state"], gone["shown"]) == ("unknown", None)


async def test_whom_somebody_asked_is_told_until_there_is_an_answer(tmp_path: Path) -> None:
    daemon = House(tmp_path, PLAIN.replace("[services.cash]", OFFERED) + RECYCLER).daemon
    prompt = "secondary-triage.hall.1"

    def act(action: ev.Action) -> Mapping[str, str] | None:
        detail = {"prompt": prompt}
        engine.feed(
            ev.StaffAction(at=now, staff="lm-1", role="lobby_manager", action=action, target="A1", detail=detail)
        )
        return next(one["asked"] for one in daemon.picture.view()["waiting"] if one["ticket"] == "A1")

    try:
        engine, now = daemon.runtime.engine, daemon.runtime.now()
        engine.feed(ev.DeviceStatus(at=now, device="recycler-1", kind="recycler", state="ok"))
        for n in range(15):
            engine.feed(ev.TicketIssued(at=now, ticket=f"A{n}", service="cash"))
        asked, answered = act("asked"), act("customer_accepted")
    finally:
        daemon.store.close()

    assert asked == {"prompt": prompt, "staff": "lm-1"}
    assert answered is None
