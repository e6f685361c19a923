"""Who is next: the tier is a head start, not a right to overtake for ever."""

from edge.core.events import Tier
from edge.core.instant import seconds
from edge.sim.line import Line, Person


def person(ticket: str, came_s: float, *, tier: Tier = "ordinary", service: str = "cash") -> Person:
    return Person(ticket=ticket, service=service, came_at=seconds(came_s), tier=tier)


def line(*people: Person) -> Line:
    made = Line()
    for one in people:
        made.join(one)
    return made


def taken(made: Line, window: str = "1", services: tuple[str, ...] = ("cash",)) -> str | None:
    found = made.take(window, services)
    return found.ticket if found else None


def test_the_first_who_came_is_served_first() -> None:
    assert taken(line(person("A001", 0), person("A002", 1))) == "A001"


def test_gold_overtakes_whoever_came_less_than_ten_minutes_before() -> None:
    assert taken(line(person("A001", 0), person("A002", 599, tier="gold"))) == "A002"
    assert taken(line(person("A001", 0), person("A002", 601, tier="gold"))) == "A001"


def test_a_window_takes_only_its_classes() -> None:
    made = line(person("C001", 0, service="account"), person("A001", 9))
    assert taken(made) == "A001"
    assert taken(made) is None


def test_a_ticket_sent_to_one_window_waits_for_that_window() -> None:
    sent = person("A001", 0)
    sent.for_window = "2"
    made = line(sent)
    assert taken(made, "1") is None
    assert taken(made, "2", ()) == "A001"


def test_who_has_left_is_not_taken() -> None:
    made = line(person("A001", 0))
    assert made.leave("A001") is not None
    assert made.leave("A001") is None
    assert taken(made) is None


def test_who_puts_a_form_right_waits_but_is_not_called() -> None:
    writes = person("A001", 0)
    writes.writes = True
    made = line(writes, person("A002", 9))
    assert taken(made) == "A002"
    assert taken(made) is None
    assert "A001" in made
