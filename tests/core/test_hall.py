"""The hall keeps the queue in the order of waiting, and all of it survives its snapshot."""

import pytest

from edge import snapshot
from edge.core.hall import Hall
from tests.play import Play, at


def test_the_queue_is_in_the_order_of_waiting() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:01", "A2")
    play.issue("9:02", "A3")
    play.call("9:03", "A2", "1")
    play.transfer("9:04", "A1", service="loan")

    assert [ticket.id for ticket in play.hall.queue()] == ["A3", "A1"]
    assert play.hall.longest_since() == at("9:02")


def test_nobody_waits_in_an_empty_hall() -> None:
    assert Hall().longest_since() is None
    assert list(Hall().queue()) == []


def test_a_whole_hall_survives_its_snapshot() -> None:
    play = Play()
    play.open("9:00", "1", "cash", "loan")
    play.device("9:00", "r-1", parts={"cash": "low"})
    play.act("9:00", "sign_in", "lm-1")
    for n in range(20):
        play.issue("9:01", f"A{n}", needs=("elderly",) if n % 3 else ())
    play.call("9:05", "A0", "1")
    play.trouble("9:06", "r-1", "cash_not_dispensed")
    play.serve("9:09", "A0", "1")
    body = snapshot.dump(play.hall)

    assert snapshot.load_hall(body) == play.hall
    assert snapshot.dump(snapshot.load_hall(body)) == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}x",
        b"[]",
        b'{"now": "soon"}',
        b'{"tickets": {"A": {"id": 1}}}',
        b'{"day": "\xff"}',
        pytest.param(b'{"x":' + b"[" * 100_000, id="without end"),
    ],
)
def test_what_is_no_snapshot_is_said_to_be_none(body: bytes) -> None:
    for load in (snapshot.load_hall, snapshot.load_learnt):
        with pytest.raises(snapshot.Unreadable):
            load(body)
