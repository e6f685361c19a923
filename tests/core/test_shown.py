"""What people are told of a wait: ranges that stand still, and no figure nobody can answer for."""

import pytest

from edge import snapshot
from edge.core import outlook, shown
from edge.core.hall import Hall
from edge.core.instant import SECOND
from edge.core.policy import DevicePlan, Policy, WindowPlan
from edge.core.shown import Shown
from edge.core.waiting import NextWait, Outlook, Wait
from edge.core.wording import Text
from tests.play import Play, at

NOON = at("12:00")
WORDS = {
    "L01": Text("早上好", "Good morning"),
    "L04": Text("约{a}至{b}分钟", "{a} to {b} min"),
    "L05": Text("请留意叫号", "watch"),
    "L23": Text("现有{n}人等候", "{n} waiting"),
}
LOBBY = {"lobby": DevicePlan("lobby", "board", shows="lobby")}


def a_hall(p10_s: float | None, p90_s: float | None) -> Hall:
    """A hall at noon that has just been forecast."""
    hall = Hall(now=NOON, day_began=NOON)
    forecast(hall, 0, p10_s, p90_s)
    return hall


def forecast(hall: Hall, after_s: float, p10_s: float | None, p90_s: float | None) -> Shown:
    """So many seconds after noon the wait of the next ticket is this; what people are told then."""
    hall.now = NOON + round(after_s * SECOND)
    wait = NextWait(p10_s, p10_s, p90_s, p90_s, 1, 9, "good")
    hall.outlook = Outlook(hall.now, {"cash": wait})
    shown.renew(hall)
    return shown.Telling(hall, hall.now).of_class("cash", 7)


def range_of(told: Shown) -> tuple[int | None, int | None]:
    return told.low_min, told.high_min


@pytest.mark.parametrize(
    ("p10_s", "p90_s", "expected"),
    [(0, 10, (0, 5)), (299, 301, (0, 10)), (300, 600, (5, 10)), (301, 600.1, (5, 15)), (1200, 1200, (20, 25))],
)
def test_ranges_are_rounded_outward_to_five_minutes(p10_s: float, p90_s: float, expected: tuple[int, int]) -> None:
    assert shown.range_min(p10_s, p90_s) == expected


def test_a_range_does_not_jitter_with_its_forecast() -> None:
    hall = a_hall(610, 1190)

    assert [
        range_of(forecast(hall, s, 600 + wobble, 1200 + wobble)) for s, wobble in ((5, -20), (10, 15), (55, -30))
    ] == [(10, 20)] * 3


def test_a_range_that_is_wrong_by_more_than_its_rounding_changes_at_once() -> None:
    hall = a_hall(610, 1190)

    assert range_of(forecast(hall, 5, 300, 1190)) == (10, 20)
    assert range_of(forecast(hall, 6, 299, 1190)) == (0, 20)
    assert range_of(forecast(hall, 7, 299, 1501)) == (0, 30)


def test_after_a_minute_a_range_is_what_the_forecast_says() -> None:
    hall = a_hall(610, 1190)

    assert range_of(forecast(hall, 59.9, 590, 1210)) == (10, 20)
    assert range_of(forecast(hall, 60, 590, 1210)) == (5, 25)
    assert range_of(forecast(hall, 65, 600, 1200)) == (5, 25)


def test_an_interval_wider_than_useful_gives_way_to_the_number_ahead() -> None:
    hall = a_hall(0, 1801)
    assert shown.Telling(hall, NOON).of_class("cash", 7) == Shown(ahead=7, reason="wide", until=NOON + shown.GOOD_FOR)

    assert range_of(forecast(hall, 5, 0, 1200)) == (None, None)
    assert range_of(forecast(hall, 60, 0, 1200)) == (0, 20)


def test_what_nobody_serves_is_told_by_the_number_ahead() -> None:
    hall = a_hall(610, 1190)

    assert forecast(hall, 5, None, None) == Shown(ahead=7, reason="unserved", until=hall.now + shown.GOOD_FOR)


def test_an_old_forecast_is_not_shown() -> None:
    hall = a_hall(610, 1190)
    old = NOON + shown.GOOD_FOR

    assert range_of(shown.Telling(hall, old).of_class("cash", 7)) == (10, 20)
    assert shown.Telling(hall, old + 1).of_class("cash", 7) == Shown(reason="stale")


