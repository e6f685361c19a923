import random
from typing import Any

import pytest

from drivers._escpos_status import AUTOMATIC, QUESTIONS, Question
from drivers.printer_escpos import Settings, create
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import SECOND, Instant
from edge.core.outputs import Page, PrintTicket, ShowOnBoard
from edge.core.shown import UNSAID
from edge.core.wording import Text
from edge.driver import BadFrame, CannotEncode, Device, Driver, NotNow, Received, Reply, Request

ROUND: tuple[Question, ...] = ("printer", "offline_cause", "error_cause", "paper")
QUESTION = Request(0, QUESTIONS["printer"], then=tuple(QUESTIONS[one] for one in ROUND[1:]), expects=True, gap_s=0.05)
WELL = b"\x12\x12\x12\x12"
LOW = b"\x12\x12\x12\x1e"
OUT = b"\x1a\x32\x12\x7e"
OPEN = b"\x1a\x16\x12\x12"
TELL = AUTOMATIC + b"\xff"
DRAWN = PrintTicket(
    device="printer-1",
    ticket="A012",
    service=Text("个人现金", "Personal cash"),
    branch=Text("示范支行", "Demo branch"),
    ahead=6,
    wait=UNSAID,
    at=0,
    lasts=60 * SECOND,
)


class Printer:
    """A driver and the line to one printer."""

    def __init__(self, **settings: Any) -> None:
        self.driver: Driver = create([Device("printer-1", "printer", Settings.model_validate(settings))])
        self.at: Instant = 0

    def hears(self, data: bytes) -> list[Received]:
        return self.driver.receive(data, self.at)

    def says(self, *rounds: bytes) -> list[Received]:
        """The four questions are asked, and so answered, for each of the rounds."""
        said: list[Received] = []
        for answers in rounds:
            self.driver.asked(QUESTION)
            for answer in answers:
                said += self.hears(bytes((answer,)))
            self.at += SECOND
        return said

    def tells(self, group: bytes) -> list[Received]:
        """It has been told to tell of changes, and does."""
        self.driver.asked(Request(0, TELL))
        return self.hears(group)

    def polled(self) -> list[bytes]:
        self.at += SECOND
        return [request.data for request in self.driver.poll(self.at)]

    def misses(self, request: Request, *, times: int) -> list[str]:
        return [self.driver.unanswered(request) for _ in range(times)]


def events(said: list[Received]) -> list[str]:
    return [one.event for one in said if isinstance(one, DeviceEvent)]


def statuses(said: list[Received]) -> list[DeviceStatus]:
    return [one for one in said if isinstance(one, DeviceStatus)]


def test_it_asks_the_four_questions_one_behind_the_other_and_no_more_often_than_it_should() -> None:
    printer = Printer(every_s=5)
    printer.says(WELL, WELL)
    asked = [request for at in range(1, 20) for request in printer.driver.poll(at * SECOND)]

    assert asked[0].data == TELL
    assert [(request.data, *request.then) for request in asked[1:]] == [tuple(QUESTIONS[one] for one in ROUND)] * 4
    assert {request.expects for request in asked[1:]} == {True}


def test_once_it_has_answered_it_is_made_to_tell_of_changes_by_itself() -> None:
    printer = Printer(every_s=5)
    assert TELL not in printer.polled()
    printer.says(WELL)

    assert TELL in printer.polled()
    printer.says(WELL, WELL)
    assert TELL not in printer.polled()

    printer = Printer(automatic=False)
    printer.polled()
    printer.says(WELL)
    assert TELL not in printer.polled()


def test_the_first_answers_tell_how_it_is_and_the_next_what_has_happened() -> None:
    printer = Printer()

    said = printer.says(OUT)
    assert ([one.state for one in statuses(said)], events(said)) == (["down"], [])
    said = printer.says(OUT)
    assert (statuses(said), events(said)) == ([], ["paper_out"])


