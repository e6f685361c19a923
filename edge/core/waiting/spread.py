"""From mean and variance of a wait to its quantiles: a gamma law, exact where services are exponential (Erlang)."""

from __future__ import annotations

from math import sqrt
from typing import Final

Z90: Final = 1.2815515655446004
"""The 90 % quantile of the standard normal law."""


def quantiles(mean_s: float, variance_s2: float) -> tuple[float, float, float]:
    """The 10, 50 and 90 % quantiles (Wilson and Hilferty 1931): the cube root of a gamma variable is nearly normal."""
    if mean_s <= 0.0:
        return 0.0, 0.0, 0.0
    ninth = variance_s2 / (9.0 * mean_s * mean_s)
    ninth = min(ninth, 0.25)
    middle, reach = 1.0 - ninth, Z90 * sqrt(ninth)
    low = max(middle - reach, 0.0)
    high = middle + reach
    return mean_s * low * low * low, mean_s * middle * middle * middle, mean_s * high * high * high
