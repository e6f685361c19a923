"""When a window has nobody: lunch, pauses that come by chance, and what the scenario wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import instant
from edge.sim import premises
from edge.sim.people import pick
from edge.sim.scenario import Absence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from edge.sim.floor import Floor

_REASONS: Final[Mapping[str, float]] = {"long_business": 3, "handover": 2, "cash": 2, "equipment": 1, "break": 2, "": 1}
"""Why a window pauses, by weight; the empty one is not told."""

_NO_PAUSE_BEFORE_CLOSE_S: Final = 1200.0
_LUNCH_S: Final = (1800.0, 2400.0)
_LEAST_S: Final = 90.0
_MEAN_BEYOND_S: Final = 200.0


def planned(floor: Floor, window: str, dice: Random) -> list[Absence]:
    """The absences of one window's day, in order."""
    found = [scripted for scripted in floor.scenario.script if isinstance(scripted, Absence)]
    found = [absence for absence in found if absence.window == window]
    if floor.scenario.lunch:
        lunch = premises.WINDOWS[window].lunch
        found.append(Absence(lunch, window, dice.uniform(*_LUNCH_S), "lunch", closes=True))
    return sorted([*found, *_by_chance(floor, window, dice)], key=lambda absence: absence.at)


def _by_chance(floor: Floor, window: str, dice: Random) -> Iterator[Absence]:
    at = floor.moment(premises.OPENS)
    last = floor.moment(premises.CLOSES) - instant.seconds(_NO_PAUSE_BEFORE_CLOSE_S)
    per_s = floor.scenario.pauses_per_h / 3600
    while (at := at + instant.seconds(round(dice.expovariate(per_s)))) < last:
        reason = pick(dice, _REASONS) or None
        for_s = _LEAST_S + dice.expovariate(1 / _MEAN_BEYOND_S)
        yield Absence(instant.local(at, premises.ZONE).time(), window, for_s, reason)
