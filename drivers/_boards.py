"""What boards of every maker have in common: the settings of their looks, and a page's words in the board's letters.

The settings have the same names and defaults for every board, so that one may take another's place by the driver's
name alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct
from pydantic import BaseModel, Field

from edge.core.outputs import ShowOnBoard
from edge.driver import CannotEncode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.outputs import Output
    from edge.driver import Device

Letter: TypeAlias = "Callable[[str], bytes | None]"
"""One character as the board's bytes; None when the board has no sign for it."""

SUBSTITUTE: Final = "?"
"""What stands for a character that a board has no sign for."""

_PIXELS_MOST: Final = 0x7FFF


class Looks(BaseModel, extra="forbid", frozen=True):
    """A board's size and looks. `speed` is 0 (fastest) to 24; `stay_s` is how long a page of a moving text stands."""

    width: int = Field(ge=8, le=_PIXELS_MOST, default=128)
    height: int = Field(ge=8, le=_PIXELS_MOST, default=32)
    lang: Literal["zh", "en"] = "zh"
    font: Literal[16, 24, 32] = 16
    colour: Literal["red", "green", "yellow", "blue", "cyan", "magenta", "white"] = "red"
    align: Literal["left", "right", "centre"] = "centre"
    motion: Literal["static", "quick", "left", "right", "up", "down"] = "static"
    speed: int = Field(ge=0, le=24, default=2)
    stay_s: float = Field(ge=0, le=127, default=5.0)


class Written(Struct, frozen=True):
    """Words in a board's letters, each letter its bytes; `flaw` says what of them people will not read, if anything."""

    letters: tuple[bytes, ...]
    flaw: str

    @property
    def data(self) -> bytes:
        """All of it."""
        return b"".join(self.letters)


def to_show(command: Output, boards: Mapping[str, Device]) -> tuple[Device, ShowOnBoard]:
    """The page that `command` is and the board it is for; CannotEncode when it is none, or none of these boards'."""
    if not isinstance(command, ShowOnBoard):
        raise CannotEncode(f"a board takes no {command.NOUN}")
    board = boards.get(command.board)
    if board is None:
        raise CannotEncode(f"no board {command.board!r} on this link; there are: {', '.join(boards)}")
    return board, command


def words_of(command: ShowOnBoard, lang: Literal["zh", "en"]) -> str:
    """The page's text in the board's language."""
    return command.page.text.zh if lang == "zh" else command.page.text.en


def write(words: str, letter: Letter, *, where: str = "on this board") -> Written:
    """The words in the board's letters; a character it has no sign for becomes `SUBSTITUTE`, and is counted."""
    signs = [letter(mark) for mark in words]
    unknown = sum(sign is None for sign in signs)
    stand_in = SUBSTITUTE.encode("ascii")
    one = "1 character has" if unknown == 1 else f"{unknown} characters have"
    return Written(
        letters=tuple(stand_in if sign is None else sign for sign in signs),
        flaw=f"{one} no sign {where} and stand as {SUBSTITUTE}" if unknown else "",
    )


def cut(written: Written, length: int) -> Written:
    """The first `length` letters, and that they are not all."""
    whole = len(written.letters)
    if length >= whole:
        return written
    flaw = f"the text is longer than the board takes: {length} of {whole} characters"
    return Written(written.letters[:length], joined(written.flaw, flaw))


def overflow(looks: Looks, words: str, *, wraps: bool) -> str:
    """How much too long a standing text is for the board's rectangle; empty when it fits, or runs.

    A Chinese character is as wide as it is high, a Latin one half as wide.
    """
    if looks.motion not in {"static", "quick"}:
        return ""
    columns, rows = 2 * looks.width // looks.font, looks.height // looks.font
    needed = [sum(1 if mark.isascii() else 2 for mark in line) for line in words.split("\n")]
    lines = sum(max(1, -(-cells // max(columns, 1))) for cells in needed) if wraps else len(needed)
    if lines > rows:
        return f"the text is longer than the board: {lines} lines of {looks.font} dots, room for {rows}"
    if max(needed) > columns and not wraps:
        return f"the text is wider than the board: {max(needed)} half-width characters, room for {columns}"
    return ""


def joined(*flaws: str) -> str:
    """What there is of the flaws, as one sentence."""
    return "; ".join(flaw for flaw in flaws if flaw)
