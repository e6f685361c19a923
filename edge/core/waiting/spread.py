"""From how far a count is from its mean to its quantiles: a gamma law, exact for exponential services (Erlang)."""

from __future__ import annotations

from math import sqrt
from typing import Final, TypeAlias

Figures: TypeAlias = tuple[float, float, float, float]
"""p10, p50, p90 and mean, seconds."""

Z90: Final = 1.2815515655446004
"""The 90 % quantile of the standard normal law."""


def quantiles(square: float) -> tuple[float, float, float]:
    """The 10, 50 and 90 % quantiles over the mean, of a gamma variable with this squared relative deviation.

    Its cube root is nearly normal (Wilson and Hilferty 1931).
    """
    ninth = min(square / 9.0, 0.25)
    middle, reach = 1.0 - ninth, Z90 * sqrt(ninth)
    return max(middle - reach, 0.0) ** 3, middle**3, (middle + reach) ** 3