def test_from_then_on_a_change_counts_when_two_rounds_agree() -> None:
    printer = Printer()

    (well,) = statuses(printer.says(WELL))
    assert (well.state, well.detail) == ("ok", "")
    assert well.parts == dict.fromkeys(("printer", "paper", "cover", "cutter", "head"), "ok")
    assert statuses(printer.says(WELL, OUT, WELL, OPEN, OUT)) == []
    (out,) = statuses(printer.says(OUT))
    assert (out.state, out.detail) == ("down", "paper out")


@pytest.mark.parametrize(
    ("answers", "state", "parts", "begins"),
    [
        (LOW, "ok", {"paper": "low"}, ["paper_low"]),
        (OUT, "down", {"paper": "out"}, ["paper_out"]),
        (b"\x1a\x12\x12\x72", "down", {"paper": "out"}, ["paper_out"]),
        (b"\x1a\x32\x12\x12", "down", {"paper": "out"}, ["paper_out"]),
        (OPEN, "down", {"cover": "open"}, []),
        (b"\x1a\x36\x12\x7e", "down", {"paper": "out", "cover": "open"}, ["paper_out"]),
        (b"\x1a\x52\x1a\x12", "down", {"cutter": "jammed"}, []),
        (b"\x1a\x52\x32\x12", "down", {"printer": "fault"}, []),
        (b"\x1a\x52\x16\x12", "down", {"printer": "fault"}, []),
        (b"\x1a\x52\x12\x12", "down", {"printer": "fault"}, []),
        (b"\x1a\x52\x52\x12", "degraded", {"head": "hot"}, []),
        (b"\x1a\x1a\x12\x12", "degraded", {"printer": "feeding"}, []),
        (b"\x3a\x12\x12\x12", "down", {"printer": "waiting"}, []),
        (b"\x1a\x12\x12\x12", "down", {"printer": "offline"}, []),
        (b"\x1a\x12\x12\x1e", "down", {"printer": "offline", "paper": "low"}, ["paper_low"]),
        (b"\x56\x12\x12\x12", "ok", {}, []),
    ],
)
def test_every_bit_is_what_the_manuals_say(
    answers: bytes, state: str, parts: dict[str, str], begins: list[str]
) -> None:
    said = Printer().says(answers, answers)
    (status,) = statuses(said)

    assert (status.state, events(said)) == (state, begins)
    assert {part: word for part, word in status.parts.items() if word != "ok"} == parts
    assert status.detail == ", ".join(f"{part} {word}" for part, word in status.parts.items() if word != "ok")


def test_paper_runs_low_and_out_and_a_new_roll_is_put_in() -> None:
    printer = Printer()
    said = printer.says(WELL, WELL, LOW, LOW, OUT, OUT, WELL, WELL, LOW, LOW)

    assert events(said) == ["paper_low", "paper_out", "paper_low"]
    assert [status.parts["paper"] for status in statuses(said)] == ["ok", "low", "out", "ok", "low"]


def test_an_automatic_status_makes_the_questions_follow_at_once_and_is_the_first_witness() -> None:
    printer = Printer(every_s=60)
    printer.polled()
    printer.says(WELL)
    printer.polled()
    printer.says(WELL)
    assert printer.polled() == []

    assert printer.tells(b"\x18\x00\x0f\x00") == []
    assert printer.polled() == [QUESTION.data]
    assert events(printer.says(OUT)) == ["paper_out"]
    assert printer.polled() == []


def test_an_automatic_status_counts_only_once_it_was_asked_for() -> None:
    printer = Printer(automatic=False)
    printer.says(WELL, WELL)

    assert printer.hears(b"\x18\x00\x0f\x00" * 4) == []
    assert statuses(printer.says(WELL)) == []


