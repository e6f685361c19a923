"""Alarm load: nobody is told more than a person can take in (contract, section Rules, Load).

One person gets at most so many prompts in a stretch of time. Urgent ones are exempt and silent ones make no sound, so
neither is counted; what is escalated to somebody is counted and never held back. A prompt beyond the limit is held by
`LIMIT` until there is room, the graver first; meanwhile a digest (see `digest`) names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.instant import SECOND
from edge.core.triage.ladder import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.commands import Priority
    from edge.core.instant import Instant
    from edge.core.triage.desk import Prompt
    from edge.core.triage.moment import Moment

LIMIT: Final = "load-limit"
"""What a prompt that is beyond the limit is held by."""

LIMITED: Final[frozenset[Priority]] = frozenset({"high", "normal"})


def with_room(moment: Moment, priority: Priority, roles: Sequence[str]) -> tuple[str, ...]:
    """Those of the roles that may be told of one more prompt: every person who carries one has room for it."""
    if priority not in LIMITED or not moment.policy.load.prompts:
        return tuple(roles)
    return tuple(role for role in roles if all(_has_room(moment, p, role, priority) for p in _people(moment, role)))


def room_at(moment: Moment, roles: Sequence[str]) -> Instant:
    """When the first of these roles, all without room now, has room again if nobody is told of anything until then.

    Where it is only graver prompts that go first, nothing tells when they will have gone: it is asked again soon.
    """
    load, told = moment.policy.load, moment.desk.told
    full = [[told[p][-load.prompts] for p in _people(moment, r) if len(told.get(p, ())) >= load.prompts] for r in roles]
    due = min((max(since) for since in full if since), default=moment.at) + load.window
    return due if due > moment.at else moment.at + SECOND


def note(moment: Moment, prompt: Prompt) -> None:
    """Whoever carries a role the prompt goes to is told of it now."""
    if prompt.priority in LIMITED and moment.policy.load.prompts:
        told, most = moment.desk.told, moment.policy.load.prompts
        for person in dict.fromkeys(p for role in prompt.to for p in _people(moment, role)):
            told[person] = [*told.get(person, ()), moment.at][-most:]


def held_back(prompt: Prompt) -> bool:
    """Whether it is the limit that keeps the prompt back."""
    return prompt.state == "held" and prompt.held_by == LIMIT


def _has_room(moment: Moment, person: str, role: str, priority: Priority) -> bool:
    load, told = moment.policy.load, moment.desk.told.get(person, [])
    taken = sum(at > moment.at - load.window for at in told)
    if priority != "high":  # what waits and is graver comes first
        waiting = moment.desk.prompts.values()
        taken += sum(held_back(prompt) and prompt.priority == "high" and role in prompt.to for prompt in waiting)
    return taken < load.prompts


def _people(moment: Moment, role: str) -> tuple[str, ...]:
    return people(moment.hall, moment.policy, role)
