"""What goes out on one connection: whose turn it is, and one request after the other with its answer.

What a device must have back at once goes out at once, behind the frame that is being written, if one is.

Several devices share the line, so nothing is sent while an answer is due, and the silence a request asks for is kept
behind it. An adapter that hears itself brings back what is sent; that is taken off before anyone reads it. A device
that does not answer is tried again when the others have had their turn; having failed as often as its request allows it
rests, so that with n devices on the line it takes an n-th of its time at most. It is then waited for little longer than
it has ever taken to answer, so that its rests are short and it is soon found to be back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from edge.core.instant import SECOND, Instant, Micros, in_seconds, seconds
from edge.shell.links.stream import LinkLost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.driver import Device, Reply, Request
    from edge.shell.clock import Clock
    from edge.shell.links.stream import Pipe

Outcome: TypeAlias = Literal["sent", "answered", "refused", "silent"]

WRITE_WITHIN_S: Final = 10.0
"""Beyond what the wire itself takes: who accepts no byte for that long will not accept any."""
QUIET_WITHIN: Final = 1 * SECOND
"""A line that is never quiet is spoken on all the same: some of it will be heard."""
ANSWERS_MOST: Final = 64
REST_LEAST_S: Final = 0.5
REST_S: Final = 1.0
"""At least so long: at first, and from then on."""
PATIENCE_LEAST_S: Final = 0.05
PATIENCE: Final = 2.0
"""A device that has been given up is waited for so many times as long as its slowest answer took."""
IN_FULL_FROM: Final = 64
"""Of the tries in vain the 64th, the 128th, the 256th … are waited for as long as the request says."""
ASK_EVERY: Final = 1 * SECOND
ASK_AT_LEAST_EVERY: Final = 5 * SECOND
"""Devices are asked once a second while nothing else is to be sent, and not much more rarely however busy the line."""


class Line:
    """The half of a connection that sends: one request at a time.

    `answer_s` is how long the last answer took from when the request was on the wire.
    """

    def __init__(self, pipe: Pipe, clock: Clock) -> None:
        self.strays = 0
        self.answer_s = 0.0
        self._pipe, self._clock = pipe, clock
        self._address: int | None = None
        self._reply: asyncio.Future[Reply | None] | None = None
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

    def replied(self, reply: Reply) -> None:
        """Takes an answer; one that nobody waits for (late, or of another address) is counted and dropped."""
        if self._reply is None or self._reply.done() or reply.address != self._address:
            self.strays += 1
        else:
            self._reply.set_result(reply)

    def answer(self, data: bytes) -> None:
        """Sends bytes a device is to have back at once."""
        self._answers.append(data)
        if not self._writing:
            self._flush()

    async def carry(self, request: Request, patience_s: float | None = None) -> tuple[Outcome, str]:
        """Sends a request once and keeps the silence behind it; what came of it, and why or what is not in order.

        Its answer is waited for `patience_s`, by default as long as the request says.
        """
        last = request.data
        if request.then:
            *ahead, last = (request.data, *request.then)
            for data in ahead:
                wire_s = len(data) * self._pipe.seconds_per_byte
                await self._quiet(request.idle_s)
                await self._write(data, wire_s)
                await self._silence(wire_s + self._gap_s(request))
        wire_s = len(last) * self._pipe.seconds_per_byte
        if request.idle_s or self._busy_until:
            await self._quiet(request.idle_s)
        if not request.expects:
            await self._write(last, wire_s)
            await self._silence(wire_s + self._gap_s(request))
            return "sent", ""
        self._address, self._reply = request.address, asyncio.get_running_loop().create_future()
        try:
            await self._write(last, wire_s)
            written_at = self._clock.now()
            reply = await self._answer(self._reply, wire_s + (request.deadline_s if patience_s is None else patience_s))
            self.answer_s = max(0.0, in_seconds(self._clock.now() - written_at) - wire_s)
        finally:
            self._reply = None
        await self._silence(self._gap_s(request))
        if reply is None:
            return "silent", ""
        if reply.ok:
            return "answered", reply.detail if reply.flawed else ""
        return "refused", reply.detail

    async def _answer(self, reply: asyncio.Future[Reply | None], within_s: float) -> Reply | None:
        """The answer, None when there is none in time. A timer of its own costs a fifth of `timeout`'s block."""
        due = self._clock.now() + seconds(within_s)
        deadline = self._clock.call_at(due, lambda: None if reply.done() else reply.set_result(None))
        try:
            return await reply
        finally:
            deadline.cancel()

    def _gap_s(self, request: Request) -> float:
        return max(request.gap_s, request.gap_bytes * self._pipe.seconds_per_byte)

    async def _write(self, data: bytes, wire_s: float) -> None:
        self._echo = data if self._pipe.echoes else b""
        rest = self._pipe.send(data)
        if not rest:
            return
        self._writing = True
        try:
            async with self._clock.timeout(WRITE_WITHIN_S + wire_s):
                await self._pipe.write(rest)
        except TimeoutError as fault:
            raise LinkLost(f"no byte has been taken for {WRITE_WITHIN_S:.0f} s") from fault
        finally:
            self._writing = False
        self._flush()

    def _flush(self) -> None:
        """Sends the answers that wait; one that the kernel does not take whole is lost, and its device asks again."""
        while self._answers:
            data = self._answers.popleft()
            self._echo += data if self._pipe.echoes else b""
            self._pipe.send(data)
            wire = seconds(len(data) * self._pipe.seconds_per_byte)
            self._busy_until = max(self._busy_until, self._clock.now()) + wire

    async def _quiet(self, idle_s: float) -> None:
        """Returns when our answers are out and, for a second at most, nothing has been heard for so long."""
        patient_until = self._clock.now() + QUIET_WITHIN
        self._minds = self._minds or idle_s > 0
        while True:
            now = self._clock.now()
            free_at = max(self._busy_until, min(self._heard_at + seconds(idle_s), patient_until) if idle_s else 0)
            if free_at <= now:
                return
            await self._clock.sleep(in_seconds(free_at - now))

    async def _silence(self, duration_s: float) -> None:
        if duration_s > 0:
            await self._clock.sleep(duration_s)


