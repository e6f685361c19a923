"""Calls spoken to the hall: a chime, then the call in Mandarin and, where wanted, in English; usually twice.

The voice is that of recorded clips, one a sound, where there is one for every sound of a call; else that of a
synthesizer, espeak-ng, which is given syllables and never characters: version 1.51 reads those as English. Where
neither can speak, the announcer says so, and a LED card with a voice can take its place (`board` of the device).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from msgspec import Struct
from pydantic import AfterValidator, BaseModel, Field

from drivers import _english, _mandarin
from drivers._clips import SUFFIX, BadClip, Clip, Pcm, chime, joined, read, shelf, silence, written
from edge.core.outputs import Say
from edge.driver import CannotEncode, Device, Driver, Request, Sound, SoundDriver, Synthesis

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from edge.core.outputs import Output
    from edge.core.wording import Text
    from edge.driver import Medium

MEDIUM: Final[frozenset[Medium]] = frozenset({"sound"})

CHIME: Final = "chime"
PAUSE: Final = _mandarin.PAUSE
_TICKET: Final = "0123456789"
_VOICES: Final = {"zh": "cmn-latn-pinyin", "en": "en"}
_RESPELT: Final = {("en", "A"): "eigh"}
"""Letters that espeak-ng would take for words."""

_COMMA_S: Final = 0.25
_AFTER_CHIME_S: Final = 0.3
_BETWEEN_LANGUAGES_S: Final = 0.4
_BETWEEN_TIMES_S: Final = 0.6
_CHIME_S: Final = 1.2
_SYLLABLE_S: Final = 0.3
"""About what a synthesized one takes; for the length of calls that are not made yet."""

_SYNTHESIZED: Final = Pcm(22050, 1)
"""What espeak-ng makes."""

_TRY_S: Final = 0.1
_MISSING_MOST: Final = 64

Language: TypeAlias = Literal["zh", "en"]


def _folder(path: str) -> str:
    if path and not path.startswith("/"):
        raise ValueError(f"{path!r} is no whole path; accepted: such as /var/lib/lobbyd/clips, or none")
    return path


class Settings(BaseModel, extra="forbid", frozen=True):
    """How calls are spoken.

    `clips` is the folder of recorded sounds, empty for none; `synthesizer` the program that speaks what no clip can,
    empty for none, and `speed` its words a minute. `one` is how the digit 1 of a ticket is read. A call is said `times`
    times, once while others wait; `pause_s` is kept between two calls.
    """

    clips: Annotated[str, AfterValidator(_folder)] = ""
    synthesizer: str = "espeak-ng"
    speed: int = Field(ge=80, le=300, default=150)
    english: bool = False
    one: _mandarin.One = "一"
    chime: bool = True
    times: int = Field(ge=1, le=3, default=2)
    pause_s: float = Field(ge=0.5, le=10, default=1.0)


class Phrase(Struct, frozen=True):
    """One language of a call, sound by sound."""

    language: Language
    sounds: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The clips it takes, each once."""
        return tuple(dict.fromkeys(name for name in self.sounds if name != PAUSE))

    @property
    def text(self) -> str:
        """It for espeak-ng."""
        return " ".join(_RESPELT.get((self.language, name), name) for name in self.sounds)


