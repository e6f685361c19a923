"""Levels and edges over real pseudo-terminals: what is shown is shown again after an outage, what is done is done once.

The clock runs fast, so that a minute takes three seconds.
"""

from random import Random

import pytest
from structlog.testing import capture_logs

from edge.config.links import SerialLink
from edge.config.load import Bus
from edge.core.events import DeviceEvent, Happening
from edge.core.instant import SECOND
from edge.core.outputs import PrintTicket, Say, ShowOnCounter
from edge.core.shown import UNSAID
from edge.core.wording import Text
from edge.driver import Device, load
from edge.shell.session import Session
from tests.shell.ends import Port, done, mute
from tests.shell.test_session import Branch, device, port, toys

__all__ = ["port", "toys"]  # its fixtures are ours too

WORDS = Text("话", "words")


def sign(ticket: str | None, waiting: int, *, beep: bool = False) -> ShowOnCounter:
    return ShowOnCounter("counter", ticket, waiting, 0, beep=beep)


def slip(branch: Branch, ticket: str, lasts_s: int = 60) -> PrintTicket:
    at = branch.inbox.now()
    return PrintTicket(
        device="printer",
        ticket=ticket,
        service=WORDS,
        branch=WORDS,
        ahead=None,
        wait=UNSAID,
        at=at,
        lasts=lasts_s * SECOND,
    )


def not_done(events: list[Happening]) -> list[str]:
    return [event.detail for event in events if isinstance(event, DeviceEvent) and event.event == "not_done"]


def serial(port: Port) -> SerialLink:
    return SerialLink(str(port.node), baud=115200)


@pytest.fixture
async def plugged(port: Port) -> Port:
    port.plug()
    return port


async def test_the_frames_of_one_command_come_in_order_and_none_of_another_between(plugged: Port) -> None:
    branch = Branch(serial(plugged), device("counter", "terminal", address=1), device("other", "terminal", address=2))

    async with branch.open():
        await branch.told("counter", "ok", "link back")
        branch.session.show(sign("A001", 4, beep=True))
        branch.session.show(ShowOnCounter("other", "A002", 5, 0, beep=True))
        await plugged.until(lambda heard: "B2" in heard)

    assert plugged.heard == ["C1 A001", "W1 4", "B1", "C2 A002", "W2 5", "B2"]


async def test_a_sign_is_shown_again_after_an_outage_and_does_not_beep_again(plugged: Port) -> None:
    branch = Branch(serial(plugged), device("counter", "terminal", address=1))

    async with branch.open():
        await branch.told("counter", "ok", "link back")
        branch.session.show(sign("A001", 4, beep=True))
        await plugged.until(lambda heard: heard == ["C1 A001", "W1 4", "B1"])
        plugged.unplug()
        await branch.told("counter", "unknown", "link lost")
        plugged.plug()
        await plugged.until(lambda heard: heard[3:] == ["C1 A001", "W1 4"])
        await branch.told("counter", "ok", "link back", times=2)

    assert "B1" not in plugged.heard[3:]


async def test_a_terminal_that_has_only_keys_is_shown_nothing_and_nobody_complains(plugged: Port) -> None:
    branch = Branch(serial(plugged), device("counter", "terminal"))
    settings = load("lines").Settings.model_validate(
        {"lines": [{"pattern": "^P$", "event": "device.event", "set": {"event": "paper_low"}}]}
    )
    bus = Bus(serial(plugged), "lines", (Device("counter", "terminal", settings),))
    branch.session = Session(bus, branch.inbox, clock=branch.clock, rng=Random(1))

    with capture_logs() as logs:
        branch.session.show(sign("A001", 4))
        async with branch.open():
            await branch.told("counter", "ok", "link back")
            branch.session.show(sign("A002", 3))

    assert [line["event"] for line in logs] == ["link open"]
    assert plugged.heard == []


async def test_what_waits_for_the_link_is_done_when_it_is_there_and_only_once(port: Port) -> None:
    branch = Branch(serial(port), device("printer", "printer"))

    async with branch.open():
        await branch.told("printer", "unknown", "link lost")
        branch.session.do(slip(branch, "A001", lasts_s=600))
        port.plug()
        await port.until(lambda heard: heard == ["R0 A001"])
        await branch.told("printer", "ok", "link back")
        port.unplug()
        await branch.told("printer", "unknown", "link lost", times=2)
        port.plug()
        branch.session.do(slip(branch, "A002", lasts_s=600))
        await port.until(lambda heard: heard == ["R0 A001", "R0 A002"])


async def test_what_could_not_be_done_in_time_is_dropped_counted_and_told(port: Port) -> None:
    branch = Branch(serial(port), device("printer", "printer"))

    async with branch.open():
        branch.session.do(slip(branch, "A001"))
        await branch.inbox.until(lambda events: not_done(events) == ["print of A001: not within 60 s"])
        port.plug()
        branch.session.do(slip(branch, "A002", lasts_s=600))
        await port.until(lambda heard: heard == ["R0 A002"])

    assert branch.session.report().not_done == 1


async def test_an_answer_that_does_not_come_is_no_reason_to_print_twice(port: Port) -> None:
    port.answer = mute
    port.plug()
    branch = Branch(serial(port), device("printer", "printer"))

    async with branch.open():
        branch.session.do(slip(branch, "A001", lasts_s=600))
        await port.until(lambda heard: heard == ["R0 A001"])
        port.answer = done
        branch.session.do(slip(branch, "A002", lasts_s=600))
        await port.until(lambda heard: heard == ["R0 A001", "R0 A002"])


async def test_a_refusal_is_told_and_tried_again(port: Port) -> None:
    port.answer = lambda line: f"N0 {'busy' if line.endswith('1') else ''}"
    port.plug()
    branch = Branch(serial(port), device("printer", "printer"))

    async with branch.open():
        branch.session.do(slip(branch, "A001", lasts_s=600))
        await branch.told("printer", "degraded", "refused: busy")
        port.answer = done
        await branch.told("printer", "ok", "link back", times=1)

    assert set(port.heard) == {"R0 A001"}
    assert not_done(branch.inbox.events) == []


async def test_a_device_that_cannot_now_is_told_when_it_can(plugged: Port) -> None:
    branch = Branch(serial(plugged), device("printer", "printer"))

    async with branch.open():
        await branch.told("printer", "ok", "link back")
        plugged.say(b"Sprinter down\n")
        await branch.told("printer", "down", "")
        branch.session.do(slip(branch, "A001", lasts_s=600))
        plugged.say(b"Sprinter ok\n")
        await plugged.until(lambda heard: heard == ["R0 A001"])


async def test_a_command_that_is_late_already_is_not_begun(plugged: Port) -> None:
    branch = Branch(serial(plugged), device("speaker", "announcer"))
    now = branch.inbox.now()

    async with branch.open():
        branch.session.do(Say(device="speaker", ticket="A1", window="3", text=WORDS, at=now - SECOND, lasts=SECOND))
        branch.session.do(Say(device="speaker", ticket="A2", window="3", text=WORDS, at=now, lasts=600 * SECOND))
        await plugged.until(lambda heard: heard == ["V0 words"])

    assert not_done(branch.inbox.events) == ["call of A1: it came too late"]
