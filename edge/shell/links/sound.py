"""Sound: a child process plays a WAV to an ALSA device; another makes one of a text.

Neither is given a pipe. What a child reads and writes are files in memory, so that it goes at its own pace and its end
is all there is to wait for. One that takes too long is killed.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct

from edge.config import files
from edge.driver import CannotEncode
from edge.shell.links.stream import LinkLost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edge.config.links import SoundLink
    from edge.driver import Sound, SoundDriver, Synthesis
    from edge.shell.clock import Clock

LATE_S: Final = 4.0
"""So much longer than the sound itself a player may take: to open the device, and to let it run dry."""

SYNTHESIZED_WITHIN_S: Final = 10.0
DIES_WITHIN_S: Final = 0.1

_SAID_MOST: Final = 4096
_PREFIX: Final = re.compile(r"^(?:\S+: )?\S+:\d+: ")
"""What aplay puts before a complaint: program, function, line."""

_REMEDIES: Final[Mapping[str, str]] = {
    "No such file or directory": "there is no such sound device; `aplay -L` lists those there are",
    "No such device": "there is no such sound device; `aplay -L` lists those there are",
    "Device or resource busy": "another program has it; stop that, a sound device has one owner",
    "Permission denied": "is not permitted; sound devices belong to group audio: have the daemon run with that group",
}
_PACKAGES: Final[Mapping[str, str]] = {"aplay": "alsa-utils"}


class Mute(LinkLost):
    """Nothing can be heard: the device itself is down, not only its link; the message is one plain sentence."""


class Speaker(Struct, frozen=True):
    """One sound device and the programs around it, by their whole paths; None where there is no synthesizer."""

    device: str
    player: str
    synthesizer: str | None
    clock: Clock

    async def play(self, sound: Sound) -> None:
        """Returns when the player says that it is done; Mute says why it cannot be heard."""
        done = await _run((self.player, "-q", "-D", self.device), sound.wav, sound.lasts_s + LATE_S, self.clock)
        if done.code:
            reason = _reason(self.player, done)
            remedy = next((remedy for known, remedy in _REMEDIES.items() if known in reason), reason)
            raise Mute(f"{self.device}: {remedy}")

    async def synthesize(self, text: Synthesis) -> bytes:
        """A WAV of the text; Mute says why there is none."""
        program = self.synthesizer or ""
        command = (program, "--stdin", "--stdout", "-v", text.voice, "-s", str(text.speed))
        done = await _run(command, text.text.encode(), SYNTHESIZED_WITHIN_S, self.clock)
        if done.code or not done.out:
            raise Mute(_reason(program, done))
        return done.out


async def open_sound(link: SoundLink, driver: SoundDriver, clock: Clock) -> Speaker:
    """The device, with the driver equipped; Mute says why nothing can be heard, or nothing said."""
    player = shutil.which(link.player)
    if player is None:
        raise Mute(_absent(link.player))
    try:
        clips, fault = await asyncio.to_thread(files.read, driver.clips) if driver.clips else {}, ""
    except files.BadFolder as refused:
        clips, fault = {}, str(refused)
    synthesizer = shutil.which(driver.synthesizer) if driver.synthesizer else None
    try:
        await asyncio.to_thread(driver.equip, clips, fault=fault, synthesizes=synthesizer is not None)
    except CannotEncode as refused:
        raise Mute(str(refused)) from refused
    speaker = Speaker(link.device, player, synthesizer, clock)
    await speaker.play(driver.silence())
    return speaker


class _Done(Struct, frozen=True):
    """How a child ended, and what it wrote."""

    code: int
    out: bytes
    complaint: str


async def _run(command: Sequence[str], given: bytes, within_s: float, clock: Clock) -> _Done:
    name = Path(command[0]).name
    with _in_memory("stdin", given) as stdin, _in_memory("stdout") as stdout, _in_memory("stderr") as stderr:
        child, handle = _started(command, stdin, stdout, stderr)
        try:
            async with clock.timeout(within_s):
                await _readable(handle)
        except TimeoutError as fault:
            raise Mute(f"{name} has not ended after {within_s:.0f} s and was stopped; does the device work?") from fault
        finally:
            _end(child, handle)
        return _Done(child.returncode, _read(stdout), _read(stderr)[-_SAID_MOST:].decode(errors="replace"))


def _started(
    command: Sequence[str], stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]
) -> tuple[subprocess.Popen[bytes], int]:
    """The child, and a handle that is readable once it has ended; Mute says why there is none."""
    environment = {**os.environ, "LC_ALL": "C"}  # complaints in English
    try:
        child = subprocess.Popen(  # noqa: S603 (the program of the configuration, which is root's)
            command, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True, env=environment
        )
    except OSError as fault:
        raise Mute(f"{command[0]} cannot be started: {fault.strerror}") from fault
    return child, os.pidfd_open(child.pid)


async def _readable(handle: int) -> None:
    """Returns when the process has ended."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    loop.add_reader(handle, lambda: None if ended.done() else ended.set_result(None))
    try:
        await ended
    finally:
        loop.remove_reader(handle)


def _end(child: subprocess.Popen[bytes], handle: int) -> None:
    """Collects a child that has ended, and kills one that has not, with whatever it has started.

    A child that hangs inside a device's driver outlives that; it is collected when it ends, and nobody waits for it.
    """
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        try:
            child.wait(DIES_WITHIN_S)
        except subprocess.TimeoutExpired:
            asyncio.get_running_loop().add_reader(handle, _collect, child, handle)
            return
    os.close(handle)


def _collect(child: subprocess.Popen[bytes], handle: int) -> None:
    asyncio.get_running_loop().remove_reader(handle)
    os.close(handle)
    child.poll()


@contextmanager
def _in_memory(name: str, content: bytes = b"") -> Iterator[IO[bytes]]:
    with os.fdopen(os.memfd_create(name), "w+b") as file:
        file.write(content)
        file.flush()
        file.seek(0)
        yield file


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _reason(program: str, done: _Done) -> str:
    """Why a program failed, in its own words where it has any."""
    name = Path(program).name
    lines = [line for line in done.complaint.splitlines() if line.strip()]
    said = _PREFIX.sub("", lines[-1]).strip() if lines else ""
    if done.code < 0:
        return f"{name} was ended by {signal.Signals(-done.code).name}"
    return f"{name} failed: {said or f'exit code {done.code}'}"


def _absent(program: str) -> str:
    package = _PACKAGES.get(program)
    return f"{program} is not installed; " + (f"apt install {package}" if package else "check player of the link")
