"""Whose turn it is on a line that several devices share.

A device that does not answer is tried again when the others have had their turn; having failed as often as its request
allows it rests, so that with n devices on the line it takes an n-th of its time at most. It is then waited for little
longer than it has ever taken to answer, so that its rests are short and it is soon found to be back.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import SECOND, Instant, Micros, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.driver import Device, Request

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


class _Rest(Struct):
    """How often a device has failed in a row, whether it is given up, when it may be tried again, and by what.

    `in_vain` is how often it has been tried since.
    """

    failures: int = 0
    given_up: bool = False
    in_vain: int = 0
    until: Instant = 0
    question: Request | None = None


class Turns(Struct):
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
        if not self._rests:
            return self._questions.popleft() if self._questions else None
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
        if self._questions or not self.asks:
            return False
        return now - self._asked_at >= (ASK_EVERY if self._ready(now) is None else ASK_AT_LEAST_EVERY)

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
        rest = self._rests.get(device)
        if rest is None or not rest.given_up or (slowest_s := self._slowest_s.get(device)) is None:
            return request.deadline_s
        if rest.in_vain >= IN_FULL_FROM and not rest.in_vain & (rest.in_vain - 1):
            return request.deadline_s
        return min(request.deadline_s, max(PATIENCE_LEAST_S, PATIENCE * slowest_s))

    def recovered(self, device: str, answer_s: float) -> bool:
        """A device did as it was asked, in this time; True when it had been given up: what it shows is in doubt."""
        if answer_s > self._slowest_s.get(device, -1.0):
            self._slowest_s[device] = answer_s
        rest = self._rests.pop(device, None)
        return rest is not None and rest.given_up

    def _ready(self, now: Instant) -> str | None:
        return next((id for id in self._untold if self._due_at(id) <= now), None) if self._untold else None

    def _due_at(self, device: str) -> Instant:
        rest = self._rests.get(device)
        return max(self._pauses[device], 0 if rest is None else rest.until)

    def _rest_at(self, address: int) -> _Rest | None:
        device = self.device_at(address)
        return None if device is None else self._rests.get(device)

    def _rested(self, now: Instant) -> _Rest | None:
        """A device that is to be asked now that it has rested."""
        return next((rest for rest in self._rests.values() if rest.question and rest.until <= now), None)
