"""Whether anybody is in the lobby, as sign-ins tell it."""

from tests.play import Play, at


def test_nothing_is_known_until_somebody_signs_in() -> None:
    scene = Play()
    scene.act("9:00", "sign_out", "lm-1")

    assert scene.hall.presence.first_at is None


def test_the_lobby_is_empty_from_the_last_who_leaves_it() -> None:
    scene = Play()
    scene.act("9:00", "sign_in", "lm-1")
    scene.act("9:01", "sign_in", "lg-1", "lg-1", role="lobby_guide")
    scene.act("9:02", "sign_in", "t-1", "t-1", role="teller")
    scene.act("9:10", "sign_out", "lm-1")
    assert scene.hall.presence.empty_since is None

    scene.act("9:20", "sign_out", "lg-1")
    scene.act("9:30", "sign_out", "t-1")
    assert scene.hall.presence.empty_since == at("9:20")
    scene.act("9:40", "sign_in", "lm-1")
    assert scene.hall.presence.empty_since is None


def test_a_new_day_knows_nothing() -> None:
    scene = Play()
    scene.act("9:00", "sign_in", "t-1", "t-1", role="teller")
    scene.date = "2026-03-03"
    scene.issue("9:00", "A1")

    assert (scene.hall.presence.first_at, scene.hall.presence.empty_since) == (None, None)
