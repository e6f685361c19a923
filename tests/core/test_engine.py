"""The engine: wakes fire before the event they are due by, stamped with their own instants; time never goes back."""

import pytest

from edge import snapshot
from edge.core import events as ev
from edge.core.commands import EndWait, PublishWait
from edge.core.engine import Engine, TooEarly
from edge.core.hall import Hall
from edge.core.instant import SECOND
from edge.core.policy import Policy, Service
from edge.core.wording import Text
from tests.play import Play, at, of


def test_every_wake_due_by_an_event_fires_before_it_in_order() -> None:
    play = Play()
    play.issue("9:00", "A1")
    stamps = [command.at for command in of(PublishWait, play.issue("9:02", "A2"))]

    assert stamps
    assert stamps == sorted(stamps)
    assert all(stamp <= at("9:02") for stamp in stamps)


def test_an_earlier_event_is_refused() -> None:
    play = Play()
    play.issue("9:00", "A1")

    with pytest.raises(TooEarly):
        play.issue("8:59", "A2")


def test_ticks_in_between_change_no_command() -> None:
    plain, ticked = Play(), Play()
    told, heard = [], []
    for minute in range(20):
        told += plain.issue(f"9:{minute:02}:00", f"A{minute}")
        heard += ticked.issue(f"9:{minute:02}:00", f"A{minute}")
        for second in (1, 17, 44):
            heard += ticked.until(f"9:{minute:02}:{second:02}")
    told += plain.until("9:30")
    heard += ticked.until("9:30")

    assert heard == told
    assert ticked.hall == plain.hall


def test_a_class_a_new_configuration_has_no_more_is_told_of_until_nobody_is_here_for_it() -> None:
    cash, loan = (Service(id, Text(id, id)) for id in ("cash", "loan"))
    play = Play(Policy(services={"cash": cash, "loan": loan}, configured=True))
    play.open("9:00", "1", "cash")
    play.issue("9:00", "A1", "loan")
    told = play.until("9:01")
    assert {command.service for command in of(PublishWait, told)} == {"cash", "loan"}

    play.engine.adopt(Policy(services={"cash": cash}, configured=True))
    told = play.until("9:02")
    assert {command.service for command in of(PublishWait, told)} == {"cash", "loan"}

    play.cancel("9:03", "A1")
    play.engine.adopt(Policy(services={"cash": cash, "loan": loan}, configured=True))
    play.engine.adopt(Policy(services={"cash": cash}, configured=True))
    told = play.until("9:04")
    assert {command.service for command in of(PublishWait, told)} == {"cash"}
    assert of(EndWait, told) == [EndWait("loan")]
    assert of(EndWait, play.until("9:30")) == []


def test_asking_for_a_wait_changes_nothing() -> None:
    play = Play()
    for n in range(5):
        play.issue("9:00", f"A{n}")
    before = repr(play.hall)
    wait = play.engine.wait_of("A3")

    assert wait is not None
    assert wait.position == 4
    assert play.engine.wait_of("nobody") is None
    assert repr(play.hall) == before


def test_a_hall_read_from_its_snapshot_decides_the_same() -> None:
    play = Play()
    for n in range(12):
        play.issue("9:00", f"A{n}", tier="gold" if n % 4 == 0 else "ordinary")
    play.call("9:01", "A0", "1")
    copy = Engine(Policy(), snapshot.load_hall(snapshot.dump(play.hall)))
    later = ev.TicketCalled(at=at("9:01") + 700 * SECOND, ticket="A5", window="2")

    assert copy.hall == play.hall
    assert copy.feed(later) == play.engine.feed(later)
    assert copy.hall == play.hall


def test_an_empty_hall_has_nothing_to_paint_and_nothing_to_wake_for() -> None:
    engine = Engine(Policy(), Hall())

    assert engine.paint() == []
    assert engine.prompts() == []
    assert engine.next_wake() is None
