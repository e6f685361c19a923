"""FF 68 call terminals ("21键呼叫器"), up to thirty on one RS-485 line of 9600 baud, 8N1 (frames: `_ff68_frames`).

Each box has its terminal number as its address. It speaks when a key is pressed and wants an answer at once: a key
frame comes back to it as it is, a rating is answered by function 01 with its value. No frame that asks a box how it is
is known, so none is sent: of a box that is never pressed nothing is known but that its line is open. Its state says
`heard` from its first frame on.

Keys (the last byte of a key frame; typed digits stand before it):
0C call next, asked of the queue machine, and where the window is paused it is resumed; 0D recall; 06 0F the customer
did not come; 12 pause; digits 13 transfer, to where `transfers` says; 00 0F hang and 03 0F call back, which only the
queue machine can do (`device.event`, passed on to it); 11 one-metre line (`device.event`, kept and ignored). 0B
evaluate opens the rating pad by its own answer and 0E cancel is not used: both are answered and mean nothing here. Any
other key is answered and named as bad. What concerns a ticket concerns the one the window serves, as we were told; a
rating may come after its end and is then of the last one.

Two boxes set to one address press as one, and only where they collide can it be seen: broken frames are counted, and
three of them in a minute, or a frame of an address that is none of ours, make every box of the line `degraded`.

Not certain, for want of a capture: the function byte of key frames (any but 11 is taken, and named in the state);
whether digits may stand before keys that need none (they are passed over); whether a blank digit clears a screen or
leaves it (as in the source, ticket and waiting go in two frames, each with the other blank, and the one that matters
comes last; `together` puts both in one); the pause a box needs behind a frame; which of a pad's keys gives which value
(`ratings`: by the source's own scale 0 is satisfied, 1 very satisfied, 2 worse and all beyond worst); whether a box
repeats an unanswered frame (one like the last within half a second is taken as that, answered and not counted again).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Struct
from pydantic import AfterValidator, BaseModel, Field, model_validator

from drivers._ff68_frames import (
    BEEP,
    BLANKS,
    KEY_LENGTHS,
    RATE,
    RATED,
    SHOW,
    Frame,
    FrameReader,
    Frames,
    Key,
    encode,
    last_digits,
    three_digits,
)
from drivers._ff68_trouble import Trouble
from drivers._framing import bad
from edge.core.events import (
    DeviceEvent,
    DeviceStatus,
    Rating,
    TicketNoShow,
    TicketRated,
    TicketRecalled,
    TicketTransferred,
    WindowPaused,
    WindowResumed,
)
from edge.core.instant import SECOND
from edge.core.outputs import ShowOnCounter
from edge.driver import Answer, BadFrame, CannotEncode, Driver, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.core.events import DeviceState
    from edge.core.instant import Instant, Micros
    from edge.core.outputs import Level, Output
    from edge.driver import Device, FrameLayer, Medium, Received

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})
FRAMES: Final[FrameLayer] = Frames()
ADDRESSES: Final = range(1, 256)
AT_WINDOW: Final = True

_FACTORY_ADDRESS: Final = 1
_LONGEST_HEARD: Final = 8
"""LEN of the longest frame of the protocol that is known; one of ours that comes back is read whole and named."""

_IDLE_S: Final = 0.03
"""A key frame takes 10 ms, and an adapter may hand it over in two pieces: after so long a silence nobody speaks."""

_REPEATED: Final[Micros] = SECOND // 2
_ECHOED: Final[Micros] = SECOND // 10

_ABANDON, _HANG, _CALL_BACK = b"\x06", b"\x00", b"\x03"
"""What is typed before the confirm key."""


def _keys_typed(transfers: dict[str, Place]) -> dict[str, Place]:
    for digits in transfers:
        if not re.fullmatch(r"\d{1,2}", digits, re.ASCII):
            raise ValueError(f"{digits!r} cannot be typed before the transfer key; accepted: one or two digits")
    return transfers


class Place(BaseModel, extra="forbid", frozen=True):
    """Where a customer is sent to: a service class, or a window."""

    service: str | None = None
    window: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Place:
        if (self.service is None) == (self.window is None):
            raise ValueError("a transfer goes to a service or to a window")
        return self


class Settings(BaseModel, extra="forbid", frozen=True):
    """Where the transfer key sends to by the digits typed before it, and what the keys of the rating pad are worth.

    `ratings` are 1 (worst) to 5 for the values 0, 1, 2 …; the last is of everything beyond. `gap_s` is the pause behind
    each frame to a box; `together` shows ticket and waiting by one frame, on a box whose blanks put out the other.
    """

    transfers: Annotated[dict[str, Place], AfterValidator(_keys_typed)] = Field(default_factory=dict)
    ratings: Annotated[tuple[Rating, ...], Field(min_length=1, max_length=256)] = (4, 5, 2, 1)
    gap_s: float = Field(ge=0, le=1, default=0.015)
    together: bool = False


class _Box(Struct):
    """One terminal: what its window was told to show, and the last frame it sent."""

    device: Device
    address: int
    ticket: str | None = None
    rated: str | None = None
    paused: bool = False
    heard: str | None = None
    last: Frame | None = None
    last_at: Instant = 0
    answer: bytes = b""
    answered_at: Instant = 0


class CallTerminals(Driver):
    """The boxes of one line, told apart by address; a box without one has the factory's, 1."""

    def __init__(self, devices: Sequence[Device]) -> None:
        boxes = [_Box(device, _FACTORY_ADDRESS if device.address is None else device.address) for device in devices]
        self._boxes = {box.address: box for box in boxes}
        self._by_id = {box.device.id: box for box in boxes}
        self._reader = FrameReader(_LONGEST_HEARD)
        self._line = Trouble()
        self._trouble = ""

    # ---- in ----

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """Keys and ratings as events, each with the answer the box waits for; whatever else comes is bad."""
        found: list[Received] = []
        for one in self._reader.feed(data):
            if isinstance(one, BadFrame):
                self._line.broke(at)
                found.append(one)
            else:
                found += self._frame(one, at)
        return found

    def overdue(self, at: Instant) -> list[Received]:
        """What is wrong with the line, when that begins and when it is over; it is that of all its boxes."""
        trouble = self._line.wrong(at)
        if trouble == self._trouble:
            return []
        self._trouble = trouble
        state: DeviceState = "degraded" if trouble else "ok"
        return [_status(box, state, trouble or "in order again", at) for box in self._boxes.values()]

    def _frame(self, frame: Frame, at: Instant) -> Iterator[Received]:
        box = self._boxes.get(frame.addr)
        if frame.length not in KEY_LENGTHS:
            yield bad(f"length {frame.length} is none of a terminal's", encode(frame))
        elif box is None:
            self._line.stranger(frame.addr, at)
            ours = ", ".join(map(str, self._boxes))
            yield bad(f"a frame of address {frame.addr}, which is none of ours; there are: {ours}", encode(frame))
        elif encode(frame) == box.answer and at - box.answered_at < _ECHOED:
            box.answer = b""
            yield bad("our own answer comes back; does the adapter hear itself? Set echo=1 in the link", encode(frame))
        else:
            yield from self._of(box, frame, at)

    def _of(self, box: _Box, frame: Frame, at: Instant) -> Iterator[Received]:
        again = frame == box.last and at - box.last_at < _REPEATED
        box.last, box.last_at = frame, at
        box.answer, box.answered_at = encode(_answer(frame)), at
        yield Answer(box.answer)
        if again:
            return
        heard = box.heard if frame.func == RATED and box.heard else _heard(frame)
        if heard != box.heard:
            box.heard = heard
            yield _status(box, "degraded" if self._trouble else "ok", self._trouble or heard, at)
        window = box.device.window
        if window is None:
            yield bad(f"{box.device.id} belongs to no window, so nothing follows from its keys", encode(frame))
        elif frame.func == RATED:
            yield _rating(box, window, frame.data, at)
        else:
            yield from _key(box, window, frame.data[:-1], frame.data[-1], at)

    # ---- out ----

    def wanted(self, command: Level) -> None:
        """A key may be pressed before the box has been told: it is about this ticket."""
        box = self._by_id.get(command.device)
        if isinstance(command, ShowOnCounter) and box is not None:
            box.ticket, box.paused = command.ticket, command.paused
            box.rated = command.ticket or box.rated

    def encode(self, command: Output) -> Request:
        """The ticket's last three digits, how many wait, and a beep for a call: a frame each."""
        box = self._by_id.get(command.device)
        if not isinstance(command, ShowOnCounter) or box is None:
            raise CannotEncode(f"no terminal {command.device!r} on this line takes a {command.NOUN}")
        self.wanted(command)
        settings: Settings = box.device.settings
        shown = [Frame(box.address, SHOW, digits) for digits in _screens(command, together=settings.together)]
        frames = [*shown, Frame(box.address, BEEP)] if command.beep else shown
        first, *then = map(encode, frames)
        return Request(
            address=box.address,
            data=first,
            then=tuple(then),
            gap_s=settings.gap_s,
            idle_s=_IDLE_S,
            flaw="" if command.ticket is None or last_digits(command.ticket) else "the ticket has no number to show",
        )


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the boxes that share one line."""
    return CallTerminals(devices)


def _screens(command: ShowOnCounter, *, together: bool) -> Iterator[bytes]:
    """The six digits of each frame; what matters comes last, whatever a blank does to what is there."""
    waiting = three_digits(command.waiting)
    ticket = BLANKS if command.ticket is None else last_digits(command.ticket) or BLANKS
    if together:
        yield waiting + ticket
    elif ticket == BLANKS:
        yield from (BLANKS + BLANKS, waiting + BLANKS)
    else:
        yield from (waiting + BLANKS, BLANKS + ticket)


def _answer(frame: Frame) -> Frame:
    """What the box has back at once."""
    return Frame(frame.addr, RATE, frame.data) if frame.func == RATED else frame


def _heard(frame: Frame) -> str:
    return "heard" if frame.func == RATED else f"heard, keys by function {frame.func:02x}"


def _status(box: _Box, state: DeviceState, detail: str, at: Instant) -> DeviceStatus:
    return DeviceStatus(at=at, device=box.device.id, kind=box.device.kind, state=state, detail=detail)


def _rating(box: _Box, window: str, data: bytes, at: Instant) -> Received:
    settings: Settings = box.device.settings
    if len(data) != 1:
        return bad(f"a rating of {len(data)} bytes; accepted: 1", data)
    if box.rated is None:
        return bad("a rating, and no ticket has been at this window since the line is open", data)
    rating = settings.ratings[min(data[0], len(settings.ratings) - 1)]
    return TicketRated(at=at, ticket=box.rated, window=window, rating=rating)


def _key(box: _Box, window: str, digits: bytes, key: int, at: Instant) -> Iterator[Received]:
    """What a key with the digits typed before it means at this window."""
    id = box.device.id
    match key:
        case Key.CALL_NEXT:
            if box.paused:
                box.paused = False
                yield WindowResumed(at=at, window=window)
            yield DeviceEvent(at=at, device=id, event="call_next")
        case Key.PAUSE:
            if not box.paused:  # a second press would wipe out the reason somebody has given
                box.paused = True
                yield WindowPaused(at=at, window=window)
        case Key.ONE_METRE_LINE:
            yield DeviceEvent(at=at, device=id, event="one_metre_line")
        case Key.EVALUATE | Key.CANCEL:
            return
        case Key.CONFIRM if digits == _HANG:
            yield DeviceEvent(at=at, device=id, event="hang")
        case Key.CONFIRM if digits == _CALL_BACK:
            yield DeviceEvent(at=at, device=id, event="call_back")
        case Key.RECALL:
            yield _about_ticket(box, "recall") or TicketRecalled(at=at, ticket=box.ticket or "", window=window)
        case Key.CONFIRM if digits == _ABANDON:
            yield _about_ticket(box, "abandon") or TicketNoShow(at=at, ticket=box.ticket or "", window=window)
        case Key.TRANSFER:
            yield _about_ticket(box, "transfer") or _transfer(box, digits, at)
        case _:
            yield bad(f"keys {(digits + bytes((key,))).hex(' ')}: no such key", digits)


def _about_ticket(box: _Box, what: str) -> BadFrame | None:
    """Why a key that is about the ticket at the window means nothing; None where there is one."""
    return bad(f"{what} at {box.device.id}, and its window serves no ticket") if box.ticket is None else None


def _transfer(box: _Box, digits: bytes, at: Instant) -> Received:
    settings: Settings = box.device.settings
    typed = "".join(str(digit) for digit in digits)
    place = settings.transfers.get(typed)
    if place is None:
        return bad(f"transfer to {typed or 'nowhere'}: 'transfers' of {box.device.id} names no such place", digits)
    return TicketTransferred(at=at, ticket=box.ticket or "", service=place.service, window=place.window)
