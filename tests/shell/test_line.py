from collections.abc import Callable

import pytest

from edge.core.instant import seconds
from edge.driver import Reply, Request
from edge.shell.line import Line, Outcome
from edge.shell.links.stream import LinkLost
from edge.shell.routine import Routine, Steps
from tests.fakes import FakeClock, FakePipe

ASKED = Request(3, b"page", expects=True, deadline_s=0.5)


class Wire:
    """A line, one request at a time, in a time that passes when told to."""

    def __init__(self, pipe: FakePipe | None = None, *, seconds_per_byte: float = 0.0, echoes: bool = False) -> None:
        self.clock, self.pipe = FakeClock(), pipe or FakePipe()
        self.pipe.seconds_per_byte, self.pipe.echoes = seconds_per_byte, echoes
        self.line = Line(self.pipe, self.clock, room=self.go_on)
        self.outcome: tuple[Outcome, str] | None = None
        self.strays = 0
        self._routine: Routine | None = None

    def carry(self, request: Request, patience_s: float | None = None) -> None:
        assert self._routine is None or self._routine.ended.done()
        self.outcome = None
        self._routine = Routine(self._steps(request, patience_s), self.clock)
        self._routine.go_on()

    def _steps(self, request: Request, patience_s: float | None) -> Steps[None]:
        self.outcome = yield from self.line.carry(request, patience_s)

    def replied(self, reply: Reply) -> None:
        self.strays += not self.line.replied(reply)
        self.go_on()

    def go_on(self) -> None:
        assert self._routine is not None
        self._routine.go_on()

    @property
    def fault(self) -> BaseException | None:
        assert self._routine is not None
        return self._routine.ended.exception()


@pytest.mark.parametrize(
    ("replies", "outcome", "strays"),
    [
        ([Reply(3, ok=True, detail="all well")], ("answered", ""), 0),
        ([Reply(3, ok=True, detail="dim", flawed=True)], ("answered", "dim"), 0),
        ([Reply(3, ok=False, detail="busy")], ("refused", "busy"), 0),
        ([Reply(4, ok=True)], ("silent", ""), 1),
        ([Reply(4, ok=True), Reply(3, ok=True), Reply(3, ok=False)], ("answered", ""), 2),
        ([], ("silent", ""), 0),
    ],
)
async def test_the_answer_of_the_right_address_counts(
    replies: list[Reply], outcome: tuple[str, str], strays: int
) -> None:
    wire = Wire()
    wire.carry(ASKED)
    for reply in replies:
        wire.replied(reply)
    wire.clock.advance(0.5)

    assert (wire.outcome, wire.pipe.written, wire.strays) == (outcome, [b"page"], strays)


async def test_who_has_seen_one_answer_and_not_gone_on_yet_takes_no_other() -> None:
    wire = Wire()
    wire.carry(ASKED)
    taken = [wire.line.replied(Reply(3, ok=True)), wire.line.replied(Reply(3, ok=False))]
    wire.go_on()

    assert (taken, wire.outcome) == ([True, False], ("answered", ""))


async def test_an_answer_says_whether_the_device_shows_nothing_of_ours() -> None:
    wire = Wire()
    said = []
    for blank in (True, False):
        wire.carry(ASKED)
        wire.replied(Reply(3, ok=True, blank=blank))
        said.append(wire.line.blank)

    assert said == [True, False]


async def test_the_deadline_begins_when_the_last_byte_is_on_the_wire() -> None:
    wire = Wire(seconds_per_byte=0.25)
    wire.carry(ASKED)
    wire.clock.advance(4 * 0.25 + 0.4)
    assert wire.outcome is None
    wire.clock.advance(0.1)
    assert wire.outcome == ("silent", "")


async def test_patience_takes_the_place_of_the_deadline_and_an_answer_says_how_long_it_took() -> None:
    wire = Wire(seconds_per_byte=0.25)
    wire.carry(ASKED, 0.1)
    wire.clock.advance(4 * 0.25 + 0.1)
    assert wire.outcome == ("silent", "")
    wire.carry(ASKED)
    wire.clock.advance(4 * 0.25 + 0.3)
    wire.replied(Reply(3, ok=True))
    assert wire.outcome == ("answered", "")
    assert wire.line.answer_s == pytest.approx(0.3)


@pytest.mark.parametrize("gap", [Request(0, b"page", gap_s=1.0), Request(0, b"page", gap_s=0.1, gap_bytes=4.0)])
async def test_the_gap_is_kept_behind_bytes_still_on_the_wire(gap: Request) -> None:
    wire = Wire(seconds_per_byte=0.25)
    wire.carry(gap)
    wire.clock.advance(1.9)
    assert wire.outcome is None
    wire.clock.advance(0.1)
    assert wire.outcome == ("sent", "")


async def test_the_gap_behind_an_answer_is_kept_before_what_is_next() -> None:
    wire = Wire(seconds_per_byte=0.25)
    wire.carry(Request(3, b"page", expects=True, deadline_s=5.0, gap_s=0.1, gap_bytes=4.0))
    wire.clock.advance(2.0)
    wire.replied(Reply(3, ok=True))
    assert wire.outcome == ("answered", "")
    wire.carry(Request(3, b"next"))
    wire.clock.advance(0.9)
    assert wire.pipe.written == [b"page"]
    wire.clock.advance(0.1)
    assert wire.pipe.written == [b"page", b"next"]


