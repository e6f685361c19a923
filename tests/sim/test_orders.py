"""Orders to the simulated branch as they are typed."""

import pytest

from edge.sim.orders import NoSimulator, Order, parse, tell
from tests.processes import free_port


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("board-5", Order("board-5")),
        ("board-5@10", Order("board-5", after_s=10)),
        ("board-5:2.5", Order("board-5", for_s=2.5)),
        ("atm-1@10:30", Order("atm-1", after_s=10, for_s=30)),
    ],
)
def test_an_order_says_what_when_and_for_how_long(text: str, order: Order) -> None:
    assert parse(text) == order


@pytest.mark.parametrize("text", ["", "@3", "a@", "a:", "a:1:2", "a:1@2", "a@x", "a@-1", "a:nan", "a@1e9"])
def test_what_is_no_order_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="accepted: "):
        parse(text)


def test_where_no_demo_runs_nobody_is_told() -> None:
    with pytest.raises(NoSimulator):
        tell(free_port(), Order("board-5"))
