from drivers._machine import GOOD, NO_CASH, SOME_CASH_LEFT, UNKNOWN, Incidents, Meaning, Part, Told, graver, gravest

SECOND = 1_000_000


def test_a_machine_is_as_grave_as_its_gravest_part() -> None:
    parts = [Part("paper", Meaning("out", "degraded", "paper_out")), Part("card", UNKNOWN), Part("safe", GOOD)]

    assert gravest(parts) == "degraded"
    assert gravest(parts[1:]) == "unknown"
    assert gravest([]) == "unknown"


def test_a_word_says_more_than_none() -> None:
    assert graver(Meaning("low"), GOOD)
    assert graver(NO_CASH, SOME_CASH_LEFT)
    assert not graver(GOOD, GOOD)


def test_a_condition_is_told_when_it_begins_and_again_when_it_has_ended() -> None:
    told, low, fine = Told(), [Part("paper", Meaning("low", "ok", "paper_low"))], [Part("paper", GOOD)]

    assert [told.begun(parts) for parts in (low, low, fine, low * 2)] == [["paper_low"], [], [], ["paper_low"]]


def test_two_witnesses_of_one_card_tell_of_one_and_one_witness_of_two_tells_of_two() -> None:
    cards = Incidents(60 * SECOND)

    assert [cards.is_new(who, 0) for who in ("message", "counter")] == [True, False]
    assert [cards.is_new(who, SECOND) for who in ("counter", "counter", "message")] == [True, True, False]


def test_witnesses_far_apart_tell_of_two() -> None:
    cards = Incidents(60 * SECOND)

    assert cards.is_new("message", 0)
    assert cards.is_new("counter", 61 * SECOND)
