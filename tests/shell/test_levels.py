from collections.abc import Callable
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from edge.shell.levels import LAST_WORDS_MOST, MOST, Levels
from edge.shell.logs import Bounded
from tests.fakes import FakeClock


class Broker:
    """A connection that keeps what is published, and acknowledges when told to."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes, bool]] = []
        self.waiting: list[Callable[[str | None], None]] = []

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, done: Callable[[str | None], None] | None = None
    ) -> None:
        self.told.append((topic, payload, retain))
        if done is not None:
            self.waiting.append(done)

    def clear(self, topic: str) -> None:
        self.told.append((topic, b"", True))

    def ack(self, refusal: str | None = None) -> None:
        waiting, self.waiting = self.waiting, []
        for done in waiting:
            done(refusal)


@pytest.fixture
def broker() -> Any:
    return Broker()


@pytest.fixture
def levels() -> Levels:
    return Levels(lambda level: str(level).encode(), Bounded(structlog.get_logger("test"), FakeClock()))


def test_only_the_latest_is_told(levels: Levels, broker: Any) -> None:
    for n in range(5):
        levels.put("a", n)
    levels.connected(broker)
    assert broker.told == [("a", b"4", True)]


def test_what_has_not_changed_is_not_told_again(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    levels.put("a", 1)
    levels.tell()
    levels.put("a", 1)
    levels.tell()
    assert len(broker.told) == 1


def test_while_the_broker_is_slow_changes_gather(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    for n in range(3 * MOST):
        levels.put(f"t{n}", 0)
        levels.tell()
    assert len(broker.told) == MOST
    for n in range(3 * MOST):
        levels.put(f"t{n}", 1)
    broker.ack()
    assert broker.told[MOST:] == [(f"t{n}", b"1", True) for n in range(MOST, MOST * 2)]


def test_an_end_has_a_last_word_for_those_who_listen_and_leaves_nothing(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    levels.put("a", 1)
    levels.tell()
    levels.end("a", 2)
    levels.tell()
    assert broker.told == [("a", b"1", True), ("a", b"2", False), ("a", b"", True)]
    assert "a" not in levels


def test_what_was_never_told_ends_in_silence(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    levels.end("a", 2)
    levels.tell()
    assert broker.told == []


def test_an_end_that_nobody_acknowledged_is_told_again(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    levels.put("a", 1)
    levels.end("a", 2)
    levels.tell()
    levels.disconnected()
    levels.connected(broker)
    assert broker.told == [("a", b"2", False), ("a", b"", True)] * 2
    broker.ack()
    levels.connected(broker)
    assert len(broker.told) == 4


def test_a_level_that_comes_back_before_its_end_was_told_is_a_level(levels: Levels, broker: Any) -> None:
    levels.put("a", 1)
    levels.end("a", 2)
    levels.put("a", 3)
    levels.connected(broker)
    assert broker.told == [("a", b"3", True)]


def test_a_change_while_the_one_before_is_under_way_is_not_forgotten(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    levels.put("a", 1)
    levels.tell()
    levels.end("a", 2)
    broker.ack()
    assert broker.told[1:] == [("a", b"2", False), ("a", b"", True)]


def test_a_long_outage_keeps_a_bounded_number_of_last_words(levels: Levels, broker: Any) -> None:
    for n in range(LAST_WORDS_MOST + 10):
        levels.put(f"t{n}", 1)
        levels.end(f"t{n}", 2)
    levels.connected(broker)
    while broker.waiting:
        broker.ack()
    assert len(broker.told) == 2 * LAST_WORDS_MOST
    assert broker.told[0][0] == "t10"


def test_a_broker_that_refuses_a_level_is_named_once(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    levels.put("a", 1)
    levels.put("b", 1)
    levels.tell()
    with capture_logs() as logs:
        broker.ack("not authorised")
    assert [(line["event"], line["topic"], line["reason"]) for line in logs] == [
        ("level refused by the broker", "a", "not authorised")
    ]


def test_a_level_that_is_left_stays_on_the_broker_and_is_told_no_more(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    for topic in "ab":
        levels.put(topic, 1)
    levels.tell()
    broker.ack()
    levels.leave("a")
    levels.connected(broker)

    assert broker.told == [("a", b"1", True), ("b", b"1", True), ("b", b"1", True)]
    assert "a" not in levels


def test_a_level_that_ends_without_a_last_word_is_taken_off(levels: Levels, broker: Any) -> None:
    levels.connected(broker)
    levels.put("a", 1)
    levels.tell()
    levels.end("a")
    levels.tell()
    assert broker.told == [("a", b"1", True), ("a", b"", True)]
    assert "a" not in levels
