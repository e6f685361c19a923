"""What call terminals show: a call at once, how many wait soon, nothing twice, nothing to whom it does not concern."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from edge import snapshot
from edge.core.commands import AskQueue, Command
from edge.core.events import Tick
from edge.core.instant import SECOND
from edge.core.outputs import ShowOnCounter
from edge.core.policy import DevicePlan, Policy, WindowPlan
from edge.core.telling import counters
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
    assert [later - earlier for earlier, later in pairwise(times)] == [10 * SECOND] * 6
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


def test_what_only_the_queue_machine_can_do_is_passed_on_and_changes_nothing(play: Play) -> None:
    for what in ("call_next", "hang", "call_back"):
        assert of(AskQueue, play.trouble("9:01", "t1", what)) == [AskQueue("1", "t1", what, at("9:01"))]
    assert play.hall.windows["1"].ticket is None


@pytest.mark.parametrize(
    ("device", "event"), [("t1", "one_metre_line"), ("spare", "call_next"), ("board", "call_next")]
)
def test_nothing_else_is_asked_of_it(play: Play, device: str, event: str) -> None:
    assert of(AskQueue, play.trouble("9:01", device, event)) == []


def test_a_pause_is_told_at_once_and_without_a_beep(play: Play) -> None:
    (show,) = of(ShowOnCounter, play.pause("9:01", "1"))
    assert (show.device, show.paused, show.beep) == ("t1", True, False)


WINDOWS = ("1", "2")
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ("issue", "call", "recall", "serve", "no_show", "transfer", "cancel", "pause", "resume", "close")
        ),
        st.sampled_from(("A1", "A2", "A3")),
        st.sampled_from(WINDOWS),
        st.sampled_from((0.0, 0.4, 1.0, 7.0, 60.0)),
    ),
    max_size=40,
)


@given(steps, st.sets(st.integers(0, 39), max_size=3))
def test_screens_say_what_is_so_and_each_thing_once(
    play_steps: list[tuple[str, str, str, float]], restarts: set[int]
) -> None:
    play, now_s, last = Play(POLICY), 9 * 3600.0, dict[str, ShowOnCounter]()
    for place, (what, ticket, window, gap_s) in enumerate(play_steps):
        if place in restarts:
            play.engine.hall = snapshot.load_hall(snapshot.dump(play.hall))
        now_s += gap_s
        clock = f"{int(now_s // 3600)}:{int(now_s // 60) % 60:02}:{now_s % 60:04.1f}"
        for show in of(ShowOnCounter, acted(play, what, clock, ticket, window)):
            before = last.get(show.device)
            assert before is None or replace(show, at=0, beep=False) != replace(before, at=0, beep=False)
            assert show.beep == (show.ticket is not None and (before is None or before.ticket != show.ticket))
            last[show.device] = show
        for n in WINDOWS:
            there = play.hall.windows.get(n)
            if f"t{n}" in last:
                shown = last[f"t{n}"]
                assert shown.ticket == (there.ticket if there else None)
                assert shown.paused == (there is not None and there.state == "paused")

    for show in of(ShowOnCounter, play.engine.feed(Tick(at=play.hall.now + counters.LEAST + counters.SETTLE))):
        last[show.device] = show
    assert {show.device: show.waiting for show in last.values()} == {id: callable_at(play, id[1:]) for id in last}


def callable_at(play: Play, window: str) -> int:
    """How many that window may call."""
    there = play.hall.windows.get(window)
    services = POLICY.windows[window].services if there is None else there.services
    return sum(
        (one.for_window or window) == window and (one.for_window == window or one.service in services)
        for one in play.hall.queue()
    )


def acted(play: Play, what: str, clock: str, ticket: str, window: str) -> list[Command]:
    match what:
        case "issue":
            return play.issue(clock, ticket, "cash" if window == "1" else "account")
        case "call" | "recall" | "serve" | "no_show":
            return getattr(play, what)(clock, ticket, window)  # type: ignore[no-any-return]
        case "transfer":
            return play.transfer(clock, ticket, window=window)
        case "cancel":
            return play.cancel(clock, ticket)
        case _:
            return getattr(play, what)(clock, window)  # type: ignore[no-any-return]
