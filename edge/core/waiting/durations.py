"""Durations as they are remembered: means, and whole laws, that forget the old for the new.

A law is kept as its tail: at each edge of a fixed ladder, how many lasted beyond it and by how much. The mean residual
life at an edge is then one division, exact for any law, and so is the survival (Cox, Renewal Theory, 1962, section
1.2). Everything forgets exponentially, by observations and not by time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from msgspec import Struct, field

EDGES_S: Final[tuple[float, ...]] = (0.0, *(2.0 ** (k / 2) for k in range(4, 28)))
"""The ladder: 0, then 4 s to 11585 s in steps of the square root of two."""


def step_of(elapsed_s: float) -> int:
    """The step of the ladder that begins at or below `elapsed_s`."""
    return bisect_right(EDGES_S, elapsed_s) - 1


class Mean(Struct):
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


class Durations(Struct):
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

    def ends_per_s(self, from_s: float, until_s: float, prior_s: float, weight: float) -> float:
        """How many end in a second among those that have lasted from `from_s` to `until_s`, with a prior mean."""
        here = step_of(from_s)
        there = bisect_left(EDGES_S, until_s)
        exposed_s = self.excess_s[here]
        ends = self.beyond[here] if here else self.weight  # who ends at 0 has not lasted beyond it
        if here < there < len(EDGES_S):
            exposed_s -= self.excess_s[there]
            ends -= self.beyond[there]
        return (max(ends, 0.0) + weight) / (max(exposed_s, 0.0) + weight * prior_s)

    def seconds_per_end(self, first_s: float, weight: float, first: int = 0) -> list[float]:
        """For each step of the ladder, what those shorter say of the seconds to an end there.

        That of step `first` is `first_s`; every other is the mean of the step below, with its own prior counted as
        `weight` further ends, and at most as much more than `first_s` as the step is later.
        """
        ended, spent_s = [self.weight, *self.beyond[1:]], self.excess_s  # who ends at 0 has not lasted beyond it
        found = [first_s] * (first + 1)
        mean_s, before_s = first_s, first_s - EDGES_S[first]
        for k in range(first + 1, len(EDGES_S)):
            exposed_s, ends = spent_s[k - 1] - spent_s[k], ended[k - 1] - ended[k]
            mean_s = min((exposed_s + weight * mean_s) / (ends + weight), before_s + EDGES_S[k])
            found.append(mean_s)
        return found

    def left_s(self, elapsed_s: float, prior_s: float, weight: float) -> float:
        """Mean seconds left after `elapsed_s`, with `prior_s` as `weight` further durations: `prior_s` beyond all."""
        k = step_of(elapsed_s)
        beyond, excess_s = self.beyond, self.excess_s
        here_s = (excess_s[k] + weight * prior_s) / (beyond[k] + weight)
        if k + 1 == len(EDGES_S):
            return here_s
        there_s = (excess_s[k + 1] + weight * prior_s) / (beyond[k + 1] + weight)
        return here_s + (there_s - here_s) * (elapsed_s - EDGES_S[k]) / (EDGES_S[k + 1] - EDGES_S[k])

    def survival(self, elapsed_s: float) -> float:
        """The share that lasts longer than the edge below `elapsed_s`; 1 where nothing is known."""
        return self.beyond[step_of(elapsed_s)] / self.weight if self.weight > 0.0 else 1.0