@pytest.mark.parametrize(
    ("heard", "news"),
    [
        ([b"pageanswer"], [b"answer"]),
        ([b"pa", b"ge", b"answer"], [b"", b"", b"answer"]),
        ([b"pa", b"geanswer"], [b"", b"answer"]),
        ([b"answer"], [b"answer"]),
        ([b"pagpage"], [b"page"]),
        ([b"page", b"page"], [b"", b"page"]),
    ],
)
async def test_a_line_that_hears_itself_gives_only_what_others_say(heard: list[bytes], news: list[bytes]) -> None:
    wire = Wire(echoes=True)
    wire.carry(Request(0, b"page"))

    assert [wire.line.heard(data) for data in heard] == news


async def test_a_line_that_does_not_hear_itself_gives_everything() -> None:
    wire = Wire()
    wire.carry(Request(0, b"page"))

    assert wire.line.heard(b"page") == b"page"


class Kernel(FakePipe):
    """Takes nothing while `full`; afterwards it says that it takes again."""

    def __init__(self) -> None:
        super().__init__()
        self.full = True
        self.room: Callable[[], None] | None = None

    def send(self, data: bytes) -> bytes:
        return data if self.full else super().send(data)

    def when_room(self, act: Callable[[], None] | None) -> None:
        self.room = act

    def take(self) -> None:
        self.full = False
        assert self.room is not None
        self.room()


async def test_a_link_that_takes_no_bytes_is_lost() -> None:
    kernel = Kernel()
    wire = Wire(kernel)
    wire.carry(ASKED)
    wire.clock.advance(10)

    assert isinstance(wire.fault, LinkLost)
    assert str(wire.fault) == "no byte has been taken for 10 s"
    assert wire.clock.now() == seconds(10)
    assert kernel.room is None


async def test_what_the_kernel_does_not_take_at_once_goes_out_when_it_does() -> None:
    kernel = Kernel()
    wire = Wire(kernel)
    wire.carry(ASKED)
    wire.clock.advance(9)
    kernel.take()
    wire.replied(Reply(3, ok=True))

    assert (wire.outcome, kernel.written, kernel.room) == (("answered", ""), [b"page"], None)


async def test_the_frames_of_one_command_follow_one_another_each_behind_its_gap() -> None:
    wire = Wire(seconds_per_byte=0.25)
    wire.carry(Request(0, b"aa", then=(b"b", b"c"), gap_s=1.0))
    seen = []
    for pause_s in (1.5, 1.25, 1.25):
        seen.append(list(wire.pipe.written))
        wire.clock.advance(pause_s)

    assert seen == [[b"aa"], [b"aa", b"b"], [b"aa", b"b", b"c"]]
    assert wire.outcome == ("sent", "")


async def test_an_answer_goes_out_at_once_and_what_waits_keeps_clear_of_it() -> None:
    wire = Wire(seconds_per_byte=0.25)
    wire.carry(Request(0, b"aa", then=(b"b",)))
    wire.line.answer(b"now!")
    assert wire.pipe.written == [b"aa", b"now!"]
    wire.clock.advance(0.9)
    assert wire.pipe.written == [b"aa", b"now!"]
    wire.clock.advance(0.2)
    assert wire.pipe.written == [b"aa", b"now!", b"b"]


async def test_an_answer_is_never_inside_another_frame() -> None:
    kernel = Kernel()
    wire = Wire(kernel)
    wire.carry(Request(0, b"page"))
    wire.line.answer(b"one")
    wire.line.answer(b"two")
    assert kernel.written == []
    kernel.take()

    assert kernel.written == [b"page", b"one", b"two"]


async def test_a_line_that_hears_itself_hears_no_answer_of_ours() -> None:
    wire = Wire(echoes=True)
    wire.line.answer(b"ours")

    assert wire.line.heard(b"oursnews") == b"news"


async def test_where_devices_speak_unasked_a_frame_waits_until_they_have_ended() -> None:
    wire, asked = Wire(), Request(0, b"page", idle_s=0.5)
    wire.carry(asked)
    assert wire.pipe.written == [b"page"], "nobody has spoken yet"
    wire.line.heard(b"key")
    wire.carry(asked)
    wire.clock.advance(0.4)
    wire.line.heard(b"another key")
    wire.clock.advance(0.4)
    assert len(wire.pipe.written) == 1
    wire.clock.advance(0.1)
    assert wire.outcome == ("sent", "")


async def test_a_line_that_is_never_quiet_is_spoken_on_after_a_second() -> None:
    wire, asked = Wire(), Request(0, b"page", idle_s=0.5)
    wire.carry(asked)
    wire.line.heard(b"noise")
    wire.carry(asked)
    for _ in range(9):
        wire.clock.advance(0.1)
        wire.line.heard(b"noise")
    assert wire.outcome is None
    wire.clock.advance(0.1)
    assert wire.outcome == ("sent", "")