@dataclass(slots=True)
class _Rest:
    """How often a device has failed in a row, whether it is given up, when it may be tried again, and by what.

    `in_vain` is how often it has been tried since.
    """

    failures: int = 0
    given_up: bool = False
    in_vain: int = 0
    until: Instant = 0
    question: Request | None = None


@dataclass(slots=True)
class Turns:
    """Whose turn it is: devices to be told something, and what the driver wants to ask. Pure; `now` comes in.

    Both alternate while there are both; devices at rest are passed over. `asks` False spares the
    driver that never has a question.
    """

    devices: Sequence[Device]
    asks: bool = True
    _untold: dict[str, None] = field(default_factory=dict)
    _questions: deque[Request] = field(default_factory=deque)
    _asked_at: Instant = -ASK_AT_LEAST_EVERY
    _rests: dict[str, _Rest] = field(default_factory=dict)
    _pauses: dict[str, Instant] = field(default_factory=dict)
    _slowest_s: dict[str, float] = field(default_factory=dict)
    _told_last: bool = False

    def device_at(self, address: int) -> str | None:
        """The device that a request is for; one that has the link to itself needs no address."""
        if len(self.devices) == 1:
            return self.devices[0].id
        return next((device.id for device in self.devices if device.address == address), None)

    def tell(self, device: str, at: Instant = 0) -> None:
        """A device is to be told something, and may be from `at` on."""
        self._untold[device] = None
        self._pauses[device] = at

    def ask(self, requests: Sequence[Request], now: Instant) -> None:
        """Takes the driver's questions; it counts from the full second, so that all links wake the loop together."""
        self._questions.extend(requests)
        self._asked_at = now - now % ASK_EVERY

    def again(self, question: Request) -> None:
        """A question went unanswered: once more, behind the others, or behind its device's rest."""
        rest = self._rest_at(question.address)
        if rest is None or not rest.given_up:
            self._questions.append(question)
        elif not question.alters:
            rest.question = question

    def next_output(self, now: Instant) -> str | None:
        """The device to be told next, taken from the list; None when there is none, or a question comes first."""
        device = self._ready(now)
        self._told_last = device is not None and not (self._questions and self._told_last)
        if device is None or not self._told_last:
            return None
        del self._untold[device]
        return device

    def next_question(self, now: Instant) -> Request | None:
        """The question to ask next; of those to a device at rest the last one is kept until it has rested."""
        rested = self._rested(now)
        if rested is not None:
            question, rested.question = rested.question, None
            return question
        while self._questions:
            request = self._questions.popleft()
            rest = self._rest_at(request.address)
            if rest is None or now >= rest.until:
                return request
            self.again(request)
        return None

    def wants_questions(self, now: Instant) -> bool:
        """Whether to let the driver ask: once a second while the line is idle, not much more rarely when it is not."""
        every = ASK_EVERY if self._ready(now) is None else ASK_AT_LEAST_EVERY
        return self.asks and not self._questions and now - self._asked_at >= every

    def idle(self, now: Instant) -> bool:
        """Whether everyone who is not at rest has had a turn."""
        return not self._questions and self._ready(now) is None and self._rested(now) is None

    def next_at(self) -> Instant | None:
        """When there is something to do again if nothing happens: the next question, or the end of a rest or pause."""
        dues = [due for id in self._untold if (due := self._due_at(id))]
        dues += [rest.until for rest in self._rests.values() if rest.question is not None]
        if self.asks:
            dues.append(self._asked_at + ASK_EVERY)
        return min(dues, default=None)

    def failed(self, device: str, *, tries: int, took: Micros, now: Instant) -> bool:
        """A device failed and took so much of everybody's time for it; True when it has used up its tries.

        It rests then, half a second and after that a second, and after every further try as long as makes up for it.
        """
        rest = self._rests.setdefault(device, _Rest())
        rest.failures += 1
        if rest.given_up:
            rest.in_vain += 1
            rest.until = now + max(took * (len(self.devices) - 1), seconds(REST_S))
        elif rest.failures >= tries:
            rest.given_up, rest.until = True, now + seconds(REST_LEAST_S)
        return rest.given_up

    def patience_s(self, device: str, request: Request) -> float:
        """How long to wait for a device's answer: as long as the request says, and little once it has been given up.

        One that has become slower is not missed: now and then, ever more rarely, it is waited for as long all the same.
        """
        rest, slowest_s = self._rests.get(device), self._slowest_s.get(device)
        if rest is None or not rest.given_up or slowest_s is None:
            return request.deadline_s
        if rest.in_vain >= IN_FULL_FROM and not rest.in_vain & (rest.in_vain - 1):
            return request.deadline_s
        return min(request.deadline_s, max(PATIENCE_LEAST_S, PATIENCE * slowest_s))

    def recovered(self, device: str, answer_s: float) -> bool:
        """A device did as it was asked, in this time; True when it had been given up: what it shows is in doubt."""
        self._slowest_s[device] = max(answer_s, self._slowest_s.get(device, 0.0))
        rest = self._rests.pop(device, None)
        return rest is not None and rest.given_up

    def _ready(self, now: Instant) -> str | None:
        return next((id for id in self._untold if self._due_at(id) <= now), None)

    def _due_at(self, device: str) -> Instant:
        rest = self._rests.get(device)
        return max(self._pauses[device], 0 if rest is None else rest.until)

    def _rest_at(self, address: int) -> _Rest | None:
        device = self.device_at(address)
        return None if device is None else self._rests.get(device)

    def _rested(self, now: Instant) -> _Rest | None:
        """A device that is to be asked now that it has rested."""
        return next((rest for rest in self._rests.values() if rest.question and rest.until <= now), None)