def test_a_status_byte_nobody_asked_for_says_nothing_and_makes_its_neighbours_doubtful() -> None:
    printer = Printer()
    printer.says(WELL, WELL, OUT)

    assert [type(one) for one in printer.hears(b"\x7e" * 4)] == [BadFrame] * 4
    assert events(printer.says(OUT)) == []
    assert events(printer.says(OUT)) == ["paper_out"]


def test_answers_that_come_late_are_never_taken_for_those_of_other_questions() -> None:
    printer = Printer()
    printer.says(WELL, WELL)
    late = b"\x1e\x12\x12\x12"  # the paper's answer, low, comes a question too late, again and again
    for _ in range(10):
        said = printer.says(late)
        assert (events(said), statuses(said)) == ([], [])
        printer.hears(b"\x1e")  # and so there is one too many


def test_four_questions_have_four_answers() -> None:
    printer = Printer()
    printer.driver.asked(QUESTION)

    assert [type(one) for one in printer.hears(WELL + WELL)] == [Reply, DeviceStatus, *[BadFrame] * 4]


@pytest.mark.parametrize("data", [b"\x16", b"\x0c", b"\xff", b"\x10\x1e"])
def test_an_answer_that_is_not_well_formed_is_named(data: bytes) -> None:
    printer = Printer()
    question = Request(0, QUESTIONS["paper"], expects=True)
    printer.driver.asked(question)

    said = printer.hears(data)
    assert isinstance(said[0], BadFrame)
    if Reply(0, ok=True) not in said:
        assert printer.driver.unanswered(question) == "its answer is not well formed"


def test_flow_control_is_passed_over() -> None:
    printer = Printer()
    printer.driver.asked(Request(0, QUESTIONS["paper"], expects=True))

    assert printer.hears(b"\x13\x11\x12\x11")[0] == Reply(0, ok=True)
    assert all(not isinstance(one, BadFrame) for one in printer.hears(b"\x13\x11"))


def test_after_a_silence_it_is_told_anew_how_it_is_and_made_to_tell_again() -> None:
    printer = Printer()
    printer.polled()
    printer.says(LOW, LOW)

    for _ in range(2):
        assert printer.misses(QUESTION, times=2) == ["", ""]
        assert statuses(printer.says(LOW, LOW)) == [], "two tries of three: it is as it was"
    printer.misses(QUESTION, times=3)
    said = printer.says(LOW)
    assert TELL in printer.polled()
    said += printer.says(LOW)
    assert [status.detail for status in statuses(said)] == ["paper low"]
    assert events(said) == [], "the paper was low before"


def test_answers_that_are_not_all_are_none() -> None:
    printer = Printer(every_s=60)
    printer.polled()
    printer.says(WELL, WELL)
    for answered in (3, 3, 2):
        printer.driver.asked(QUESTION)
        assert printer.hears(OUT[:answered]) == []
        assert printer.misses(QUESTION, times=1) == [f"{answered} of 4 questions are answered"]
        assert QUESTION.data in printer.polled(), "all of them, and soon"

    assert [status.state for status in statuses(printer.says(WELL))] == ["ok"]


def test_a_printer_without_dle_eot_is_asked_for_its_paper_and_of_the_rest_nothing_is_said() -> None:
    printer = Printer(asks="gs_r", automatic=False)
    said = []
    for answer in (b"\x00", b"\x00", b"\x0c", b"\x0c", b"\x03", b"\x03"):
        (question,) = printer.driver.poll(printer.at)
        assert question.data == b"\x1dr\x01"
        printer.driver.asked(question)
        said += printer.hears(answer)
        printer.at += 2 * SECOND

    assert [status.parts for status in statuses(said)] == [{"paper": word} for word in ("ok", "out", "low")]
    assert events(said) == ["paper_out", "paper_low"]


