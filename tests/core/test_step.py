"""The one function: the picture first, boards before rules, forecasts at their own instants, ticks without effect."""

from collections import Counter
from datetime import UTC, date
from itertools import islice
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import replay
from edge.core import events as ev
from edge.core import outlook, waiting
from edge.core.agenda import Wake
from edge.core.commands import Ignore, PublishPrompt, PublishWait
from edge.core.hall import Hall
from edge.core.outputs import ShowOnBoard
from edge.core.policy import DevicePlan, Policy
from edge.core.step import step
from edge.core.wording import Text
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS
from tests.play import Play, at, of

WORDS = {"L01": Text("请取号", "take a number"), "L02": Text("请{t}号到{w}号窗", "{t} to {w}")}
BOARD = Policy(words=WORDS, devices={"lobby": DevicePlan("lobby", "board", shows="lobby")})


def test_a_call_reaches_the_board_in_its_own_step_and_no_forecast_is_made_in_it() -> None:
    play = Play(BOARD)
    play.issue("9:00", "A1")

    told = play.call("9:01", "A1", "3")

    assert [command.page.text.zh for command in of(ShowOnBoard, told)] == ["请A1号到3号窗"]
    assert told.index(of(ShowOnBoard, told)[0]) == len(of(PublishWait, told))  # only what was due before it


def test_a_forecast_follows_soon_and_then_not_again_for_a_while() -> None:
    play = Play()
    told = [command for n in range(10) for command in play.issue(f"9:00:00.{n}", f"A{n}")]
    forecasts = {command.at for command in of(PublishWait, told + play.until("9:00:20"))}

    assert len(forecasts) == 2
    assert min(forecasts) == at("9:00") + outlook.SETTLE
    assert max(forecasts) - min(forecasts) == outlook.LEAST


def test_while_people_wait_forecasts_go_on_without_events() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.until("9:05")

    assert at("9:05") - play.hall.outlook.at <= outlook.AGAIN


@pytest.mark.parametrize("scenario", ["rush", "pension-day", "lunch-gap"])
def test_a_call_asks_for_no_forecast(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()
    now: list[str] = []
    for name in ("forecast", "look", "wait_of", "what_if"):
        real = getattr(waiting, name)

        def asking(*args: Any, real: Any = real, **more: Any) -> Any:
            asked[now[-1]] += 1
            return real(*args, **more)

        monkeypatch.setattr(waiting, name, asking)
    policy = replay.without_configuration(UTC)
    hall = Hall()
    day = (event for event in Day(SCENARIOS[scenario], 1, date(2026, 3, 2)) if event.type != "device.status")
    for event in islice(day, 1500):
        while (wake := hall.agenda.pop(event.at)) is not None:
            now.append(wake.room)
            step(hall, wake, policy)
        now.append(event.type)
        step(hall, event, policy)

    assert now.count("ticket.called") > 100
    assert asked["outlook"] > 100
    assert asked["ticket.called"] == 0


def test_when_nobody_waits_they_are_rare_and_stop_when_the_last_window_closes() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.until("10:00")
    assert outlook.AGAIN < at("10:00") - play.hall.outlook.at <= outlook.IDLE
    play.serve("10:00", "A1", "1")
    play.close("10:01", "1")
    play.until("10:02")
    last = play.hall.outlook.at
    play.until("12:00")

    assert play.hall.outlook.at == last


def test_every_event_of_the_vocabulary_is_taken() -> None:
    samples: dict[str, ev.Event] = {
        event.type: event
        for event in (
            ev.TicketIssued(at=1, ticket="A", service="cash"),
            ev.TicketCalled(at=1, ticket="A", window="1"),
            ev.TicketRecalled(at=1, ticket="A", window="1"),
            ev.TicketServed(at=1, ticket="A", window="1"),
            ev.TicketNoShow(at=1, ticket="A", window="1"),
            ev.TicketRated(at=1, ticket="A", window="1", rating=1),
            ev.TicketTransferred(at=1, ticket="A", service="loan"),
            ev.TicketCancelled(at=1, ticket="A"),
            ev.WindowOpened(at=1, window="1", services=("cash",)),
            ev.WindowPaused(at=1, window="1"),
            ev.WindowResumed(at=1, window="1"),
            ev.WindowClosed(at=1, window="1"),
            ev.DeviceStatus(at=1, device="d", kind="atm", state="ok"),
            ev.DeviceEvent(at=1, device="d", event="tamper"),
            ev.StaffAction(at=1, staff="s", role="guard", action="sign_in", target="s"),
            ev.Tick(at=1),
        )
    }
    assert set(samples) == {kind.type for kind in get_args(ev.Event)}
    for event in samples.values():
        step(Hall(), event, Policy())


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_wake_nobody_asked_for_changes_nothing(room: str, object_: str) -> None:
    play = Play(BOARD)
    play.issue("9:00", "A1")
    play.until("9:01")
    before = repr(play.hall)
    if room in (outlook.KEY, "day"):
        return

    step(play.hall, Wake(play.hall.now, f"{room}:{object_}"), BOARD)

    assert repr(play.hall) == before


@pytest.mark.parametrize("event", ["cash_not_dispensed", "card_retained", "paper_low", "door_open", "unheard_of"])
def test_only_cash_not_dispensed_warns_of_fraud_on_the_board(event: str) -> None:
    play = Play(Policy(words={**WORDS, "L21": Text("机器旁电话勿信", "no")}, devices=BOARD.devices))
    play.device("9:00", "atm-1", kind="atm")

    told = of(ShowOnBoard, play.trouble("9:01", "atm-1", event))

    assert [command.page.level for command in told] == (["scam"] if event == "cash_not_dispensed" else [])


def test_what_the_hall_cannot_take_is_said_and_nothing_else_follows() -> None:
    play = Play(BOARD)

    told = play.serve("9:00", "ZZ", "1")

    assert of(Ignore, told)
    assert not of(PublishPrompt, told)
