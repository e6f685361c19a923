"""Tickets through their day, in the order things happened and in every other order that devices produce."""

from edge.core.commands import Ignore
from edge.core.policy import Policy, WindowPlan
from tests.play import Play, at, of


def test_a_ticket_waits_is_served_and_is_gone() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:01", "A1")
    assert list(play.hall.waiting) == ["A1"]

    play.call("9:03", "A1", "1")
    assert not play.hall.waiting
    assert play.hall.windows["1"].ticket == "A1"

    play.serve("9:08", "A1", "1")
    assert play.hall.windows["1"].ticket is None
    assert play.hall.tickets["A1"].state == "ended"


def test_a_call_opens_its_window_and_ends_the_service_before_it() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:00", "A2")
    play.call("9:01", "A1", "7")
    assert play.hall.windows["7"].state == "open"

    play.call("9:05", "A2", "7")

    assert play.hall.tickets["A1"].state == "ended"
    assert play.hall.windows["7"].ticket == "A2"


def test_a_recall_and_a_pause_end_no_service() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.recall("9:02", "A1", "1")
    play.pause("9:03", "1")

    assert play.hall.windows["1"].ticket == "A1"
    assert play.hall.windows["1"].since == at("9:01")


def test_a_recall_of_a_ticket_that_still_waits_is_its_call() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.recall("9:02", "A1", "1")

    assert play.hall.tickets["A1"].state == "serving"


def test_a_recall_ends_no_service_of_another() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:00", "B1")
    play.call("9:01", "B1", "3")
    for id in ("A1", "C1"):
        (ignored,) = of(Ignore, play.recall("9:02", id, "3"))
        assert ignored.reason == "called again at window 3, which serves B1"
    play.serve("9:05", "B1", "3")

    assert play.hall.tickets["B1"].state == "ended"
    assert list(play.hall.waiting) == ["A1"]


def test_a_ticket_called_but_never_issued_is_taken_on() -> None:
    play = Play(Policy(windows={"1": WindowPlan("1", ("cash",))}))
    play.call("9:00", "B7", "1")

    assert play.hall.tickets["B7"].service == "cash"
    assert play.hall.tickets["B7"].issued_at is None
    assert not of(Ignore, play.serve("9:04", "B7", "1"))


def test_an_issue_that_comes_after_the_call_only_fills_in_what_was_not_known() -> None:
    play = Play()
    play.call("9:00", "B7", "1")
    play.issue("9:00:02", "B7", "loan", tier="gold")

    ticket = play.hall.tickets["B7"]
    assert (ticket.service, ticket.tier, ticket.state) == ("loan", "gold", "serving")
    assert not play.hall.waiting


def test_a_ticket_issued_twice_in_a_day_is_one_ticket() -> None:
    play = Play()
    play.issue("9:00", "A1")
    told = play.issue("9:05", "A1")

    assert [command.reason for command in of(Ignore, told)] == ["issued twice in one business day"]
    assert play.hall.tickets["A1"].issued_at == at("9:00")
    play.call("9:06", "A1", "1")
    play.serve("9:07", "A1", "1")
    assert of(Ignore, play.issue("9:08", "A1"))
    assert not play.hall.waiting


def test_a_number_used_again_the_next_day_is_another_ticket() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.serve("9:05", "A1", "1")
    play.date = "2026-03-03"
    play.issue("9:00", "A1")

    assert list(play.hall.waiting) == ["A1"]
    assert play.hall.tickets["A1"].issued_at == at("9:00", "2026-03-03")


def test_a_number_served_over_midnight_and_issued_again_leaves_the_window_to_whom_it_serves() -> None:
    play = Play()
    play.issue("23:40", "A1")
    play.call("23:50", "A1", "3")
    play.date = "2026-03-03"
    play.issue("0:10", "B1")
    play.serve("0:15", "A1", "3")
    play.call("0:16", "B1", "3")
    play.issue("0:20", "A1")

    assert play.hall.windows["3"].ticket == "B1"
    assert list(play.hall.waiting) == ["A1"]
    play.serve("0:25", "B1", "3")
    assert play.hall.tickets["B1"].state == "ended"


def test_a_late_end_changes_nothing() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:00", "A2")
    play.call("9:01", "A1", "1")
    play.call("9:05", "A2", "1")
    before = repr(play.hall.windows)

    assert of(Ignore, play.serve("9:06", "A1", "1"))
    assert of(Ignore, play.serve("9:06", "A2", "2"))
    assert of(Ignore, play.no_show("9:06", "ZZ", "1"))
    assert repr(play.hall.windows) == before


def test_a_call_at_another_window_frees_the_first() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.call("9:02", "A1", "2")

    assert play.hall.windows["1"].ticket is None
    assert play.hall.windows["2"].ticket == "A1"


def test_a_transferred_ticket_waits_again_behind_those_who_wait() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:01", "A2", "loan")
    play.call("9:02", "A1", "1")
    play.transfer("9:05", "A1", service="loan")

    assert list(play.hall.waiting) == ["A2", "A1"]
    assert play.hall.tickets["A1"].called_at == at("9:02")
    assert play.hall.windows["1"].ticket is None


def test_a_transfer_to_a_window_waits_for_that_window() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.transfer("9:05", "A1", window="4")

    assert play.hall.tickets["A1"].for_window == "4"
    assert of(Ignore, play.transfer("9:06", "A1"))


def test_who_leaves_before_a_call_waits_no_more_and_who_was_called_has_not_left() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.cancel("9:01", "A1")
    assert not play.hall.waiting
    assert of(Ignore, play.cancel("9:02", "A1"))
    play.issue("9:03", "A2")
    play.call("9:04", "A2", "1")

    assert of(Ignore, play.cancel("9:05", "A2"))
    assert play.hall.windows["1"].ticket == "A2"


def test_an_absent_ticket_may_be_called_again() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.no_show("9:03", "A1", "1")
    play.call("9:10", "A1", "1")

    assert play.hall.windows["1"].ticket == "A1"
    assert play.hall.tickets["A1"].called_at == at("9:01")
