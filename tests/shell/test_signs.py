"""The sign of one terminal: the newest alone, and no beep lost on the way or made twice."""

from edge.core.instant import SECOND
from edge.core.outputs import ShowOnCounter
from edge.shell.signs import Signs


def test_only_the_newest_is_shown() -> None:
    signs = Signs()
    for waiting in (3, 2, 1):
        signs.add(ShowOnCounter("t", None, waiting, 0))

    assert signs.next == ShowOnCounter("t", None, 1, 0)


def test_the_beep_of_a_call_survives_a_new_count_but_not_another_ticket() -> None:
    signs = Signs()
    signs.add(ShowOnCounter("t", "A1", 3, 0, beep=True))
    signs.add(ShowOnCounter("t", "A1", 2, 1))
    assert signs.next == ShowOnCounter("t", "A1", 2, 1, beep=True)

    signs.add(ShowOnCounter("t", None, 2, 2))
    assert signs.next == ShowOnCounter("t", None, 2, 2)


def test_once_shown_it_does_not_beep_again() -> None:
    signs = Signs()
    called = ShowOnCounter("t", "A1", 3, 0, beep=True)
    signs.add(called)
    signs.done(called, 0)
    assert signs.next is None

    signs.add(ShowOnCounter("t", "A1", 2, 1))
    assert signs.next == ShowOnCounter("t", "A1", 2, 1)


def test_a_sign_that_gave_way_while_it_was_sent_is_still_to_be_shown() -> None:
    signs = Signs()
    old, new = ShowOnCounter("t", "A1", 3, 0), ShowOnCounter("t", None, 3, 1)
    signs.add(old)
    signs.add(new)
    signs.done(old, 0)

    assert signs.next is new


def test_the_terminal_is_left_alone_for_as_long_as_it_wants() -> None:
    signs = Signs()
    signs.sent(1.0, SECOND)

    assert signs.next_at == 2 * SECOND
