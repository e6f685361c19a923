"""Whom a prompt goes to: the rungs of its rule's ladder, executor first, and which of them is manned today.

A role nobody carries today is passed over. For an absent lobby manager the lobby guide stands in, who is in the lobby
as well, but in nothing that sells (playbook §8.3): the ladder of a rule that sells leads past the lobby guide, and past
`any_staff`, among whom a lobby guide may be. A prompt about another one goes where that one has come to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import presence
from edge.core.triage.rule import LAST_RUNGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.hall import Hall
    from edge.core.policy import Policy
    from edge.core.triage.moment import Moment
    from edge.core.triage.rule import Rule

STANDS_IN: Final[Mapping[str, str]] = {"lobby_manager": "lobby_guide"}
"""Who acts for a role that nobody carries today, before the next of the ladder is asked."""


def told(moment: Moment, rule: Rule, object_id: str, level: int) -> tuple[int, tuple[str, ...]]:
    """The rung a prompt of the rule goes to from `level` on, and its roles: of one about a prompt where that one is."""
    if rule.about != "prompt":
        return rung(moment.hall, moment.policy, rule, level)
    to = moment.desk.prompts[object_id].to
    return (rule.ladder.index(to) if to in LAST_RUNGS else 0), to


def rung(hall: Hall, policy: Policy, rule: Rule, level: int) -> tuple[int, tuple[str, ...]]:
    """The first manned rung from `level` upward and its roles; the last, headquarters, always is."""
    known = staff_known(hall, policy)
    for place in range(level, len(rule.ladder) - 1):
        roles = rule.ladder[place]
        manned = roles if not known else _manned(hall, policy, rule, roles)
        if manned:
            return place, manned
    return len(rule.ladder) - 1, rule.ladder[-1]


def is_last(rule: Rule, level: int) -> bool:
    """Whether nobody is left above this rung."""
    return level >= len(rule.ladder) - 1


def staff_known(hall: Hall, policy: Policy) -> bool:
    """Whether anything is known of who is there: a configuration names staff, or somebody has signed in.

    Otherwise nobody is passed over, and nobody is said not to answer.
    """
    return policy.configured and bool(policy.staff or hall.signed_in)


def people(hall: Hall, policy: Policy, role: str) -> tuple[str, ...]:
    """Who carries a role today; where nobody is known, the role itself stands for them."""
    return tuple(presence.carriers(hall, policy, role)) or (role,)


def _manned(hall: Hall, policy: Policy, rule: Rule, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the roles that somebody carries, each replaced by who stands in for it where nobody does."""
    found: dict[str, None] = {}
    for role in roles:
        deputy = STANDS_IN.get(role)
        if _carried(hall, policy, role):
            found[role] = None
        elif deputy is not None and not rule.sells and _carried(hall, policy, deputy):
            found[deputy] = None
    return tuple(found)


def _carried(hall: Hall, policy: Policy, role: str) -> bool:
    if (role,) in LAST_RUNGS:
        return bool(hall.signed_in) or any(presence.carriers(hall, policy, known) for known in policy.staff)
    return bool(presence.carriers(hall, policy, role))
