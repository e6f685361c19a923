"""Windows: opened with their classes, paused, resumed, closed."""

from edge.core.commands import Ignore
from edge.core.policy import Policy, WindowPlan
from tests.play import Play, of


def test_opening_says_exactly_which_classes() -> None:
    play = Play(Policy(windows={"1": WindowPlan("1", ("cash", "loan"))}))
    play.open("9:00", "1", "cash")

    assert play.hall.windows["1"].services == ("cash",)
    assert play.hall.windows["1"].state == "open"


def test_a_window_is_closed_until_opened_so_it_cannot_pause() -> None:
    play = Play()

    assert of(Ignore, play.pause("9:00", "1"))
    play.open("9:01", "1", "cash")
    assert not of(Ignore, play.pause("9:02", "1", "lunch"))
    assert (play.hall.windows["1"].state, play.hall.windows["1"].reason) == ("paused", "lunch")


def test_resuming_forgets_the_reason() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.pause("9:01", "1", "lunch")
    play.resume("9:02", "1")

    assert (play.hall.windows["1"].state, play.hall.windows["1"].reason) == ("open", None)


def test_a_reason_may_be_given_later() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.pause("9:01", "1")
    play.act("9:05", "pause_reason", "1", reason="handover")

    assert play.hall.windows["1"].reason == "handover"


def test_closing_lets_a_service_finish() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "1")
    play.close("9:02", "1")

    assert play.hall.windows["1"].ticket == "A1"
    assert not of(Ignore, play.serve("9:05", "A1", "1"))
    assert play.hall.windows["1"].state == "closed"
