"""Whom a prompt goes to: the rungs of its rule's ladder, executor first, and which of them is manned today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.triage.rule import LAST_RUNGS

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.policy import Policy
    from edge.core.triage.rule import Rule


def rung(hall: Hall, policy: Policy, rule: Rule, level: int) -> tuple[int, tuple[str, ...]]:
    """The first manned rung from `level` upward and its roles; the last, headquarters, always is.

    Without a configuration, or where it names no staff at all and nobody has signed in, nothing is known of who is
    there and nobody is passed over.
    """
    known = policy.configured and bool(policy.staff or hall.signed_in)
    for place in range(level, len(rule.ladder) - 1):
        roles = rule.ladder[place]
        manned = tuple(role for role in roles if not known or _carried(hall, policy, role))
        if manned:
            return place, manned
    return len(rule.ladder) - 1, rule.ladder[-1]


def is_last(rule: Rule, level: int) -> bool:
    """Whether nobody is left above this rung."""
    return level >= len(rule.ladder) - 1


def _carried(hall: Hall, policy: Policy, role: str) -> bool:
    if (role,) in LAST_RUNGS:
        return bool(hall.signed_in) or any(policy.staff.values())
    return bool(policy.staff.get(role)) or role in hall.signed_in.values()
