"""What goes out on one connection: one request after the other, each with its answer.

Several devices share the line, so nothing is sent while an answer is due, and the silence a request asks for is kept
behind it. An adapter that hears itself brings back what is sent; that is taken off before anyone reads it. What a
device must have back at once goes out at once, behind the frame that is being written, if one is.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from edge.core.instant import SECOND, Instant, in_seconds, seconds
from edge.shell.links.stream import LinkLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.driver import Reply, Request
    from edge.shell.clock import Clock
    from edge.shell.links.stream import Pipe
    from edge.shell.routine import Steps

Outcome: TypeAlias = Literal["sent", "answered", "refused", "silent"]

WRITE_WITHIN_S: Final = 10.0
"""Beyond what the wire itself takes: who accepts no byte for that long will not accept any."""
QUIET_WITHIN: Final = 1 * SECOND
"""A line that is never quiet is spoken on all the same: some of it will be heard."""
ANSWERS_MOST: Final = 64


class Line:
    """The half of a connection that sends: one request at a time.

    `room` is called when the link takes bytes again that it did not take at once. `answer_s` is how long the last
    answer took from when the request was on the wire, `blank` whether it said that the device shows nothing of ours.
    """

    def __init__(self, pipe: Pipe, clock: Clock, room: Callable[[], None]) -> None:
        self.answer_s = 0.0
        self.blank = False
        self._pipe, self._clock, self._room = pipe, clock, room
        self._address: int | None = None
        self._reply: Reply | None = None
        self._echo = b""
        self._minds = False
        self._heard_at: Instant = -QUIET_WITHIN
        self._busy_until: Instant = 0
        self._writing = False
        self._answers: deque[bytes] = deque(maxlen=ANSWERS_MOST)

    def heard(self, data: bytes) -> bytes:
        """What others said of what has come: without our own bytes, on a line that brings them back."""
        if self._minds:
            self._heard_at = self._clock.now()
        if not self._echo:
            return data
        pairs = zip(self._echo, data, strict=False)
        own = next((at for at, (ours, one) in enumerate(pairs) if ours != one), min(len(self._echo), len(data)))
        self._echo = self._echo[own:] if own == len(data) else b""  # whatever follows the first strange byte is news
        return data[own:]

    def replied(self, reply: Reply) -> bool:
        """Takes an answer; False for one that nobody waits for (late, twice, or of another address)."""
        if self._reply is not None or reply.address != self._address:
            return False
        self._reply = reply
        return True

    @property
    def answered(self) -> bool:
        """Whether the answer has come that is waited for."""
        return self._reply is not None

    def answer(self, data: bytes) -> None:
        """Sends bytes a device is to have back at once."""
        self._answers.append(data)
        if not self._writing:
            self._flush()

    def carry(self, request: Request, patience_s: float | None = None) -> Steps[tuple[Outcome, str]]:
        """Sends a request once and keeps the silence behind it; what came of it, and why or what is not in order.

        Its answer is waited for `patience_s`, by default as long as the request says.
        """
        byte_s, last = self._pipe.seconds_per_byte, request.data
        gap_s = max(request.gap_s, request.gap_bytes * byte_s)
        if request.then:
            *ahead, last = (request.data, *request.then)
            for data in ahead:
                yield from self._quiet(request.idle_s)
                yield from self._put(data)
                yield from self._silence(len(data) * byte_s + gap_s)
        wire_s = len(last) * byte_s
        if request.idle_s or self._busy_until:
            yield from self._quiet(request.idle_s)
        if not request.expects:
            yield from self._put(last)
            yield from self._silence(wire_s + gap_s)
            return "sent", ""
        self._address = request.address
        try:
            yield from self._put(last)
            reply = yield from self._answer(wire_s, request.deadline_s if patience_s is None else patience_s)
        finally:
            self._address = self._reply = None
        if gap_s:  # kept before what is next, for which no timer is needed where that comes later anyway
            self._busy_until = max(self._busy_until, self._clock.now() + seconds(gap_s))
        self.blank = reply is not None and reply.blank
        if reply is None:
            return "silent", ""
        if reply.ok:
            return "answered", reply.detail if reply.flawed else ""
        return "refused", reply.detail

    def _answer(self, wire_s: float, patience_s: float) -> Steps[Reply | None]:
        """The answer to what is on its way, None when there is none in time."""
        written_at = now = self._clock.now()
        due = written_at + seconds(wire_s + patience_s)
        while self._reply is None and now < due:
            yield due
            now = self._clock.now()
        self.answer_s = max(0.0, in_seconds(now - written_at) - wire_s)
        return self._reply

    def _put(self, data: bytes) -> Steps[None]:
        """Gives the kernel a frame, and ends when it has taken all of it."""
        self._echo = data if self._pipe.echoes else b""
        rest = self._pipe.send(data)
        if rest:
            yield from self._push(rest, WRITE_WITHIN_S + len(data) * self._pipe.seconds_per_byte)

    def _push(self, rest: bytes, within_s: float) -> Steps[None]:
        """The kernel has not taken all at once: waits until it has, and sends the answers that have come up."""
        until = self._clock.now() + seconds(within_s)
        self._writing = True
        self._pipe.when_room(self._room)
        try:
            while rest:
                if self._clock.now() >= until:
                    raise LinkLost(f"no byte has been taken for {WRITE_WITHIN_S:.0f} s")
                yield until
                rest = self._pipe.send(rest)
        finally:
            self._writing = False
            self._pipe.when_room(None)
        self._flush()

    def _flush(self) -> None:
        """Sends the answers that wait; one that the kernel does not take whole is lost, and its device asks again."""
        while self._answers:
            data = self._answers.popleft()
            self._echo += data if self._pipe.echoes else b""
            self._pipe.send(data)
            wire = seconds(len(data) * self._pipe.seconds_per_byte)
            self._busy_until = max(self._busy_until, self._clock.now()) + wire

    def _quiet(self, idle_s: float) -> Steps[None]:
        """Ends when our answers are out and, for a second at most, nothing has been heard for so long."""
        patient_until = self._clock.now() + QUIET_WITHIN
        self._minds = self._minds or idle_s > 0
        while True:
            free_at = max(self._busy_until, min(self._heard_at + seconds(idle_s), patient_until) if idle_s else 0)
            if free_at <= self._clock.now():
                return
            yield free_at

    def _silence(self, duration_s: float) -> Steps[None]:
        until = self._clock.now() + seconds(duration_s)
        while self._clock.now() < until:
            yield until
