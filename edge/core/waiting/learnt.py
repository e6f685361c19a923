"""What was learnt about time at the windows: plain numbers of bounded size that outlive the day.

Durations are kept as their tail: at each edge of a fixed ladder, how many lasted beyond it and by how much. The mean
residual life at an edge is then one division, exact for any law, and so are the survival and the quantiles (Cox,
Renewal Theory, 1962, section 1.2). Everything forgets exponentially, by services and not by time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

FIRST_MEAN_S: Final = 180.0
"""Mean service time of a branch of which nothing is known."""

LONGEST_S: Final = 4 * 3600.0
"""A longer service is a forgotten end, and teaches nothing."""

EDGES_S: Final[tuple[float, ...]] = (0.0, *(2.0 ** (k / 2) for k in range(4, 28)))
"""The ladder: 0, then 4 s to 11585 s in steps of the square root of two."""

SOON_S: Final = 60.0
"""How far ahead matters to somebody who waits while a window looks free."""

CLASSES_MOST: Final = 64
WINDOWS_MOST: Final = 128
KEEP: Final = 1 - 1 / 400
"""What a new service leaves of the weight of the old ones: some 400 services are remembered (waiting.md, section 5)."""

KEEP_AT_WINDOW: Final = 1 - 1 / 100
PRIOR_WEIGHT: Final = 2.0
"""Services a guessed mean is worth: squared variation of a service (about 0.8) over that of the guess (about 0.4)."""

TYPICAL_WEIGHT: Final = 8.0
"""Services a configured `typical_s` is worth: the branch knows its own classes to about a third."""

WINDOW_WEIGHT: Final = 8.0
"""Services the class mean is worth against a window's own: tellers differ by about a third."""

SLOWEST: Final = 4.0
"""No window is taken to be more than four times as slow, or as quick, as the others."""


@dataclass(slots=True)
class Mean:
    """A forgetting mean: `weight` observations which sum to `total`."""

    weight: float = 0.0
    total: float = 0.0

    def add(self, value: float, keep: float) -> None:
        """Takes in one value after `keep` of the weight of all before."""
        self.weight = self.weight * keep + 1.0
        self.total = self.total * keep + value

    def shrunk(self, prior: float, weight: float) -> float:
        """The mean with `prior` counted as `weight` further observations."""
        return (self.total + weight * prior) / (self.weight + weight)


@dataclass(slots=True)
class Durations:
    """A forgetting law of durations: `beyond[k]` lasted longer than edge k, `excess_s[k]` seconds beyond it in all."""

    weight: float = 0.0
    total_s: float = 0.0
    beyond: list[float] = field(default_factory=lambda: [0.0] * len(EDGES_S))
    excess_s: list[float] = field(default_factory=lambda: [0.0] * len(EDGES_S))

    def __post_init__(self) -> None:
        """Refuses a law on another ladder, such as an older build may have kept."""
        if not len(self.beyond) == len(self.excess_s) == len(EDGES_S):
            raise ValueError(f"a law of durations has {len(EDGES_S)} edges, not {len(self.beyond)}")

    def add(self, duration_s: float, keep: float) -> None:
        """Takes in one duration after `keep` of the weight of all before."""
        self.weight = self.weight * keep + 1.0
        self.total_s = self.total_s * keep + duration_s
        beyond, excess_s = self.beyond, self.excess_s
        for k, edge_s in enumerate(EDGES_S):
            more_s = duration_s - edge_s
            beyond[k] = beyond[k] * keep + (1.0 if more_s > 0.0 else 0.0)
            excess_s[k] = excess_s[k] * keep + max(more_s, 0.0)

    def expose(self, from_s: float, until_s: float) -> None:
        """A duration that has lasted `from_s` lasts until `until_s` at least (a censored observation)."""
        self.total_s += until_s - from_s
        for k, edge_s in enumerate(EDGES_S):
            if edge_s >= until_s:
                break
            self.excess_s[k] += until_s - max(from_s, edge_s)

    def end(self, duration_s: float, keep: float) -> None:
        """A duration that has been exposed ends."""
        self.weight = self.weight * keep + 1.0
        self.total_s *= keep
        for k, edge_s in enumerate(EDGES_S):
            self.beyond[k] = self.beyond[k] * keep + (1.0 if duration_s > edge_s else 0.0)
            self.excess_s[k] *= keep

    def pace_s(self, elapsed_s: float, prior_s: float, weight: float) -> float:
        """Seconds for each end among those which have lasted `elapsed_s`, over the next as many (or `SOON_S`)."""
        here = bisect_right(EDGES_S, elapsed_s) - 1
        there = min(bisect_right(EDGES_S, 2.0 * elapsed_s + SOON_S), len(EDGES_S) - 1)
        exposed_s = self.excess_s[here] - self.excess_s[there]
        ends = self.beyond[here] - self.beyond[there]
        return max((exposed_s + weight * prior_s) / (ends + weight), 1.0)

    def left_s(self, elapsed_s: float, prior_s: float, weight: float) -> float:
        """Mean seconds left after `elapsed_s`, with `prior_s` as `weight` further durations: `prior_s` beyond all."""
        k = bisect_right(EDGES_S, elapsed_s) - 1
        beyond, excess_s = self.beyond, self.excess_s
        here_s = (excess_s[k] + weight * prior_s) / (beyond[k] + weight)
        if k + 1 == len(EDGES_S):
            return here_s
        there_s = (excess_s[k + 1] + weight * prior_s) / (beyond[k + 1] + weight)
        return here_s + (there_s - here_s) * (elapsed_s - EDGES_S[k]) / (EDGES_S[k + 1] - EDGES_S[k])

    def survival(self, elapsed_s: float) -> float:
        """The share that lasts longer than the edge below `elapsed_s`; 1 where nothing is known."""
        return self.beyond[bisect_right(EDGES_S, elapsed_s) - 1] / self.weight if self.weight > 0.0 else 1.0


