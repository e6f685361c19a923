"""How long to wait before the next attempt, and whether there is to be one: two pure decisions."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

LEAST_S: Final = 0.5
MOST_S: Final = 30.0

LOCAL_S: Final = 1.0
"""A device node appears when it is plugged in, and looking for it costs nothing: nobody should wait longer."""

_DOUBLINGS: Final = 16
"""More make no difference to any sensible bound, and 2**n stays small."""


def full_jitter(rng: Random, *, least_s: float = LEAST_S, most_s: float = MOST_S) -> Iterator[float]:
    """Delays in seconds without end, each anywhere between `least_s` and a ceiling that doubles up to `most_s`.

    Full jitter, so that a whole city's branches do not knock together when headquarters comes back ("Exponential
    Backoff And Jitter", AWS Architecture Blog, 2015); the floor keeps a refusing peer from being hammered.
    """
    for attempt in range(1, _DOUBLINGS):
        yield rng.uniform(least_s, min(most_s, least_s * 2**attempt))
    while True:
        yield rng.uniform(least_s, most_s)


def local() -> Iterator[float]:
    """Delays for a device node of this machine."""
    return repeat(LOCAL_S)


def retryable(fault: BaseException) -> bool:
    """Whether the world is to blame, so that trying again may help.

    Yes: OSError, which is every refused, broken, missing, busy or timed-out thing of the system's (ConnectionError,
    TimeoutError, socket.gaierror, ssl.SSLError, serial.SerialException, LinkLost), also a group of nothing else.
    No: everything else is a fault of the program's and rises to the supervisor with its trace.
    """
    if isinstance(fault, BaseExceptionGroup):
        return all(retryable(inner) for inner in fault.exceptions)
    return isinstance(fault, OSError)
