import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from string import ascii_uppercase

import pytest

from drivers._mandarin import DIGITS, PAUSE, SYLLABLES, Unsayable, syllables

TEXTS = Path(__file__).resolve().parent.parent.parent / "config/texts"
WORDS = {
    f"{file.stem} {id}": text["zh"]
    for file in (TEXTS / "boards.toml", TEXTS / "voice.toml")
    for id, text in tomllib.loads(file.read_text(encoding="utf-8")).items()
}
SYLLABLE = re.compile(r"[a-z]+[1-5]")


def spoken(words: str, ticket: str = "", **settings: str) -> str:
    return " ".join(syllables(words, ticket=ticket, **settings))  # type: ignore[arg-type]


def test_a_call_is_read_as_it_is_called_in_a_hall() -> None:
    assert spoken("请A012号到3号窗口办理业务", "A012") == (
        "qing3 A ling2 yi1 er4 hao4 dao4 san1 hao4 chuang1 kou3 ban4 li3 ye4 wu4"
    )


def test_one_may_be_yao_in_a_ticket_and_never_in_a_window() -> None:
    assert spoken("请A1011号到11号窗口", "A1011", one="幺") == (
        "qing3 A yao1 ling2 yao1 yao1 hao4 dao4 shi2 yi1 hao4 chuang1 kou3"
    )


@pytest.mark.parametrize(
    ("ticket", "read"),
    [
        ("A012", "A ling2 yi1 er4"),
        ("1003", "yi1 ling2 ling2 san1"),
        ("V-007", "V ling2 ling2 qi1"),
        ("vip12", "V I P yi1 er4"),
        ("7", "qi1"),
        ("A", "A"),
        ("9999", "jiu3 jiu3 jiu3 jiu3"),
    ],
)
def test_a_ticket_of_every_form_is_read_sign_by_sign(ticket: str, read: str) -> None:
    assert spoken(f"请{ticket}号", ticket) == f"qing3 {read} hao4"


@pytest.mark.parametrize(
    ("window", "read"),
    [
        ("1", "yi1"),
        ("10", "shi2"),
        ("12", "shi2 er4"),
        ("20", "er4 shi2"),
        ("21", "er4 shi2 yi1"),
        ("99", "jiu3 shi2 jiu3"),
        ("0", "ling2"),
        ("03", "ling2 san1"),
        ("101", "yi1 ling2 yi1"),
    ],
)
def test_a_window_is_read_as_a_number(window: str, read: str) -> None:
    assert spoken(f"请A012号到{window}号窗", "A012").endswith(f"dao4 {read} hao4 chuang1")


def test_a_ticket_that_is_numbered_like_its_window_is_read_sign_by_sign_the_first_time() -> None:
    assert spoken("请12号到12号窗", "12") == "qing3 yi1 er4 hao4 dao4 shi2 er4 hao4 chuang1"


@pytest.mark.parametrize("id", WORDS)
def test_every_delivered_text_can_be_said(id: str) -> None:
    words = re.sub(r"\{[tw]\}", "A012", WORDS[id])
    words = re.sub(r"\{[a-z]\}", "25", words)
    sounds = syllables(words, ticket="A012")

    assert all(SYLLABLE.fullmatch(sound) or sound in {PAUSE, "A"} for sound in sounds)
    hanzi = [mark for mark in words if "\u4e00" <= mark <= "\u9fff"]
    assert len([sound for sound in sounds if SYLLABLE.fullmatch(sound)]) >= len(hanzi)


def test_every_digit_and_every_window_up_to_99_is_in_the_table() -> None:
    for window in range(100):
        tens, ones = divmod(window, 10)
        said = syllables(str(window))
        assert len(said) == (tens > 1) + (tens > 0) + (ones > 0 or not tens)
    assert len({SYLLABLES[digit] for digit in DIGITS}) == 10


def test_what_no_reading_is_known_of_is_named_once_and_all_at_once() -> None:
    with pytest.raises(Unsayable, match="no reading is known of 饕餮"):
        syllables("请饕号餮")


@pytest.mark.voice
def test_espeak_says_every_syllable_in_mandarin_with_its_tone() -> None:
    program = shutil.which("espeak-ng")
    assert program is not None
    strange = {}
    for sound in sorted({sound for entry in SYLLABLES.values() for sound in entry.split("-")} | set(ascii_uppercase)):
        command = [program, "-q", "-x", "-v", "cmn-latn-pinyin", "--stdin"]
        done = subprocess.run(command, input=sound, capture_output=True, text=True, timeout=60, check=True)
        said = done.stdout.replace("_|", " ").split()
        if len(said) != 1 or "(en)" in said[0] or not re.search(r"\d", said[0]):
            strange[sound] = done.stdout

    assert strange == {}
