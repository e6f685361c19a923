import pytest

from drivers._english import sounds


def test_a_call_is_read_word_by_word_and_its_ticket_sign_by_sign() -> None:
    said = sounds("Ticket A012, please go to window 42", ticket="A012")

    assert " ".join(said) == "ticket A zero one two , please go to window forty two"


@pytest.mark.parametrize(
    ("ticket", "read"), [("1003", "one zero zero three"), ("V-07", "V zero seven"), ("b9", "B nine")]
)
def test_tickets_of_every_form(ticket: str, read: str) -> None:
    assert " ".join(sounds(f"Ticket {ticket}", ticket=ticket)) == f"ticket {read}"


@pytest.mark.parametrize(
    ("window", "read"),
    [
        ("0", "zero"),
        ("10", "ten"),
        ("13", "thirteen"),
        ("20", "twenty"),
        ("99", "ninety nine"),
        ("101", "one zero one"),
    ],
)
def test_windows_are_numbers(window: str, read: str) -> None:
    assert " ".join(sounds(f"window {window}")) == f"window {read}"


def test_a_letter_that_is_no_ticket_is_a_word() -> None:
    assert sounds("Wait a moment; don't go") == ("wait", "a", "moment", ",", "don't", "go")
