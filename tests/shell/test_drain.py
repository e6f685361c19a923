from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from edge.shell import ports
from edge.shell.drain import IN_FLIGHT, Drain, Mark, mark_of
from edge.shell.outbox import Message


@dataclass
class FakeOutbox:
    """What waits, as the store keeps it; `asked` counts how often it was looked into."""

    messages: list[Message] = field(default_factory=list)
    settled: Mark = (0, 0)
    asked: int = 0

    def put(self, boot: int, *seqs: int) -> None:
        self.messages += [Message(boot, seq, f"b1:{boot}:{seq}", 0, "ntp", "tick", "{}") for seq in seqs]

    def after(self, mark: Mark, limit: int) -> list[Message]:
        self.asked += 1
        return [m for m in self.messages if (m.boot, m.seq) > mark][:limit]

    def settle(self, mark: Mark) -> None:
        self.settled = mark

    @property
    def depth(self) -> int:
        return sum((m.boot, m.seq) > self.settled for m in self.messages)


class Broker:
    """Takes what is sent, and acknowledges when told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[Mark, bool]] = []
        self.waiting: dict[Mark, Callable[[], None]] = {}

    def send(self, message: ports.Message, hist: bool, done: Callable[[], None]) -> None:
        mark = message.boot, message.seq
        self.sent.append((mark, hist))
        self.waiting[mark] = done

    def ack(self, boot: int, *seqs: int) -> None:
        for seq in seqs:
            self.waiting.pop((boot, seq))()

    @property
    def marks(self) -> list[Mark]:
        return [mark for mark, _ in self.sent]


@pytest.fixture
def outbox() -> FakeOutbox:
    return FakeOutbox()


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def drain(outbox: FakeOutbox, broker: Broker) -> Drain:
    return Drain(outbox, 7, broker.send)


def test_nothing_is_sent_without_a_connection(outbox: FakeOutbox, broker: Broker, drain: Drain) -> None:
    outbox.put(7, 1)
    drain.grown()
    assert broker.sent == []


def test_so_many_are_in_flight_and_no_more_and_all_come_in_order(
    outbox: FakeOutbox, broker: Broker, drain: Drain
) -> None:
    outbox.put(7, *range(1, 51))
    drain.start()
    assert broker.marks == [(7, n) for n in range(1, IN_FLIGHT + 1)]
    drain.grown()
    assert len(broker.sent) == IN_FLIGHT
    for n in range(1, 51):
        broker.ack(7, n)
    assert broker.marks == [(7, n) for n in range(1, 51)]
    assert outbox.settled == (7, 50)


def test_settled_is_what_was_acknowledged_without_a_gap(outbox: FakeOutbox, broker: Broker, drain: Drain) -> None:
    outbox.put(7, 1, 2, 3, 4)
    drain.start()
    broker.ack(7, 2, 3)
    assert outbox.settled == (0, 0)
    broker.ack(7, 1)
    assert outbox.settled == (7, 3)


def test_what_was_in_flight_is_sent_again(outbox: FakeOutbox, broker: Broker, drain: Drain) -> None:
    outbox.put(7, 1, 2, 3)
    drain.start()
    broker.ack(7, 1, 3)
    drain.stop()
    drain.start()
    assert broker.marks == [(7, 1), (7, 2), (7, 3), (7, 2), (7, 3)]


def test_history_is_what_was_there_before_the_connection(outbox: FakeOutbox, broker: Broker, drain: Drain) -> None:
    outbox.put(6, 8, 9)
    outbox.put(7, 1)
    drain.start()
    outbox.put(7, 2)
    drain.grown()
    assert broker.sent == [((6, 8), True), ((6, 9), True), ((7, 1), True), ((7, 2), False)]


def test_an_idle_outbox_is_not_looked_into_for_every_acknowledgement(
    outbox: FakeOutbox, broker: Broker, drain: Drain
) -> None:
    drain.start()
    outbox.put(7, 1, 2, 3)
    drain.grown()
    looked = outbox.asked
    broker.ack(7, 1, 2, 3)
    assert outbox.asked == looked


def test_once_headquarters_says_how_far_it_is_only_that_settles(
    outbox: FakeOutbox, broker: Broker, drain: Drain
) -> None:
    outbox.put(7, *range(1, 41))
    drain.start()
    drain.watermark((7, 0))
    broker.ack(7, *range(1, 21))
    assert outbox.settled == (0, 0)
    assert len(broker.sent) == 40  # the window moves on
    drain.watermark((7, 15))
    assert outbox.settled == (7, 15)
    drain.watermark((7, 3))
    assert outbox.settled == (7, 15)


def test_a_watermark_of_a_run_to_come_is_as_good_as_none(outbox: FakeOutbox, broker: Broker, drain: Drain) -> None:
    outbox.put(7, *range(1, 41))
    drain.start()
    assert not drain.watermark((8, 1))
    assert outbox.settled == (0, 0)
    broker.ack(7, 1)
    assert outbox.settled == (7, 1)


def test_a_watermark_of_what_was_not_sent_settles_nothing_however_often_it_is_said(
    outbox: FakeOutbox, broker: Broker, drain: Drain
) -> None:
    outbox.put(6, 1, 2)
    outbox.put(7, *range(1, 41))
    assert drain.watermark((7, 10))
    drain.start()
    drain.stop()
    drain.watermark((7, 10))
    drain.start()
    assert outbox.settled == (0, 0)
    drain.watermark((7, 11))
    assert outbox.settled == (7, 11)


def test_a_watermark_of_an_earlier_run_that_names_no_message_of_ours_settles_nothing(
    outbox: FakeOutbox, broker: Broker, drain: Drain
) -> None:
    outbox.put(5, 1, 2)
    outbox.put(6, 1, 2)
    drain.watermark((5, 900))
    drain.start()
    assert outbox.settled == (0, 0)
    assert broker.marks == [(5, 1), (5, 2), (6, 1), (6, 2)]


def test_a_watermark_of_an_earlier_run_is_believed(outbox: FakeOutbox, broker: Broker, drain: Drain) -> None:
    outbox.put(6, 1, 2, 3)
    drain.watermark((6, 2))
    drain.start()
    assert broker.marks == [(6, 3)]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[7, 3]",
        b'{"boot": 7}',
        b'{"boot": "7", "seq": 3}',
        b'{"boot": 7, "seq": 3.5}',
        b'{"boot": 7, "seq": 1e999}',
        b'{"boot": 7, "seq": -1}',
        b'{"boot": 0, "seq": 9223372036854775808}',
    ],
)
def test_a_watermark_that_no_message_can_have_is_none(payload: bytes) -> None:
    with pytest.raises(ValueError):
        mark_of(payload)


def test_the_watermark_of_the_contract() -> None:
    assert mark_of(b'{"boot": 7, "seq": 10231, "since": "08:00"}') == (7, 10231)
