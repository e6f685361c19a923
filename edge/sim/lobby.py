"""Staff in the lobby: when they are there, whom they speak with, and what they notice and raise on their handhelds.

They do by themselves what staff do without being prompted: a guide asks at the door and takes a no for a no, a guard
sees that somebody is cross, a teller tells of a customer whom a colleague should meet. What is raised is closed by
whoever sees to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import events as ev
from edge.sim import premises
from edge.sim.scenario import Leave

if TYPE_CHECKING:
    from edge.core.instant import Instant
    from edge.sim.floor import Floor
    from edge.sim.line import Person
    from edge.sim.timeline import Process

_MANAGER, _GUIDE, _GUARD, _ADVISER, _HEAD = "lm-1", "lg-1", "sg-1", "cm-1", "bh-1"

_ASKED_AFTER_S: Final = (15.0, 45.0)
_NEEDS_PAPERS: Final = frozenset({"account", "corporate"})
_PAPERS_LOOKED_AT_AFTER_S: Final = (40.0, 120.0)
_LIST_HANDED_OVER_AFTER_S: Final = (60.0, 180.0)

_SHOWS_AT: Final = 0.85
"""The share of somebody's patience after which it shows."""

_LISTENED_TO_AFTER_S: Final = (180.0, 480.0)
_COMPLAINS: Final = 0.2
_COMPLAINT_TAKES_S: Final = (600.0, 1500.0)
_RECEIVED_AFTER_S: Final = (240.0, 780.0)


def start(floor: Floor) -> None:
    """Lets everybody come and go, at the ends of the day and as the scenario wants."""
    for staff, post in premises.STAFF.items():
        floor.timeline.start(_shift(floor, staff), floor.moment(post.comes))
    for scripted in floor.scenario.script:
        if isinstance(scripted, Leave):
            floor.timeline.start(_leaves(floor, scripted), floor.moment(scripted.at))


def meet(floor: Floor, person: Person) -> None:
    """Somebody has drawn a ticket: what may come of it before a window calls."""
    dice, scenario = floor.dice(f"lobby {person.ticket}"), floor.scenario
    by_chance = (dice.random() < scenario.turned_away, dice.random() < scenario.declines)
    if by_chance[0] and person.service in _NEEDS_PAPERS:
        floor.timeline.start(_turn_away(floor, person), floor.after(dice.uniform(*_PAPERS_LOOKED_AT_AFTER_S)))
    elif by_chance[1] and not person.needs and premises.CLASSES[person.service].machines:
        floor.timeline.start(_declines(floor, person), floor.after(dice.uniform(*_ASKED_AFTER_S)))
    if dice.random() < scenario.grumbles:
        floor.timeline.start(_grumbles(floor, person), floor.after(_SHOWS_AT * person.patience_s))


def refer(floor: Floor, person: Person, teller: str) -> None:
    """Somebody was served: the teller may think of a colleague."""
    dice = floor.dice(f"referral {person.ticket}")
    promising = person.tier in ("gold", "private") or person.amount_band == "large"
    if promising and dice.random() < floor.scenario.referred:
        floor.act(teller, "raise", "referral", zone="counter", ticket=person.ticket)
        floor.timeline.start(_closes(floor, _ADVISER, "referral"), floor.after(dice.uniform(*_RECEIVED_AFTER_S)))


def signs(at: Instant, staff: str, action: ev.Action) -> ev.StaffAction:
    """Somebody signs in or out."""
    return ev.StaffAction(at=at, staff=staff, role=premises.STAFF[staff].role, action=action, target=staff)


def _shift(floor: Floor, staff: str) -> Process:
    _comes(floor, staff)
    yield floor.moment(premises.STAFF[staff].goes)
    _goes(floor, staff)


def _leaves(floor: Floor, leave: Leave) -> Process:
    _goes(floor, leave.staff)
    yield floor.after(leave.for_s)
    _comes(floor, leave.staff)


def _comes(floor: Floor, staff: str) -> None:
    floor.here.add(staff)
    floor.timeline.emit(signs(floor.timeline.now, staff, "sign_in"))


def _goes(floor: Floor, staff: str) -> None:
    floor.here.discard(staff)
    floor.timeline.emit(signs(floor.timeline.now, staff, "sign_out"))


def _declines(floor: Floor, person: Person) -> Process:
    """The guide offers a machine, and the customer would rather wait."""
    if _GUIDE in floor.here and person.ticket in floor.line and not person.gone:
        floor.act(_GUIDE, "customer_declined", person.ticket)
    yield from ()


def _turn_away(floor: Floor, person: Person) -> Process:
    """Papers are missing: the ticket is given back, and a list of what is needed handed over."""
    if _GUIDE not in floor.here or person.gone or floor.line.leave(person.ticket) is None:
        return
    person.gone = True
    floor.act(_GUIDE, "raise", "turn_away", zone="door", ticket=person.ticket)
    floor.timeline.emit(ev.TicketCancelled(at=floor.timeline.now, ticket=person.ticket, reason="documents"))
    yield floor.after(floor.dice(f"list {person.ticket}").uniform(*_LIST_HANDED_OVER_AFTER_S))
    floor.act(_GUIDE, "close", "turn_away")


def _grumbles(floor: Floor, person: Person) -> Process:
    """The guard sees that somebody has had enough; somebody listens, and sometimes it becomes a complaint."""
    if person.ticket not in floor.line or person.gone:
        return
    dice = floor.dice(f"mood {person.ticket}")
    floor.act(_GUARD, "raise", "complaint", level=2, zone="waiting", ticket=person.ticket)
    yield floor.after(dice.uniform(*_LISTENED_TO_AFTER_S))
    listens = _MANAGER if _MANAGER in floor.here else _HEAD
    floor.act(listens, "close", "complaint")
    if dice.random() < _COMPLAINS:
        floor.act(listens, "raise", "complaint", level=3, zone="counter", ticket=person.ticket)
        yield floor.after(dice.uniform(*_COMPLAINT_TAKES_S))
        floor.act(listens, "close", "complaint")


def _closes(floor: Floor, staff: str, kind: str) -> Process:
    floor.act(staff, "close", kind)
    yield from ()