def test_a_ticket_is_one_stretch_of_bytes_that_ends_with_a_question_and_is_sent_once() -> None:
    printer = Printer()
    printer.says(WELL, WELL)
    request = printer.driver.encode(DRAWN)

    assert request.data.endswith(b"\x1dVB\x00" + TELL + QUESTIONS["paper_sensor"])
    assert (request.expects, request.tries, request.deadline_s) == (True, 1, 10.0)
    printer.driver.asked(request)
    assert printer.hears(b"\x10\x00\x00\x00") == []
    assert printer.hears(b"\x00") == [Reply(0, ok=True)]


def test_a_ticket_without_proof_is_only_sent() -> None:
    printer = Printer(proof=False, automatic=False, cut="full")
    printer.says(WELL, WELL)
    request = printer.driver.encode(DRAWN)

    assert (request.expects, request.data[-4:]) == (False, b"\x1dVA\x00")


@pytest.mark.parametrize(
    ("rounds", "reason"),
    [
        ([], "the printer has not said yet how it is"),
        ([OUT], "paper out"),
        ([OUT, OUT], "paper out"),
        ([OPEN, OPEN], "cover open"),
        ([WELL, WELL, OUT], "paper out"),
        ([OUT, OUT, WELL], "paper out"),
    ],
)
def test_a_ticket_waits_while_the_printer_cannot_print_it(rounds: list[bytes], reason: str) -> None:
    printer = Printer()
    printer.polled()
    printer.says(*rounds)

    with pytest.raises(NotNow, match=reason):
        printer.driver.encode(DRAWN)


def test_a_ticket_is_written_by_hand_without_a_printer() -> None:
    assert Printer().driver.encode(DRAWN).data


def test_a_ticket_does_not_wait_for_low_paper_or_a_warm_head() -> None:
    for answers in (LOW, b"\x1a\x52\x52\x12"):
        printer = Printer()
        printer.says(answers, answers)

        assert printer.driver.encode(DRAWN).data


def test_a_ticket_that_is_not_proved_is_named_and_the_next_waits_until_the_printer_answers() -> None:
    printer = Printer()
    printer.polled()
    printer.says(WELL, WELL)
    request = printer.driver.encode(DRAWN)
    printer.driver.asked(request)

    assert printer.driver.unanswered(request) == "ticket A012: the printer does not say that it is printed"
    (told,) = printer.driver.overdue(printer.at)
    assert told == DeviceEvent(
        at=printer.at,
        device="printer-1",
        event="not_done",
        detail="print of A012: the printer does not say that it is printed",
    )
    assert printer.driver.overdue(printer.at) == []
    with pytest.raises(NotNow):
        printer.driver.encode(DRAWN)
    assert [status.state for status in statuses(printer.says(OUT, OUT))] == ["down"]


def test_a_late_proof_is_no_answer_to_another_question() -> None:
    printer = Printer()
    printer.says(WELL, WELL)
    printer.driver.asked(Request(0, QUESTIONS["paper"], expects=True))

    assert [type(one) for one in printer.hears(b"\x00\x12")] == [BadFrame, Reply]


def test_a_page_is_not_for_a_printer() -> None:
    page = ShowOnBoard("printer-1", Page("call", Text("", "")), 0)

    with pytest.raises(CannotEncode, match="a printer takes no page"):
        Printer().driver.encode(page)


def test_no_mutated_round_alone_is_an_event() -> None:
    rng = random.Random(5)
    printer = Printer()
    printer.says(WELL, WELL)
    for _ in range(3000):
        mutated = bytearray(WELL)
        for _ in range(rng.randint(1, 3)):
            mutated[rng.randrange(4)] ^= 1 << rng.randrange(8)

        assert events(printer.says(bytes(mutated), WELL)) == []
        printer.misses(QUESTION, times=1)
        printer.says(WELL, WELL)


def test_no_bytes_that_nobody_asked_for_are_an_event_or_a_status() -> None:
    printer = Printer()
    printer.says(WELL, WELL)

    said = printer.hears(random.Random(7).randbytes(20_000))
    assert {type(one) for one in said} == {BadFrame}
    assert statuses(printer.says(WELL)) == []