class Announcer(SoundDriver):
    """One announcer."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(clips=settings.clips, synthesizer=settings.synthesizer, pause_s=settings.pause_s)
        self._settings = settings
        self._shelf: dict[str, Clip] = {}
        self._faults: list[str] = []
        self._missing: dict[str, None] = {}
        self._synthesizes = False
        self._chimes: dict[Pcm, Clip] = {}

    def encode(self, command: Output) -> Request:
        """What a synthesizer is given, a line a language: to try a call by hand. The daemon asks for `sound`."""
        if not isinstance(command, Say):
            raise CannotEncode(f"an announcer takes no {command.NOUN}")
        lines = [phrase.text for phrase in phrases(command.text, command.ticket, self._settings)]
        return Request(0, "\n".join(lines).encode())

    def equip(self, clips: Mapping[str, bytes], *, fault: str = "", synthesizes: bool) -> None:
        """Takes the files of the clips' folder; makes the chimes that calls will begin with, which takes a while."""
        self._shelf, self._faults = shelf(clips)
        self._faults += [fault] if fault else []
        self._synthesizes, self._missing = synthesizes, {}
        forms = {clip.pcm for clip in self._shelf.values() if CHIME not in self._shelf}
        if self._settings.chime:
            self._chimes = {pcm: chime(pcm) for pcm in forms | ({_SYNTHESIZED} if synthesizes else set())}
        if not synthesizes and not self._shelf:
            raise CannotEncode("; ".join(["there is no voice", *self._faults, self._no_synthesizer()]))

    def silence(self) -> Sound:
        """A tenth of a second."""
        clip = silence(next((clip.pcm for clip in self._shelf.values()), _SYNTHESIZED), _TRY_S)
        return Sound(written(clip), clip.lasts_s)

    def flaw(self) -> str:
        """What is wrong with the clips, those included that calls have wanted in vain."""
        missing = [_lacking(self._missing)] if self._missing else []
        return "; ".join([*self._faults, *missing])

    def synthesis(self, call: Say) -> tuple[Synthesis, ...]:
        """A text for each language, unless clips say it."""
        said, recorded = self._said(call)
        speed = self._settings.speed
        return () if recorded else tuple(Synthesis(_VOICES[one.language], one.text, speed) for one in said)

    def sound(self, call: Say, made: Sequence[bytes], *, once: bool = False) -> Sound:
        """Chime and repetitions included."""
        said = self._made(made) if made else [self._joined(phrase) for phrase in self._said(call)[0]]
        clip = self._whole(said, recorded=not made, times=1 if once else self._settings.times)
        return Sound(written(clip), clip.lasts_s)

    def lasts_s(self, call: Say, *, once: bool = False) -> float:
        """Clips by their length, what has to be synthesized by its syllables."""
        phrase_s = sum(self._length_s(name) for phrase in self._said(call)[0] for name in phrase.sounds)
        times = 1 if once else self._settings.times
        chime_s = self._shelf[CHIME].lasts_s if CHIME in self._shelf else _CHIME_S
        return self._settings.chime * chime_s + times * (phrase_s + _BETWEEN_TIMES_S)

    def _said(self, call: Say) -> tuple[list[Phrase], bool]:
        """What of a call is said, and whether by clips; CannotEncode when nothing can be."""
        wanted = phrases(call.text, call.ticket, self._settings)
        lacking = [name for phrase in wanted for name in phrase.names if name not in self._shelf]
        if not lacking:
            return wanted, True
        if self._shelf:
            self._missing |= dict.fromkeys(lacking[: _MISSING_MOST - len(self._missing)])
        if self._synthesizes:
            return wanted, False
        recorded = [phrase for phrase in wanted if self._shelf.keys() >= set(phrase.names)]
        if not recorded:
            raise CannotEncode(f"{_lacking(lacking)}, and {self._no_synthesizer()}")
        return recorded, True

    def _made(self, made: Sequence[bytes]) -> list[Clip]:
        try:
            clips = [read(data) for data in made]
        except BadClip as fault:
            raise CannotEncode(f"what {self.synthesizer} made {fault}") from fault
        if len({clip.pcm for clip in clips}) > 1:
            forms = ", ".join(str(clip.pcm) for clip in clips)
            raise CannotEncode(f"what {self.synthesizer} made is not of one format: {forms}")
        return clips

    def _joined(self, phrase: Phrase) -> Clip:
        comma = silence(self._shelf[phrase.names[0]].pcm, _COMMA_S)
        return joined([comma if name == PAUSE else self._shelf[name] for name in phrase.sounds])

    def _whole(self, said: Sequence[Clip], *, recorded: bool, times: int) -> Clip:
        pcm = said[0].pcm
        once = _with_pauses(said, _BETWEEN_LANGUAGES_S)
        clip = _with_pauses([once] * times, _BETWEEN_TIMES_S)
        if not self._settings.chime:
            return clip
        return _with_pauses([self._chime(pcm, recorded=recorded), clip], _AFTER_CHIME_S)

    def _chime(self, pcm: Pcm, *, recorded: bool) -> Clip:
        if recorded and CHIME in self._shelf:
            return self._shelf[CHIME]
        if pcm not in self._chimes:
            self._chimes[pcm] = chime(pcm)
        return self._chimes[pcm]

    def _length_s(self, name: str) -> float:
        clip = self._shelf.get(name)
        return _COMMA_S if name == PAUSE else _SYLLABLE_S if clip is None else clip.lasts_s

    def _no_synthesizer(self) -> str:
        program = self.synthesizer
        return f"{program} is not installed (apt install espeak-ng)" if program else "no synthesizer is configured"


def create(devices: Sequence[Device]) -> Driver:
    """The announcer of a link, which has it to itself."""
    return Announcer(devices[0].settings)


def faults(settings: Settings, files: Mapping[str, bytes], words: Iterable[Text]) -> list[str]:
    """What is wrong with the files of the clips' folder, and which clips these texts lack: for `lobbyd check`.

    Every digit is wanted and every window up to 99; which letters tickets begin with is not known here.
    """
    found, wrong = shelf(files)
    texts = [text.fill({"t": _TICKET, "w": window}) for text in words for window in range(100)]
    wanted = dict.fromkeys(name for text in texts for one in phrases(text, _TICKET, settings) for name in one.names)
    missing = [name for name in wanted if name not in found]
    return [*wrong, _lacking(missing)] if missing else wrong


def phrases(text: Text, ticket: str, settings: Settings) -> list[Phrase]:
    """What is to be said of a text, language by language; CannotEncode names what no reading is known of."""
    try:
        said = [Phrase("zh", _mandarin.syllables(text.zh, ticket=ticket, one=settings.one))]
    except _mandarin.Unsayable as fault:
        raise CannotEncode(f"{text.zh}: {fault}") from fault
    if settings.english:
        said.append(Phrase("en", _english.sounds(text.en, ticket=ticket)))
    said = [phrase for phrase in said if phrase.names]
    if not said:
        raise CannotEncode("there is nothing to say")
    return said


def _with_pauses(clips: Sequence[Clip], pause_s: float) -> Clip:
    pause = silence(clips[0].pcm, pause_s)
    return joined([one for clip in clips for one in (pause, clip)][1:])


def _lacking(names: Iterable[str]) -> str:
    return f"no clip {', '.join(name + SUFFIX for name in names)}"
