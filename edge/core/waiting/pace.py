"""What one ticket costs a window: served or brief, with the gap to the next call, at the window's own pace."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.core.waiting.calls import STEPS_S
from edge.core.waiting.durations import Durations
from edge.core.waiting.learnt import FIRST_MEAN_S, FIRST_WEIGHT, PRIOR_WEIGHT, TYPICAL_WEIGHT
from edge.core.waiting.turnaround import Turnaround

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.policy import Policy
    from edge.core.waiting.calls import Law
    from edge.core.waiting.durations import Mean
    from edge.core.waiting.learnt import Learnt

FIRST_BRIEF_S: Final = 45.0
"""Time at the window of a ticket whose holder does not come: a call, a recall, a pause."""

VARIATION_FIRST: Final = 0.8
"""Squared coefficient of variation of time at a window before anything is learnt: between regular and exponential."""

VARIATION_WEIGHT: Final = 10.0
CLASS_WEIGHT: Final = 40.0
"""Services the branch's variation is worth for a class: classes differ in it by half, and long services are rare."""

LEAST_VARIATION, MOST_VARIATION = 0.05, 4.0

TIER_WEIGHT: Final = 40.0
"""Services the mean of its class is worth against a tier's own: tiers differ by about a seventh."""

LIKELY: Final = 0.9999
"""No service is surer than this to have ended."""

FORGOTTEN: Final = 4.0
"""A service counts as at most so many ordinary ones, under way and for its class's variation: somebody may have
forgotten to end it.
"""

PATIENCE_S: Final = 900.0
"""Waiting seconds in which nobody left, counted as seen before any were."""


class Cost(NamedTuple):
    """Mean seconds of one ticket at an ordinary window, from call to call (`cycle_s`) and from call to end (`time_s`).

    `served_s` is the mean of those that are served; the `share` that is brief takes `brief_s`.
    """

    cycle_s: float
    time_s: float
    served_s: float
    share: float
    brief_s: float


