"""What a device lives on, cash and paper: how short of it its parts say it is.

The words of parts are those of the drivers (`docs/devices/`): `cash` is all cash together, `cash_unit_1` one cassette,
`paper`, `printer` and `receipt` the paper of a machine, `paper_lower` and the like one source of several.
"""

from __future__ import annotations

from functools import lru_cache
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

_WHOLE: Final[Mapping[str, Supply]] = {"cash": "cash", "paper": "paper", "printer": "paper", "receipt": "paper"}
_ONE_OF_SEVERAL: Final[Mapping[str, Supply]] = {"cash_unit_": "cash", "paper_": "paper"}


def levels(parts: Mapping[str, str]) -> dict[Supply, int]:
    """ENOUGH, LOW (also when one source of several is out) or OUT by the words of the parts, where they say."""
    found: dict[Supply, int] = {}
    for part, word in parts.items():
        supply, most = _holds(part)
        if supply is not None and word in _LEVELS:
            found[supply] = max(found.get(supply, ENOUGH), min(_LEVELS[word], most))
    return found


@lru_cache(maxsize=256)
def _holds(part: str) -> tuple[Supply | None, int]:
    """The supply a part holds, if any, and how short of it the device is at the most when this part has run out."""
    if part in _WHOLE:
        return _WHOLE[part], OUT
    return next((supply for head, supply in _ONE_OF_SEVERAL.items() if part.startswith(head)), None), LOW
