"""How long a fact of the hall is certain to stay as it is, whatever comes: so long nobody has to ask it.

That is a certificate, as data structures that follow moving things keep them (Basch, Guibas and Hershberger, Data
structures for mobile data, 1997): so many steps cannot take the fact out of the interval between two levels that
count, and until then neither can time. A step is what one event of the `TRAFFIC` does: one ticket is drawn, called or
served, and a count moves by one. Whatever else moves a fact ends its certificate.
"""

from __future__ import annotations

from itertools import islice
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from edge.core.instant import SECOND, Instant

if TYPE_CHECKING:
    from collections.abc import Iterable

Calm: TypeAlias = tuple[int, Instant]
"""For so many steps, until then."""

STEPS_MOST: Final = 1 << 31
"""More steps than a day has."""

FOREVER: Final[Instant] = 1 << 62
"""An instant that does not come."""

RESTLESS: Final[Calm] = (0, 0)
"""The next step may change it."""

LOOKED_AHEAD: Final = 16
"""So many of a queue are enough to be counted on."""


def climb(count: float, high: float) -> int:
    """How many more a count may become and be below `high`."""
    return STEPS_MOST if high == inf else ceil(high - count) - 1


def fall(count: float, low: float) -> int:
    """How many fewer a count may become and be at `low` at least."""
    return STEPS_MOST if low == -inf else floor(count - low)


def room(count: float, low: float, high: float) -> int:
    """For how many steps a count stays from `low` to below `high`."""
    return min(climb(count, high), fall(count, low))


def first_few(items: Iterable[Any]) -> int:
    """How many there are, counted as far as is of use."""
    return sum(1 for _ in islice(items, LOOKED_AHEAD))


def before_short(at: Instant, since: Iterable[Instant], low_s: float) -> int:
    """How many may go of those who wait since then, the longest first, so that one is left who has waited `low_s`."""
    if low_s == -inf:
        return STEPS_MOST
    latest = at - ceil(low_s * SECOND)
    return sum(began <= latest for began in islice(since, LOOKED_AHEAD)) - 1


def grown(since: Instant, level_s: float) -> Instant:
    """When it is so many seconds since then, and not a microsecond later."""
    return FOREVER if level_s == inf else since + floor(level_s * SECOND)
