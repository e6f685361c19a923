import pytest

from drivers._boards import Looks, cut, joined, overflow, write


def latin(mark: str) -> bytes | None:
    return mark.encode("ascii") if mark.isascii() else None


def test_a_character_without_a_sign_is_a_question_mark_and_is_counted() -> None:
    assert write("AB", latin).flaw == ""
    assert write("A水", latin).data == b"A?"
    assert write("A水", latin).flaw == "1 character has no sign on this board and stand as ?"
    assert write("水水", latin).flaw == "2 characters have no sign on this board and stand as ?"


def test_what_is_cut_is_said_beside_what_is_unknown() -> None:
    written = write("A水CD", latin)

    assert cut(written, 4) is written
    assert cut(written, 2).data == b"A?"
    assert cut(written, 2).flaw == (
        "1 character has no sign on this board and stand as ?; "
        "the text is longer than the board takes: 2 of 4 characters"
    )


@pytest.mark.parametrize(
    ("words", "settings", "wraps", "flaw"),
    [
        ("一二三四五六七八", {}, False, ""),
        ("一二三四五六七八a", {}, False, "the text is wider than the board: 17 half-width characters, room for 16"),
        ("一二三四五六七八a", {}, True, ""),
        ("一二三四五六七八" * 2 + "a", {}, True, "the text is longer than the board: 3 lines of 16 dots, room for 2"),
        ("一\n二\n三", {}, False, "the text is longer than the board: 3 lines of 16 dots, room for 2"),
        ("一二三四五六七八a", {"motion": "left"}, False, ""),
        ("a", {"height": 8}, False, "the text is longer than the board: 1 lines of 16 dots, room for 0"),
        ("", {}, False, ""),
    ],
)
def test_a_standing_text_is_measured_against_its_rectangle(
    words: str, settings: dict[str, object], wraps: bool, flaw: str
) -> None:
    assert overflow(Looks.model_validate(settings), words, wraps=wraps) == flaw


def test_flaws_are_one_sentence() -> None:
    assert joined("", "a", "", "b") == "a; b"
