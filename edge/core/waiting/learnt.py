"""What was learnt about time at the windows: plain numbers of bounded size that outlive the day.

Durations are kept as their tail: at each edge of a fixed ladder, how many lasted beyond it and by how much. The mean
residual life at an edge is then one division, exact for any law, and so are the survival and the quantiles (Cox,
Renewal Theory, 1962, section 1.2). Everything forgets exponentially, by services and not by time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final

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
KEEP_CLASS: Final = 1 - 1 / 400
"""What a new service leaves of the weight of the old ones: some 400 services are remembered (waiting.md, section 5)."""

KEEP_WINDOW: Final = 1 - 1 / 100
PRIOR_WEIGHT: Final = 2.0
"""Services a guessed mean is worth: squared variation of a service (about 0.8) over that of the guess (about 0.4)."""

TYPICAL_WEIGHT: Final = 8.0
"""Services a configured `typical_s` is worth: the branch knows its own classes to about a third."""

CELL_WEIGHT: Final = 8.0
"""Services the class mean is worth against a window's own: tellers differ by about a third."""


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
class Turnout:
    """Of `called` tickets of a class `brief` did not come or went on elsewhere, which took `brief_s` seconds in all."""

    called: float = 0.0
    brief: float = 0.0
    brief_s: float = 0.0


@dataclass(slots=True)
class Leaving:
    """Tickets that left before their call, and the seconds which all tickets waited."""

    left: float = 0.0
    waited_s: float = 0.0


@dataclass(slots=True)
class Idle:
    """An open window that let people wait: for `missed_s` seconds in all, the last of them at `until`."""

    missed_s: float = 0.0
    until: int = 0


@dataclass(slots=True)
class Learnt:
    """Everything learnt. Keys are ids of service classes and windows; the least known go when there are too many.

    `cells` is window by class, `pace` how much longer than others a window takes (1 is ordinary); `ratio` and
    `ratio_squared` compare times at a window with what was expected; `day` and `sample` count today's services.
    """

    classes: dict[str, Durations] = field(default_factory=dict)
    cells: dict[str, dict[str, Mean]] = field(default_factory=dict)
    pace: dict[str, float] = field(default_factory=dict)
    branch: Mean = field(default_factory=Mean)
    turnout: dict[str, Turnout] = field(default_factory=dict)
    gaps: Durations = field(default_factory=Durations)
    ratio: Mean = field(default_factory=Mean)
    ratio_squared: Mean = field(default_factory=Mean)
    leaving: Leaving = field(default_factory=Leaving)
    idle: dict[str, Idle] = field(default_factory=dict)
    day: int = 0
    sample: dict[str, int] = field(default_factory=dict)


def observe(learnt: Learnt, service: str, window: str, duration_s: float) -> None:
    """One service of `service` at `window` took `duration_s`; an impossible duration teaches nothing."""
    if not 0.0 <= duration_s <= LONGEST_S:
        return
    if service not in learnt.classes:
        make_room(learnt.classes, CLASSES_MOST)
        learnt.classes[service] = Durations()
    learnt.classes[service].add(duration_s, KEEP_CLASS)
    learnt.branch.add(duration_s, KEEP_CLASS)
    if window not in learnt.cells:
        make_room(learnt.cells, WINDOWS_MOST)
        learnt.cells[window] = {}
    cells = learnt.cells[window]
    if service not in cells:
        make_room(cells, CLASSES_MOST)
        cells[service] = Mean()
    cells[service].add(duration_s, KEEP_WINDOW)
    make_room(learnt.pace, WINDOWS_MOST, window)
    learnt.pace[window] = pace_of(learnt, cells)


def pace_of(learnt: Learnt, cells: dict[str, Mean]) -> float:
    """A window's time over what its classes take on average, shrunk to 1 by `CELL_WEIGHT` ordinary services."""
    ordinary_s = CELL_WEIGHT * learnt.branch.total / learnt.branch.weight
    took_s = expected_s = ordinary_s
    for service, cell in cells.items():
        law = learnt.classes.get(service)
        if law is not None:
            took_s += cell.total
            expected_s += cell.weight * law.total_s / law.weight
    return took_s / expected_s if expected_s > 0.0 else 1.0


def make_room(table: dict[str, Any], most: int, key: str = "") -> None:
    """Drops the oldest entry of a full table, unless `key` has its place in it already."""
    if len(table) >= most and key not in table:
        del table[next(iter(table))]
