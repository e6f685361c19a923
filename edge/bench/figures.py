"""Statistics of a benchmark: spreads over rounds, ratios taken inside one round, quantiles of pooled samples."""

from __future__ import annotations

from math import ceil
from statistics import median
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence


class Spread(Struct, frozen=True):
    """One figure over `rounds` rounds: the median, and the lowest and highest of them."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of these values; ValueError when there are none."""
        if not values:
            raise ValueError("a spread needs one round at least")
        return cls(median(values), min(values), max(values), len(values))


def ratios(of: Sequence[float], to: Sequence[float]) -> Spread:
    """Each round's figure over the same round's other figure: what a noisy machine does to both cancels."""
    return Spread.of([one / other for one, other in zip(of, to, strict=True)])


def quantile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share of them does not exceed (nearest rank); ValueError when empty."""
    if not samples:
        raise ValueError("a quantile needs one sample at least")
    return sorted(samples)[max(ceil(share * len(samples)), 1) - 1]
