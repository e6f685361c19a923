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

EDGES_S: Final = (0.0, *(2.0 ** (k / 2) for k in range(4, 28)))
"""The ladder: 0, then 4 s to 11585 s in steps of the square root of two."""

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
"""Services the class mean is worth against one window's own: windows differ by about a third (slow and quick tellers)."""


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
            excess_s[k] = excess_s[k] * keep + (more_s if more_s > 0.0 else 0.0)

    def left_s(self, elapsed_s: float, prior_s: float, weight: float) -> float:
        """Mean seconds left after `elapsed_s`, `prior_s` counted as `weight` further durations: `prior_s` beyond all."""
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
    """Of a class: of `called` tickets `brief` did not come or went on elsewhere, which took `brief_s` seconds in all."""

    called: float = 0.0
    brief: float = 0.0
    brief_s: float = 0.0


@dataclass(slots=True)
class Idle:
    """An open window that let people wait: for `missed_s` seconds in all, the last of them at `until`."""

    missed_s: float = 0.0
    until: int = 0


@dataclass(slots=True)
class Learnt:
    """Everything learnt. Keys are ids of service classes and windows; the least known go when there are too many."""

    classes: dict[str, Durations] = field(default_factory=dict)
    cells: dict[str, dict[str, Mean]] = field(default_factory=dict)
    windows: dict[str, Mean] = field(default_factory=dict)
    branch: Mean = field(default_factory=Mean)
    turnout: dict[str, Turnout] = field(default_factory=dict)
    gaps: Durations = field(default_factory=Durations)
    ratio: Mean = field(default_factory=Mean)
    ratio_squared: Mean = field(default_factory=Mean)
    patience: Mean = field(default_factory=Mean)
    idle: dict[str, Idle] = field(default_factory=dict)
    day: int = 0
    sample: dict[str, int] = field(default_factory=dict)
