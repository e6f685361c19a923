"""Facts of turns: how near a ticket is to its call.

Ahead of a ticket are those earlier in calling order whose class shares a window with its own in the branch's plan.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from edge.core.aspects import QUEUE
from edge.core.triage.moment import Fact, Moment, Word
from edge.core.waiting.line import in_calling_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.aspects import Aspects


def _form_turn(moment: Moment, id: str, ahead: float = 2) -> str:
    return "near" if near(moment, ahead).get(id, ahead + 1) <= ahead else "far"


def _front(moment: Moment, changed: Aspects, ahead: float = 2) -> Iterable[str]:
    """Those who are near, and whoever has just been so: one event puts one more before a ticket at the most."""
    return near(moment, ahead) if changed & QUEUE else ()


def near(moment: Moment, ahead: float) -> Mapping[str, int]:
    """How many are called before a waiting ticket whose class wants a form, as far as they are `ahead` + 1 at most."""
    key = ("near", ahead)
    known = moment.known.get(key)
    if known is None:
        policy = moment.policy
        forms = tuple([service.id for service in policy.services.values() if service.form])
        if not forms:
            known = moment.known[key] = {}
            return known
        taken = tuple(plan.services for plan in policy.windows.values())
        known = moment.known[key] = _near(moment, _rivals(taken, forms), forms, ahead + 1)
    return known


def _near(moment: Moment, rivals: Mapping[str, tuple[str, ...]], forms: tuple[str, ...], most: float) -> dict[str, int]:
    counts = dict.fromkeys(forms, 0)
    found: dict[str, int] = {}
    for ticket in in_calling_order(moment.hall):
        before = counts.get(ticket.service)
        if before is not None and before <= most:
            found[ticket.id] = before
        for service in rivals.get(ticket.service, ()):
            counts[service] += 1
        if min(counts.values()) > most:
            break
    return found


@lru_cache(maxsize=8)
def _rivals(taken: tuple[tuple[str, ...], ...], forms: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """The form classes that each class competes with, given the classes of each window."""
    rivals: dict[str, set[str]] = {form: {form} for form in forms}
    for services in taken:
        for service in services:
            rivals.setdefault(service, set()).update(form for form in forms if form in services)
    return {service: tuple(sorted(found)) for service, found in rivals.items()}


FACTS: Final[tuple[Fact, ...]] = (
    Word(
        name="form_turn",
        about="ticket",
        words=("far", "near"),
        moved_by=QUEUE,
        takes=("ahead",),
        value=_form_turn,
        also=_front,
        says="Whether the ticket waits, its class wants a form (as configured), and at most `ahead` are called before "
        "it, of those whose class shares a window with its own in the plan.",
    ),
)
