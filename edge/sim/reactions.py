"""What staff on a handheld bring about in the simulated branch: a diverted customer leaves the line, a window opens.

Everything that has no counterpart here is without effect: the branch goes on as it would have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from edge.core import events as ev

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.sim.floor import Floor
    from edge.sim.timeline import Process

    Reaction = Callable[[Floor, ev.StaffAction], Process]

_WALK_S: Final = (10.0, 30.0)
_AT_THE_MACHINE_S: Final = (40.0, 120.0)
_NOTES_OF_A_SMALL_AMOUNT: Final = 20
_TELLER_COMES_S: Final = (30.0, 90.0)
_OPENS: Final[Mapping[str, int | None]] = {"add-window": 1, "opening-crowd": None}
"""How many windows in reserve a rule's advice opens; None is all of them."""


def answer(floor: Floor, action: ev.StaffAction) -> Process:
    """How the branch answers an action, as a process that starts at the instant of the action."""
    reaction = _REACTIONS.get(action.action)
    if reaction is not None:
        yield from reaction(floor, action)


def _accepted(floor: Floor, action: ev.StaffAction) -> Process:
    """The customer walks to a machine that can do it; the ticket is given back, and the machine is used."""
    dice = floor.dice(f"diverted {action.target}")
    yield floor.after(dice.uniform(*_WALK_S))
    person = floor.line.leave(action.target)
    if person is None:
        return
    floor.timeline.emit(ev.TicketCancelled(at=floor.timeline.now, ticket=person.ticket, reason="self_service"))
    person.gone = True
    yield floor.after(dice.uniform(*_AT_THE_MACHINE_S))
    able = [m for m in floor.machinery.machines.values() if m.takes(person.service)]
    if able:
        floor.machinery.use(dice.choice(able), _NOTES_OF_A_SMALL_AMOUNT)


def _need(floor: Floor, action: ev.StaffAction) -> Process:
    person = floor.people.get(action.target)
    if person is not None:
        person.needs += tuple(n for n in get_args(ev.Need) if n == action.detail.get("need") and n not in person.needs)
    yield from ()


def _priority(floor: Floor, action: ev.StaffAction) -> Process:
    person = floor.people.get(action.target)
    for tier in get_args(ev.Tier):
        if person is not None and tier == action.detail.get("tier"):
            person.tier = tier
    yield from ()


def _checked(floor: Floor, action: ev.StaffAction) -> Process:
    machine = floor.machinery.machines.get(action.target)
    if machine is not None and action.detail.get("result") == "ok":
        floor.machinery.check(machine)
    yield from ()


def _done(floor: Floor, action: ev.StaffAction) -> Process:
    """A prompt is done, which it can be once: what it asked of the tellers happens, at the window it named."""
    if action.target in floor.done:
        return
    floor.done.add(action.target)
    rule = action.target.partition(".")[0]
    delay_s = floor.dice(f"done {action.target}").uniform(*_TELLER_COMES_S)
    tellers = sorted(floor.tellers.values(), key=lambda teller: teller.window != action.detail.get("window"))
    away = [teller for teller in tellers if teller.away is not None]
    spare = [teller for teller in tellers if not teller.on_duty]
    named_is_spare = rule in _OPENS and spare[:1] == tellers[:1]
    if rule in ("add-window", "paused-windows") and away and not named_is_spare:
        away[0].come_back(delay_s)
    elif rule in _OPENS:
        for teller in [] if floor.closed else spare[: _OPENS[rule]]:
            teller.start(floor.after(delay_s))
    yield from ()


_REACTIONS: Final[Mapping[ev.Action, Reaction]] = {
    "customer_accepted": _accepted,
    "need_added": _need,
    "priority": _priority,
    "device_checked": _checked,
    "done": _done,
}
