"""Boards: the most important claim shows, calls follow one another, none is lost and none is cut."""

from edge.core.commands import Ignore
from edge.core.engine import Engine
from edge.core.hall import Hall
from edge.core.instant import seconds
from edge.core.outputs import BoardLevel, Page, ShowOnBoard
from edge.core.policy import BoardTimes, Policy
from edge.core.telling import boards
from edge.core.telling.boards import Board
from edge.core.wording import Text

POLICY = Policy(boards=BoardTimes(call_least=seconds(5), call_most=seconds(30)))


def page(ticket: str) -> Page:
    return Page("call", Text(ticket, ticket), ticket, "1")


def shown(engine: Engine, until_s: float) -> list[tuple[float, str]]:
    """(second, level or ticket) of every change by then."""
    changes = []
    for wake, commands in engine.wakes(seconds(until_s)):
        changes += [(wake.at / 1e6, c.page.ticket or c.page.level) for c in commands if isinstance(c, ShowOnBoard)]
    return changes


def test_five_calls_at_once_are_all_shown_in_order_each_for_its_least_time() -> None:
    engine = Engine(POLICY, Hall())
    for ticket in ("A1", "A2", "A3", "A4", "A5"):
        boards.announce(engine.hall, POLICY, ["lobby"], page(ticket))

    assert engine.hall.boards["lobby"].shown.ticket == "A1"
    assert shown(engine, 300) == [(5, "A2"), (10, "A3"), (15, "A4"), (20, "A5"), (50, "blank")]


def test_a_call_during_a_call_waits_only_for_the_rest_of_its_least_time() -> None:
    engine = Engine(POLICY, Hall())
    boards.announce(engine.hall, POLICY, ["lobby"], page("A1"))
    engine.hall.now = seconds(12)

    told = boards.announce(engine.hall, POLICY, ["lobby"], page("A2"))

    assert [command.page.ticket for command in told if isinstance(command, ShowOnBoard)] == ["A2"]


def level(hall: Hall, board: str) -> str:
    return hall.boards[board].shown.level


def test_an_emergency_covers_calls_and_eats_none() -> None:
    engine = Engine(POLICY, Hall())
    hall = engine.hall
    boards.announce(hall, POLICY, ["lobby"], page("A1"))
    hall.now = seconds(2)
    boards.claim(hall, POLICY, ["lobby"], "emergency", Text("走", "go"))
    boards.announce(hall, POLICY, ["lobby"], page("A2"))
    assert shown(engine, 100) == []
    assert level(hall, "lobby") == "emergency"
    hall.now = seconds(100)

    boards.claim(hall, POLICY, ["lobby"], "emergency", None)

    assert hall.boards["lobby"].shown.ticket == "A1"
    assert shown(engine, 200) == [(105, "A2"), (135, "blank")]


def test_a_call_that_had_its_time_is_not_shown_again_after_an_emergency() -> None:
    engine = Engine(POLICY, Hall())
    boards.announce(engine.hall, POLICY, ["lobby"], page("A1"))
    engine.hall.now = seconds(6)
    boards.claim(engine.hall, POLICY, ["lobby"], "emergency", Text("走", "go"))
    engine.hall.now = seconds(20)

    boards.claim(engine.hall, POLICY, ["lobby"], "emergency", None)

    assert level(engine.hall, "lobby") == "blank"


def test_claims_rank_emergency_call_scam_wait_campaign() -> None:
    hall = Hall()
    claims: tuple[BoardLevel, ...] = ("campaign", "wait", "scam")
    for claim in claims:
        boards.claim(hall, POLICY, ["b"], claim, Text(claim, claim))
        assert level(hall, "b") == claim
    boards.announce(hall, POLICY, ["b"], page("A1"))
    assert level(hall, "b") == "call"
    boards.claim(hall, POLICY, ["b"], "emergency", Text("e", "e"))
    assert level(hall, "b") == "emergency"


def test_the_same_call_twice_in_the_queue_is_one() -> None:
    hall = Hall()
    for _ in range(3):
        boards.announce(hall, POLICY, ["b"], page("A1"))
        boards.announce(hall, POLICY, ["b"], page("A2"))

    assert [call.page.ticket for call in hall.boards["b"].calls] == ["A2", "A1"]


def test_the_queue_is_bounded() -> None:
    hall = Hall()
    said = [c for n in range(100) for c in boards.announce(hall, POLICY, ["b"], page(f"A{n}"))]

    assert len(hall.boards["b"].calls) == boards.QUEUE_MOST
    assert len([c for c in said if isinstance(c, Ignore)]) == 99 - boards.QUEUE_MOST


def test_paint_tells_every_board_again() -> None:
    hall = Hall(boards={"b": Board(shown=page("A1"))}, now=7)

    assert boards.paint(hall) == [ShowOnBoard("b", page("A1"), 7)]
