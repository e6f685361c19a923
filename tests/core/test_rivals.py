from edge.core import rivals
from tests.play import Play


def test_people_ahead_are_those_who_compete_for_a_window() -> None:
    play = Play()
    play.open("9:00", "1", "cash", "loan")
    play.open("9:00", "2", "loan")
    play.open("9:00", "3", "account")
    play.open("9:00", "4", "cash")
    play.pause("9:00", "4")
    for ticket, service in (("A1", "cash"), ("B1", "account"), ("L1", "loan"), ("A2", "cash"), ("A3", "cash")):
        play.issue("9:01", ticket, service)

    assert rivals.ahead(play.hall, play.hall.tickets["A2"]) == (2, 2)
    assert rivals.ahead(play.hall, play.hall.tickets["B1"]) == (0, 1)


def test_with_every_window_closed_a_class_competes_with_itself() -> None:
    play = Play()
    for ticket, service in (("A1", "cash"), ("L1", "loan"), ("A2", "cash")):
        play.issue("9:01", ticket, service)

    assert rivals.ahead(play.hall, play.hall.tickets["A2"]) == (1, 0)
