"""What a broker kept while the daemon was away: heard of, and neither said nor printed as though it were now."""

import pytest

from edge.core import events as ev
from edge.core.instant import in_seconds
from edge.core.outputs import PrintTicket, Say, ShowOnBoard
from edge.core.policy import DevicePlan, Policy
from edge.core.telling import lateness
from edge.core.wording import Text
from tests.play import DATE, Play, at, of

POLICY = Policy(
    words={"V01": Text("请{t}号到{w}号窗口", "{t}"), "L02": Text("请{t}号到{w}号窗", "{t}")},
    devices={
        "hall": DevicePlan("hall", "announcer"),
        "lobby": DevicePlan("lobby", "board", shows="lobby"),
        "printer": DevicePlan("printer", "printer", prints="tickets"),
    },
)
NONE_LATE = 0.0


def said(clock: str) -> str:
    """What a sender's clock says, in the branch's own time."""
    return f"{DATE}T{clock}+00:00"


def late(branch: Play, clock: str, sent: str | None, window: str = "3") -> float:
    """By how many seconds a call comes late that is heard at `clock` and was sent at `sent` by its sender's clock."""
    called = ev.TicketCalled(at=at(clock), ticket="A001", window=window, device_at=sent)
    return in_seconds(called.at - lateness.happened_at(branch.hall, called))


@pytest.mark.parametrize("sent", [None, "", "09:00:00", "2026-03-02T09:00:00", "123", "不", "9" * 13])
def test_who_says_no_time_that_can_be_read_is_on_time(sent: str | None) -> None:
    branch = Play()
    late(branch, "9:00", said("09:00:00"))

    assert late(branch, "12:00", sent) == NONE_LATE


@pytest.mark.parametrize(("first", "second"), [(said("09:00:00"), said("09:10:00")), ("1772442000", "1772442600000")])
def test_times_may_be_written_as_texts_and_as_whole_numbers(first: str, second: str) -> None:
    branch = Play()
    late(branch, "9:00", first)

    assert late(branch, "9:20", second) == 600


def test_a_clock_that_is_right_shows_what_was_kept() -> None:
    branch = Play()

    assert late(branch, "9:00", said("09:00:02")) == NONE_LATE
    assert [late(branch, "9:20:00", said(f"09:{minute:02}:00")) for minute in (8, 12, 19)] == [720, 480, NONE_LATE]
    assert late(branch, "9:21", said("09:21:00")) == NONE_LATE


def test_who_is_heard_for_the_first_time_is_on_time() -> None:
    assert late(Play(), "9:00", said("08:40:00")) == NONE_LATE


def test_a_clock_that_is_wrong_is_measured_by_how_wrong_it_was() -> None:
    branch = Play()
    late(branch, "9:00", said("08:40:00"))

    assert late(branch, "9:05", said("08:45:30")) == NONE_LATE
    assert late(branch, "9:20", said("08:50:00")) == 600 + 30
    assert late(branch, "9:30", said("09:10:00")) == NONE_LATE


def test_of_each_window_the_clock_is_its_own_and_two_machines_may_send_tickets() -> None:
    branch = Play()
    late(branch, "9:00", said("08:40:00"), window="1")
    late(branch, "9:00", said("09:00:00"), window="2")

    assert late(branch, "9:10", said("08:50:00"), window="1") == NONE_LATE
    assert late(branch, "9:10", said("08:50:00"), window="2") == 1200


def test_a_clock_that_was_set_forward_is_believed_at_once_and_one_set_back_after_a_minute() -> None:
    branch = Play()
    late(branch, "9:00", said("09:00:00"))

    assert late(branch, "9:01", said("09:31:00")) == NONE_LATE
    assert late(branch, "9:02", said("09:02:00")) == NONE_LATE
    assert late(branch, "9:10", said("08:10:00")) == 3600
    assert late(branch, "9:10:50", said("08:10:52")) == 3600 - 2
    assert late(branch, "9:11", said("08:11:00")) == NONE_LATE
    assert late(branch, "9:30", said("08:30:00")) == NONE_LATE


def test_what_was_kept_comes_at_once_and_is_no_clock_that_was_set() -> None:
    branch = Play()
    late(branch, "9:00", said("09:00:00"))
    kept = [late(branch, "9:20:00", said(f"09:10:{second:02}")) for second in range(0, 60, 4)]

    assert min(kept) > 500


def test_our_own_clock_may_be_put_right() -> None:
    branch = Play()
    late(branch, "9:00", said("14:00:00"))
    assert late(branch, "14:01", said("14:01:00")) == NONE_LATE

    branch.engine.set_back(at("9:02"))
    assert late(branch, "9:02", said("14:02:00")) == NONE_LATE


def test_no_more_senders_are_kept_than_there_could_be() -> None:
    branch = Play()
    for window in range(2 * lateness.SENDERS_MOST):
        late(branch, "9:00", said("08:00:00"), window=str(window))

    assert len(branch.hall.lateness.senders) == lateness.SENDERS_MOST


def test_a_call_that_was_kept_is_shown_and_said_no_longer_than_it_is_of_use() -> None:
    branch = Play(POLICY)
    call = ev.TicketCalled(at=at("9:00"), ticket="A001", window="3", device_at=said("09:00:00"))
    branch.feed(call)
    branch.until("9:19")
    commands = branch.feed(ev.TicketCalled(at=at("9:20"), ticket="A002", window="3", device_at=said("09:10:00")))

    (say,) = of(Say, commands)
    (shown,) = of(ShowOnBoard, commands)
    assert say.at == at("9:10")
    assert say.at + say.lasts < at("9:20"), "nobody says it"
    assert (shown.page.ticket, shown.page.aloud) == ("A002", False)


def test_of_the_calls_of_a_window_that_were_kept_the_last_is_shown() -> None:
    branch = Play(POLICY)
    for window in ("1", "2"):
        branch.feed(ev.TicketCalled(at=at("9:00"), ticket="A000", window=window, device_at=said("09:00:00")))
    kept = [(f"A{minute:03}", str(1 + minute % 2), said(f"09:{minute}:00")) for minute in range(10, 30)]
    branch.until("9:39")
    now = at("9:40")
    commands = [
        command
        for ticket, window, sent in kept
        for command in branch.feed(ev.TicketCalled(at=now, ticket=ticket, window=window, device_at=sent))
    ]
    fresh = branch.feed(ev.TicketCalled(at=now, ticket="B001", window="1", device_at=said("09:40:00")))
    shown = [show.page for show in of(ShowOnBoard, [*commands, *fresh, *branch.until("9:50")])]

    assert [page.ticket for page in shown if page.level == "call"] == ["A010", "A028", "A029", "B001"]
    assert [page.aloud for page in shown if page.level == "call"] == [False, False, False, True]


def test_a_ticket_that_was_kept_is_not_printed_for_whoever_has_gone() -> None:
    branch = Play(POLICY)
    first = ev.TicketIssued(at=at("9:00"), ticket="A001", service="cash", device_at=said("09:00:00"))
    then = ev.TicketIssued(at=at("9:20"), ticket="A002", service="cash", device_at=said("09:18:00"))
    (fresh,), (kept,) = of(PrintTicket, branch.feed(first)), of(PrintTicket, branch.feed(then))

    assert fresh.at == at("9:00")
    assert (kept.at, kept.at + kept.lasts < at("9:20")) == (at("9:18"), True)
    assert [ticket.id for ticket in branch.hall.queue()] == ["A001", "A002"], "it waits all the same"
