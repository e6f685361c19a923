"""The part of the vocabulary that asks about machines lost together: one failed switch is one piece of news, not six.

Machines that fall silent one soon after the other most likely share the cause. The first of them stands for all; the
others are told in its prompt.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from edge.core.aspects import LOST
from edge.core.instant import SECOND
from edge.core.triage import offer
from edge.core.triage.moment import Fact, Moment, Number, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.aspects import Aspects
    from edge.core.hall import Device
    from edge.core.instant import Micros

TOGETHER: Final[Micros] = 120 * SECOND
"""What is lost no later than this after the one before is lost with it (our figure): machines whose link says nothing
are missed by their silence, each after its own `stale_s`."""


def lost_with(moment: Moment, id: str) -> tuple[str, ...]:
    """The machines lost together with this one, itself included, the first lost first; none while it is not lost."""
    if not _is_lost(moment.hall.devices[id]):
        return ()
    lost = _lost(moment)
    place = next(n for n, device in enumerate(lost) if device.id == id)
    breaks = [n for n, (a, b) in enumerate(pairwise(lost), 1) if b.lost_at > a.lost_at + TOGETHER]
    first = max((n for n in breaks if n <= place), default=0)
    after = min((n for n in breaks if n > place), default=len(lost))
    return tuple(device.id for device in lost[first:after])


def _lost(moment: Moment) -> list[Device]:
    """Machines of which nothing is heard any more and that had not said before that they were down."""
    return sorted(filter(_is_lost, moment.hall.devices.values()), key=lambda device: device.lost_at)


def _is_lost(device: Device) -> bool:
    return device.lost and device.said != "down" and device.kind in offer.NEEDS


def _lost_together(moment: Moment, id: str) -> float:
    group = lost_with(moment, id)
    return len(group) if group and group[0] == id else 0


def _lost_with_another(moment: Moment, id: str) -> str:
    group = lost_with(moment, id)
    return "yes" if group and group[0] != id else "no"


def _all_lost(moment: Moment, changed: Aspects) -> Iterable[str]:
    return [device.id for device in _lost(moment)] if changed & LOST else ()


FACTS: Final[tuple[Fact, ...]] = (
    Number(
        name="lost_together",
        about="device",
        unit="machines",
        moved_by=LOST,
        value=_lost_together,
        also=_all_lost,
        keeps_up=True,
        says="Of the first of the machines that are lost one within two minutes of the other: how many they are; 0 of "
        "the others, and of one that is heard of.",
    ),
    Word(
        name="lost_with_another",
        about="device",
        words=("no", "yes"),
        moved_by=LOST,
        value=_lost_with_another,
        also=_all_lost,
        says="Whether another machine was lost before it, no more than two minutes earlier, and still is.",
    ),
)
