"""What is wrong with a line: said while it is so, and for a minute after the last sign of it."""

from drivers._ff68_trouble import LASTS, MANY, Trouble
from edge.core.instant import SECOND


def test_now_and_then_a_broken_frame_is_no_trouble() -> None:
    line = Trouble()
    for n in range(10 * MANY):
        line.broke(n * LASTS // (MANY - 1))
        assert line.wrong(n * LASTS // (MANY - 1)) == ""


def test_many_in_a_minute_are_until_a_minute_after_the_first_of_the_last_ones() -> None:
    line = Trouble()
    for n in range(MANY):
        line.broke(n * SECOND)

    assert line.wrong(MANY * SECOND).startswith("broken frames")
    assert line.wrong(LASTS - 1) != ""
    assert line.wrong(LASTS) == ""


def test_strangers_are_named_one_at_a_time_and_forgotten() -> None:
    line = Trouble()
    for address in range(255, 0, -1):
        line.stranger(address, SECOND)
    line.stranger(255, 2 * SECOND)

    assert line.wrong(2 * SECOND) == "a box at address 248 is on the line and is none of ours"
    assert line.wrong(SECOND + LASTS) == "a box at address 255 is on the line and is none of ours"
    assert line.wrong(2 * SECOND + LASTS) == ""
