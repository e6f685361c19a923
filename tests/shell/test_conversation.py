"""A session whose link is a WebSocket, with a simulated XFS4IoT machine at the other end of real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from edge.config import links
from edge.config.load import Bus
from edge.core.events import DeviceEvent, DeviceStatus, Happening
from edge.driver import Device, load
from edge.shell.clock import Clock
from edge.shell.session import Session
from edge.sim.devices.xfs4iot import Machine
from tests.fakes import FakeInbox
from tests.processes import free_port


class Branch:
    """A session of one machine, with the inbox it fills."""

    def __init__(self, machine: Machine, *, speed: float = 10.0, **settings: Any) -> None:
        self.clock = Clock(speed=speed)
        self.inbox = FakeInbox(self.clock)
        device = Device("atm-1", "atm", load("atm_xfs4iot").Settings(**settings))
        bus = Bus(links.parse(machine.url), "atm_xfs4iot", (device,))
        self.session = Session(bus, self.inbox, clock=self.clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.session.serve())
            try:
                yield
            finally:
                task.cancel()

    async def is_(self, state: str, **parts: str) -> None:
        """Waits until the last status has this state and these parts."""

        def holds(events: list[Happening]) -> bool:
            told = statuses(events)
            return bool(told) and told[-1].state == state and parts.items() <= told[-1].parts.items()

        await self.inbox.until(holds)

    async def happened(self, *events: str) -> None:
        await self.inbox.until(lambda told: names(told) == list(events))


def statuses(events: list[Happening]) -> list[DeviceStatus]:
    return [event for event in events if isinstance(event, DeviceStatus)]


def names(events: list[Happening]) -> list[str]:
    return [event.event for event in events if isinstance(event, DeviceEvent)]


@pytest.fixture(params=["1.0", "2.0", "3.0"])
async def machine(request: pytest.FixtureRequest) -> AsyncIterator[Machine]:
    machine = Machine(free_port(), version=request.param)
    await machine.plug()
    yield machine
    await machine.unplug()


@pytest.fixture
async def present() -> AsyncIterator[Machine]:
    """A machine as they are today."""
    machine = Machine(free_port())
    await machine.plug()
    yield machine
    await machine.unplug()


async def test_every_service_is_found_and_asked_in_every_version(machine: Machine) -> None:
    branch = Branch(machine)

    async with branch.open():
        await branch.is_("ok", cash_dispenser="ok", card_reader="ok", printer="ok", tamper="ok", cash="ok")

    assert len(statuses(branch.inbox.events)) == 1  # not one for each service that is found
    assert names(branch.inbox.events) == []


async def test_a_card_that_is_kept_is_one_event_though_message_and_counter_tell_of_it(machine: Machine) -> None:
    branch = Branch(machine)

    async with branch.open():
        await branch.is_("ok")
        await machine.retain_card()
        await branch.happened("card_retained")
        asked = machine.asked.count("Storage.GetStorage")
        await machine.become("Printer", "hardwareError")
        await branch.is_("degraded", printer="hardwareError")
        await branch.inbox.until(lambda _: machine.asked.count("Storage.GetStorage") > asked)
        await machine.retain_card()
        await branch.happened("card_retained", "card_retained")


async def test_notes_that_were_drawn_back_fraud_and_empty_cassettes_are_told_of(machine: Machine) -> None:
    branch = Branch(machine)

    async with branch.open():
        await branch.is_("ok")
        await machine.retract_notes()
        await branch.happened("cash_not_dispensed")
        await machine.become("CardReader", "fraudAttempt")
        await branch.happened("cash_not_dispensed", "tamper")
        await machine.run_low("low")
        await branch.is_("degraded", cash="low")
        await machine.run_low("empty")
        await branch.is_("down", cash="empty", cash_unit_1="empty")
        await branch.happened("cash_not_dispensed", "tamper", "cash_low", "cash_out")


async def test_a_machine_that_goes_away_is_unknown_and_heals(present: Machine) -> None:
    branch = Branch(present)

    async with branch.open():
        await branch.is_("ok")
        await present.unplug()
        await branch.inbox.until(lambda events: statuses(events)[-1].detail == "link lost")
        assert statuses(branch.inbox.events)[-1].state == "unknown"
        assert not branch.session.report().open
        await present.plug()
        await branch.is_("ok", cash_dispenser="ok")

    assert branch.session.report().opened == 2


async def test_one_service_that_is_lost_is_unknown_by_itself_and_heals(present: Machine) -> None:
    branch = Branch(present)

    async with branch.open():
        await branch.is_("ok")
        printer = present.status.pop("Printer")  # so that its socket cannot be opened again
        present.drop("Printer")
        await branch.is_("unknown", printer="link lost", cash_dispenser="ok")
        assert statuses(branch.inbox.events)[-1].detail == "printer: link lost"
        assert branch.session.report().open
        present.status["Printer"] = printer
        await branch.is_("ok", printer="ok", paper="ok")

    assert branch.session.report().opened == 1


async def test_half_a_conversation_does_not_survive_a_reconnect(present: Machine) -> None:
    branch = Branch(present)

    async with branch.open():
        await branch.is_("ok")
        present.mute.add("CardReader")
        await present.become("CardReader", "deviceBusy")  # asked at once, and never answered
        await branch.inbox.until(lambda _: present.asked[-1] in ("Common.Status", "Storage.GetStorage"))
        present.drop("CardReader")
        await branch.is_("unknown", card_reader="link lost")
        present.mute.clear()
        await branch.is_("ok", card_reader="ok")

    assert branch.session.report().bad_frames == 0


async def test_a_service_that_does_not_answer_is_named(present: Machine) -> None:
    branch = Branch(present, poll_s=5, timeout_s=1)

    async with branch.open():
        await branch.is_("ok")
        present.mute.add("CashDispenser")
        await branch.is_("unknown", cash_dispenser="no answer", card_reader="ok")
        present.mute.clear()
        await branch.is_("ok", cash_dispenser="ok")


async def test_a_machine_in_order_says_so_again_before_it_is_stale(present: Machine) -> None:
    branch = Branch(present, speed=100.0, poll_s=15)

    async with branch.open():
        await branch.inbox.until(lambda events: len(statuses(events)) >= 4)

    told = [status.at for status in statuses(branch.inbox.events)]
    assert all(later - before >= 15_000_000 for before, later in pairwise(told))


async def test_nonsense_is_counted_and_has_no_effect(present: Machine) -> None:
    branch = Branch(present)
    nonsense = ["", "{", "[]", '{"header": {}}', '{"header": {"type": "event", "name": "A.B", "version": "2.0"}}' * 2]

    with capture_logs() as logs:
        async with branch.open():
            await branch.is_("ok")
            for text in nonsense * 20:
                await present.raw("CardReader", text)
            await present.retain_card()
            await branch.happened("card_retained")

    assert branch.session.report().bad_frames == 100
    assert [log["event"] for log in logs].count("bad message") == 1
    assert len(statuses(branch.inbox.events)) == 1


async def test_nothing_but_questions_is_ever_sent(machine: Machine) -> None:
    branch = Branch(machine, poll_s=5)

    async with branch.open():
        await branch.is_("ok")
        await machine.retain_card()
        await machine.run_low("empty")
        await branch.is_("down")

    questions = {"ServicePublisher.GetServices", "Common.Capabilities", "Common.Status", "Storage.GetStorage"}
    assert set(machine.asked) == questions


async def test_a_service_without_capabilities_is_read_all_the_same(present: Machine) -> None:
    present.refuses_capabilities = True
    branch = Branch(present)

    async with branch.open():
        await branch.is_("ok", cash="ok", retain_bin="ok")


async def test_a_full_inbox_leaves_messages_on_the_wire(present: Machine) -> None:
    branch = Branch(present)

    async with branch.open():
        await branch.is_("ok")
        branch.inbox.full = True
        await present.become("CardReader", "hardwareError")  # the read under way is not taken back
        await branch.is_("down")
        await present.become("CardReader", "online")
        await branch.clock.sleep(2)
        assert statuses(branch.inbox.events)[-1].state == "down"
        branch.inbox.full = False
        await branch.is_("ok")
