"""Real players, real synthesizer: what comes of each way in which a child process can end, or not end."""

import asyncio
import gc
import io
import os
import shutil
import wave
from pathlib import Path

import pytest

from edge.config.links import SoundLink, parse
from edge.driver import Sound, Synthesis
from edge.shell.clock import Clock
from edge.shell.links import sound as sounds
from edge.shell.links.sound import Mute, Speaker, open_sound
from edge.sim.devices import speaker as stand_in
from tests.drivers.calls import announcer
from tests.fakes import PATIENCE_S, FakeClock
from tests.shell.branch import soon

MANDARIN = Synthesis("cmn-latn-pinyin", "qing3 A ling2 yi1 er4 hao4", 150)


def silence(lasts_s: float = 0.05) -> Sound:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(2 * round(8000 * lasts_s)))
    return Sound(file.getvalue(), lasts_s)


def program(folder: Path, script: str) -> str:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def speaker(player: str = "/bin/true", *, device: str = "null", synthesizer: str | None = None) -> Speaker:
    return Speaker(device, player, synthesizer, Clock())


def descriptors() -> int:
    gc.collect()  # what earlier tests left is closed now or never
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_the_player_is_given_the_device_and_the_whole_wav(tmp_path: Path) -> None:
    end = stand_in.Speaker(tmp_path)
    await speaker(str(end.player), device="plughw:0,0").play(silence(0.2))
    began, ended = end.record()

    assert began["asked"] == ["-q", "-D", "plughw:0,0"]
    assert began["lasts_s"] == 0.2
    assert ended["ended"] - began["began"] >= 0.2


@pytest.mark.voice
async def test_aplay_plays_what_espeak_makes() -> None:
    aplay, espeak = shutil.which("aplay"), shutil.which("espeak-ng")
    assert aplay is not None
    wav = await speaker(aplay, synthesizer=espeak).synthesize(MANDARIN)
    with wave.open(io.BytesIO(wav)) as file:
        rate, frames = file.getframerate(), len(file.readframes(file.getnframes())) // 2

    assert 1.0 < frames / rate < 5.0
    await speaker(aplay).play(Sound(wav, 5.0))


@pytest.mark.voice
@pytest.mark.parametrize(("device", "reason"), [("hw:31,7", "hw:31,7: there is no such sound device; `aplay -L`")])
async def test_a_device_that_is_not_there_is_named_with_the_remedy(device: str, reason: str) -> None:
    aplay = shutil.which("aplay")
    assert aplay is not None
    with pytest.raises(Mute, match=reason):
        await speaker(aplay, device=device).play(silence())


@pytest.mark.voice
async def test_a_voice_that_espeak_has_not_is_a_reason() -> None:
    with pytest.raises(Mute, match=r"espeak-ng failed: .*voice does not exist"):
        await speaker(synthesizer=shutil.which("espeak-ng")).synthesize(Synthesis("xyzzy", "x", 150))


async def test_a_busy_device_is_named_with_the_remedy(tmp_path: Path) -> None:
    end = stand_in.Speaker(tmp_path)
    end.trouble(stand_in.BUSY)
    with pytest.raises(Mute, match=r"null: another program has it"):
        await speaker(str(end.player)).play(silence())
    end.trouble()
    await speaker(str(end.player)).play(silence())

    assert len(end.record()) == 2, "and then it plays"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "program failed: exit code 3"),
        ("echo 'first' >&2; echo 'aplay: main:831: no way' >&2; exit 1", "program failed: no way"),
        ("kill -SEGV $$", "program was ended by SIGSEGV"),
        ("head -c 100000 /dev/zero >&2; exit 1", "program failed"),
    ],
)
async def test_a_player_that_fails_is_a_reason(tmp_path: Path, script: str, reason: str) -> None:
    with pytest.raises(Mute, match=reason):
        await speaker(program(tmp_path, script)).play(silence())


async def test_a_player_that_reads_nothing_and_says_it_is_done_is_believed(tmp_path: Path) -> None:
    await speaker(program(tmp_path, "exit 0")).play(silence(2.0))


async def test_a_player_that_is_no_program_is_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "player"
    path.write_bytes(b"\x00\x01")
    path.chmod(0o755)
    with pytest.raises(Mute, match="cannot be started"):
        await speaker(str(path)).play(silence())


async def test_a_player_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    clock = FakeClock()
    hangs = Speaker("null", program(tmp_path, f"sleep 1000 & echo $! $$ > {pids}; wait"), None, clock)
    playing = asyncio.create_task(hangs.play(silence()))
    await soon(lambda: pids.exists() and pids.read_text().strip(), lambda: asyncio.to_thread(os.sched_yield))
    clock.advance(sounds.LATE_S + 1)
    with pytest.raises(Mute, match="has not ended after 4 s and was stopped"):
        await playing

    await gone(*map(int, pids.read_text().split()))


async def test_whoever_is_cancelled_leaves_no_player_behind(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    before = descriptors()
    playing = asyncio.create_task(speaker(program(tmp_path, f"echo $$ > {pids}; sleep 1000")).play(silence()))
    await soon(lambda: pids.exists() and pids.read_text().strip(), lambda: asyncio.to_thread(os.sched_yield))
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing

    await gone(int(pids.read_text()))
    assert descriptors() == before


async def gone(*pids: int) -> None:
    """Returns when these processes have ended; a child of nobody's is collected by init, sooner or later."""

    def running(pid: int) -> bool:
        stat = Path(f"/proc/{pid}/stat")
        try:
            return stat.read_text().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False

    async with asyncio.timeout(PATIENCE_S):
        while any(running(pid) for pid in pids):
            await asyncio.to_thread(os.sched_yield)


@pytest.mark.parametrize("player", ["no-such-player", "/no/such/player"])
async def test_a_player_that_is_not_installed_is_named(player: str) -> None:
    with pytest.raises(Mute, match=f"{player} is not installed; check player of the link"):
        await open_sound(SoundLink("default", player), announcer(), Clock())


async def test_aplay_that_is_not_installed_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Mute, match="aplay is not installed; apt install alsa-utils"):
        await open_sound(SoundLink("default"), announcer(), Clock())


async def test_no_voice_at_all_is_named_with_every_reason(tmp_path: Path) -> None:
    link = SoundLink("default", stand_in.Speaker(tmp_path / "end").player.as_posix())
    driver = announcer(clips=str(tmp_path / "nothing"), synthesizer="no-such-voice")
    with pytest.raises(
        Mute, match=r"there is no voice; .*/nothing: cannot be read: No such file.*; no-such-voice is not"
    ):
        await open_sound(link, driver, Clock())


async def test_opening_tries_the_device_by_a_silence_of_the_clips_form(tmp_path: Path) -> None:
    end, clips = stand_in.Speaker(tmp_path / "end"), tmp_path / "clips"
    stand_in.write_clips(clips, ["yi1"])
    await open_sound(
        parse_sound(f"sound:default?player={end.player}"), announcer(clips=str(clips), synthesizer=""), Clock()
    )

    assert [line["lasts_s"] for line in end.record() if "lasts_s" in line] == [0.1]


def parse_sound(text: str) -> SoundLink:
    link = parse(text)
    assert isinstance(link, SoundLink)
    return link
