"""How the day's calls went: how many preferred customers in a row, and who did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket, Window
    from edge.core.policy import Policy

ABSENT_KEPT: Final = 256


class Calling(Struct):
    """`preferred` calls in a row while ordinary tickets waited; (instant, ticket) of the latest `absent`."""

    preferred: int = 0
    absent: list[tuple[Instant, str]] = field(default_factory=list)


def called(hall: Hall, policy: Policy, ticket: Ticket, window: Window) -> None:
    """`window` calls `ticket`, which waits no more.

    A preferred customer counts who is called while an ordinary one waits. Where it is configured what a window takes,
    that one must be of its classes: whoever it could not serve was not passed over.
    """
    calling = hall.calling
    if ticket.tier == "ordinary":
        calling.preferred = 0
    elif any(t.tier == "ordinary" and (not policy.configured or t.service in window.services) for t in hall.queue()):
        calling.preferred += 1


def did_not_come(hall: Hall, ticket: Ticket, at: Instant) -> None:
    """The holder of a called ticket did not come."""
    ticket.absent_at = at
    hall.calling.absent.append((at, ticket.id))
    del hall.calling.absent[:-ABSENT_KEPT]
