"""When something happened that was heard of late: a broker keeps messages while the daemon is away, and then has many.

Only the sender's own time (`device_at`) tells, and its clock may be wrong, or have been set. So no clock is believed in
what time it is, only in how long ago something was: against how far it was off when it was last heard on time. Whoever
is heard for the first time is taken to be on time, and so is one whose clock agrees with ours. One that comes late by
the same, a minute apart, has had its clock set: kept messages come all at once, and each by less than the one before.

Durations never rest on this, only whether somebody can still be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core import events as ev
from edge.core import instant
from edge.core.instant import SECOND, Instant, Micros

if TYPE_CHECKING:
    from edge.core.hall import Hall

AGREES: Final[Micros] = 60 * SECOND
"""Clocks that differ by less agree: whatever is told to anybody is of use for as long."""
SAME: Final[Micros] = 5 * SECOND
SET_AFTER: Final[Micros] = 60 * SECOND
CLOCKS_MOST: Final = 4
"""Several machines may send the same kind of event, each by its own clock."""
SENDERS_MOST: Final = 256

_EPOCH_DIGITS: Final = {10: SECOND, 13: SECOND // 1000}
"""A time as a whole number of seconds or milliseconds since the epoch, as many machines write it."""


class Sender(Struct):
    """Who sends one kind of event: by how much its wrong clocks are behind ours (ahead where negative), as known.

    `doubt` is by how much the last event came late, `doubted_at` since when it has been as much, 0 for not at all.
    """

    behind: list[Micros] = field(default_factory=list)
    doubt: Micros = 0
    doubted_at: Instant = 0


class Lateness(Struct):
    """What is known of the clocks of whoever sends calls, by window, and tickets."""

    senders: dict[str, Sender] = field(default_factory=dict)


def happened_at(hall: Hall, event: ev.TicketIssued | ev.TicketCalled | ev.TicketRecalled) -> Instant:
    """When it happened, as far as can be told: `event.at`, or earlier where it was heard of late."""
    said = None if event.device_at is None else _read(event.device_at)
    if said is None:
        return event.at
    senders, key = hall.lateness.senders, "" if isinstance(event, ev.TicketIssued) else event.window
    sender, behind = senders.get(key), event.at - said
    if sender is None:
        sender = senders[key] = Sender()
        if len(senders) > SENDERS_MOST:
            del senders[next(iter(senders))]
        if abs(behind) > AGREES:
            sender.behind.append(behind)
        return event.at
    return event.at - _late(sender, behind, event.at)


def _late(sender: Sender, behind: Micros, at: Instant) -> Micros:
    """By how much an event came late that is so far behind by its sender's clock."""
    if abs(behind) <= AGREES:
        sender.doubted_at = 0
        return 0
    for place, known in enumerate(sender.behind):
        if abs(behind - known) <= AGREES:
            sender.behind[place] = behind
            return 0
    earlier = [known for known in (0, *sender.behind) if known < behind]
    if not earlier or _was_set(sender, behind, at):
        sender.behind = [*sender.behind, behind][-CLOCKS_MOST:]
        return 0
    return behind - max(earlier)


def _was_set(sender: Sender, behind: Micros, at: Instant) -> bool:
    """Whether it has been as far behind for a while, which no kept message would be."""
    if not sender.doubted_at or abs(behind - sender.doubt) > SAME:
        sender.doubt, sender.doubted_at = behind, at
    return at - sender.doubted_at >= SET_AFTER


def _read(text: str) -> Instant | None:
    """A device's own time; None where it is written in no way that can be told apart from others."""
    unit = _EPOCH_DIGITS.get(len(text)) if text.isascii() and text.isdigit() else None
    if unit is not None:
        return int(text) * unit
    try:
        return instant.parse(text)
    except ValueError:
        return None
