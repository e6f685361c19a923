"""The part of the vocabulary that asks about devices: how they are, what they run short of, what happened at them.

What happened is a count that begins to matter when it is above zero, and each one more may be another customer; see
`moment.Number.each` for when it speaks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from edge.core.aspects import DEVICES, OFFER, STOCK, TROUBLES
from edge.core.events import DeviceKind, DeviceState
from edge.core.triage import offer
from edge.core.triage.moment import Fact, Moment, Number, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.supplies import Supply

SELF_SERVICE: Final = frozenset(offer.NEEDS)
MACHINES: Final = frozenset({"atm", "recycler", "kiosk"})
"""The machines a customer can be sent to; printers belong to one of them or stand beside it."""

STATES: Final = (*get_args(DeviceState), "other")


def _state_of(kinds: frozenset[str]) -> Callable[[Moment, str], str]:
    def state(moment: Moment, device: str) -> str:
        known = moment.hall.devices[device]
        return known.state if known.kind in kinds and not known.unheard else "other"

    return state


def _last_said(moment: Moment, device: str) -> str:
    known = moment.hall.devices[device]
    return (known.said or "nothing") if known.kind in SELF_SERVICE else "other"


def _machines(moment: Moment, _: str) -> str:
    hall, policy, at = moment.hall, moment.policy, moment.at
    for device in hall.devices.values():
        if device.state in offer.WORKS and device.kind in MACHINES and offer.usable(device, policy, at):
            return "some-usable"
    machines = [device for device in hall.devices.values() if device.kind in MACHINES]
    unheard = any(plan.kind in MACHINES and plan.id not in hall.devices for plan in policy.devices.values())
    if unheard or not all(device.said == "down" or offer.barred(device) for device in machines):
        return "not-known"
    return "all-down" if machines else "none"


def _short_of(supply: Supply, kinds: frozenset[str]) -> Callable[[Moment, str], float]:
    def short(moment: Moment, device: str) -> float:
        known = moment.hall.devices[device]
        return known.short.get(supply, 0) if known.kind in kinds else 0

    return short


def _times(trouble: str) -> Callable[[Moment, str], float]:
    def times(moment: Moment, device: str) -> float:
        known = moment.hall.devices[device].troubles.get(trouble)
        return known.count if known is not None and known.open else 0

    return times


_SHORT: Final = (
    "0 when there is enough, 1 low, 2 run out, by its parts; where no part tells, how often it has reported so since "
    "somebody last found it in order."
)

DEVICE_FACTS: Final[tuple[Fact, ...]] = (
    Word(
        name="machine_state",
        about="device",
        words=STATES,
        moved_by=DEVICES,
        value=_state_of(SELF_SERVICE),
        says="The state of a machine customers use by themselves; `other` for other kinds and until it tells "
        "or is lost.",
    ),
    Word(
        name="board_state",
        about="device",
        words=STATES,
        moved_by=DEVICES,
        value=_state_of(frozenset({"board"})),
        says="The state of a board as its link tells it; `unknown` is a lost link.",
    ),
    Word(
        name="dispenser_state",
        about="device",
        words=STATES,
        moved_by=DEVICES,
        value=_state_of(frozenset({"dispenser"})),
        says="The state of the queue machine by its status and its link, never by its silence.",
    ),
    Word(
        name="equipment_state",
        about="device",
        words=STATES,
        moved_by=DEVICES,
        value=_state_of(frozenset(get_args(DeviceKind)) - SELF_SERVICE - {"board", "dispenser"}),
        says="The state of what customers do not use: terminals, announcers, sensors, power, network.",
    ),
    Word(
        name="machine_last_said",
        about="device",
        words=("ok", "degraded", "down", "nothing", "other"),
        moved_by=DEVICES,
        value=_last_said,
        says="The last state such a machine told of before it was `unknown`; `nothing` before it told of any.",
    ),
    Word(
        name="machines",
        about="hall",
        words=("none", "some-usable", "all-down", "not-known"),
        moved_by=OFFER,
        value=_machines,
        says="ATMs, recyclers and kiosks together: `all-down` when each is known to be of no use (down, suspect, run "
        "out), `not-known` when none is usable but one may work that is not heard of.",
    ),
    Number(
        name="cash_short",
        about="device",
        unit="level",
        moved_by=STOCK,
        value=_short_of("cash", frozenset({"atm", "recycler"})),
        each="later",
        says=f"How short of cash a cash machine is: {_SHORT}",
    ),
    Number(
        name="paper_short",
        about="device",
        unit="level",
        moved_by=STOCK,
        value=_short_of("paper", SELF_SERVICE),
        each="later",
        says=f"How short of paper a machine customers use is: {_SHORT}",
    ),
    Number(
        name="ticket_paper_short",
        about="device",
        unit="level",
        moved_by=STOCK,
        value=_short_of("paper", frozenset({"dispenser"})),
        each="later",
        says=f"How short of paper the queue machine is: {_SHORT}",
    ),
    Number(
        name="cash_withheld",
        about="device",
        unit="times",
        moved_by=TROUBLES,
        value=_times("cash"),
        each="now",
        says="How often the machine has given no cash since it is known; 0 while somebody has found it in order since.",
    ),
    Number(
        name="cards_kept",
        about="device",
        unit="cards",
        moved_by=TROUBLES,
        value=_times("card"),
        each="now",
        says="How many cards the machine has kept since it is known.",
    ),
    Number(
        name="shakes",
        about="device",
        unit="times",
        moved_by=TROUBLES,
        value=_times("tamper"),
        each="later",
        says="How often it was shaken or tampered with since it is known; 0 while somebody has found it in order "
        "since.",
    ),
    Number(
        name="door_openings",
        about="device",
        unit="times",
        moved_by=TROUBLES,
        value=_times("door"),
        each="later",
        says="How often its door was opened while it was not known to be in service, since it is known; 0 while "
        "somebody has found it in order since.",
    ),
)
