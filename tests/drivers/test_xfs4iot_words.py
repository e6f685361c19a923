import pytest

from drivers import _xfs4iot_words as words
from drivers._machine import GOOD


def test_what_is_not_there_is_no_part() -> None:
    assert words.meaning("x", None, words.DEVICE) is None
    assert words.meaning("x", "notSupported", words.DEVICE) is None


def test_busy_is_in_order_and_a_broken_printer_closes_no_machine() -> None:
    broken, spared = words.DEVICE["hardwareError"], words.EXTRA_DEVICE["hardwareError"]

    assert words.DEVICE["deviceBusy"] is GOOD
    assert broken is not None
    assert spared is not None
    assert (broken.state, spared.state) == ("down", "degraded")


@pytest.mark.parametrize("word", ["hwError", "", 5, True, [], {}, "6222021234567890123"])
def test_a_word_of_no_table_is_refused_and_never_quoted(word: object) -> None:
    with pytest.raises(ValueError, match=r"^'common\.device' is no word of XFS4IoT; accepted: online, ") as fault:
        words.meaning("common.device", word, words.DEVICE)

    assert "6222" not in str(fault.value)


def test_every_refusal_is_a_state_of_a_device() -> None:
    assert set(words.REFUSALS.values()) <= set(words.DEVICE)


@pytest.mark.parametrize("interface", sorted(words.FIELDS))
def test_every_property_has_words_in_order_and_others(interface: str) -> None:
    for _, table in words.FIELDS[interface].values():
        assert GOOD in table.values()
        assert any(meaning is not None and meaning.word for meaning in table.values())
