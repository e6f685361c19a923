"""What call terminals show: a call at once, how many wait soon, nothing twice, nothing to whom it does not concern."""

from itertools import pairwise

import pytest

from edge import snapshot
from edge.core import counters
from edge.core.commands import ShowOnCounter
from edge.core.instant import SECOND
from edge.core.policy import DevicePlan, Policy, WindowPlan
from tests.play import Play, at, of

POLICY = Policy(
    windows={"1": WindowPlan("1", ("cash",)), "2": WindowPlan("2", ("account",))},
    devices={
        "t1": DevicePlan("t1", "terminal", window="1"),
        "t2": DevicePlan("t2", "terminal", window="2"),
        "spare": DevicePlan("spare", "terminal"),
        "board": DevicePlan("board", "board", window="1"),
    },
)


def told(commands: list[object]) -> list[tuple[str, str | None, int, bool]]:
    shows = [command for command in commands if isinstance(command, ShowOnCounter)]
    return [(show.device, show.ticket, show.waiting, show.beep) for show in shows]


@pytest.fixture
def play() -> Play:
    play = Play(POLICY)
    play.open("9:00", "1", "cash")
    play.open("9:00", "2", "account")
    play.until("9:00:30")
    return play


def test_a_call_is_shown_at_once_with_a_beep_and_at_its_window_only(play: Play) -> None:
    play.issue("9:01", "A001")
    play.issue("9:01", "A002")

    assert told([*play.call("9:01", "A001", "1")]) == [("t1", "A001", 1, True)]


def test_how_many_wait_is_told_after_a_moment_and_only_where_it_is_news(play: Play) -> None:
    assert told([*play.issue("9:01", "A001"), *play.issue("9:01", "A002")]) == []
    assert told([*play.until("9:01:01")]) == [("t1", None, 2, False)]
    assert told([*play.until("9:30")]) == []


def test_a_crowd_is_counted_once_in_a_while(play: Play) -> None:
    shows = [show for n in range(60) for show in of(ShowOnCounter, play.issue(f"9:01:{n:02}", f"A{n:03}"))]
    shows += of(ShowOnCounter, play.until("9:03"))

    times = [show.at for show in shows]
    assert [later - earlier for earlier, later in pairwise(times)] == [5 * SECOND] * 12
    assert shows[-1].waiting == 60


def test_the_end_of_a_service_clears_the_ticket_without_a_beep(play: Play) -> None:
    play.issue("9:01", "A001")
    play.call("9:01", "A001", "1")

    assert told([*play.serve("9:04", "A001", "1")]) == [("t1", None, 0, False)]


def test_a_recall_is_no_news(play: Play) -> None:
    play.issue("9:01", "A001")
    play.call("9:01", "A001", "1")

    assert told([*play.recall("9:02", "A001", "1")]) == []


def test_who_is_sent_to_a_window_waits_for_that_window_alone(play: Play) -> None:
    play.issue("9:01", "A001")
    play.transfer("9:01", "A001", window="2")

    play.until("9:02")

    assert {sign.device: sign.waiting for sign in counters.paint(play.hall)} == {"t1": 0, "t2": 1}


def test_a_restart_paints_what_was_shown_and_does_not_beep(play: Play) -> None:
    play.issue("9:01", "A001")
    play.call("9:01", "A001", "1")

    hall = snapshot.load_hall(snapshot.dump(play.hall))

    assert ShowOnCounter("t1", "A001", 0, at("9:01")) in counters.paint(hall)


def test_another_configuration_paints_new_terminals_and_forgets_old_ones(play: Play) -> None:
    play.issue("9:01", "A001")
    play.call("9:01", "A001", "1")
    devices = {"new": DevicePlan("new", "terminal", window="1")}

    out = play.engine.adopt(Policy(windows=POLICY.windows, devices=devices, configured=True), at("9:02"))

    assert told([*out]) == [("new", "A001", 0, False)]
    assert [show.device for show in counters.paint(play.hall)] == ["new"]


def test_without_a_terminal_nobody_counts() -> None:
    play = Play(Policy(windows=POLICY.windows))
    play.issue("9:01", "A001")
    play.call("9:01", "A001", "1")

    assert counters.KEY not in play.hall.agenda.due
    assert counters.paint(play.hall) == []