class Pace:
    """The learnt costs as of one instant; `under_way_s` are the seconds that each service of a class has lasted so far.

    These are censored observations. Without them the first services to end, which are the short ones, would speak for
    all; each counts as what it is expected to come to (one step of Dempster, Laird and Rubin 1977), and for the less of
    one the more have ended.
    """

    __slots__ = (
        "_costs",
        "_shares",
        "doubt",
        "gap_s",
        "impatience",
        "learnt",
        "policy",
        "turnaround",
        "under_way_s",
        "variation",
    )

    def __init__(self, learnt: Learnt, policy: Policy, under_way_s: Mapping[str, list[float]]) -> None:
        self.learnt = learnt
        self.policy = policy
        self.under_way_s = under_way_s
        self._costs: dict[str, Cost] = {}
        self._shares: dict[tuple[str, str], float] = {}
        self.turnaround = Turnaround(learnt)
        self.gap_s = self.turnaround.mean_s()
        self.variation = variation(learnt)
        self.doubt = self.variation / (learnt.branch.weight + FIRST_WEIGHT)
        leaving = learnt.leaving
        self.impatience = min(leaving.left / (leaving.waited_s + PATIENCE_S), 0.5 / FIRST_MEAN_S)

    def cost(self, service: str) -> Cost:
        """What one ticket of a class costs an ordinary window."""
        cost = self._costs.get(service)
        if cost is None:
            served_s = self._served_s(service)
            share, brief_s = self._brief(service)
            time_s = (1.0 - share) * served_s + share * brief_s
            cost = self._costs[service] = Cost(time_s + self.gap_s, time_s, served_s, share, brief_s)
        return cost

    def _served_s(self, service: str) -> float:
        """Mean service time of a class: what was learnt, beside its typical time or else the branch's mean."""
        learnt = self.learnt
        told = self.policy.services.get(service)
        if told is not None and told.typical_s is not None:
            prior_s, weight = told.typical_s, TYPICAL_WEIGHT
        else:
            prior_s, weight = learnt.branch.shrunk(FIRST_MEAN_S, FIRST_WEIGHT), PRIOR_WEIGHT
        law = self._law(service)
        total_s, count = law.total_s + weight * prior_s, law.weight + weight
        mean_s = total_s / count
        share = weight / (weight + law.weight)
        for lasted_s in self.under_way_s.get(service, ()):
            total_s += share * min(lasted_s + law.left_s(lasted_s, mean_s, weight), FORGOTTEN * mean_s)
            count += share
        return max(total_s / count, 1.0)

    def _brief(self, service: str) -> tuple[float, float]:
        """The share of calls that are brief, and their mean seconds."""
        known = self.learnt.classes.get(service)
        if known is None:
            return 0.0, FIRST_BRIEF_S
        share = known.brief / (known.called + PRIOR_WEIGHT)
        return share, (known.brief_s + FIRST_BRIEF_S) / (known.brief + 1.0)

    def _law(self, service: str) -> Durations:
        known = self.learnt.classes.get(service)
        return known.served if known is not None else Durations()

    def share(self, service: str, tier: str) -> float:
        """How much longer a ticket of this tier takes than one of its class: 1 where they are alike."""
        share = self._shares.get((service, tier))
        if share is None:
            share = self._shares[service, tier] = self._share(service, tier)
        return share

    def _share(self, service: str, tier: str) -> float:
        known = self.learnt.classes.get(service)
        if known is None or len(known.tiers) <= 1 or tier not in known.tiers or known.served.total_s <= 0.0:
            return 1.0
        mean_s = known.served.total_s / known.served.weight
        return known.tiers[tier].shrunk(mean_s, TIER_WEIGHT) / mean_s

    def mixed_s(self, classes: tuple[str, ...], seen: Mapping[str, int]) -> float:
        """Mean cost over classes, each as often as its tickets have been `seen`."""
        counted = [(seen.get(service, 0) + 1, self.cost(service).cycle_s) for service in classes]
        if not counted:
            return self.learnt.branch.shrunk(FIRST_MEAN_S, FIRST_WEIGHT) + self.gap_s
        return sum(n * cost_s for n, cost_s in counted) / sum(n for n, _ in counted)

    def variation_of(self, service: str) -> float:
        """Squared coefficient of variation of a class's time at a window: its own, beside the branch's."""
        known = self.learnt.classes.get(service)
        if known is None:
            return self.variation
        return _squared_variation(known.ratio, known.ratio_squared, self.variation, CLASS_WEIGHT)

    def usual_variation_of(self, service: str) -> float:
        """The same without what is beyond `FORGOTTEN`: how far most sums of such times are from their mean."""
        known = self.learnt.classes.get(service)
        if known is None:
            return self.variation
        return _squared_variation(known.bounded, known.bounded_squared, self.variation, CLASS_WEIGHT)

    def mixed_variation(self, classes: tuple[str, ...], seen: Mapping[str, int]) -> tuple[float, float]:
        """How uncertain the work of tickets of these classes is: their squared deviation over the squared mean cost.

        The whole, and the usual (`usual_variation_of`).
        """
        if not classes:
            return self.variation, self.variation
        number = work_s = whole_s2 = usual_s2 = 0.0
        for service in classes:
            n, cost_s = seen.get(service, 0) + 1, self.cost(service).cycle_s
            number += n
            work_s += n * cost_s
            whole_s2 += n * cost_s * cost_s * self.variation_of(service)
            usual_s2 += n * cost_s * cost_s * self.usual_variation_of(service)
        return whole_s2 * number / (work_s * work_s), usual_s2 * number / (work_s * work_s)

    def left_s(self, service: str, pace: float, elapsed_s: float) -> float:
        """Mean seconds until a window called the ticket `elapsed_s` ago calls the next: never negative, never wild."""
        _, _, served_s, _, brief_s = self.cost(service)
        left_s = pace * self._law(service).left_s(elapsed_s / pace, served_s, PRIOR_WEIGHT)
        absent = self._absent(service, elapsed_s / pace, elapsed_s)
        return left_s + absent * (brief_s - elapsed_s - left_s) + self.gap_s

    def call_law(self, service: str, pace: float, elapsed_s: float, left_s: float) -> Law:
        """When such a window calls the next, after about `left_s` on average (see `left_s`).

        The mean alone would say too little: where services have a long tail, one that has lasted two minutes ends
        sooner than its mean says more often than not, and one that has just begun hardly ends at once.
        """
        _, _, served_s, _, brief_s = self.cost(service)
        law, ordinary_s, gap_s = self._law(service), elapsed_s / pace, self.gap_s
        absent = self._absent(service, ordinary_s, elapsed_s)
        brief_left_s = brief_s - elapsed_s if absent else 1.0
        found = []
        stays, at_s, from_s, before, mean_s = 1.0, 0.0, 0.0, 0.0, 0.0
        for step_s in STEPS_S:
            if step_s > gap_s:
                until_s = step_s - gap_s
                span = ordinary_s + from_s / pace, ordinary_s + until_s / pace
                stays *= exp(-law.ends_per_s(*span, served_s, PRIOR_WEIGHT) * (until_s - from_s) / pace)
                from_s = until_s
            done = 1.0 - stays
            if absent:
                done += absent * (min(from_s / brief_left_s, 1.0) - done)
            done = min(done, LIKELY)
            mean_s += (step_s - at_s) * (1.0 - 0.5 * (done + before))
            found.append((step_s, done))
            at_s, before = step_s, done
        return [*found, (at_s + max(2.0 * (left_s - mean_s) / (1.0 - before), 1.0), 1.0)]

    def _absent(self, service: str, ordinary_s: float, elapsed_s: float) -> float:
        """The chance that who was called so long ago does not come."""
        _, _, _, share, brief_s = self.cost(service)
        if share <= 0.0 or elapsed_s >= brief_s:
            return 0.0
        return share / (share + (1.0 - share) * self._law(service).survival(ordinary_s))


def variation(learnt: Learnt) -> float:
    """Squared coefficient of variation of the time at a window about its expectation, learnt beside a first guess."""
    return _squared_variation(learnt.ratio, learnt.ratio_squared, VARIATION_FIRST, VARIATION_WEIGHT)


def _squared_variation(ratio: Mean, ratio_squared: Mean, first: float, weight: float) -> float:
    mean = ratio.shrunk(1.0, weight)
    square = ratio_squared.shrunk(1.0 + first, weight)
    return min(max(square / (mean * mean) - 1.0, LEAST_VARIATION), MOST_VARIATION)