@dataclass(slots=True)
class OfClass:
    """A service class: of `called` tickets `brief` were not served there, which took `brief_s` seconds in all.

    `served` is the law of the others, without the brief ones; `today` counts those of the business day.
    """

    served: Durations = field(default_factory=Durations)
    called: float = 0.0
    brief: float = 0.0
    brief_s: float = 0.0
    today: int = 0


@dataclass(slots=True)
class AtWindow:
    """A window: its service times by class, and its `pace`, how much longer than others it takes (1 is ordinary).

    Since its last call it has let people wait for `missed_s` seconds while it was free, as was last seen at `until`.
    """

    cells: dict[str, Mean] = field(default_factory=dict)
    pace: float = 1.0
    missed_s: float = 0.0
    until: int = 0


@dataclass(slots=True)
class Leaving:
    """Tickets that left before their call, and the seconds which all tickets waited."""

    left: float = 0.0
    waited_s: float = 0.0


@dataclass(slots=True)
class Learnt:
    """Everything learnt. Keys are ids of service classes and windows; when there are too many, the least known goes.

    `ratio` and `ratio_squared` compare times at a window with what was expected; `gaps` is how long a free window lets
    people wait; `day` is the business day that the classes' `today` counts.
    """

    classes: dict[str, OfClass] = field(default_factory=dict)
    windows: dict[str, AtWindow] = field(default_factory=dict)
    branch: Mean = field(default_factory=Mean)
    gaps: Durations = field(default_factory=Durations)
    ratio: Mean = field(default_factory=Mean)
    ratio_squared: Mean = field(default_factory=Mean)
    leaving: Leaving = field(default_factory=Leaving)
    day: int = 0

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


def observe(learnt: Learnt, service: str, window: str, duration_s: float) -> None:
    """One service of `service` at `window` took `duration_s`; an impossible duration teaches nothing."""
    if not 0.0 <= duration_s <= LONGEST_S:
        return
    learnt.branch.add(duration_s, KEEP)
    learnt.of_class(service).served.add(duration_s, KEEP)
    here = learnt.at_window(window)
    if len(here.cells) >= CLASSES_MOST and service not in here.cells:
        del here.cells[min(here.cells, key=lambda id: here.cells[id].weight)]
    here.cells.setdefault(service, Mean()).add(duration_s, KEEP_AT_WINDOW)
    here.pace = _pace(learnt, here)


def _pace(learnt: Learnt, here: AtWindow) -> float:
    """A window's time over what its classes take on average, shrunk to 1 by `WINDOW_WEIGHT` ordinary services."""
    took_s = expected_s = WINDOW_WEIGHT * learnt.branch.total / learnt.branch.weight
    for service, cell in here.cells.items():
        known = learnt.classes.get(service)
        if known is not None and known.served.weight > 0.0:
            took_s += cell.total
            expected_s += cell.weight * known.served.total_s / known.served.weight
    return min(max(took_s / expected_s, SLOWEST**-1), SLOWEST) if expected_s > 0.0 else 1.0
