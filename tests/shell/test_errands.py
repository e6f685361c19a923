"""Errands of one device: in order, each once, repeats of what waits merged, none longer than it is of use."""

from msgspec.structs import replace

from edge.core.instant import SECOND
from edge.core.outputs import Edge, PrintTicket, Say
from edge.core.shown import UNSAID
from edge.core.wording import Text
from edge.shell.errands import WAITING_MOST, Errands

WORDS = Text("字", "words")


def say(ticket: str, window: str = "1") -> Say:
    return Say(device="d", ticket=ticket, window=window, text=WORDS, at=0, lasts=SECOND)


def slip(ticket: str) -> PrintTicket:
    return PrintTicket(
        device="d", ticket=ticket, service=WORDS, branch=WORDS, ahead=None, wait=UNSAID, at=0, lasts=SECOND
    )


def did(errands: Errands) -> list[str]:
    """What a device that takes everything at once does, in order."""
    done = []
    while (command := errands.next) is not None:
        errands.begin(command)
        errands.done(command, 0)
        done.append(command.ticket)
    return done


def filled(*commands: Edge) -> Errands:
    errands = Errands()
    for command in commands:
        assert errands.add(command, SECOND) is None
    return errands


def test_a_call_made_again_while_it_waits_is_one_call() -> None:
    assert did(filled(say("A1"), say("A2"), say("A1"))) == ["A1", "A2"]


def test_a_call_to_another_window_takes_the_place_of_the_one_that_waits() -> None:
    errands = filled(say("A1"), say("A2"), say("A1", "2"))

    assert errands.waiting == [say("A1", "2"), say("A2")]


def test_a_call_made_again_is_of_use_for_longer() -> None:
    errands = filled(say("A1"))
    errands.add(say("A1"), 2 * SECOND)

    assert errands.overdue(SECOND) == []


def test_what_is_urgent_comes_before_what_waits_and_cuts_nothing() -> None:
    errands = filled(say("A1"), say("A2"))
    first = errands.next
    assert first is not None
    errands.begin(first)
    errands.add(replace(say(""), urgent=True, text=Text("请勿惊慌", "stay calm")), SECOND)
    errands.add(replace(say(""), urgent=True, text=Text("请让出通道", "clear the way")), SECOND)

    assert errands.broken_off() is first
    assert [one.text.en for one in errands.waiting if isinstance(one, Say)] == ["stay calm", "clear the way", "words"]


def test_what_the_device_refuses_is_not_done_where_it_has_been_made_again_since() -> None:
    errands = filled(say("A1"))
    first = errands.next
    assert first is not None
    errands.begin(first)
    errands.add(say("A1", "2"), SECOND)
    errands.refused()

    assert errands.waiting == [say("A1", "2")]


def test_a_call_made_again_while_it_is_spoken_is_spoken_again() -> None:
    errands = filled(say("A1"))
    errands.begin(say("A1"))
    first = errands.next
    assert first is not None
    errands.begin(first)
    errands.add(say("A1"), SECOND)

    errands.done(first, 0)

    assert did(errands) == ["A1"]


def test_two_tickets_of_one_number_are_two() -> None:
    assert did(filled(slip("A1"), slip("A1"))) == ["A1", "A1"]


def test_what_is_of_no_use_any_more_is_not_done() -> None:
    errands = filled(slip("A1"))
    errands.add(slip("A2"), 2 * SECOND)

    assert errands.overdue(SECOND - 1) == []
    assert [late.ticket for late in errands.overdue(SECOND)] == ["A1"]
    assert did(errands) == ["A2"]


def test_what_is_under_way_is_neither_late_nor_done_again() -> None:
    errands = filled(slip("A1"))
    first = errands.next
    assert first is not None
    errands.begin(first)

    assert errands.next is None
    assert errands.overdue(SECOND) == []
    assert errands.broken_off() is first
    assert errands.broken_off() is None


def test_what_was_sent_and_not_answered_is_not_broken_off_by_a_link_lost_later() -> None:
    first = slip("A1")
    errands = filled(first)
    errands.begin(first)
    errands.sent(0.0, 0)

    assert errands.broken_off() is None
    assert errands.next is None


def test_what_the_device_refuses_has_its_turn_again_before_the_others() -> None:
    errands = filled(slip("A1"), slip("A2"))
    first = errands.next
    assert first is not None
    errands.begin(first)
    errands.refused()

    assert did(errands) == ["A1", "A2"]


def test_a_device_that_does_nothing_loses_the_oldest() -> None:
    errands = filled(*(slip(f"A{n}") for n in range(WAITING_MOST)))

    lost = errands.add(slip("last"), SECOND)

    assert lost is not None
    assert lost.ticket == "A0"
    assert did(errands)[-1] == "last"
