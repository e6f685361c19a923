"""A whole daemon with a self-service machine that speaks XFS4IoT over real WebSockets, heard at headquarters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edge.sim.devices.xfs4iot import Machine
from tests.chaos.house import PLAIN, running
from tests.processes import free_port
from tests.shell.branch import Witness, witness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.processes import Mosquitto

ATM = """
[hq]
url = "HQ"
keepalive_s = 5
[devices.atm-1]
kind = "atm"
driver = "atm_xfs4iot"
link = "LINK"
[devices.atm-1.settings]
poll_s = 5
"""
STATE, EVENTS = "bank/v1/bank/b1/device/atm-1/state", "bank/v1/bank/b1/event/device.event"
PROMPTS = "bank/v1/bank/b1/event/prompt"


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    machine = Machine(free_port())
    await machine.plug()
    yield machine
    await machine.unplug()


def states(hq: Witness) -> list[tuple[str, dict[str, str]]]:
    return [(item["state"], item["parts"]) for item in hq.on(STATE) if item is not None]


def events(hq: Witness) -> list[str]:
    return [item["data"]["event"] for item in hq.on(EVENTS)]


def prompts(hq: Witness) -> list[tuple[str, str]]:
    return [(item["data"]["prompt"], item["data"]["state"]) for item in hq.on(PROMPTS)]


def is_(hq: Witness, state: str, **parts: str) -> bool:
    told = states(hq)
    return bool(told) and told[-1][0] == state and parts.items() <= told[-1][1].items()


@pytest.mark.broker
async def test_what_happens_at_a_machine_is_heard_at_headquarters(
    tmp_path: Path, mosquitto: Mosquitto, machine: Machine
) -> None:
    config = PLAIN + ATM.replace("HQ", mosquitto.url).replace("LINK", machine.url)
    async with witness(mosquitto, "bank/v1/bank/b1/#") as hq, running(tmp_path, config) as house:
        await hq.until(lambda: is_(hq, "ok", cash="ok", retain_bin="ok", paper="ok"))

        await machine.retain_card()
        await hq.until(lambda: events(hq) == ["card_retained"])
        await machine.retract_notes()
        await hq.until(lambda: ("cash-not-dispensed.atm-1.1", "raised") in prompts(hq))
        await machine.become("CardReader", "hardwareError")
        await hq.until(lambda: is_(hq, "down", card_reader="hardwareError"))
        await machine.become("CardReader", "online")
        await hq.until(lambda: is_(hq, "ok", card_reader="ok"))

        await machine.unplug()
        await hq.until(lambda: is_(hq, "unknown"))
        await house.until(lambda: house.engine.hall.devices["atm-1"].detail == "link lost")
        await machine.plug()
        await hq.until(lambda: is_(hq, "ok", cash="ok"))

        counters: Any = house.daemon.health()["counters"]
        assert house.engine.hall.devices["atm-1"].state == "ok"

    assert (counters["bad_frames"], counters["restarts"]) == (0, 0)
    assert events(hq) == ["card_retained", "cash_not_dispensed"]
    assert "unitRETAIN" not in json.dumps([payload.decode() for _, payload, _ in hq.heard])
    assert set(machine.asked) == {
        "ServicePublisher.GetServices", "Common.Capabilities", "Common.Status", "Storage.GetStorage"
    }  # fmt: skip
