"""Which voice says a call, what it says, and what is told where it cannot."""

import io
import tomllib
import wave
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.announcer import Announcer, Settings, faults
from edge.core.outputs import Page, Say, ShowOnBoard
from edge.core.wording import Text
from edge.driver import BadFrame, CannotEncode, Synthesis
from edge.sim.devices.speaker import SOUNDS, heard, write_clips
from tests.drivers.calls import CALL, RECALL, announcer, say

VOICE = tomllib.loads((Path(__file__).parents[2] / "config/texts/voice.toml").read_text(encoding="utf-8"))
ZH = "qing3 A ling2 yi1 er4 hao4 dao4 san1 hao4 chuang1 kou3 ban4 li3 ye4 wu4"
EN = "ticket A zero one two , please go to window three"
LETTERS = "DEFGHIJKLMNOPQRSTUVWXYZ"
"""Those without a clip in these tests."""
TICKETS = st.from_regex(r"[A-Z]{0,2}[0-9]{1,4}", fullmatch=True)
WINDOWS = st.integers(1, 99).map(str)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    write_clips(tmp_path, (name for name in SOUNDS if name not in LETTERS), lasts_s=0.01)
    return {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def clips(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name.removesuffix(".wav"): data for name, data in files.items()}


def recorded(files: dict[str, bytes], **settings: Any) -> Announcer:
    driver = announcer(**settings)
    driver.equip(files, synthesizes=False)
    return driver


def synthesized(**settings: Any) -> Announcer:
    driver = announcer(**settings)
    driver.equip({}, synthesizes=True)
    return driver


def tone(samples: int, rate: int = 22050) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(b"\x01\x00" * samples)
    return file.getvalue()


def length_s(wav: bytes) -> float:
    with wave.open(io.BytesIO(wav)) as file:
        return float(file.getnframes() / file.getframerate())


# ---- clips ----


def test_a_call_is_a_chime_and_twice_its_clips(files: dict[str, bytes]) -> None:
    sound = recorded(files).sound(say("A012"), ())

    assert " ".join(heard(sound.wav, clips(files))) == f"chime {ZH} {ZH}"
    assert sound.lasts_s == pytest.approx(length_s(sound.wav))


def test_once_leaves_the_repetition_out(files: dict[str, bytes]) -> None:
    driver = recorded(files, chime=False, times=3)

    assert " ".join(heard(driver.sound(say("A012"), (), once=True).wav, clips(files))) == ZH
    assert heard(driver.sound(say("A012"), ()).wav, clips(files)) == ZH.split() * 3


def test_a_recall_says_so(files: dict[str, bytes]) -> None:
    sound = recorded(files, chime=False, times=1).sound(say("A012", text=RECALL), ())

    assert " ".join(heard(sound.wav, clips(files))) == f"zai4 ci4 {ZH}"


def test_what_clips_can_say_is_not_synthesized(files: dict[str, bytes]) -> None:
    driver = announcer()
    driver.equip(files, synthesizes=True)

    assert driver.synthesis(say("A012")) == ()
    assert driver.flaw() == ""


def test_without_a_recorded_chime_one_is_made(files: dict[str, bytes]) -> None:
    del files["chime.wav"]
    sound = recorded(files, times=1).sound(say("A012"), ())

    assert heard(sound.wav, clips(files))[0] == "?", "a sound that no clip is"
    assert sound.lasts_s > recorded(files, times=1, chime=False).sound(say("A012"), ()).lasts_s + 1


def test_both_languages_follow_each_other_each_time(tmp_path: Path, files: dict[str, bytes]) -> None:
    write_clips(tmp_path / "en", dict.fromkeys(EN.replace(" ,", "").replace("A ", "").split()), lasts_s=0.02)
    files |= {path.name: path.read_bytes() for path in (tmp_path / "en").iterdir()}
    sound = recorded(files, english=True, chime=False).sound(say("A012"), ())

    assert heard(sound.wav, clips(files)) == [*ZH.split(), *EN.replace(" ,", "").split()] * 2


def test_a_language_without_its_clips_is_left_out_and_named(files: dict[str, bytes]) -> None:
    driver = recorded(files, english=True, chime=False, times=1)

    assert " ".join(heard(driver.sound(say("A012"), ()).wav, clips(files))) == ZH
    assert driver.flaw().startswith("no clip ticket.wav, zero.wav")


@given(ticket=TICKETS, window=WINDOWS)
def test_clips_for_every_sign_say_every_ticket_and_window(ticket: str, window: str) -> None:
    driver = announcer(chime=False, times=1)
    driver.equip({f"{name}.wav": tone(1 + number, 8000) for number, name in enumerate(SOUNDS)}, synthesizes=False)
    sound = driver.sound(say(ticket, window), ())

    assert driver.flaw() == ""
    assert sound.lasts_s > 0


# ---- synthesizer ----


def test_without_clips_the_synthesizer_is_given_syllables_and_english_words() -> None:
    driver = synthesized(english=True, speed=170)

    assert driver.synthesis(say("A012")) == (
        Synthesis("cmn-latn-pinyin", ZH, 170),
        Synthesis("en", EN.replace(" A ", " eigh "), 170),
    )


def test_what_it_makes_is_put_together_with_chime_and_pauses() -> None:
    driver = synthesized(english=True, chime=False)
    made = [tone(22050), tone(11025)]
    sound = driver.sound(say("A012"), made)

    assert sound.lasts_s == length_s(sound.wav) == pytest.approx(2 * (1.0 + 0.4 + 0.5) + 0.6)


def test_a_call_that_one_clip_is_missing_for_is_synthesized_as_a_whole_and_the_clip_named(
    files: dict[str, bytes],
) -> None:
    driver = announcer()
    driver.equip(files, synthesizes=True)

    (text,) = driver.synthesis(say("Z012"))
    assert text.text == ZH.replace("A", "Z")
    assert driver.flaw() == "no clip Z.wav"
    driver.synthesis(say("Z013"))
    driver.synthesis(say("A012"))
    assert driver.flaw() == "no clip Z.wav", "said once, and still so"


@pytest.mark.parametrize("made", [b"", b"RIFF", b"Error: no voice", tone(0)])
def test_what_is_no_sound_is_refused(made: bytes) -> None:
    with pytest.raises(CannotEncode, match="what espeak-ng made is "):
        synthesized().sound(say("A012"), [made])


def test_languages_of_two_formats_are_refused() -> None:
    with pytest.raises(CannotEncode, match="espeak-ng made is not of one format: 22050 Hz with 1 channel, 8000 Hz"):
        synthesized(english=True).sound(say("A012"), [tone(9), tone(9, 8000)])


# ---- neither ----


def test_no_voice_at_all_is_said_with_every_reason() -> None:
    with pytest.raises(CannotEncode) as refused:
        announcer(clips="/nowhere").equip({}, fault="/nowhere: cannot be read: No such file", synthesizes=False)

    assert str(refused.value) == (
        "there is no voice; /nowhere: cannot be read: No such file; espeak-ng is not installed (apt install espeak-ng)"
    )


def test_a_call_nobody_can_say_names_what_is_missing(files: dict[str, bytes]) -> None:
    driver = recorded(files, synthesizer="")

    with pytest.raises(CannotEncode, match=r"no clip Z.wav, and no synthesizer is configured"):
        driver.synthesis(say("Z012"))
    with pytest.raises(CannotEncode, match=r"no clip Z.wav"):
        driver.lasts_s(say("Z012"))


def test_words_without_a_reading_are_named() -> None:
    with pytest.raises(CannotEncode, match="no reading is known of 饕餮"):
        synthesized().synthesis(say("饕餮1"))


def test_a_call_without_words_is_none() -> None:
    with pytest.raises(CannotEncode, match="there is nothing to say"):
        synthesized().synthesis(say("", text=Text("，", "")))


# ---- how long, and by hand ----


def test_how_long_a_call_takes_is_known_before(files: dict[str, bytes]) -> None:
    driver = recorded(files, chime=False)

    assert driver.lasts_s(say("A012")) == pytest.approx(driver.sound(say("A012"), ()).lasts_s, abs=0.7)
    assert driver.lasts_s(say("A012"), once=True) < driver.lasts_s(say("A012"))
    assert 8 < synthesized().lasts_s(say("A012")) < 20


def test_encode_gives_what_can_be_tried_by_hand() -> None:
    driver = announcer(english=True, one="幺")

    assert driver.encode(say("A012")).data.decode().splitlines() == [
        ZH.replace("yi1", "yao1"),
        EN.replace(" A ", " eigh "),
    ]
    with pytest.raises(CannotEncode, match="takes no page"):
        driver.encode(ShowOnBoard("voice-1", Page("call", CALL), 0))


def test_whatever_comes_from_a_loudspeaker_is_no_event() -> None:
    assert announcer().receive(b"", 0) == []
    assert announcer().receive(b"hello", 0) == [BadFrame("a loudspeaker has nothing to say", b"hello")]


# ---- settings and files ----


@pytest.mark.parametrize(
    "wrong",
    [{"clips": "clips"}, {"one": "1"}, {"times": 0}, {"times": 4}, {"pause_s": 0.1}, {"speed": 10}, {"volume": 3}],
)
def test_settings_out_of_bounds_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_check_names_the_clips_that_calls_would_want_in_vain(files: dict[str, bytes]) -> None:
    words = [Text(**text) for text in VOICE.values()]
    files["A.wav"] = b"MThd\0\0\0\6\0\1\0\1\0\x60"
    del files["shi2.wav"], files["liu4.wav"]

    assert faults(Settings(), files, words) == [
        "A.wav is no WAV file with plain PCM (file does not start with RIFF id)",
        "no clip liu4.wav, shi2.wav",
    ]
    assert (
        faults(Settings(one="幺"), files | {"shi2.wav": files["yi1.wav"], "liu4.wav": files["yi1.wav"]}, words)[1:]
        == []
    )


def test_a_whole_folder_has_no_faults(files: dict[str, bytes]) -> None:
    assert faults(Settings(), files, [Text(**text) for text in VOICE.values()]) == []


def test_the_calls_of_these_tests_are_those_that_are_delivered() -> None:
    assert [Text(**VOICE["V01"]), Text(**VOICE["V02"])] == [CALL, RECALL]
    assert isinstance(say("A012"), Say)
