"""What leaves the branch for headquarters: what the contract names, and no long number in any free text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edge.core import events as ev
from edge.core import messages
from edge.core.commands import Command, PublishDevice, PublishPrompt
from edge.core.instant import SECOND
from edge.web import payload
from tests.shell.test_runtime import NINE, House, issued, policy, turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CARD = "6222021234567890123"


async def test_free_text_goes_up_without_numbers_and_unknown_fields_not_at_all(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit(
        [
            issued(1, extra={"phone": "13800138000"}),
            ev.DeviceEvent(at=NINE, device="r-1", event="card_retained", detail=f"card {CARD}"),
            ev.TicketCancelled(at=NINE, ticket="A001", reason=f"calls back on {CARD}"),
            ev.StaffAction(
                at=NINE, staff="lm-1", role="lobby_manager", action="raise", target="complaint",
                detail={"ticket": "A001", "what": {"said": [CARD, 13800138000]}},
            ),
        ]
    )  # fmt: skip
    await turn()
    told = [message.data for message in house.store.after((0, 0), 99)]
    kept = b"".join(body for _, body in house.store.tail(0))

    assert not [data for data in told if CARD in data or "13800138000" in data]
    assert json.loads(told[-1])["detail"] == {"ticket": "A001", "what": {"said": ["######", "######"]}}
    assert kept.count(CARD.encode()) == 3
    assert kept.count(b"13800138000") == 2


async def test_why_a_prompt_was_declined_goes_up_without_numbers(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([issued(n) for n in range(15)])
    await turn()
    tap = ev.StaffAction(
        at=NINE, staff="lm-1", role="lobby_manager", action="decline", target=house.engine.prompts()[0].prompt,
        detail={"reason": f"is {CARD}"},
    )  # fmt: skip
    await house.runtime.act(tap, "key")

    assert not [m for m in house.store.after((0, 0), 99) if CARD in m.data]


async def test_why_a_window_pauses_is_told_on_the_handheld_and_goes_up_without_numbers(tmp_path: Path) -> None:
    house = House(tmp_path)
    seen: list[str] = []
    house.runtime.sinks.append(Handheld(seen))
    house.runtime.submit([ev.WindowOpened(at=NINE, window=window, services=("cash",)) for window in ("1", "2")])
    house.runtime.submit([ev.WindowPaused(at=NINE, window="2", reason="call 138-0013-8000")])
    house.runtime.submit([issued(n) for n in range(15)])
    await turn()
    told = [json.loads(message.data) for message in house.store.after((0, 0), 99)]

    (record,) = [item for item in told if item.get("rule") == "paused-windows" and item["state"] == "raised"]
    assert [pause["reason"] for pause in record["because"]["pauses"]] == ["call ######"]
    assert [item["reason"] for item in told if item.get("type") == "window.paused"] == ["call ######"]
    assert any("call 138-0013-8000" in item for item in seen)


class Handheld:
    """Hears prompts as pages do."""

    def __init__(self, seen: list[str]) -> None:
        self._seen = seen

    def perform(self, commands: Sequence[Command]) -> None:
        zone = policy().calendar.zone
        self._seen += [json.dumps(payload.of(c, zone)) for c in commands if isinstance(c, PublishPrompt)]


async def test_a_case_is_called_the_same_at_headquarters(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit(
        [ev.StaffAction(at=NINE, staff="lm-1", role="lobby_manager", action="raise", target="retention")]
    )
    await turn()
    (case,) = house.engine.hall.cases.open
    house.runtime.submit([ev.StaffAction(at=NINE, staff="lm-1", role="lobby_manager", action="close", target=case)])
    await turn()

    told = [json.loads(message.data) for message in house.store.after((0, 0), 99)]
    assert [item["target"] for item in told if item.get("action") == "close"] == [case]


def test_a_device_s_own_words_go_up_without_numbers() -> None:
    state = PublishDevice("atm-1", "atm", "down", {}, f"card {CARD} jammed", NINE)

    assert messages.device(state, policy().calendar.zone)["detail"] == "card ###### jammed"


async def test_the_day_s_figures_go_up_with_the_outbox_when_an_hour_is_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit(
        [
            ev.WindowOpened(at=NINE, window="1", services=("cash",)),
            issued(1),
            ev.TicketCalled(at=NINE + 61 * SECOND, ticket="A001", window="1"),
            ev.WindowClosed(at=NINE + 3600 * SECOND, window="1"),
        ]
    )
    await turn()
    (told,) = [json.loads(message.data) for message in house.store.after((0, 0), 99) if message.kind == "figures"]

    (hour,) = told["waits"]["hours"]
    assert (told["date"], hour["tickets"], hour["since"]) == ("2026-03-02", 1, "2026-03-02T09:00:00+00:00")
    assert hour["mae_s"] == told["waits"]["day"]["mae_s"]
