"""What was learnt about time at the windows: plain numbers of bounded size that outlive the day."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from edge.core.footfall import Usual
from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)
from edge.core.waiting.arrivals import Later
from edge.core.waiting.correction import Correction
from edge.core.waiting.discipline import Discipline
from edge.core.waiting.durations import Durations, Mean
from edge.core.waiting.hours import LearntHours
from edge.core.waiting.promised import Promised

FIRST_MEAN_S: Final = 240.0
"""Mean service time of a branch of which nothing is known (our figure: counters take three to five minutes)."""

FIRST_WEIGHT: Final = 4.0
"""Services it is worth: branches differ by less than half."""

LONGEST_S: Final = 4 * 3600.0
"""A longer service is a forgotten end, and teaches nothing."""

CLASSES_MOST: Final = 64
WINDOWS_MOST: Final = 128
KEEP: Final = 1 - 1 / 1000
"""What a new service leaves of the weight of the old ones: some 1000 are remembered, two or three days of a branch."""

KEEP_AT_WINDOW: Final = 1 - 1 / 300
PRIOR_WEIGHT: Final = 2.0
"""Services the branch's mean is worth for a class: squared variation of a service (about 0.8) over that of the guess
(about 0.4)."""

TYPICAL_WEIGHT: Final = 8.0
"""Services a configured `typical_s` is worth: the branch knows its own classes to about a third."""

WINDOW_WEIGHT: Final = 20.0
"""Services the class mean is worth against a window's own: tellers differ by about a fifth."""

PASSED_MOST: Final = 3
"""A window that has passed over a class so often in a row does not take it, whatever it lists; one call undoes this."""

SLOWEST: Final = 4.0
"""No window is taken to be more than four times as slow, or as quick, as the others."""


class OfClass(Struct):
    """A service class: of `called` tickets `brief` were not served there, which took `brief_s` seconds in all.

    `served` is the law of the others at an ordinary window, `tiers` the mean of each tier there, `mean` what they took
    wherever they were; `today` counts those of the business day. `ratio` and `ratio_squared` compare times at a window
    with what was expected, as those of the branch do; `bounded` and `bounded_squared` leave out what is beyond four
    times that (see `lessons`).
    """

    served: Durations = field(default_factory=Durations)
    mean: Mean = field(default_factory=Mean)
    called: float = 0.0
    brief: float = 0.0
    brief_s: float = 0.0
    today: int = 0
    tiers: dict[str, Mean] = field(default_factory=dict)
    ratio: Mean = field(default_factory=Mean)
    ratio_squared: Mean = field(default_factory=Mean)
    bounded: Mean = field(default_factory=Mean)
    bounded_squared: Mean = field(default_factory=Mean)


class AtWindow(Struct):
    """A window: its service times by class, and its `pace`, how much longer than others it takes (1 is ordinary).

    Since its last call it has let people wait for `missed_s` seconds while it was free, as was last seen at `until`.
    `passed` counts, by class, how often in a row it has called somebody else although one had waited longer.
    """

    cells: dict[str, Mean] = field(default_factory=dict)
    pace: float = 1.0
    missed_s: float = 0.0
    until: Instant = 0
    passed: dict[str, int] = field(default_factory=dict)

    def serves(self, service: str) -> bool:
        """Whether the window takes a class that it lists: not one it has passed over so often."""
        return self.passed.get(service, 0) < PASSED_MOST


class Leaving(Struct):
    """Tickets that left before their call, and the seconds which all tickets waited."""

    left: float = 0.0
    waited_s: float = 0.0


class Learnt(Struct):
    """Everything learnt. Keys are ids of service classes and windows; when there are too many, the least known goes.

    `ratio` and `ratio_squared` compare times at a window with what was expected; `at_once` and `gaps` are how long
    windows are free until they call (see `turnaround`); `usual` is how many come when; `day` is the business day that
    the classes' `today` counts. `acted` says of the last prompts of each rule whether somebody acted on them (see
    `edge.core.tally`), `promised` what their own forecasts were worth.
    """

    classes: dict[str, OfClass] = field(default_factory=dict)
    windows: dict[str, AtWindow] = field(default_factory=dict)
    branch: Mean = field(default_factory=Mean)
    at_once: Durations = field(default_factory=Durations)
    gaps: Durations = field(default_factory=Durations)
    ratio: Mean = field(default_factory=Mean)
    ratio_squared: Mean = field(default_factory=Mean)
    leaving: Leaving = field(default_factory=Leaving)
    usual: Usual = field(default_factory=Usual)
    later: Later = field(default_factory=Later)
    hours: LearntHours = field(default_factory=LearntHours)
    discipline: Discipline = field(default_factory=Discipline)
    correction: Correction = field(default_factory=Correction)
    day: int = 0
    acted: dict[str, list[bool]] = field(default_factory=dict)
    promised: Promised = field(default_factory=Promised)

    def of_class(self, service: str) -> OfClass:
        """What is known of a class, from now on at the latest."""
        found = self.classes.get(service)
        if found is None:
            if len(self.classes) >= CLASSES_MOST:
                del self.classes[min(self.classes, key=lambda id: self.classes[id].called)]
            found = self.classes[service] = OfClass()
        return found

    def at_window(self, window: str) -> AtWindow:
        """What is known of a window, from now on at the latest."""
        found = self.windows.get(window)
        if found is None:
            if len(self.windows) >= WINDOWS_MOST:
                del self.windows[
                    min(self.windows, key=lambda id: sum(c.weight for c in self.windows[id].cells.values()))
                ]
            found = self.windows[window] = AtWindow()
        return found


def observe(learnt: Learnt, service: str, window: str, duration_s: float, tier: str = "ordinary") -> None:
    """One service of `service` at `window` took `duration_s`; an impossible duration teaches nothing."""
    if not 0.0 <= duration_s <= LONGEST_S:
        return
    learnt.branch.add(duration_s, KEEP)
    known, here = learnt.of_class(service), learnt.at_window(window)
    known.mean.add(duration_s, KEEP)
    known.served.add(duration_s / here.pace, KEEP)
    known.tiers.setdefault(tier, Mean()).add(duration_s / here.pace, KEEP)
    if len(here.cells) >= CLASSES_MOST and service not in here.cells:
        del here.cells[min(here.cells, key=lambda id: here.cells[id].weight)]
    here.cells.setdefault(service, Mean()).add(duration_s, KEEP_AT_WINDOW)
    here.pace = _pace(learnt, here)


def _pace(learnt: Learnt, here: AtWindow) -> float:
    """A window's time over what its classes take on average, shrunk to 1 by `WINDOW_WEIGHT` ordinary services."""
    took_s = expected_s = WINDOW_WEIGHT * learnt.branch.total / learnt.branch.weight
    for service, cell in here.cells.items():
        known = learnt.classes.get(service)
        if known is not None and known.mean.weight > 0.0:
            took_s += cell.total
            expected_s += cell.weight * known.mean.total / known.mean.weight
    return min(max(took_s / expected_s, SLOWEST**-1), SLOWEST) if expected_s > 0.0 else 1.0
