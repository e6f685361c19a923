"""The simulated loudspeaker: called like aplay, it plays whole WAVs only, and knows the clips it hears."""

import subprocess
from pathlib import Path

import pytest

from edge.sim.devices.speaker import BUSY, Speaker, heard, write_clips
from tests.drivers.calls import announcer, say


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    write_clips(tmp_path / "clips", lasts_s=0.01)
    return tmp_path / "clips"


def call(clips: Path) -> bytes:
    driver = announcer(times=1)
    driver.equip({path.name: path.read_bytes() for path in clips.iterdir()}, synthesizes=False)
    return driver.sound(say("A012"), ()).wav


def play(end: Speaker, wav: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([end.player, "-q", "-D", "default"], input=wav, capture_output=True, check=False)


def test_it_writes_down_what_it_heard_and_that_it_came_to_its_end(tmp_path: Path, clips: Path) -> None:
    end = Speaker(tmp_path / "end", clips=clips)

    assert play(end, call(clips)).returncode == 0
    (said,) = end.said()
    assert said[:3] == ["chime", "qing3", "A"]
    assert end.record()[0]["asked"] == ["-q", "-D", "default"]


@pytest.mark.parametrize("cut", [0, 20, 100, -2])
def test_half_a_wav_is_refused(tmp_path: Path, clips: Path, cut: int) -> None:
    end = Speaker(tmp_path / "end", clips=clips)

    assert play(end, call(clips)[:cut]).returncode != 0
    assert end.said() == []


def test_a_busy_device_says_so_in_aplays_words(tmp_path: Path, clips: Path) -> None:
    end = Speaker(tmp_path / "end", clips=clips)
    end.trouble(BUSY)
    done = play(end, call(clips))

    assert done.returncode == 1
    assert done.stderr.decode().strip().endswith("audio open error: Device or resource busy")


def test_a_sound_it_does_not_know_is_a_question_mark(clips: Path) -> None:
    known = {path.stem: path.read_bytes() for path in clips.iterdir()}
    del known["A"]

    assert heard(call(clips), known)[:3] == ["chime", "qing3", "?"]
