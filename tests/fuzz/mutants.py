"""Frames with faults, and what may be made of them: no driver may say what no sound frame among the bytes says.

Drivers are found by their captures. Where a driver offers its frames (`FRAMES`), it may say of a mutant no more than of
the sound frames in it alone: those which the encoder, computing every check anew, writes as bytes that stand there.
Where it offers none, there is no check to hold it to (text, JSON): what it says must then be a well-formed event of the
device.

Events are what is judged. A reply only ends a question that waits for one, and elsewhere it is dropped; of a driver
that says nothing but replies (boards), they are judged in the place of events.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from random import Random

from msgspec.structs import replace

from edge.bench.captures import Capture, Turn, captures, feed, load
from edge.core import wire
from edge.core.events import DeviceStatus
from edge.driver import Answer, BadFrame, FrameLayer, Received, Reply

Change = Callable[[bytes, Random], bytes]


@dataclass(frozen=True)
class Phantom:
    """Something a driver said that nothing in the bytes says."""

    driver: str
    capture: str
    mutant: bytes
    said: Received


@dataclass(frozen=True)
class Mutants:
    """The mutants of one driver, endless, the same for the same seed."""

    driver: str
    captures: tuple[Capture, ...]
    seed: int

    def phantoms(self, count: int) -> Iterator[Phantom]:
        """What the driver says of so many mutants and should not."""
        dice = Random(f"{self.seed}/{self.driver}")
        sound = [(capture, frame) for capture in self.captures for frame in capture.frames()]
        for _ in range(count):
            capture, frame = dice.choice(sound)
            mutant = changed(frame[-1].data, dice.choice(sound)[1][-1].data, dice)
            yield from self._judged(capture, (*frame[:-1], replace(frame[-1], data=mutant)))

    def _judged(self, capture: Capture, turns: tuple[Turn, ...]) -> Iterator[Phantom]:
        unexplained = [one for one in said(capture, turns) if self._counts(one)]
        if not unexplained:
            return
        mutant = turns[-1].data
        layer: FrameLayer | None = getattr(load(self.driver), "FRAMES", None)
        if layer is None:
            unexplained = [one for one in unexplained if not well_formed(one, capture)]
        else:
            _strike_out(unexplained, said(capture, _with(turns, b"".join(sound_frames(layer, mutant)))))
            stretches = sound_stretches(layer, mutant) if unexplained else {}
            for sound in (b"".join(sound_parts(stretches)), *stretches.values()):
                _strike_out(unexplained, said(capture, _with(turns, sound)))
        for one in unexplained:
            yield Phantom(self.driver, capture.name, mutant, one)

    def _counts(self, one: Received) -> bool:
        if isinstance(one, DeviceStatus) and one.state == "unknown":
            return False  # that nothing is known is true of any bytes
        return self.only_replies or not isinstance(one, Reply)

    @cached_property
    def only_replies(self) -> bool:
        """Whether this driver says nothing but replies of its captures."""
        return all(isinstance(one, Reply) for capture in self.captures for one in said(capture, capture.turns))


def by_driver(seed: int = 1) -> list[Mutants]:
    """The mutants of every driver that has captures."""
    found: dict[str, list[Capture]] = {}
    for capture in captures():
        found.setdefault(capture.driver, []).append(capture)
    return [Mutants(driver, tuple(own), seed) for driver, own in found.items()]


def said(capture: Capture, turns: tuple[Turn, ...]) -> list[Received]:
    """What a fresh driver makes of the turns, but for what it calls bad."""
    driver = capture.fresh()
    return [one for turn in turns for one in feed(driver, turn) if not isinstance(one, BadFrame)]


def sound_frames(layer: FrameLayer, data: bytes) -> Iterator[bytes]:
    """The frames in the data that their encoder writes as bytes which stand there."""
    for item in layer.decode([data]):
        written = b"" if "bad_frame" in item else layer.encode(item)
        if written and written in data:
            yield written


def sound_stretches(layer: FrameLayer, data: bytes) -> dict[int, bytes]:
    """Where a sound frame begins in the data, and the shortest that does; one may begin within another."""
    found = {}
    for begin in range(len(data)):
        ends = range(begin + 1, len(data) + 1)
        stretches = (data[begin:end] for end in ends)
        stretch = next((one for one in stretches if [*sound_frames(layer, one)] == [one]), b"")
        if stretch:
            found[begin] = stretch
    return found


def sound_parts(stretches: Mapping[int, bytes]) -> list[bytes]:
    """Of the stretches those from the left on of which none lies over another."""
    parts, end = [], 0
    for begin, stretch in sorted(stretches.items()):
        if begin >= end:
            parts.append(stretch)
            end = begin + len(stretch)
    return parts


def _with(turns: tuple[Turn, ...], data: bytes) -> tuple[Turn, ...]:
    return (*turns[:-1], replace(turns[-1], data=data))


def _strike_out(unexplained: list[Received], explained: list[Received]) -> None:
    for one in explained:
        if one in unexplained:
            unexplained.remove(one)


def well_formed(one: Received, capture: Capture) -> bool:
    """Whether something said is an event that can be written down and read again, and is about nobody else."""
    if isinstance(one, Answer | BadFrame | Reply):
        return True
    about = getattr(one, "device", capture.device.id)
    return about == capture.device.id and wire.decode(wire.publish(one, UTC)) == one


def changed(data: bytes, other: bytes, dice: Random) -> bytes:
    """The data with one to three changes, each of any kind; never the data itself."""
    mutant = data
    while mutant == data:
        for _ in range(dice.randint(1, 3)):
            mutant = dice.choice(_CHANGES)(mutant, dice) or other
        if dice.random() < 0.1:
            mutant = _spliced(mutant, other, dice)
    return mutant


def _flipped(data: bytes, dice: Random) -> bytes:
    return _replaced_at(data, dice.randrange(len(data)), lambda byte: byte ^ 1 << dice.randrange(8))


def _replaced(data: bytes, dice: Random) -> bytes:
    return _replaced_at(data, dice.randrange(len(data)), lambda _: dice.randrange(256))


def _replaced_at(data: bytes, place: int, change: Callable[[int], int]) -> bytes:
    return data[:place] + bytes((change(data[place]),)) + data[place + 1 :]


def _repeated_byte(data: bytes, dice: Random) -> bytes:
    """One byte of the data in another's place: heads, tails and escapes where they do not belong."""
    byte = dice.choice(data)
    return _replaced_at(data, dice.randrange(len(data)), lambda _: byte)


def _lost(data: bytes, dice: Random) -> bytes:
    begin = dice.randrange(len(data))
    return data[:begin] + data[begin + dice.randint(1, 4) :]


def _inserted(data: bytes, dice: Random) -> bytes:
    place = dice.randint(0, len(data))
    return data[:place] + dice.randbytes(dice.randint(1, 4)) + data[place:]


def _cut_short(data: bytes, dice: Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _begun_late(data: bytes, dice: Random) -> bytes:
    return data[dice.randrange(len(data)) :]


def _doubled(data: bytes, dice: Random) -> bytes:
    begin, end = sorted((dice.randint(0, len(data)), dice.randint(0, len(data))))
    return data[:end] + data[begin:]


def _swapped(data: bytes, dice: Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + data[place : place + 2][::-1] + data[place + 2 :]


def _spliced(data: bytes, other: bytes, dice: Random) -> bytes:
    return data[: dice.randint(0, len(data))] + other[dice.randint(0, len(other)) :] or data


_CHANGES: tuple[Change, ...] = (
    _flipped,
    _replaced,
    _repeated_byte,
    _lost,
    _inserted,
    _cut_short,
    _begun_late,
    _doubled,
    _swapped,
)
