"""The simulated machine as any client meets it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from edge.core.events import DeviceEvent, DeviceStatus, TicketCalled
from edge.sim.devices.xfs4iot import Machine
from tests.fakes import turns
from tests.processes import free_port


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    machine = Machine(free_port())
    await machine.plug()
    yield machine
    await machine.unplug()


async def asked(machine: Machine, service: str, name: str, version: str = "2.0") -> list[dict[str, Any]]:
    """Acknowledgement and completion of a command, or the acknowledgement that refuses it."""
    header = {"name": name, "type": "command", "version": version, "requestId": 1}
    async with aiohttp.ClientSession() as web, web.ws_connect(f"{machine.url}{service}") as socket:
        await socket.send_json({"header": header, "payload": {}})
        said = [await socket.receive_json()]
        return said if "status" in said[0]["header"] else [*said, await socket.receive_json()]


@pytest.mark.parametrize("name", ["CashDispenser.Dispense", "CardReader.RetainCard", "Common.SetVersions"])
async def test_what_is_no_question_is_refused(machine: Machine, name: str) -> None:
    acknowledge, completion = await asked(machine, "CashDispenser", name)

    assert acknowledge["header"]["type"] == "acknowledge"
    assert completion["header"]["completionCode"] == "unsupportedCommand"


async def test_another_version_is_refused(machine: Machine) -> None:
    (acknowledge,) = await asked(machine, "CardReader", "Common.Status", "1.0")

    assert acknowledge["header"]["status"] == "invalidMessage"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (DeviceEvent(at=0, device="a", event="card_retained"), "CardReader.CardActionEvent"),
        (DeviceEvent(at=0, device="a", event="cash_not_dispensed"), "Storage.StorageChangedEvent"),
        (DeviceEvent(at=0, device="a", event="tamper"), "Common.ErrorEvent"),
        (DeviceEvent(at=0, device="a", event="cash_low"), "Storage.StorageThresholdEvent"),
        (DeviceStatus(at=0, device="a", kind="atm", state="down", parts={}, detail=""), "Common.StatusChangedEvent"),
    ],
)
async def test_it_does_what_the_branch_says_of_it(machine: Machine, event: Any, said: str) -> None:
    service = "CardReader" if said.startswith(("CardReader", "Common.Error")) else "CashDispenser"
    async with aiohttp.ClientSession() as web, web.ws_connect(f"{machine.url}{service}") as socket:
        assert await machine.tell(event)
        assert (await socket.receive_json())["header"]["name"] == said


async def test_a_monitor_that_hangs_up_before_it_is_answered_is_no_fault(
    machine: Machine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, header = machine._answers, {"name": "Common.Status", "type": "command", "version": "2.0", "requestId": 1}

    def too_late(service: str, command: Any) -> list[dict[str, Any]]:
        answers = ask(service, command)
        machine.drop(service)
        return answers

    monkeypatch.setattr(machine, "_answers", too_late)
    async with aiohttp.ClientSession() as web, web.ws_connect(f"{machine.url}Printer") as socket:
        await socket.send_json({"header": header, "payload": {}})
        assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        await turns()

    assert machine.asked == ["Common.Status"]
    assert [record.getMessage() for record in caplog.records] == []


async def test_what_is_none_of_its_business_it_does_not_do(machine: Machine) -> None:
    assert not await machine.tell(TicketCalled(at=0, ticket="A1", window="1"))
