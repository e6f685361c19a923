"""A loudspeaker for machines without one: a program that is called like aplay, and writes down what it was to play.

It refuses what is no whole WAV, takes as long as the sound lasts, and adds a line of JSON to its record when it begins
and another when it ends. Where it knows the clips, it also writes down which it heard; `write_clips` makes a folder of
them, a tone for every sound of a call, for machines without a recorded voice.
"""

from __future__ import annotations

import io
import json
import math
import shlex
import struct
import sys
import time
import wave
from itertools import pairwise
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SOUNDS: Final = (
    *("ling2", "yi1", "yao1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3", "shi2"),
    *("qing3", "zai4", "ci4", "hao4", "dao4", "chuang1", "kou3", "ban4", "li3", "ye4", "wu4", "chime"),
    *ascii_uppercase,
)
"""What calls in Mandarin are made of, by the names of their clips."""

RATE: Final = 8000
_HIGHEST_HZ: Final = 3000
_LOUD: Final = 0x3000

TROUBLE: Final = "trouble"
"""The file beside the record that says what is wrong: nothing, or one of these."""
BUSY: Final = "busy"
HANGS: Final = "hangs"

_LOOKS_EVERY_S: Final = 0.02

_IN_USE: Final = "aplay: main:831: audio open error: Device or resource busy"


class Speaker:
    """A player in a folder of its own; `player` is the program, `clips` the folder of the clips it knows."""

    def __init__(self, folder: Path, *, clips: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.player: Final = folder / "player"
        self._record, self._trouble = folder / "record.jsonl", folder / TROUBLE
        command = [sys.executable, "-I", __file__, str(self._record), *([str(clips)] if clips is not None else [])]
        self.player.write_text(f'#!/bin/sh\nexec {shlex.join(command)} -- "$@"\n', encoding="utf-8")
        self.player.chmod(0o755)

    def trouble(self, what: str = "") -> None:
        """From now on the device is `BUSY`, or the player `HANGS` before the end; without a word all is well again."""
        self._trouble.write_text(what, encoding="utf-8")

    def record(self) -> list[dict[str, Any]]:
        """What has been written down."""
        if not self._record.exists():
            return []
        whole = self._record.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def said(self) -> list[list[str]]:
        """What was heard to its end, each time sound by sound."""
        lines = self.record()
        return [line["said"] for line, after in pairwise(lines) if "said" in line and "ended" in after]


def write_clips(folder: Path, names: Iterable[str] = SOUNDS, *, lasts_s: float = 0.1) -> None:
    """A tone for each name, every one another."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        (folder / f"{name}.wav").write_bytes(_tone(_HIGHEST_HZ / (1 + number / 7), lasts_s))


def heard(wav: bytes, clips: Mapping[str, bytes]) -> list[str]:
    """Which clips a WAV is made of, in order; silence between them is passed over, anything else is `?`."""
    frames, width = _frames(wav)
    known = [(_frames(clip)[0], name) for name, clip in clips.items() if clip.startswith(b"RIFF")]
    known.sort(key=lambda pair: -len(pair[0]))  # one may begin like another
    found, at = [], 0
    while at < len(frames):
        if not any(frames[at : at + width]):
            at += width
            continue
        clip, name = next(((clip, name) for clip, name in known if frames.startswith(clip, at)), (frames, "?"))
        found.append(name)
        at += len(clip)
    return found


def _frames(wav: bytes) -> tuple[bytes, int]:
    with wave.open(io.BytesIO(wav)) as file:
        return file.readframes(file.getnframes()), file.getsampwidth() * file.getnchannels()


def _tone(hertz: float, lasts_s: float) -> bytes:
    count = round(RATE * lasts_s)
    samples = (round(_LOUD * math.sin(2 * math.pi * hertz * (1 + at) / RATE)) or 1 for at in range(count))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{count}h", *samples))
    return file.getvalue()


def _trouble(record: Path) -> str:
    file = record.parent / TROUBLE
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _note(record: Path, **line: object) -> None:
    with record.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def main(arguments: list[str]) -> int:
    """The program: `RECORD [CLIPS] -- -q -D DEVICE`, and the WAV on stdin; the exit code."""
    ours, theirs = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    record, folder = Path(ours[0]), Path(ours[1]) if len(ours) > 1 else None
    if _trouble(record) == BUSY:
        sys.stderr.write(f"{_IN_USE}\n")
        return 1
    wav = sys.stdin.buffer.read()
    with wave.open(io.BytesIO(wav)) as file:
        lasts_s = file.getnframes() / file.getframerate()
        length = len(file.readframes(file.getnframes()))
        whole = length == file.getnframes() * file.getsampwidth() * file.getnchannels()
    if not whole:
        sys.stderr.write("the WAV is shorter than its header says\n")
        return 1
    said = [] if folder is None else heard(wav, {path.stem: path.read_bytes() for path in folder.glob("*.wav")})
    _note(record, began=time.monotonic(), asked=theirs, lasts_s=lasts_s, said=said)
    while _trouble(record) == HANGS:
        time.sleep(_LOOKS_EVERY_S)
    time.sleep(lasts_s)
    _note(record, ended=time.monotonic())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
