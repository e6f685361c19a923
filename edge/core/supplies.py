"""What a device lives on, cash and paper: how short of it its parts say it is.

The words of parts are those of the drivers (`docs/devices/`): `cash` is all cash together, `cash_unit_1` one cassette,
`paper`, `printer` and `receipt` the paper of a machine, `paper_lower` and the like one source of several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Supply: TypeAlias = Literal["cash", "paper"]

ENOUGH: Final = 0
LOW: Final = 1
OUT: Final = 2

SUPPLIES: Final[tuple[Supply, ...]] = get_args(Supply)
GONE: Final = frozenset({"out", "empty"})
"""Words of a part (device.status) that say it has run out."""

_LEVELS: Final[Mapping[str, int]] = {"ok": ENOUGH, "high": ENOUGH, "full": ENOUGH, "low": LOW} | dict.fromkeys(
    GONE, OUT
)
"""Other words (`jammed`, `missing`, `unknown` …) say nothing of how much is left."""

_WHOLE: Final[Mapping[Supply, frozenset[str]]] = {
    "cash": frozenset({"cash"}),
    "paper": frozenset({"paper", "printer", "receipt"}),
}
_ONE_OF_SEVERAL: Final[Mapping[Supply, str]] = {"cash": "cash_unit_", "paper": "paper_"}


def level(parts: Mapping[str, str], supply: Supply) -> int | None:
    """ENOUGH, LOW (also when one source of several is out) or OUT by the words of the parts; None: they do not say."""
    found, whole, several = None, _WHOLE[supply], _ONE_OF_SEVERAL[supply]
    for part, word in parts.items():
        if part in whole and word in _LEVELS:
            found = max(found or ENOUGH, _LEVELS[word])
        elif part.startswith(several) and word in _LEVELS:
            found = max(found or ENOUGH, min(_LEVELS[word], LOW))
    return found
