"""Ticket printers that speak ESC/POS: how they are, and the tickets they print (Epson's language; Chinese makers' too).

A printer is asked by DLE EOT 1 to 4 (how it is, why it is offline, which error, its paper) and made to tell of changes
by itself (GS a); those that know neither are asked for their paper by GS r. There is no checksum. So a byte counts only
as the answer to a question under way, an automatic status only when it was asked for and is whole, and what they say
counts when the next answers say the same; an automatic status makes the questions follow at once. A byte too many means
that an answer came late and took another's place: then all is asked again. After the start or a silence the state is
told by the first answers, for nothing is known that they could be held against; events wait for the next.

A ticket is one stretch of bytes that nothing comes between. Behind it stands GS r, which a printer only answers when it
has printed what came before: that answer is the proof.

Unverified, for want of a printer: which of them answer GS r only when they have printed (as Epson says), which forget
GS a with ESC @ (it is told anew with every ticket), and which print the rest of a ticket once they have paper again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, Field

from drivers._escpos_json import Frames
from drivers._escpos_status import AUTOMATIC, QUESTIONS, Automatic, StatusReader, flags_of
from drivers._escpos_ticket import Cut, Languages, Paper, ticket
from drivers._framing import bad
from drivers._machine import GOOD, Meaning, Part, Told, gravest
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import seconds
from edge.core.outputs import PrintTicket
from edge.driver import BadFrame, CannotEncode, Driver, NotNow, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drivers._escpos_status import Byte, Flag, Question
    from edge.core.instant import Instant
    from edge.core.outputs import Output
    from edge.driver import Device, FrameLayer, Medium, Received

MEDIUM: Final[frozenset[Medium]] = frozenset({"serial", "tcp"})
FRAMES: Final[FrameLayer] = Frames()

_TELL_EVERYTHING: Final = AUTOMATIC + b"\xff"
_PROOF: Final = QUESTIONS["paper_sensor"]
_APART_S: Final = 0.05
"""Between two questions: an answer is one byte, and printers are quick to give it."""
_UNPROVED: Final = "the printer does not say that it is printed"

_ROUNDS: Final[Mapping[str, tuple[Question, ...]]] = {
    "dle_eot": ("printer", "offline_cause", "error_cause", "paper"),
    "gs_r": ("paper_sensor",),
}

_LOW: Final = Meaning("low", "ok", "paper_low")
_OUT: Final = Meaning("out", "down", "paper_out")
_FAULTS: Final[tuple[tuple[str, tuple[Flag, ...], Meaning], ...]] = (
    ("paper", ("out", "paper_end_stop"), _OUT),
    ("paper", ("near_end",), _LOW),
    ("cover", ("cover_open",), Meaning("open", "down")),
    ("cutter", ("cutter",), Meaning("jammed", "down")),
    ("head", ("auto_recoverable",), Meaning("hot", "degraded")),
    ("printer", ("unrecoverable", "recoverable", "error"), Meaning("fault", "down")),
    ("printer", ("waiting_recovery",), Meaning("waiting", "down")),
    ("printer", ("feeding",), Meaning("feeding", "degraded")),
    ("printer", ("offline",), Meaning("offline", "down")),
)
"""What the flags make of each part; of those that hold of one part, the first."""

_VAGUE: Final[frozenset[Flag]] = frozenset({"error", "offline", "waiting_recovery"})
"""Flags that say that there is something, not what; they count where no other says more."""

_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "dle_eot": ("printer", "paper", "cover", "cutter", "head"),
    "gs_r": ("paper",),
}
"""Of which parts the answers tell, in the order in which people ask for them."""


class Settings(BaseModel, extra="forbid", frozen=True):
    """How the printer is asked, and what its tickets look like.

    `asks` "gs_r" is for printers that do not know DLE EOT: of those nothing is known but their paper. `automatic` lets
    it tell of changes by itself. `proof` ends a ticket with a question that is answered when it is printed, `print_s`
    is how long that may take. `width` is the paper's, in millimetres; `qr_dots` the size of a QR module.
    """

    every_s: float = Field(ge=1, le=60, default=2.0)
    deadline_s: float = Field(ge=0.1, le=5, default=1.0)
    tries: int = Field(ge=1, le=10, default=3)
    asks: Literal["dle_eot", "gs_r"] = "dle_eot"
    automatic: bool = True
    proof: bool = True
    print_s: float = Field(ge=1, le=60, default=10.0)
    width: Literal[58, 80] = 80
    cut: Cut = "partial"
    lang: Languages = "zh"
    qr_dots: int = Field(ge=1, le=16, default=6)
    notice: str = Field(max_length=100, default="")


class EscposPrinter(Driver):
    """One printer on a link of its own."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._settings: Settings = device.settings
        self._reader = StatusReader()
        self._owed: list[Question] = []
        self._instead = ""
        self._round: dict[Question, frozenset[Flag]] = {}
        self._told = Told()
        self._witness: tuple[Part, ...] | None = None
        self._parts: tuple[Part, ...] | None = None
        self._sure, self._due = False, 0
        self._misses, self._polled = 0, False
        self._ticket = self._unproved = ""
        self._unheard, self._to_enable, self._enabled = True, False, False

    def receive(self, data: bytes, at: Instant, topic: str = "") -> list[Received]:
        """Statuses, `paper_low` and `paper_out` when they begin, and a `Reply` for the question under way."""
        return [one for found in self._reader.feed(data) for one in self._heard(found, at)]

    def poll(self, at: Instant) -> list[Request]:
        """The questions when they are due, at once while a change waits for its second witness."""
        found, self._polled = [], True
        if self._to_enable:
            self._to_enable = False
            found.append(Request(0, _TELL_EVERYTHING))
        if at >= self._due or not self._sure:
            self._due = at + seconds(self._settings.every_s)
            found.append(self._request())
        return found

    def encode(self, command: Output) -> Request:
        """The bytes of a ticket; NotNow while the printer cannot print it, or has been asked how it is and not said."""
        if not isinstance(command, PrintTicket):
            raise CannotEncode(f"a printer takes no {command.NOUN}")
        self._refuse_while_down()
        self._ticket = command.ticket
        settings = self._settings
        look = Paper(
            width_mm=settings.width,
            cut=settings.cut,
            lang=settings.lang,
            qr_dots=settings.qr_dots,
            notice=settings.notice,
        )
        printed = ticket(command, look, self._device.zone)
        data = printed.data + (_TELL_EVERYTHING if settings.automatic else b"")  # ESC @ has switched it off
        if not settings.proof:
            return Request(0, data, flaw=printed.flaw)
        return Request(0, data + _PROOF, expects=True, deadline_s=settings.print_s, tries=1, flaw=printed.flaw)

    def asked(self, request: Request) -> None:
        """What is heard from here on may be the answers."""
        frames = (request.data, *request.then)
        self._owed = [one for frame in frames for one, data in QUESTIONS.items() if frame.endswith(data)]
        self._instead = ""
        self._enabled |= _TELL_EVERYTHING in request.data

    def unanswered(self, request: Request) -> str:
        """What came in place of the answers; none of them is of use, for the others may come late."""
        if self._round and not self._instead:
            self._instead = f"{len(self._round)} of {len(self._questions)} questions are answered"
        self._owed, self._round, self._sure = [], {}, False
        self._misses += 1
        self._unheard |= self._misses >= request.tries
        if request.data in QUESTIONS.values():
            return self._instead
        self._unproved = self._ticket
        return f"ticket {self._ticket}: {_UNPROVED}"

    def overdue(self, at: Instant) -> list[Received]:
        """`not_done` for a ticket that may not have come out, once."""
        lost, self._unproved = self._unproved, ""
        detail = f"print of {lost}: {_UNPROVED}"
        return [DeviceEvent(at=at, device=self._device.id, event="not_done", detail=detail)] if lost else []

    @property
    def _questions(self) -> tuple[Question, ...]:
        return _ROUNDS[self._settings.asks]

    def _request(self) -> Request:
        first, *others = (QUESTIONS[question] for question in self._questions)
        deadline_s, tries = self._settings.deadline_s, self._settings.tries
        return Request(0, first, then=tuple(others), expects=True, deadline_s=deadline_s, tries=tries, gap_s=_APART_S)

    def _refuse_while_down(self) -> None:
        if self._polled and self._unheard:
            raise NotNow("the printer has not said yet how it is")
        for parts in (self._parts or (), self._witness or ()):
            if gravest(parts) == "down":
                raise NotNow(_words(parts))

    def _heard(self, found: Byte | Automatic | BadFrame, at: Instant) -> Iterator[Received]:
        match found:
            case BadFrame():
                self._instead = "its answer is not well formed"
                yield found
            case Automatic():
                if self._enabled and not self._unheard:  # one told to by the last connection may tell before
                    yield from self._reading(found.flags, at)
            case _:
                yield from self._answer(found, at)

    def _answer(self, byte: Byte, at: Instant) -> Iterator[Received]:
        data = bytes((byte.value,))
        if not self._owed:
            self._round, self._witness, self._sure = {}, None, False
            yield bad("a status byte that nobody asked for", data)
            return
        question = self._owed[0]
        flags = flags_of(question, byte.value)
        if flags is None:
            self._instead = "its answer is not well formed"
            yield bad(f"no answer to {question}", data)
            return
        del self._owed[0]
        if question in self._questions:
            self._round[question] = flags
        if self._owed:
            return
        self._misses = 0
        yield Reply(0, ok=True)
        if len(self._round) == len(self._questions):
            whole: frozenset[Flag] = frozenset().union(*self._round.values())
            self._round = {}
            yield from self._reading(whole, at)

    def _reading(self, flags: frozenset[Flag], at: Instant) -> Iterator[Received]:
        parts = _parts(flags, _PARTS[self._settings.asks])
        self._sure, self._witness = parts == self._witness, parts
        if self._unheard:
            self._unheard, self._to_enable = False, self._settings.automatic
            yield self._status(parts, at)
        elif self._sure and parts != self._parts:
            yield self._status(parts, at)
        for event in self._told.begun(parts) if self._sure else ():
            yield DeviceEvent(at=at, device=self._device.id, event=event)

    def _status(self, parts: tuple[Part, ...], at: Instant) -> DeviceStatus:
        self._parts = parts
        words = {part.name: part.meaning.word or "ok" for part in parts}
        state, detail = gravest(parts), _words(parts)
        return DeviceStatus(
            at=at, device=self._device.id, kind=self._device.kind, state=state, parts=words, detail=detail
        )


def create(devices: Sequence[Device]) -> Driver:
    """A codec for the one printer on its link."""
    return EscposPrinter(devices[0])


def _parts(flags: frozenset[Flag], names: Sequence[str]) -> tuple[Part, ...]:
    """How each part is."""
    parts = _by_flags(flags - _VAGUE, names)
    return parts if gravest(parts) != "ok" else _by_flags(flags, names)


def _by_flags(flags: frozenset[Flag], names: Sequence[str]) -> tuple[Part, ...]:
    found: dict[str, Meaning] = {}
    for name, any_of, meaning in _FAULTS:
        if not flags.isdisjoint(any_of):
            found.setdefault(name, meaning)
    return tuple(Part(name, found.get(name, GOOD)) for name in names)


def _words(parts: Sequence[Part]) -> str:
    """What is not in order, in words."""
    return ", ".join(f"{part.name} {part.meaning.word}" for part in parts if part.meaning.word is not None)
