"""What one more window would change, and which it would be."""

from edge.core.triage.windows import one_more, openable, worst_wait_s
from tests.core.triage.branch import crowd, play, policy, unconfigured

BRANCH = policy()


def test_a_closed_window_that_takes_the_class_is_named_and_shortens_the_wait() -> None:
    scene = play(BRANCH)
    crowd(scene, "9:00:01", 10)
    found = one_more(scene.hall, BRANCH, scene.hall.now)

    assert (found.service, found.window) == ("cash", "2")
    assert found.gain_s > 0


def test_a_paused_window_comes_before_a_closed_one() -> None:
    scene = play(BRANCH, windows=3)
    scene.close("9:00:01", "1")
    scene.pause("9:00:02", "3")
    crowd(scene, "9:00:03", 10)

    assert one_more(scene.hall, BRANCH, scene.hall.now).window == "3"


def test_with_every_window_open_there_is_no_gain() -> None:
    scene = play(BRANCH, windows=3)
    crowd(scene, "9:00:01", 10)
    found = one_more(scene.hall, BRANCH, scene.hall.now)

    assert (found.window, found.then, found.gain_s) == (None, None, 0.0)
    assert openable(scene.hall, BRANCH) == 0


def test_without_configuration_a_window_nobody_spoke_of_is_supposed() -> None:
    chosen = unconfigured()
    scene = play(chosen)
    crowd(scene, "9:00:01", 10)
    found = one_more(scene.hall, chosen, scene.hall.now)

    assert found.window is None
    assert found.gain_s > 0


def test_while_nobody_waits_nothing_is_forecast() -> None:
    scene = play(BRANCH)

    assert one_more(scene.hall, BRANCH, scene.hall.now).service is None
    assert worst_wait_s(scene.hall) == 0.0
