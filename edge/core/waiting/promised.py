"""What experience has made of the forecasts prompts are raised with: who agrees, and how long people waited after all.

A forecast of what acting would change supposes that everybody who is asked agrees, and that all of it happens at once.
Neither is so. Of those who are asked a share takes the offer, which is learnt from their answers. And what is asked
takes minutes, while the line moves on: of what a diversion would gain a part arrives (`ARRIVES`, our figure, from
simulated days); what a window more takes until it is open is reckoned with apart (`triage/acting`). The intervals of
both forecasts are then stretched below and above the median by small steps until a tenth of the waits lies beyond
either end (as in `correction`: Gibbs and Candes 2021).
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.waiting.outlook import Wait

ARRIVES: Final = 0.7
"""Of what sending people to machines at once would gain, the part that is gained where it takes a few minutes."""

STEP: Final = 0.08
MISSED: Final = 0.1
"""The share of waits that may lie beyond either end of an interval."""

NARROW, WIDE = 0.3, 3.0
KEEP: Final = 1 - 1 / 200
"""What a new answer leaves of the weight of the old ones."""


class Stretch(Struct):
    """How far an interval is stretched below and above its median, as powers of the end over the median."""

    low: float = 1.0
    high: float = 1.0

    def of(self, p10_s: float, p50_s: float, p90_s: float, middle_s: float) -> tuple[float, float]:
        """The ends of the interval of these figures around a median that has been moved to `middle_s`."""
        if p50_s <= 0.0:
            return p10_s, p90_s
        return middle_s * (p10_s / p50_s) ** self.low, middle_s * (p90_s / p50_s) ** self.high

    def learn(self, p10_s: float, p90_s: float, waited_s: float) -> None:
        """Somebody waited so long who was told this interval."""
        self.low = min(max(self.low * exp(STEP * ((waited_s < p10_s) - MISSED)), NARROW), WIDE)
        self.high = min(max(self.high * exp(STEP * ((waited_s > p90_s) - MISSED)), NARROW), WIDE)


class Promised(Struct):
    """What was learnt: how many were `asked` and `accepted`, forgetting, and the stretch of either forecast.

    It begins as though two of four had agreed.
    """

    asked: float = 4.0
    accepted: float = 2.0
    acting: Stretch = field(default_factory=Stretch)
    as_is: Stretch = field(default_factory=Stretch)

    def answered(self, *, yes: bool) -> None:
        """A customer who was offered a machine has taken it, or not."""
        self.asked = self.asked * KEEP + 1.0
        self.accepted = self.accepted * KEEP + yes

    def agree(self, named: Mapping[str, int]) -> dict[str, int]:
        """How many of those named of each class will agree, in whole people; one at least where anybody is named."""
        share = self.accepted / self.asked
        found = {service: round(count * share) for service, count in named.items()}
        if not any(found.values()) and named:
            found[min(named, key=lambda id: (-named[id], id))] = 1
        return {service: count for service, count in found.items() if count}

    def corrected(self, now: Wait, then: Wait) -> dict[str, float]:
        """The two forecasts of one customer as experience would have them, seconds."""
        with_s = then.p50_s + (1.0 - ARRIVES) * max(now.p50_s - then.p50_s, 0.0)
        now_low_s, now_high_s = self.as_is.of(now.p10_s, now.p50_s, now.p90_s, now.p50_s)
        low_s, high_s = self.acting.of(then.p10_s, then.p50_s, then.p90_s, with_s)
        return {
            "now": now.p50_s,
            "now_p10": now_low_s,
            "now_p90": now_high_s,
            "with": with_s,
            "p10": low_s,
            "p90": high_s,
        }

    def learn(self, told: Mapping[str, Any], waited_s: float, *, acted: bool) -> None:
        """The customer who was `told` of so was called after so long; the other forecast remains untried."""
        if acted:
            self.acting.learn(told["p10"], told["p90"], waited_s)
        else:
            self.as_is.learn(told["now_p10"], told["now_p90"], waited_s)
