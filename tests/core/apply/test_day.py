"""The business day: begun by the first ticket after midnight when nobody waits, at the latest at 04:00."""

from tests.play import Play


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