def test_a_ticket_is_told_its_own_range_and_a_new_one_that_of_its_class() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A1")
    play.until("9:00:10")
    play.hall.outlook.next["cash"] = NextWait(600, 900, 1200, 900, 1, 9, "good")
    play.hall.outlook.tickets["A1"] = Wait(4, 0, 60, 290, 90)
    play.hall.showing.tickets_at = play.hall.now
    shown.renew(play.hall)
    play.issue("9:00:10.1", "A2")

    now = play.hall.now
    assert range_of(shown.Telling(play.hall, now).of_ticket("A1")) == (0, 5)
    assert range_of(shown.Telling(play.hall, now).of_ticket("A2")) == (10, 20)


def test_every_waiting_ticket_gets_its_own_range_within_a_minute() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    for n in range(5):
        play.issue(f"9:00:0{n}", f"A{n}")

    play.until("9:01:06")

    assert play.hall.showing.tickets.keys() == {f"A{n}" for n in range(5)}
    assert play.hall.outlook.tickets["A4"].position == 5


# ---- when the data cannot be trusted ----


def waiting_play() -> Play:
    """Two wait for the one window; the lobby has a board."""
    play = Play(Policy(words=WORDS, windows={"1": WindowPlan("1", ("cash",))}, devices=LOBBY))
    play.device("9:00", "queue-1", kind="dispenser")
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A1")
    play.call("9:00:02", "A1", "1")
    play.issue("9:00:03", "A2")
    play.issue("9:00:04", "A3")
    play.until("9:01")
    return play


def on_the_board(play: Play) -> str:
    return play.hall.boards["lobby"].shown.text.zh


def test_without_a_queue_machine_nobody_can_say() -> None:
    play = waiting_play()
    assert on_the_board(play).startswith("约0至")

    play.device("9:01:01", "queue-1", state="down", kind="dispenser")
    play.until("9:02")
    assert on_the_board(play) == "请留意叫号"

    play.device("9:02:01", "queue-1", kind="dispenser")
    play.until("9:03")
    assert on_the_board(play).startswith("约")


def test_one_of_two_queue_machines_is_enough() -> None:
    play = waiting_play()
    play.device("9:01:01", "queue-2", state="down", kind="dispenser")

    assert not shown.is_stale(play.hall, play.hall.now)


def test_when_nothing_has_been_heard_for_long_nobody_can_say() -> None:
    play = waiting_play()
    assert not shown.is_stale(play.hall, at("9:03:00"))

    play.until("9:15:03")
    assert not shown.is_stale(play.hall, play.hall.now)
    play.until("9:15:04.5")
    assert shown.is_stale(play.hall, play.hall.now)
    play.until("9:16")
    assert on_the_board(play) == "请留意叫号"

    play.call("9:16:01", "A2", "1")
    play.until("9:16:30")
    assert on_the_board(play) != "请留意叫号"


def test_the_lobby_says_how_many_wait_where_it_cannot_say_how_long() -> None:
    policy = Policy(words=WORDS, windows={"1": WindowPlan("1", ("loan",))}, devices=LOBBY, configured=True)
    play = Play(policy)
    play.issue("9:00", "A1")
    play.issue("9:00:01", "A2")
    play.until("9:01")

    assert on_the_board(play) == "现有2人等候"


def test_the_next_wait_stays_fresh_while_nobody_waits() -> None:
    play = waiting_play()
    play.call("9:02", "A2", "1")
    play.call("9:03", "A3", "1")

    for minute in range(4, 20):
        play.until(f"9:{minute:02}:30")
        assert shown.Telling(play.hall, play.hall.now).of_class("cash", 0).low_min is not None


def test_a_standing_range_survives_a_restart() -> None:
    play = waiting_play()
    kept = Play(play.engine.policy, snapshot.load_hall(snapshot.dump(play.hall)))
    assert kept.hall.showing == play.hall.showing
    for each in (play, kept):
        each.until("9:01:31")

    assert kept.hall.showing == play.hall.showing
    assert outlook.waits(kept.hall) == outlook.waits(play.hall)
