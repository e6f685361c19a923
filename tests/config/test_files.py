"""Files beside the configuration: `lobbyd check` names their faults, and the daemon starts all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from edge.cli import main
from edge.config import ConfigError, files, load
from edge.sim.devices.speaker import write_clips

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: Final = """
[branch]
id = "b1"
[devices.voice-1]
kind = "announcer"
driver = "announcer"
link = "sound:default"
settings = { clips = "CLIPS" }
"""


def written(folder: Path, config: str = CONFIG) -> Path:
    file = folder / "branch.toml"
    file.write_text(config.replace("CLIPS", str(folder / "clips")), encoding="utf-8")
    return file


def checked(file: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        load(file, with_files=True)
    return refused.value.faults


def test_a_whole_folder_of_clips_is_good(tmp_path: Path) -> None:
    write_clips(tmp_path / "clips", lasts_s=0.01)

    assert load(written(tmp_path), with_files=True).devices


def test_a_folder_that_is_missing_is_named_with_its_key_and_stops_no_daemon(tmp_path: Path) -> None:
    file, folder = written(tmp_path), tmp_path / "clips"

    assert checked(file) == (
        f"{file}: devices.voice-1.settings.clips: {folder}: cannot be read: No such file or directory",
    )
    assert load(file).devices


def test_every_fault_of_clips_and_configuration_is_named_in_one_round(tmp_path: Path) -> None:
    write_clips(tmp_path / "clips", lasts_s=0.01)
    (tmp_path / "clips" / "hao4.wav").write_bytes(b"hello, I am no sound")
    (tmp_path / "clips" / "yi1.wav").unlink()
    file = written(tmp_path, CONFIG + "[web]\nlisten = 5\n")
    faults = checked(file)

    assert [fault.partition(": ")[2].partition(":")[0] for fault in faults] == [
        "web.listen",
        "devices.voice-1.settings.clips",
        "devices.voice-1.settings.clips",
    ]
    assert "hao4.wav is no WAV file with plain PCM" in faults[1]
    assert faults[2].endswith("no clip yi1.wav, hao4.wav") or faults[2].endswith("no clip hao4.wav, yi1.wav")


def test_the_command_says_so_and_what_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(written(tmp_path))]) == 2
    assert "devices.voice-1.settings.clips: " in capsys.readouterr().err


def test_a_folder_of_something_else_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    with (tmp_path / "film.wav").open("wb") as film:
        film.truncate(files.BYTES_MOST + 1)
    with pytest.raises(files.BadFolder, match="accepted: up to 512 files of up to 4 MB each"):
        files.read(str(tmp_path))


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ('board = "led"\n', "devices.voice-1.board: there is no board 'led'; there are: led-1"),
        ('board = "voice-1"\n', "devices.voice-1.board: there is no board 'voice-1'; there are: led-1"),
        (
            'board = "led-1"\n',
            "devices.voice-1.board: led-1 has no voice; an Onbon -YY card is given one by settings.voice",
        ),
        (
            '[devices.voice-2]\nkind = "announcer"\ndriver = "announcer"\nlink = "sound:default"\n',
            "devices.voice-2.link: voice-1 speaks there already; a sound device has one announcer",
        ),
        (
            '[devices.atm-1]\nkind = "atm"\nboard = "led-1"\n',
            "devices.atm-1.board: a board speaks for an announcer, this is a atm",
        ),
        (
            '[devices.voice-3]\nkind = "announcer"\ndriver = "announcer"\nlink = "tcp://10.0.0.1:9"\n',
            "devices.voice-3.link: announcer cannot live on tcp; accepted: sound",
        ),
    ],
)
def test_what_only_several_keys_get_wrong(tmp_path: Path, more: str, fault: str) -> None:
    board = '[devices.led-1]\nkind = "board"\ndriver = "led_onbon_bx"\nlink = "tcp://10.0.0.1:5005"\n'
    file = written(tmp_path, CONFIG + more + board)
    with pytest.raises(ConfigError) as refused:
        load(file)

    assert fault in "\n".join(refused.value.faults)


def test_a_board_with_a_voice_may_stand_in(tmp_path: Path) -> None:
    board = '[devices.led-1]\nkind = "board"\ndriver = "led_onbon_bx"\nlink = "tcp://10.0.0.1:5005"\n'
    file = written(tmp_path, CONFIG + 'board = "led-1"\n' + board + "settings = { voice = {} }\n")

    (plan,) = load(file).policy.announcers
    assert plan.board == "led-1"
