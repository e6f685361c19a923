"""Another configuration over the same hall: taken on at one instant, once, whatever happens behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from edge.core import events as ev
from edge.core.commands import PublishPrompt
from edge.core.instant import SECOND, seconds
from edge.core.outputs import ShowOnBoard
from edge.core.policy import DevicePlan
from edge.shell.recovery import recover
from edge.shell.runtime import Runtime
from tests.shell.test_runtime import NINE, House, issued, policy, turn

if TYPE_CHECKING:
    from pathlib import Path

    from edge.core.policy import Policy


def prompts(house: House) -> list[tuple[str, str]]:
    """What headquarters is told of prompts."""
    told = [json.loads(m.data) for m in house.store.after((0, 0), 999) if m.kind == "prompt"]
    return [(record["prompt"], record["state"]) for record in told]


def configured(*devices: DevicePlan) -> Policy:
    return replace(policy(), configured=True, devices={device.id: device for device in devices})


async def crowd(house: House) -> None:
    house.runtime.submit([issued(n) for n in range(15)])
    await turn()


async def test_what_it_changed_is_told_once_though_the_daemon_is_killed(tmp_path: Path) -> None:
    house = House(tmp_path)
    await crowd(house)
    without = replace(policy(), rules=())
    house.runtime.adopt(without)
    house.runtime.submit([issued(20, NINE + SECOND)])
    await turn()
    told = prompts(house)
    assert "withdrawn" in dict(told).values()

    house = house.again(NINE + SECOND)
    Runtime(recover(house.store, without).engine, house.store, house.clock, upward=True).start()
    await turn()

    assert prompts(house) == told


async def test_it_is_taken_on_now_and_not_at_the_last_event(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.engine.adopt(replace(policy(), rules=()))
    await crowd(house)
    house.clock.advance(3600)
    await turn()

    house.runtime.adopt(policy())

    raised = [c.record for c in house.heard.of(PublishPrompt) if c.record.state == "raised"]
    assert raised
    assert {record.at for record in raised} == {NINE + seconds(3600)}
    assert all(record.deadline is None or record.deadline > NINE + seconds(3600) for record in raised)


async def test_prompts_and_boards_of_what_was_taken_away_go_with_it(tmp_path: Path) -> None:
    house = House(tmp_path)
    board, machine = DevicePlan("board", "board", shows="lobby"), DevicePlan("q-1", "dispenser")
    house.runtime.adopt(configured(board, machine))
    lost: dict[str, Any] = {"device": "q-1", "kind": "dispenser", "state": "unknown", "detail": "link lost"}
    house.runtime.submit([ev.DeviceStatus(at=NINE, **lost), ev.TicketCalled(at=NINE, ticket="A001", window="1")])
    await turn()
    assert [prompt.rule for prompt in house.engine.prompts()] == ["dispenser-lost"]
    assert house.engine.paint()

    house.runtime.adopt(configured())
    house.clock.advance(60)
    await turn()

    assert prompts(house)[-1] == ("dispenser-lost.q-1.1", "withdrawn")
    assert not house.engine.prompts()
    assert not house.engine.paint()
    assert not house.engine.device_states()


async def test_without_a_configuration_every_device_is_one(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.submit([ev.DeviceStatus(at=NINE, device="x", kind="atm", state="ok")])
    await turn()

    house.runtime.adopt(policy())

    assert [state.device for state in house.engine.device_states()] == ["x"]


async def test_a_board_that_was_added_shows_at_once_what_stands_there_between_calls(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.runtime.adopt(configured())
    await crowd(house)
    assert not house.engine.paint()

    house.runtime.adopt(configured(DevicePlan("new", "board", shows="lobby")))

    assert [(shown.board, shown.page.level) for shown in house.heard.of(ShowOnBoard)] == [("new", "campaign")]
