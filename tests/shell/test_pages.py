"""The pages of one board: calls are none lost or cut, levels give way, an emergency waits for nothing but the board."""

import pytest
from msgspec.structs import replace

from edge.core.instant import SECOND, Instant
from edge.core.outputs import BoardLevel, Page, ShowOnBoard
from edge.core.wording import Text
from edge.shell.pages import WAITING_MOST, Pages

LEAST = 5 * SECOND


def show(words: str, level: BoardLevel = "call") -> ShowOnBoard:
    return ShowOnBoard("b", Page(level, Text(words, words)), 0, LEAST if level == "call" else 0)


def painted(pages: Pages, now: Instant) -> str | None:
    """What a board that takes everything at once is painted with at `now`, if it is time."""
    command = pages.next
    if command is None or pages.next_at > now:
        return None
    pages.sent(1.0, now)
    pages.done(command, now)
    return command.page.text.zh


def test_each_call_stands_for_its_least_time_from_when_it_was_up() -> None:
    pages = Pages()
    for words in ("一", "二", "三"):
        pages.add(show(words))

    times = [at for at in range(0, 20 * SECOND, SECOND // 10) if painted(pages, 200_000 + at)]
    assert times == [0, LEAST, 2 * LEAST]


def test_a_level_gives_way_to_the_newest_and_to_a_call() -> None:
    pages = Pages()
    for command in (show("等", "wait"), show("稍", "wait"), show("一"), show("候", "wait"), show("二")):
        pages.add(command)

    assert [painted(pages, n * LEAST) for n in range(3)] == ["一", "二", None]


def test_an_emergency_comes_before_calls_and_after_the_board_s_own_pause() -> None:
    pages = Pages()
    pages.add(show("一"))
    pages.add(show("二"))
    assert painted(pages, 0) == "一"
    pages.add(show("请离开", "emergency"))

    assert [painted(pages, at) for at in (SECOND - 1, SECOND)] == [None, "请离开"]
    assert pages.next is None


def test_what_was_not_taken_is_next_again_and_only_after_the_pause() -> None:
    pages = Pages()
    pages.add(show("一"))
    pages.sent(1.0, 0)

    assert (pages.next, pages.next_at) == (show("一"), SECOND)


def test_a_page_that_gave_way_while_it_was_painted_is_not_painted_again() -> None:
    pages, wait = Pages(), show("等", "wait")
    pages.add(wait)
    pages.add(show("一"))
    pages.done(wait, 0)

    assert painted(pages, 0) == "一"


def test_a_board_that_does_not_do_as_it_is_told_goes_on_with_the_newest() -> None:
    pages = Pages()
    pages.add(show("零"))
    painted(pages, 0)
    for words in ("一", "二", "三"):
        pages.add(show(words))
    pages.skip()

    assert painted(pages, SECOND) == "三"


def test_the_same_page_twice_is_one_while_it_waits_and_painted_anew_afterwards() -> None:
    pages = Pages()
    pages.add(show("一"))
    pages.add(show("一"))
    assert [painted(pages, n * LEAST) for n in range(2)] == ["一", None]

    pages.add(show("一"))
    assert painted(pages, 2 * LEAST) == "一"


def test_a_page_that_is_to_be_heard_as_well_is_heard_though_it_waits_to_be_repeated_silently() -> None:
    aloud = show("一")
    silent = replace(aloud, page=replace(aloud.page, aloud=False))
    for added in ((aloud, silent), (silent, aloud)):
        pages = Pages()
        for command in added:
            pages.add(command)

        assert pages.next == aloud
        pages.done(aloud, 0)
        assert pages.next is None


def test_a_line_that_does_not_keep_up_loses_the_oldest_call_and_says_which() -> None:
    pages = Pages()
    calls = [show(str(n)) for n in range(WAITING_MOST + 1)]

    assert [pages.add(call) for call in calls] == [None] * WAITING_MOST + [calls[0]]


@pytest.mark.parametrize("speed", [1.0, 30.0])
def test_times_are_the_branch_s_own(speed: float) -> None:
    pages = Pages(speed)
    pages.add(show("一"))
    painted(pages, 0)
    pages.add(show("等", "wait"))
    assert pages.next_at == round(LEAST / speed)
