"""A message comes to its driver, and what one driver fails over is no other's trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from drivers import atm_mqtt
from edge.core.events import DeviceStatus
from tests.shell.branch import serving, witness
from tests.shell.test_broker import CALL, Branch, lobby

if TYPE_CHECKING:
    from edge.core.instant import Instant
    from edge.driver import Received
    from tests.processes import Mosquitto

__all__ = ["lobby"]  # its fixture is ours too

pytestmark = pytest.mark.broker


class Brittle(atm_mqtt.AtmAgent):
    """Fails over one message, and over every one that follows."""

    broken = False

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        self.broken = self.broken or data == b"poison"
        if self.broken:
            raise ZeroDivisionError("a fault of the driver's")
        return super().receive(data, at, topic)


async def test_a_driver_that_fails_is_made_anew_and_takes_nothing_else_down(
    lobby: Branch, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atm_mqtt, "AtmAgent", Brittle)
    lobby.again()
    with capture_logs() as logs:
        async with serving(lobby.service.serve), witness(mosquitto) as devices:
            await lobby.connected()
            connection = lobby.service._connection
            assert connection is not None
            for _ in range(3):
                await devices.say("atm/atm-1/status", b"poison")
            await devices.say("terminal/3/event", CALL)
            await devices.say("atm/atm-1/status", {"state": "degraded"})
            await lobby.inbox.until(lambda events: any(getattr(event, "state", "") == "degraded" for event in events))
            assert lobby.service._connection is connection
            assert not connection._unacked

    assert lobby.calls == ["A1"]
    assert isinstance(lobby.inbox.events[-1], DeviceStatus)
    assert lobby.service.bad_frames == 3
    (said,) = [line for line in logs if line["log_level"] == "warning"]
    assert (said["event"], said["driver"], said["devices"]) == ("driver failed", "atm_mqtt", "atm-1")
    assert isinstance(said["exc_info"], ZeroDivisionError)
