"""What the branch has decided beforehand, asked the way the core asks it."""

from edge.core.policy import DevicePlan, Policy

POLICY = Policy(
    devices={
        "lobby": DevicePlan("lobby", "board", shows="lobby"),
        "w1": DevicePlan("w1", "board", window="1", shows="window"),
        "t1": DevicePlan("t1", "terminal", window="1"),
        "r1": DevicePlan("r1", "recycler"),
    }
)


def test_a_window_s_boards_are_boards_of_that_window() -> None:
    assert POLICY.boards_of("1") == ("w1",)
    assert POLICY.boards_of("2") == ()


def test_lobby_boards_show_every_window() -> None:
    assert POLICY.lobby_boards() == ("lobby",)


def test_without_a_configuration_nothing_is_planned() -> None:
    assert not Policy().configured
    assert Policy().lobby_boards() == ()
