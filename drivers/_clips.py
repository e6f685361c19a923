"""Recorded and made sound: 16-bit PCM in WAV, read, put together with pauses between, and written as one WAV.

A shelf of clips is one file a sound, named after it (`qing3.wav`, `A.wav`, `chime.wav`), all alike in rate and
channels, so that joining them is nothing but copying.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SUFFIX: Final = ".wav"
_SAMPLE: Final = 2
_LONGEST_S: Final = 20.0
_CHANNELS_MOST: Final = 2

_TONES: Final = ((659.26, 0.45), (523.25, 0.75))
"""Ding, dong: hertz and seconds (E5, C5)."""

_LOUD: Final = 0.35
_DECAY_PER_S: Final = 6.0


class BadClip(ValueError):
    """Bytes that are no clip; the message says what is wrong and what is accepted."""


class Pcm(Struct, frozen=True):
    """Frames a second, and samples of 16 bits in each."""

    rate: int
    channels: int

    def __str__(self) -> str:
        return f"{self.rate} Hz with {self.channels} channel{'s' if self.channels > 1 else ''}"


class Clip(Struct, frozen=True):
    """A stretch of sound."""

    pcm: Pcm
    frames: bytes

    @property
    def lasts_s(self) -> float:
        """Its length in seconds."""
        return len(self.frames) / (_SAMPLE * self.pcm.channels * self.pcm.rate)


def read(data: bytes) -> Clip:
    """The clip in a WAV file; BadClip says why it is none.

    A synthesizer that writes to a pipe does not know the length beforehand: what is there counts, not what is said.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            pcm, width = Pcm(file.getframerate(), file.getnchannels()), file.getsampwidth()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, RuntimeError) as fault:
        raise BadClip(f"is no WAV file with plain PCM ({str(fault) or 'it is cut short'})") from fault
    if width != _SAMPLE or pcm.channels > _CHANNELS_MOST or not pcm.rate:
        raise BadClip(f"has {width * 8} bits and {pcm}; accepted: 16 bits, 1 or 2 channels")
    clip = Clip(pcm, frames[: len(frames) - len(frames) % (_SAMPLE * pcm.channels)])
    if not clip.frames:
        raise BadClip("is empty")
    if clip.lasts_s > _LONGEST_S:
        raise BadClip(f"lasts {clip.lasts_s:.0f} s; accepted: up to {_LONGEST_S:.0f} s")
    return clip


def written(clip: Clip) -> bytes:
    """The clip as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(clip.pcm.channels)
        out.setsampwidth(_SAMPLE)
        out.setframerate(clip.pcm.rate)
        out.writeframes(clip.frames)
    return file.getvalue()


def silence(pcm: Pcm, duration_s: float) -> Clip:
    """Nothing, for so long."""
    return Clip(pcm, bytes(_SAMPLE * pcm.channels * round(pcm.rate * duration_s)))


def joined(clips: Sequence[Clip]) -> Clip:
    """The clips one after the other; ValueError where they are not alike, or there are none."""
    kinds = {clip.pcm for clip in clips}
    if len(kinds) != 1:
        raise ValueError(f"clips of one format are joined, not of {len(kinds)}")
    return Clip(kinds.pop(), b"".join(clip.frames for clip in clips))


def chime(pcm: Pcm) -> Clip:
    """A two-tone chime, for who has not recorded one."""
    samples = chain.from_iterable(_tone(pcm.rate, hertz, duration_s) for hertz, duration_s in _TONES)
    return Clip(pcm, b"".join(struct.pack("<h", sample) * pcm.channels for sample in samples))


def shelf(files: Mapping[str, bytes]) -> tuple[dict[str, Clip], list[str]]:
    """The clips of a folder by the sound they are of, and what is wrong with its files, each by its name.

    What most of them are is how all must be; files that are none of ours (a README) are passed by.
    """
    found: dict[str, Clip] = {}
    faults: list[str] = []
    for name in sorted(name for name in files if name.endswith(SUFFIX)):
        try:
            found[name.removesuffix(SUFFIX)] = read(files[name])
        except BadClip as fault:
            faults.append(f"{name} {fault}")
    if found:
        ((usual, _),) = Counter(clip.pcm for clip in found.values()).most_common(1)
        odd = [name for name, clip in found.items() if clip.pcm != usual]
        faults += [f"{name}{SUFFIX} has {found.pop(name).pcm}, the others {usual}; make them alike" for name in odd]
    return found, faults


def _tone(rate: int, hertz: float, duration_s: float) -> Iterable[int]:
    peak = _LOUD * 0x7FFF
    for at in range(round(rate * duration_s)):
        time_s = at / rate
        fading = math.exp(-_DECAY_PER_S * time_s) * (1 - at / (rate * duration_s))
        yield round(peak * fading * math.sin(2 * math.pi * hertz * time_s))
