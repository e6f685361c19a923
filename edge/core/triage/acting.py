"""What acting gains when it takes a few minutes: a forecast of doing it at once, moved to when it will be done.

Nobody opens a window the instant a prompt is raised: somebody reads it, finds a teller, and the teller comes. Until
then the line moves as it does. With n windows and one more after a delay d, whoever waits behind work of q seconds is
called after d + (q - n d) / (n + 1): of the delay the share by which acting shortens the wait is added to it, all of it
for somebody whom the new window would call first. How long acting takes is uncertain by itself and widens the
interval; whom the line brings to a window before that has waited as long as if nobody had acted.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Final

from edge.core.instant import seconds
from edge.core.waiting import Wait

if TYPE_CHECKING:
    from edge.core.instant import Micros

TAKES_S: Final = (60.0, 150.0, 300.0)
"""From the raise until a window more is open: 10, 50 and 90 % (our figures; a high prompt escalates after 300)."""

AT_WORK: Final[Micros] = seconds(TAKES_S[2])
"""For so long after somebody took a prompt, what it asks for may still be on its way."""


def delayed(now: Wait, then: Wait) -> Wait:
    """How long somebody waits if what would make the wait `then` at once takes a while, and it is `now` till then."""
    if not 0.0 <= then.p50_s < now.p50_s:
        return then
    share = 1.0 - then.p50_s / now.p50_s
    soon_s, usual_s, late_s = TAKES_S
    middle_s = min(then.p50_s + share * usual_s, now.p50_s)
    low_s = middle_s - hypot(then.p50_s - then.p10_s, share * (usual_s - soon_s))
    high_s = middle_s + hypot(then.p90_s - then.p50_s, share * (late_s - usual_s))
    return Wait(
        then.position,
        max(min(low_s, now.p10_s), 0.0),
        middle_s,
        max(min(high_s, now.p90_s), middle_s),
        then.mean_s,
    )
