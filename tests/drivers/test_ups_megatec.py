import random
from typing import Any

import pytest

from drivers._megatec_lines import INFORMATION, RATING, STATUS
from drivers.ups_megatec import Settings, create
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import SECOND, Instant
from edge.driver import BadFrame, Device, Driver, Received, Reply, Request

WELL = "00000001"


def line(bits: str = WELL, *, load: int = 34, battery: str = "2.27") -> bytes:
    return f"(220.4 220.4 220.0 {load:03d} 50.0 {battery} 25.0 {bits}\r".encode()


class Ups:
    """A driver and the line to one UPS."""

    def __init__(self, **settings: Any) -> None:
        self.driver: Driver = create([Device("ups-1", "ups", Settings.model_validate(settings))])
        self.at: Instant = 0
        self.question = Request(0, STATUS, expects=True)

    def says(self, *lines: bytes) -> list[Received]:
        """Q1 is asked, and so answered, for each of the lines, two seconds apart."""
        said: list[Received] = []
        for each in lines:
            self.driver.asked(self.question)
            said += self.driver.receive(each, self.at)
            self.at += 2 * SECOND
        return said


def events(said: list[Received]) -> list[str]:
    return [one.event for one in said if isinstance(one, DeviceEvent)]


def statuses(said: list[Received]) -> list[DeviceStatus]:
    return [one for one in said if isinstance(one, DeviceStatus)]


def test_it_asks_for_status_then_for_name_and_rating_and_sends_no_command() -> None:
    ups = Ups()
    first = [request.data for at in range(4) for request in ups.driver.poll(at * SECOND)]
    ups.says(line(), line())
    asked = [request.data for at in range(4, 20) for request in ups.driver.poll(at * SECOND)]

    assert first == [STATUS] * 2
    assert asked[:3] == [INFORMATION, RATING, STATUS]
    assert asked[3:] == [STATUS] * 7


def test_what_a_line_says_counts_when_the_next_one_says_the_same() -> None:
    ups = Ups()

    (first,) = statuses(ups.says(line()))
    assert (first.state, first.detail) == ("unknown", "heard once so far")
    (well,) = statuses(ups.says(line()))
    assert (well.state, well.detail) == ("ok", "on mains, load 34 %, battery 2.27 V a cell")
    assert events(ups.says(line("10000001"), line())) == []
    assert events(ups.says(line("10000001"), line("10000001"))) == ["mains_lost"]


def test_while_two_lines_differ_it_is_asked_every_second() -> None:
    ups = Ups(every_s=10)
    ups.driver.poll(0)
    ups.says(line(), line())
    ups.driver.poll(0)

    assert ups.driver.poll(SECOND) == []
    ups.says(line("10000001"))
    assert [request.data for request in ups.driver.poll(SECOND)] == [STATUS]


@pytest.mark.parametrize(
    ("bits", "state", "parts", "begins"),
    [
        ("10000000", "degraded", {"mains": "lost"}, ["mains_lost"]),
        ("11000000", "degraded", {"mains": "lost", "battery": "low"}, ["mains_lost", "battery_low"]),
        ("00110000", "down", {"output": "bypass", "ups": "failed"}, ["ups_failed"]),
        ("00101000", "ok", {}, []),
        ("00100000", "degraded", {"output": "bypass"}, []),
        ("00000100", "ok", {"battery": "testing"}, []),
        ("00000010", "degraded", {"output": "shutting down"}, []),
    ],
)
def test_every_bit_is_what_the_paper_says(bits: str, state: str, parts: dict[str, str], begins: list[str]) -> None:
    said = Ups().says(line(bits), line(bits))
    (_, status) = statuses(said)

    assert (status.state, events(said)) == (state, begins)
    assert status.parts == {"mains": "ok", "battery": "ok", "output": "ok", "ups": "ok"} | parts


def test_mains_come_back() -> None:
    ups = Ups()
    ups.says(line("10000001"), line("10000001"))

    said = ups.says(line(), line())

    assert events(said) == ["mains_back"]
    assert statuses(said)[0].state == "ok"


def test_an_unanswered_question_between_two_lines_parts_them() -> None:
    ups = Ups()
    ups.says(line(), line(), line("10000001"))

    assert ups.driver.unanswered(ups.question) == ""
    assert events(ups.says(line("10000001"))) == []
    assert events(ups.says(line("10000001"))) == ["mains_lost"]


def test_after_a_silence_nothing_is_known_until_two_lines_agree() -> None:
    ups = Ups()
    ups.says(line(), line())
    ups.driver.unanswered(ups.question)

    assert [status.state for status in statuses(ups.says(line("10000001")))] == ["unknown"]
    assert [status.state for status in statuses(ups.says(line("10000001")))] == ["degraded"]
    ups.driver.unanswered(ups.question)
    assert [status.state for status in statuses(ups.says(line("10000001")))] == ["degraded"]


def test_a_line_nobody_asked_for_says_nothing() -> None:
    driver = Ups().driver

    assert [type(one) for one in driver.receive(line("10000001") * 4, 0)] == [BadFrame] * 4


def test_one_question_has_one_answer() -> None:
    ups = Ups()
    ups.driver.asked(ups.question)

    assert [type(one) for one in ups.driver.receive(line("10000001") * 4, 0)] == [
        Reply,
        DeviceStatus,
        *[BadFrame] * 3,
    ]


def test_half_a_line_of_before_the_question_is_no_part_of_the_answer() -> None:
    ups = Ups()
    ups.driver.receive(line("10000001")[:20], 0)

    assert ups.says(line(), line())[0] == Reply(0, ok=True)


def test_an_answer_that_is_not_well_formed_is_named() -> None:
    ups = Ups()

    assert [type(one) for one in ups.says(line()[:30] + b"\r")] == [BadFrame]
    assert ups.driver.unanswered(ups.question) == "its answer is not well formed"


def test_a_ups_that_does_not_know_q1_is_refused() -> None:
    assert Ups().says(b"Q1\r") == [Reply(0, ok=False, detail="it does not know Q1")]


def test_name_and_rating_are_shown_where_they_are_known() -> None:
    ups = Ups()
    for question, answer in (
        (INFORMATION, b"#SANTAK          TG1000     2.1       \r"),
        (RATING, b"#220.0 004 24.00 50.0\r"),
    ):
        ups.driver.asked(Request(0, question))
        assert ups.driver.receive(answer, 0) == []

    (_, status) = statuses(ups.says(*[line("00001001", battery="27.4")] * 2))
    assert status.detail == "on mains, load 34 %, battery 27.4 of 24 V, SANTAK TG1000"


def test_the_load_is_told_anew_when_it_has_moved_far_enough() -> None:
    ups = Ups(report_s=3600, load_step=10)
    ups.says(line(), line())

    assert statuses(ups.says(line(load=40))) == []
    (status,) = statuses(ups.says(line(load=44)))
    assert "load 44 %" in status.detail


def test_no_mutated_line_alone_is_an_event() -> None:
    rng = random.Random(5)
    ups = Ups()
    ups.says(line(), line())
    for _ in range(3000):
        mutated = bytearray(line())
        for _ in range(rng.randint(1, 3)):
            mutated[rng.randrange(len(mutated))] ^= 1 << rng.randrange(8)

        assert events(ups.says(bytes(mutated), line())) == []
