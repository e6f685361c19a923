"""The business day: begun by the first ticket after midnight when nobody waits, at the latest at 04:00."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge import snapshot
from edge.core.commands import Ignore
from edge.core.policy import Calendar, DevicePlan, Policy, Service
from edge.core.waiting.learnt import CLASSES_MOST
from edge.core.wording import Text
from tests.play import Play, at, of


def test_the_first_ticket_after_midnight_begins_the_day_when_nobody_waits() -> None:
    play = Play()
    play.issue("23:50", "A1")
    play.call("23:55", "A1", "1")
    play.serve("23:58", "A1", "1")
    play.date = "2026-03-03"
    play.issue("0:10", "A1")

    assert list(play.hall.tickets) == ["A1"]
    assert list(play.hall.waiting) == ["A1"]


def test_while_somebody_waits_the_old_day_goes_on_until_four() -> None:
    play = Play()
    play.issue("23:50", "A1")
    play.date = "2026-03-03"
    play.issue("0:10", "A2")
    assert list(play.hall.waiting) == ["A1", "A2"]

    play.until("4:00")

    assert not play.hall.waiting
    assert not play.hall.tickets


def test_a_service_under_way_at_midnight_is_finished_in_the_new_day() -> None:
    play = Play()
    play.issue("23:50", "A1")
    play.call("23:55", "A1", "1")
    play.date = "2026-03-03"
    play.issue("0:01", "B1")
    play.serve("0:02", "A1", "1")

    assert play.hall.windows["1"].ticket is None
    assert play.hall.tickets["A1"].state == "ended"


def test_a_number_still_being_served_from_yesterday_may_be_drawn_again() -> None:
    play = Play()
    play.issue("23:50", "A1")
    play.call("23:55", "A1", "1")
    play.date = "2026-03-03"
    play.issue("0:01", "A1")

    assert list(play.hall.waiting) == ["A1"]
    assert play.hall.windows["1"].ticket is None


def test_a_service_at_a_closed_window_is_over_by_the_next_day_and_teaches_nothing() -> None:
    play = Play()
    play.issue("23:30", "A1")
    play.call("23:31", "A1", "1")
    play.close("23:40", "1")
    play.date = "2026-03-03"
    play.issue("0:01", "B1")

    assert (play.hall.windows, list(play.hall.tickets)) == ({}, ["B1"])
    assert [ignored.about for ignored in of(Ignore, play.serve("0:02", "A1", "1"))] == ["A1"]
    assert (play.hall.learnt.classes, play.hall.learnt.branch.weight, play.hall.score.served) == ({}, 0.0, {})


@pytest.mark.parametrize(("called", "goes_on"), [("23:59:59", False), ("0:00", True)])
def test_a_service_that_has_lasted_for_longer_than_any_is_over_though_its_window_never_closed(
    called: str, *, goes_on: bool
) -> None:
    play = Play()
    play.issue("23:50", "A1")
    play.issue("23:50", "A2")
    play.date = "2026-03-02" if called > "1" else "2026-03-03"
    play.call(called, "A1", "1")
    play.date = "2026-03-03"
    play.pause("2:59", "1")
    play.resume("3:00", "1")
    play.until("4:00")

    window = play.hall.windows["1"]
    assert (window.ticket == "A1", "A1" in play.hall.tickets) == (goes_on, goes_on)
    assert goes_on or (window.served, window.free_since) == (None, at("4:00", "2026-03-03"))


def test_windows_are_closed_in_the_morning_until_opened() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.date = "2026-03-03"
    play.open("8:30", "2", "cash")
    play.issue("9:00", "A1")

    assert set(play.hall.windows) == {"2"}


def test_ticks_begin_no_day() -> None:
    play = Play()
    play.until("0:30")

    assert play.hall.day == 0


@pytest.mark.parametrize(
    ("before", "after", "four"),
    [("2026-03-28", "2026-03-29", "02:00"), ("2026-10-24", "2026-10-25", "03:00")],
    ids=["the clock goes forward", "the clock goes back"],
)
def test_four_in_the_morning_is_four_on_the_wall_also_when_summer_time_changes(
    before: str, after: str, four: str
) -> None:
    play = Play(Policy(calendar=Calendar(ZoneInfo("Europe/Berlin"))))
    play.date = before
    play.issue("20:00", "A1")
    play.date = after
    hour = int(four[:2])
    play.until(f"{hour - 1}:59:59.999999")
    assert list(play.hall.waiting) == ["A1"]

    play.until(four)

    assert not play.hall.waiting
    assert play.hall.day_began == at(four, after)


def test_a_year_leaves_no_more_behind_than_a_week() -> None:
    play = Play(Policy(devices={"r-1": DevicePlan("r-1", "recycler")}))
    sizes = []
    for day in range(370):
        play.date = f"{date(2026, 1, 1) + timedelta(days=day)}"
        for n in range(6):
            play.issue(f"9:{n:02}", f"D{day}-{n}", needs=("elderly",) if n % 5 else ())
            play.device(f"9:{n:02}:30", "r-1", "ok" if n % 2 else "down")
        for n in range(6):
            play.call(f"9:{n + 30}", f"D{day}-{n}", f"{n % 3}")
        for n in range(3 if day % 10 else 0):
            play.close(f"10:0{n}", f"{n}")
        sizes.append(len(snapshot.dump(play.hall)) + 32 * len(play.hall.agenda.heap))

    assert max(sizes[360:]) < max(sizes[:14]) * 1.2


def test_a_class_the_configuration_does_not_know_is_forgotten_with_the_day_but_for_who_is_being_served() -> None:
    play = Play(Policy(services={"cash": Service("cash", Text("现金", "Cash"))}, configured=True))
    for number, service in enumerate(("cash", "c\x7fsh", "loan")):
        play.issue("23:5" + str(number), f"A{number}", service)
    play.call("23:55", "A0", "1")
    play.serve("23:56", "A0", "1")
    play.call("23:57", "A2", "1")
    assert set(play.hall.services) == {"cash", "c\x7fsh", "loan"}

    play.cancel("23:58", "A1")
    play.date = "2026-03-03"
    play.issue("0:10", "B0", "cash")
    assert play.hall.services == {"cash": 2, "loan": 1}

    play.serve("0:20", "A2", "1")
    play.call("0:20", "B0", "1")
    play.date = "2026-03-04"
    play.issue("9:00", "B1", "cash")
    assert play.hall.services == {"cash": 3}
    assert list(play.hall.outlook.next) == ["cash"]


def test_without_a_configuration_the_classes_heard_of_most_are_kept() -> None:
    play = Play()
    for number in range(2 * CLASSES_MOST):
        play.issue("10:00", f"A{number}", f"class-{number}")
        play.cancel("10:00", f"A{number}")
    play.issue("10:01", "Z1", f"class-{number}")
    play.cancel("10:01", "Z1")
    play.date = "2026-03-03"
    play.issue("9:00", "B1", "cash")

    assert len(play.hall.services) == CLASSES_MOST + 1
    assert play.hall.services[f"class-{number}"] == 2
