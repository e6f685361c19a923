from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from edge.core.instant import SECOND, in_seconds
from edge.driver import Device, Request
from edge.shell.bus import ASK_EVERY, Turns

BOARDS = [Device(f"board-{n}", "board", None, address=n) for n in range(1, 6)]


def question(address: int) -> Request:
    return Request(address, b"?", expects=True)


def test_boards_are_painted_in_the_order_in_which_they_changed() -> None:
    order = Turns(BOARDS)
    for board in ("board-2", "board-1", "board-2"):
        order.tell(board)

    assert [order.next_output(0), order.next_output(0), order.next_output(0)] == ["board-2", "board-1", None]


def test_pages_and_questions_alternate() -> None:
    order = Turns(BOARDS)
    for id in ("board-1", "board-2", "board-3"):
        order.tell(id)
    order.ask([question(4), question(5)], 0)

    taken: list[object] = []
    while not order.idle(0):
        if (board := order.next_output(0)) is not None:
            taken.append(board)
        elif (asked := order.next_question(0)) is not None:
            taken.append(asked.address)

    assert taken == ["board-1", 4, "board-2", 5, "board-3"]


def test_the_driver_may_ask_once_a_second_and_more_rarely_on_a_busy_line() -> None:
    order = Turns(BOARDS)

    assert order.wants_questions(0)
    order.ask([], 0)
    assert not order.wants_questions(SECOND - 1)
    assert order.wants_questions(SECOND)
    order.tell("board-1")
    assert not order.wants_questions(SECOND)
    assert order.wants_questions(5 * SECOND)


def test_links_ask_at_the_full_second_whenever_they_were_opened() -> None:
    dues = []
    for opened_at in (0, 1, SECOND // 2, SECOND - 1):
        order = Turns(BOARDS)
        order.ask([], 7 * SECOND + opened_at)
        dues.append(order.next_at())

    assert dues == [8 * SECOND] * 4


def test_a_driver_without_questions_costs_no_wakes() -> None:
    order = Turns(BOARDS, asks=False)

    assert (order.wants_questions(0), order.next_at()) == (False, None)


def test_a_failed_device_waits_for_the_others_and_is_given_up_after_its_tries() -> None:
    order = Turns(BOARDS, asks=False)

    assert not order.failed("board-1", tries=2, took=SECOND, now=0)
    order.tell("board-1")
    assert order.next_output(0) == "board-1"
    assert order.failed("board-1", tries=2, took=SECOND, now=0)
    order.tell("board-1")
    assert order.next_output(SECOND // 2 - 1) is None
    assert order.next_at() == SECOND // 2
    assert order.next_output(SECOND // 2) == "board-1"
    assert order.failed("board-1", tries=2, took=SECOND, now=SECOND)
    order.tell("board-1")
    assert order.next_at() == 5 * SECOND


def test_of_the_questions_to_a_device_at_rest_the_last_is_asked_when_it_has_rested() -> None:
    order = Turns(BOARDS)
    for _ in range(2):
        order.failed("board-1", tries=1, took=SECOND, now=0)
    asked = replace(question(1), data=b"?!")
    order.ask([question(1), asked, replace(question(1), alters=True), question(2)], 0)

    assert order.next_question(0) == question(2)
    assert order.next_question(4 * SECOND - 1) is None
    assert order.idle(4 * SECOND - 1)
    assert not order.idle(4 * SECOND)
    assert order.next_question(4 * SECOND) == asked
    assert order.next_question(4 * SECOND) is None


def test_a_device_that_has_been_given_up_is_asked_again_though_its_driver_has_no_question_for_long() -> None:
    order = Turns(BOARDS)
    order.ask([question(1)], 0)
    assert order.next_question(0) == question(1)
    for _ in range(2):
        order.failed("board-1", tries=1, took=SECOND, now=0)
    order.again(question(1))

    assert order.next_at() == ASK_EVERY
    order.ask([], 10 * SECOND)
    assert order.next_at() == 4 * SECOND
    assert order.next_question(4 * SECOND) == question(1)


def test_a_device_that_has_been_given_up_is_waited_for_little_longer_than_it_has_ever_taken() -> None:
    order, asked = Turns(BOARDS), question(1)
    order.recovered("board-1", 0.1)
    order.recovered("board-1", 0.02)
    waits = [order.patience_s("board-1", asked)]
    for _ in range(140):
        order.failed("board-1", tries=3, took=0, now=0)
        waits.append(order.patience_s("board-1", asked))

    in_full = [number for number, wait_s in enumerate(waits) if wait_s == asked.deadline_s]
    assert in_full == [0, 1, 2, 3 + 64, 3 + 128], "while it has its tries, and ever more rarely"
    assert set(waits) == {0.2, asked.deadline_s}
    order.recovered("board-1", 10.0)
    order.failed("board-1", tries=1, took=0, now=0)
    assert order.patience_s("board-1", asked) == asked.deadline_s, "never longer than the request says"


def test_one_that_has_never_answered_is_waited_for_as_long_as_the_request_says() -> None:
    order, asked = Turns(BOARDS), question(1)
    for _ in range(3):
        order.failed("board-1", tries=1, took=0, now=0)

    assert order.patience_s("board-1", asked) == asked.deadline_s


def test_what_a_device_shows_is_in_doubt_only_after_it_was_given_up() -> None:
    order = Turns(BOARDS)

    order.failed("board-1", tries=2, took=0, now=0)
    assert not order.recovered("board-1", 0.1)
    order.failed("board-1", tries=1, took=0, now=0)
    assert order.recovered("board-1", 0.1)
    assert not order.recovered("board-1", 0.1)


@given(st.integers(1, 8), st.lists(st.integers(1, 20_000_000), min_size=1, max_size=40))
def test_a_dead_device_takes_its_share_of_the_line_at_most(devices: int, took: list[int]) -> None:
    order = Turns(BOARDS[:1] * devices)
    order.failed("board-1", tries=1, took=0, now=0)
    now = spent = 0
    for each in took:
        now, spent = now + each, spent + each
        order.failed("board-1", tries=1, took=each, now=now)
        order.tell("board-1")
        now = order._rests["board-1"].until
        assert order.next_output(now - 1) is None
        assert order.next_output(now) == "board-1"

    assert spent * devices <= now


def test_a_device_alone_on_its_link_rests_a_second_at_most() -> None:
    order = Turns(BOARDS[:1])
    rests = []
    for _ in range(5):
        order.failed("board-1", tries=1, took=SECOND, now=0)
        rests.append(in_seconds(order._rests["board-1"].until))

    assert rests == [0.5, 1, 1, 1, 1]
